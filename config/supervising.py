"""Runs several programs as one: starts them, shows what they say, restarts what falls, stops all in order.

Each part leads a session of its own, so Ctrl-C in the terminal reaches the supervisor alone and the parts
are asked to stop one after the other. Only main processes are signalled: a worker whose pool children were
signalled with it would lose its current task.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
LONGEST_WAIT = 30.0
GRACE = 60.0


@dataclass
class Part:
    """One program of the product; `stops` orders the stopping, lowest first, equal numbers together."""

    name: str
    command: list[str]
    stops: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    falls: int = 0
    start_again_at: float | None = None

    @property
    def runs(self) -> bool:
        """Whether the main process is alive."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps parts running until it is asked to stop; seconds throughout, measured on the monotonic clock."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.parts: list[Part] = []
        self.stopping = threading.Event()
        self.say = say
        # Found before any fork: between fork and exec nothing may be loaded.
        self.prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def obey_signals(self) -> None:
        """Let SIGINT and SIGTERM ask for a stop; a second one changes nothing, so no part is cut off."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())

    def start(self, part: Part) -> None:
        """Start one part, now or again; call from the main thread, whose end would otherwise end the part."""
        part.process = subprocess.Popen(
            part.command,
            env={**os.environ, **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=self._die_with_parent if self.prctl else None,  # noqa: PLW1509  one call, nothing allocated
        )
        part.started_at = time.monotonic()
        part.start_again_at = None
        if part not in self.parts:
            self.parts.append(part)
        threading.Thread(target=self._show, args=(part.name, part.process), daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Tend the parts for so many seconds, or less when a stop was asked for."""
        until = time.monotonic() + seconds
        while not self.stopping.wait(0.2) and time.monotonic() < until:
            self.tend()

    def tend(self) -> None:
        """Notice parts that fell and start them again, after a pause that doubles with every quick fall."""
        for part in self.parts:
            if part.start_again_at is None and not part.runs:
                self._plan_restart(part)
            elif part.start_again_at is not None and time.monotonic() >= part.start_again_at:
                self.start(part)

    def stop(self) -> None:
        """Ask every part to end, in order, and wait; only what is still there after the grace is killed."""
        self.stopping.set()
        for order in sorted({part.stops for part in self.parts}):
            together = [part for part in self.parts if part.stops == order and part.process is not None]
            for part in together:
                if part.runs:
                    part.process.terminate()
            self._wait_or_kill(together)

    def _plan_restart(self, part: Part) -> None:
        """Decide when a fallen part starts again; what it left behind ends first."""
        lived = time.monotonic() - part.started_at
        part.falls = 1 if lived > LONGEST_WAIT * 2 else part.falls + 1
        pause = min(2.0 ** (part.falls - 1), LONGEST_WAIT)
        part.start_again_at = time.monotonic() + pause
        self._kill_group(part)
        code = part.process.returncode if part.process else None
        self.say(f"{part.name} ended by itself (exit code {code}); starting it again in {pause:.0f} s")

    def _wait_or_kill(self, parts: list[Part]) -> None:
        """Give the parts the grace to end together, then end their whole groups."""
        until = time.monotonic() + GRACE
        for part in parts:
            try:
                part.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{part.name} did not end within {GRACE:.0f} s and is killed")
            self._kill_group(part)

    @staticmethod
    def _kill_group(part: Part) -> None:
        """End what is left of a part's session: children that outlived their main process."""
        if part.process is None:
            return
        try:
            os.killpg(part.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _die_with_parent(self) -> None:
        """In the child: ask the kernel for a SIGTERM when the supervisor dies, however it dies."""
        if self.prctl:
            self.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    @staticmethod
    def _show(name: str, process: subprocess.Popen[str]) -> None:
        """Copy what a part says to the terminal, each line with its name."""
        for line in process.stdout or ():
            sys.stdout.write(f"{name:6} | {line}")
            sys.stdout.flush()
