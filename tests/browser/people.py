"""What people do in a browser: sign in, follow links, fill in, tick, press, and read."""

import re
from typing import Any

from playwright.sync_api import Page, expect

PASSWORD = "correct-horse-battery"
PATIENCE = 60_000
"""Milliseconds: a slow machine is no failure."""

expect.set_options(timeout=PATIENCE)


class Visitor:
    """Somebody who has signed in; everything is found by what people see, by label, name and text."""

    def __init__(self, page: Page, user: Any):
        self.page = page
        page.goto("/sign-in/")
        page.get_by_label("Username").fill(user.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(re.compile("sign-in"))

    def visits(self, address: str) -> None:
        self.page.goto(address)

    def follows(self, link: str) -> None:
        self.page.get_by_role("link", name=link).first.click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()

    def sees(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.page.get_by_text(sentence).first).to_be_visible()

    def is_at(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)

    def ticks(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("checkbox", name=re.compile(f"^Select .*{re.escape(name)}")).check()
