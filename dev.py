#!/usr/bin/env python3
"""The two commands of a fresh machine, with nothing but Python 3.11 or newer:

    python3 dev.py up         start web, worker and clock with a demo company
    python3 dev.py test       run all tests; further words go to pytest, such as -m "not slow"

and for daily work:

    python3 dev.py check      lint, format, types, contracts, templates, migrations, deployment settings
    python3 dev.py manage ... Django's own commands

The virtual environment .venv (or COUNTINGHOUSE_VENV) is made from the hash lock in requirements/ and renewed
when the lock changed.
"""

# Lets an older Python come as far as the sentence that says so.
from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# Another folder lets several versions of Python stand side by side.
VENV = Path(os.environ.get("COUNTINGHOUSE_VENV") or ROOT / ".venv").resolve()
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed-locks.json"
OLDEST = (3, 11)


def main() -> None:
    """Read the command, make the environment ready, hand over."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.")
    command, *rest = sys.argv[1:] or ["help"]
    os.chdir(ROOT)
    if command == "up":
        prepare("base")
        replace_by([str(PYTHON), "manage.py", "up", *rest])
    elif command == "manage":
        prepare("base")
        replace_by([str(PYTHON), "manage.py", *rest])
    elif command == "test":
        prepare("base", "dev")
        choose_test_database()
        # As many workers as there are cores, each taking from the slowest, unless said otherwise.
        spread = (
            []
            if any(word.startswith(("-n", "-p", "--pdb")) for word in rest)
            else ["-n", "auto", "--dist", "worksteal"]
        )
        replace_by([str(PYTHON), "-m", "pytest", *spread, *rest])
    elif command == "check":
        prepare("base", "dev")
        sys.exit(check())
    else:
        print(__doc__)
        sys.exit(0 if command in {"help", "-h", "--help"} else f"Unknown command: {command}")


# --- The environment ------------------------------------------------------------------------------


def prepare(*locks: str) -> None:
    """Install the locks named into .venv unless exactly these are there already."""
    wanted = {"python": "{}.{}".format(*sys.version_info), **{name: fingerprint(name) for name in locks}}
    installed = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    if PYTHON.exists() and wanted.items() <= installed.items():
        return
    # Without pip it is what an interrupted first start left behind.
    usable = PYTHON.exists() and any(VENV.glob("[Ll]ib/**/site-packages/pip"))
    if not usable or installed.get("python", wanted["python"]) != wanted["python"]:
        create_environment()
    print(
        f"Installing the locked packages into {VENV.name} (the first time takes a minute) ...",
        flush=True,
    )
    started = time.monotonic()
    install(locks)
    # A changed base makes an older dev entry untrue, so only what was just installed is remembered.
    STAMP.write_text(json.dumps(wanted))
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def fingerprint(name: str) -> str:
    """Return the hash of one lock file."""
    return hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


def create_environment() -> None:
    """Make an empty .venv; say which system package is missing when that cannot be done."""
    try:
        import ensurepip  # noqa: F401  Debian splits it off
        import venv
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"
        )
    # Making an environment empties its folder: only one that is new, empty or an environment already.
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
        sys.exit(
            f"{VENV} holds something else: name another folder by COUNTINGHOUSE_VENV. Nothing was changed."
        )
    venv.create(VENV, with_pip=True, clear=True)


def install(locks: tuple[str, ...]) -> None:
    """Install the lock files by hash, with uv when it is on the path and works, otherwise with pip."""
    files = [word for name in locks for word in ("-r", str(ROOT / "requirements" / f"{name}.txt"))]
    rules = ["--require-hashes", "--only-binary", ":all:", *files]
    uv = shutil.which("uv")
    if uv and run_quietly([uv, "pip", "install", "--python", str(PYTHON), *rules]).returncode == 0:
        return
    pip = run_quietly([str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *rules])
    if pip.returncode != 0:
        print(pip.stdout, flush=True)
        sys.exit("The packages could not be installed; the lines above say why. Nothing was started.")


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says: it is shown only when it failed."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def replace_by(command: list[str]) -> None:
    """Become the command, so that Ctrl-C and signals reach it directly."""
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


# --- Tests and checks -----------------------------------------------------------------------------


def choose_test_database() -> None:
    """Let TEST_DATABASE_URL stand in for DATABASE_URL; without either the tests run on SQLite."""
    if os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    # Settings choose the test mode by themselves; a mode left over in the shell must not win.
    os.environ.pop("COUNTINGHOUSE_MODE", None)


def check() -> int:
    """Run every static check, also after a failure, and return the number of those that failed."""
    production = {
        "COUNTINGHOUSE_MODE": "production",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "countinghouse.example",
    }
    python = str(PYTHON)
    steps = [
        ("lint", [str(BIN / "ruff"), "check", "."], {}),
        ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
        ("types", [python, "-m", "mypy"], {}),
        ("import contracts", [str(BIN / "lint-imports"), "--no-cache"], {}),
        ("templates", [str(BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        ("deployment", [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], production),
    ]
    failed = [name for name, command, more in steps if not passes(name, command, more)]
    print("All checks passed." if not failed else f"Failed: {', '.join(failed)}")
    return len(failed)


def passes(name: str, command: list[str], more: dict[str, str]) -> bool:
    """Run one check; show its output only when it failed."""
    started = time.monotonic()
    run = subprocess.run(
        command,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    good = run.returncode == 0
    print(f"{'ok    ' if good else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not good:
        print(run.stdout, flush=True)
    return good


if __name__ == "__main__":
    main()
