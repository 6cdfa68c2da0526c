"""Two people at one detail or milestone: whoever comes second sees both versions and decides (B7)."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.editing import Changes, edit_details
from billing.milestone_plans import PlannedMilestone
from billing.models import Proforma
from billing.planning import change_milestone
from core.seen_values import seen_of
from projects.roles import PROJECT_ACCOUNTANT
from tests.billing.proforma_pages import form_of, only_detail
from tests.company import Company, details_of
from tests.company.checking import refused
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def colleague(company: Company) -> Client:
    """Another person who may edit the same draft."""
    user = company.person(PROJECT_ACCOUNTANT)
    user.first_name, user.last_name = "Jonas", "Weber"
    user.save()
    return signed_in(user)


def test_the_second_one_sees_both_versions_and_keeps_the_own_one(manager, colleague, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    mine, theirs = form_of(manager.get(address)), form_of(colleague.get(address))
    assert colleague.post(address, theirs | {"quantity": "7", "description": "checked"}).status_code == 302

    asked = manager.post(address, mine | {"quantity": "6"})
    assert asked.status_code == 409
    assert (only_detail(draft).quantity, Proforma.objects.get().net_amount) == (7, 1400)
    versions = asked.context["versions"]
    assert [(one.label, one.theirs, one.mine, one.is_mine) for one in versions.fields] == [
        ("Quantity", "7.00", "6.00", True),
        ("Internal description", "checked", "checked", False),
    ]
    page = asked.content.decode()
    assert ("Jonas Weber saved this, " in page, "Keep mine" in page, "Take theirs" in page) == (True,) * 3

    # Sent again, mine is written over theirs, and what I had not touched stays theirs.
    assert manager.post(address, form_of(asked)).status_code == 302
    detail = only_detail(draft)
    assert (detail.quantity, detail.description) == (6, "checked")


def test_theirs_is_taken_by_leaving(manager, colleague, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    mine, theirs = form_of(manager.get(address)), form_of(colleague.get(address))
    colleague.post(address, theirs | {"price": "180"})
    manager.post(address, mine | {"price": "150"})
    assert only_detail(draft).price == 180
    # Opened again, the form has seen theirs.
    assert manager.post(address, form_of(manager.get(address)) | {"quantity": "5"}).status_code == 302
    assert (only_detail(draft).price, only_detail(draft).quantity) == (180, 5)


def test_a_third_one_meanwhile_is_shown_as_well(manager, colleague, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    mine = form_of(manager.get(address))
    colleague.post(address, form_of(colleague.get(address)) | {"quantity": "7"})
    asked = manager.post(address, mine | {"quantity": "6"})
    colleague.post(address, form_of(colleague.get(address)) | {"quantity": "9"})
    again = manager.post(address, form_of(asked))
    (version,) = again.context["versions"].fields
    assert (again.status_code, version.theirs, version.mine) == (409, "9.00", "6.00")


def test_the_verb_refuses_what_it_was_not_seen_to_change(company, draft):
    detail = only_detail(draft)
    seen = {detail.pk: seen_of(detail, ["quantity", "price"])}
    company.edit(draft, price="180")
    with refused("edited-meanwhile"):
        edit_details(
            details_of(draft), Changes(quantity=Decimal(6)), seen=seen, actor=company.manager, at=NOW
        )


def test_a_form_that_says_nothing_of_what_it_saw_is_shown_again(manager, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    sent = form_of(manager.get(address)) | {"quantity": "6", "seen": "not json"}
    assert manager.post(address, sent).status_code == 409
    assert only_detail(draft).quantity == 8


def test_two_people_at_one_milestone(manager, colleague, company):
    share = company.milestone("5000", is_ready=False)
    address = reverse("milestone-change", args=[company.contract.number, share.milestone_id])
    mine, theirs = form_of(manager.get(address)), form_of(colleague.get(address))
    assert colleague.post(address, theirs | {"name": "Go-live"}).status_code == 302
    asked = manager.post(address, mine | {"amount": "4000"})
    (version,) = asked.context["versions"].fields
    assert (asked.status_code, version.label, version.theirs, version.is_mine) == (
        409,
        "Milestone",
        "Go-live",
        False,
    )
    assert manager.post(address, form_of(asked)).status_code == 302
    share.milestone.refresh_from_db()
    assert (share.milestone.name, share.milestone.amount, share.milestone.due_on) == ("Go-live", 4000, DAY)


def test_the_verb_refuses_a_milestone_that_was_changed_meanwhile(company):
    milestone = company.milestone("5000", is_ready=False).milestone
    seen = {milestone.pk: seen_of(milestone, ["name"])}
    type(milestone).objects.filter(pk=milestone.pk).update(name="Other")
    plan = PlannedMilestone(milestone.name, DAY, Decimal(5000))
    with refused("edited-meanwhile"):
        change_milestone(
            type(milestone).objects.filter(pk=milestone.pk), plan, seen=seen, actor=company.manager, at=NOW
        )
