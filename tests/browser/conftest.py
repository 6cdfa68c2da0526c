"""A real browser in front of a real server, for one company in the middle of its month."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.browser.people import PASSWORD, PATIENCE, Visitor
from tests.company import Company

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module; where there is none, the tests say so and are skipped."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: install chromium to use the product as its users do")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver keeps a loop in this thread, which Django takes for asynchronous code.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser window of its own: own cookies, and whatever it shall be like."""
    contexts = []

    def opened(**like: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **like)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def company(live_server: Any, transactional_db: None) -> Company:
    """A company whose contract is managed by somebody who can sign in, and so can the accountant."""
    made = Company()
    made.manager, made.accountant = (made.person(role) for role in (PROJECT_MANAGER, PROJECT_ACCOUNTANT))
    for user in (made.manager, made.accountant):
        user.set_password(PASSWORD)
        user.save()
    made.is_managed_by(made.manager)
    return made


@pytest.fixture
def manager(company: Company, open_page: Callable[..., Page]) -> Visitor:
    """The manager, signed in."""
    return Visitor(open_page(), company.manager)


@pytest.fixture
def accountant(company: Company, open_page: Callable[..., Page]) -> Visitor:
    """The accountant, signed in."""
    return Visitor(open_page(), company.accountant)
