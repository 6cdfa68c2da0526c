"""Copies of the product tree that get planted faults."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.architecture.source_tree import PACKAGES, ROOT

CopyOf = Callable[[str], Path]


def copy_tree(root: Path) -> Path:
    """Copy the packages, the templates and the contracts to an empty folder."""
    only = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in (*PACKAGES, "templates"):
        shutil.copytree(ROOT / folder, root / folder, ignore=only)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def plant(root: Path, file: str, fault: str) -> None:
    """Add a fault at the end of a file, which is created where there is none."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as opened:
        opened.write(f"\n{fault}\n")
