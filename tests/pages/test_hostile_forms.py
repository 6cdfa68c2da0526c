"""Every form of billing, spoilt in every way: a reason in words, never a fault, and nothing has changed.

The addresses are those of the product, so that a new one is tried as well. What a form would send is taken
from the pages; an address that no page sends to is sent the rows of its list. For all ways with each form run
it with WAYS=17.
"""

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from projects.models import ProjectContract
from projects.roles import ROLES
from tests.billing.everything import Written, contract_of_everything, undone
from tests.billing.other_managers import ACTING, forms_sent
from tests.company import Company
from tests.company.people import signed_in
from tests.pages.conftest import settled
from tests.pages.hostile_forms import Sent, Spoiler, plain

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NAMES = {one.name for one in ACTING}
FAULT, REFUSED, UNPROCESSABLE = 500, 400, 422
WAYS = int(os.environ.get("WAYS", "1"))
SAYS_WHY = (b"data-code=", b'class="errorlist', b'role="alert"')
"""How an answer marks a reason."""


@pytest.fixture
def at(db: None) -> Company:
    made = contract_of_everything()
    made.admit(made.manager, *ROLES)
    return made


def forms(owner: Client, of: ProjectContract) -> Iterator[tuple[str, str, Sent]]:
    """Name, address and content: each kind of form once."""
    seen = set()
    for address, contents in forms_sent(owner, of).items():
        name = resolve(address).view_name
        for sent in contents:
            kind = (name, tuple(sorted(sent)))
            if name in NAMES and kind not in seen:
                seen.add(kind)
                yield name, address, plain(sent)


class Sender:
    """Sends forms and says what is wrong with the answers; whatever was done is undone."""

    def __init__(self, client: Client):
        self.client, self.count = client, 0

    def finding(self, address: str, sent: Sent) -> str:
        """What is wrong; empty where nothing is."""
        self.count += 1
        written = Written()
        with undone(), connection.execute_wrapper(written):
            try:
                answer = self.client.post(address, sent | {"token": [f"t{self.count}"]})
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is what the test looks for
                return f"{type(fault).__name__}: {fault}"[:300]
        return wrong_with(answer, written.statements)


def wrong_with(answer: HttpResponse, written: list[str]) -> str:
    code = answer.status_code
    if code >= FAULT:
        return str(code)
    if code >= REFUSED and written:
        return f"{code}, but {written[0][:80]}"
    is_silent = code == UNPROCESSABLE and not any(mark in answer.content for mark in SAYS_WHY)
    return "refused without a reason" if is_silent else ""


def test_no_spoilt_form_is_a_fault_or_changes_anything(at: Company):
    there = settled()
    keys = [there.contract.pk, there.customer.pk, there.line.pk]
    spoiler, sender = Spoiler([*map(str, sorted(set(keys)))]), Sender(signed_in(at.manager))
    findings, reached = [], set()
    for name, address, sent in forms(sender.client, at.contract):
        reached.add(name)
        for words, spoilt in spoiler.forms(name, sent, WAYS):
            if said := sender.finding(address, spoilt):
                findings.append(f"{name} {address}, {words}: {said}")
    assert findings == []
    assert reached == NAMES
    assert spoiler.unmet() == set()
