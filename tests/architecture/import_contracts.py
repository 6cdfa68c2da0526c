"""The import contracts of pyproject.toml, run over a tree."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Report:
    """What import-linter said."""

    text: str

    def _with(self, verdict: str) -> set[str]:
        return set(re.findall(rf"^(.+) {verdict}$", self.text, re.MULTILINE))

    @property
    def kept(self) -> set[str]:
        """Names of the contracts that hold."""
        return self._with("KEPT")

    @property
    def broken(self) -> set[str]:
        """Names of the contracts that do not."""
        return self._with("BROKEN")

    def about(self, name: str) -> str:
        """What it said about one broken contract; empty when that one holds."""
        heading = rf"^{re.escape(name)}\n-+$(.*?)(?=^[^\n]+\n-+$|\Z)"
        section = re.search(heading, self.text, re.MULTILINE | re.DOTALL)
        return section[1] if section else ""


PROGRAM = "from importlinter.cli import lint_imports; lint_imports(no_cache=True, no_logo=True)"


def checked(root: Path) -> Report:
    """Run them in a process of their own: the modules of a planted tree must not replace ours."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Report(run.stdout + run.stderr)
