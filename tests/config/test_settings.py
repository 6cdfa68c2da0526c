"""The database is chosen by one address: PostgreSQL, SQLite, or a sentence that says what is possible."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SHOWN = """
import json
from config.settings import DATABASES
print(json.dumps(DATABASES["default"], default=str))
"""


def started(command: list[str], url: str, var: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "COUNTINGHOUSE_VAR": str(var)}
    environment.pop("COUNTINGHOUSE_MODE", None)
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def database(url: str, var: Path) -> dict[str, str]:
    answer = started(["-c", SHOWN], url, var)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_without_an_address_the_embedded_database_is_used(tmp_path: Path) -> None:
    chosen = database("", tmp_path)
    assert chosen["ENGINE"] == "django.db.backends.sqlite3"
    assert chosen["NAME"] == str(tmp_path / "countinghouse.sqlite3")
    assert "PRAGMA foreign_keys=ON" in chosen["OPTIONS"]["init_command"]


def test_an_sqlite_address_gets_the_same_switches_as_the_embedded_database(tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite3"
    assert database(f"sqlite:///{file}", tmp_path)["OPTIONS"] == database("", tmp_path)["OPTIONS"]
    assert database(f"sqlite:///{file}", tmp_path)["NAME"] == str(file)


@pytest.mark.slow
def test_an_sqlite_address_can_be_migrated_and_has_its_guards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'books.sqlite3'}"
    assert started(["manage.py", "migrate", "-v", "0"], url, tmp_path).returncode == 0
    check = ["manage.py", "check", "--database", "default", "--fail-level", "WARNING"]
    checked = started(check, url, tmp_path)
    assert (checked.returncode, checked.stdout.strip()) == (
        0,
        "System check identified no issues (0 silenced).",
    )


def test_a_postgresql_address_gets_limits_on_waiting(tmp_path: Path) -> None:
    chosen = database("postgres://clerk:secret@db.example:5432/books", tmp_path)
    assert (chosen["ENGINE"], chosen["HOST"], chosen["NAME"]) == (
        "django.db.backends.postgresql",
        "db.example",
        "books",
    )
    assert "-c lock_timeout=3000" in chosen["OPTIONS"]["options"]


@pytest.mark.parametrize(
    "url", ["mysql://clerk:secret@db/books", "sqlite://books", "oracle://x", "clerk:secret@db/books"]
)
def test_another_database_is_refused_with_a_sentence_that_names_what_works(url: str, tmp_path: Path) -> None:
    answer = started(["manage.py", "check"], url, tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "Countinghouse runs on PostgreSQL (postgres://" in answer.stderr
    assert "secret" not in answer.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:pa/ss@h:5432/n",
        "postgres://u:pass@h:port/n",
        "postgres://",
        "sqlite:///",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str, tmp_path: Path) -> None:
    answer = started(["manage.py", "check"], url, tmp_path)
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert answer.stderr.startswith("DATABASE_URL ")
    assert "pa" not in answer.stderr.replace("password", "").replace("part", "")


def test_an_environment_never_empties_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    answer = subprocess.run(
        [sys.executable, "dev.py", "manage", "check"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "COUNTINGHOUSE_VENV": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert answer.returncode == 1
    assert "holds something else" in answer.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]
