"""The sidebar leads to what is open: own work stands there for those who record any."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounting.proposing_reminders import propose_reminders
from projects.models import LegalEntity
from projects.roles import PROJECT_ACCOUNTANT, TEAM_MEMBER
from tests.company import Company
from tests.company.people import signed_in
from tests.company.reminders import reached, sent
from tests.company.rows import moment_for

pytestmark = pytest.mark.django_db

OVERDUE = date(2026, 5, 7)

OWN = ("my-time", "expenses", "entries")


def links_of(client) -> set[str]:
    return {entry["url"] for part in client.get("/").context["navigation"] for entry in part["entries"]}


def test_a_resource_finds_own_work_and_others_are_not_led_to_closed_pages():
    at = Company.bare()
    at.resource.user = at.person(TEAM_MEMBER)
    at.resource.save()
    own = {reverse(name) for name in OWN}
    member, accountant = signed_in(at.resource.user), signed_in(at.person(PROJECT_ACCOUNTANT, TEAM_MEMBER))
    assert own <= links_of(member)
    assert not own & links_of(accountant)
    for client in (member, accountant):
        assert [url for url in links_of(client) if client.get(url, follow=True).status_code != 200] == []


def test_one_entry_of_the_books_is_where_somebody_is():
    at = Company()
    at.billed(8)
    accountant = signed_in(at.person(PROJECT_ACCOUNTANT))
    for address, label in (
        (reverse("admin:index"), "What waits"),
        (reverse("admin:accounting_ageing"), "Ageing and statements"),
        (reverse("admin:accounting_statement", args=[at.customer.pk]), "Ageing and statements"),
        (reverse("admin:accounting_customertransaction_changelist"), "Customer transactions"),
        (reverse("admin:accounting_reminder_review"), "Reminders"),
    ):
        parts = accountant.get(address).context["navigation"]
        current = [str(one["label"]) for part in parts for one in part["entries"] if one["current"]]
        assert current == [label], address


def test_reminders_are_counted_as_letters():
    """Two invoices of one customer are one letter; after it went nothing waits until tomorrow."""
    at = Company()
    at.billed(8)
    at.billed(4)
    reached(at)
    accountant = signed_in(at.person(PROJECT_ACCOUNTANT))

    def waiting() -> int:
        parts = accountant.get(reverse("admin:index")).context["navigation"]
        return next(one["count"] for part in parts for one in part["entries"] if one["label"] == "Reminders")

    with time_machine.travel(moment_for(OVERDUE), tick=False):
        propose_reminders(LegalEntity.objects.filter(pk=at.entity.pk), at=moment_for(OVERDUE))
        assert waiting() == 1
        sent(at, OVERDUE)
        assert waiting() == 0
