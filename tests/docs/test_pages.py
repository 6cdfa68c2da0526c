"""What the pages of the documentation point at exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import APPS, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)[^)]*\)")
# Paths in a page: from the root, or within the folder of an app.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|typ|csv|sql|html|css))(?: \([^`]*)?`")


def broken(text: str, page: Path) -> list[str]:
    """Links and paths of a page that lead nowhere."""
    links = [link for link in LINK.findall(text) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    places = [ROOT, *(ROOT / app for app in APPS)]
    paths = PATH.findall(text)
    return missing + [path for path in paths if not any((place / path).exists() for place in places)]


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    assert broken(page.read_text(encoding="utf-8"), page) == []


def test_a_link_to_nowhere_is_found() -> None:
    text = "[a](gone.md), [b](rules.md), `core/gone.py`, `core/money.py`, [c](https://example.com)"
    assert broken(text, ROOT / "docs/architecture.md") == ["gone.md", "core/gone.py"]


def test_the_modules_named_in_the_map_of_projects_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.split("## The modules of projects")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    assert len(named) > 50
    assert [name for name in sorted(named) if not (ROOT / "projects" / f"{name}.py").exists()] == []
