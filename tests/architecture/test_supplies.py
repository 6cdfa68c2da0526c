"""What comes from outside: one state machine library, and locks that name no host."""

import re
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.source_tree import ROOT, SourceTree

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
A_HOST = re.compile(r"://|^--(index|extra-index|find-links|trusted)", re.MULTILINE)
A_PIN = re.compile(r"^[A-Za-z0-9][\w.\[\],-]*==\S+", re.MULTILINE)


def test_one_distribution_provides_the_state_machine() -> None:
    """Two distributions share this import name; the other one calls itself inactive."""
    assert packages_distributions()["django_fsm"] == ["django-fsm-2"]


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_lock_names_no_host(lock) -> None:
    """Packages come from wherever the reader's own installer looks."""
    assert A_HOST.findall(lock.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "--index-url packages.example",
        "--extra-index-url x",
        "--find-links x",
        "celery @ https://example.com/x.whl",
    ],
)
def test_host_in_a_lock_is_found(planted: str) -> None:
    assert len(A_HOST.findall(f"celery==5.6.0 \\\n{planted}\n")) == 1


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_everything_in_a_lock_is_pinned_by_hash(lock) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    pinned = [entry for entry in entries if not entry.startswith("#")]
    # The fonts of an extra are one package; each other lock holds all that its packages need.
    assert len(pinned) == 1 if lock.name == "cjk.txt" else len(pinned) > 10
    assert [entry for entry in pinned if not A_PIN.match(entry) or "--hash=sha256:" not in entry] == []


# Nothing of ours imports these: what needs them instead.
NEEDED_BY_OTHERS = {
    "redis": "the queue's connection to its broker",
    "psycopg": "Django's PostgreSQL engine",
}


def test_every_package_we_ask_for_is_used() -> None:
    """A dependency that nobody imports is code that nobody reads."""
    names = re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements" / "base.in").read_text(), re.MULTILINE)
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower(), set()).add(module)
    sources = "\n".join(module.text for module in SourceTree().modules)
    unused = [
        name
        for name in names
        if name not in NEEDED_BY_OTHERS
        and not any(re.search(rf"\b{module}\b", sources) for module in modules[name])
    ]
    assert unused == []
    assert len(names) > 15
