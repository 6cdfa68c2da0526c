"""An installation for production, as docs/how-to/run-in-production.md sets it up: served, and worked for."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.browser.people import PASSWORD
from tests.docs.how_to import Checkout, all_blocks

PAGE = "run-in-production"
PATIENCE = 90
# The worker of an installation is Celery's; what it calls every few seconds is called here.
WORK = """
import time
from django.utils import timezone
from accounting.outbox_handlers import sweep_outbox
while True:
    sweep_outbox(now=timezone.now())
    time.sleep(0.5)
"""


def installed(root: Path) -> Checkout:
    """An empty installation in production mode: released, with the account of whoever sets it up."""
    checkout = Checkout(root, mode="production")
    checkout.env |= {"ALLOWED_HOSTS": "localhost"}
    release = next(
        block.text
        for block in all_blocks()
        if (block.page, block.language, block.mark) == (PAGE, "sh", "") and "migrate" in block.text
    )
    checkout.run(release)
    checkout.run(
        ".venv/bin/python manage.py createsuperuser --noinput --username root --email root@example.com",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    return checkout


@contextmanager
def served(checkout: Checkout) -> Iterator[str]:
    """The address of the pages, while web server and worker run."""
    port = free_port()
    web = [".venv/bin/gunicorn", "config.wsgi", "-b", f"localhost:{port}", "--workers", "2", "--threads", "4"]
    worker = [".venv/bin/python", "manage.py", "shell", "-v", "0", "-c", WORK]
    # Plain http on this machine stands for the proxy that ends TLS.
    env = checkout.env | {"SECURE_SSL_REDIRECT": "off"}
    programs = [subprocess.Popen(each, cwd=checkout.root, env=env) for each in (web, worker)]
    try:
        address = f"http://localhost:{port}"
        wait_for(f"{address}/health/")
        yield address
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait(timeout=PATIENCE)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Ask until the server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - the server that was started above
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"{address} does not answer")
