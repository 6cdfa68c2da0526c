"""The commands of the how-to pages, and ways to try them; docs/how-to/README.md says what the marks mean."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source_tree import ROOT

PAGES = sorted((ROOT / "docs/how-to").glob("*.md"))
FENCE = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
MARKS = {"", "production", "checks"}
NOT_COPIED = {".git", ".venv", "var", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
SECRET = hashlib.sha256(b"a secret of this test alone").hexdigest()
# Programs that are part of the shell or of every system: their spelling is checked by the shell.
OF_THE_SYSTEM = {"cd", "grep", "sed", "sqlite3"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    mark: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Its commands, continued lines joined, comments left out."""
        joined = self.text.replace("\\\n", " ")
        return [line.strip() for line in joined.splitlines() if line.split("#")[0].strip()]


def blocks_of(text: str, page: str) -> list[Block]:
    """Every fenced block of a page; a block without a language is of none."""
    blocks = []
    for heading, body in FENCE.findall(text):
        language, _space, mark = heading.strip().partition(" ")
        blocks.append(Block(page, language, mark, re.sub(r"^ {3}", "", body, flags=re.MULTILINE)))
    return blocks


def all_blocks() -> list[Block]:
    """The blocks of all pages in order."""
    return [block for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"), page.stem)]


def outside_of_blocks(text: str) -> Iterator[str]:
    """Lines that look like commands and stand in no fenced block, where nothing would try them."""
    for line in FENCE.sub("", text).splitlines():
        if re.match(r"^ {4,}(python3? |\.venv/bin/|\.ci/|manage\.py |pytest |celery )", line):
            yield line.strip()


class Checkout:
    """A copy of the checkout with an installation of its own; the packages are those of this environment."""

    def __init__(self, root: Path, mode: str = "demo", database: Path | None = None):
        self.root = root
        for path in ROOT.iterdir():
            if path.name not in NOT_COPIED:
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, root / path.name)
        environment = root / ".venv"
        environment.mkdir()
        for path in Path(sys.prefix).iterdir():
            if path.name != "installed-locks.json":
                (environment / path.name).symlink_to(path)
        # So that dev.py finds its packages installed.
        locks = {
            name: hashlib.sha256((root / f"requirements/{name}.txt").read_bytes()).hexdigest()
            for name in ("base", "dev")
        }
        stamp = {"python": "{}.{}".format(*sys.version_info), **locks}
        (environment / "installed-locks.json").write_text(json.dumps(stamp), encoding="utf-8")
        var = root / "var"
        var.mkdir()
        if database is not None:
            shutil.copy(database, var)
        self.env = {
            "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", str(root)),
            "LANG": "C.UTF-8",
            "COUNTINGHOUSE_VAR": str(var),
            "COUNTINGHOUSE_MODE": mode,
        }
        if mode == "production":
            self.env |= {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "billing.example.com"}

    def run(self, script: str, **more: str) -> str:
        """What a script prints; it stops at the first command that fails."""
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.root,
            env={**self.env, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def spelled(self, script: str) -> None:
        """The shell can read it."""
        self.run(f"bash -n <<'SCRIPT'\n{script}\nSCRIPT")

    def knows(self, command: str) -> str:
        """What of a command does not exist: its program, an option or a file; empty when all do."""
        words = shlex.split(command, comments=True)
        # Variables may stand before the program.
        while re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words = words[1:]
        program = words[0].rsplit("/", 1)[-1]
        if program in OF_THE_SYSTEM:
            return ""
        return getattr(self, f"_{program}", self._other)(words)

    def _pip(self, words: list[str]) -> str:
        return self._unknown("python3 -m pip install --help", words) or self._missing(words)

    def _python(self, words: list[str]) -> str:
        return self._unknown(f"{words[0]} manage.py {words[2]} --help", words)

    def _python3(self, words: list[str]) -> str:
        if words[1:3] == ["-m", "venv"]:
            return self._unknown("python3 -m venv --help", words[3:])
        is_known = f'"{words[2]}"' in self.read("dev.py")
        return self._missing(words[3:]) if is_known else f"dev.py {words[2]}"

    def _celery(self, words: list[str]) -> str:
        self.run(shlex.join([*words, "--help"]))
        return ""

    def _gunicorn(self, words: list[str]) -> str:
        self.run(shlex.join([*words, "--check-config"]))
        return ""

    def _uv(self, words: list[str]) -> str:
        return self._unknown("uv pip compile --help", words) if shutil.which("uv") else ""

    def _other(self, words: list[str]) -> str:
        return f"how to check {words[0]}"

    def read(self, file: str) -> str:
        """The text of a file."""
        return (self.root / file).read_text(encoding="utf-8")

    def _unknown(self, helping: str, words: list[str]) -> str:
        text = self.run(helping)
        options = [word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)]
        return ", ".join(option for option in options if option not in text)

    def _missing(self, words: list[str]) -> str:
        files = [word for word in words if "/" in word and not word.startswith((".venv", "-", "http"))]
        return ", ".join(file for file in files if not (self.root / file).exists())
