"""Milestones by page: added, in a row, changed, divided, deleted; three roles (B2)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Milestone, MilestoneShare
from tests.billing.proforma_pages import form_of
from tests.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    # Another contract first: the key of a milestone and that of its contract are never the same by chance.
    company.with_another_customer()
    company.is_managed_by(company.manager)
    company.fixed = company.fixed_price_line(contracted_amount=Decimal(1000), name="Build")
    return company


def address(at, name, *more):
    return reverse(name, args=[at.contract.number, *more])


def milestones():
    return list(Milestone.objects.order_by("pk").values_list("name", "due_on", "amount"))


ONE = {"name": "Go-live", "due_on": "2026-04-30", "amount": "600"}


def test_a_milestone_is_added_changed_divided_and_deleted(at, manager):
    tab = manager.get(reverse("contract", args=[at.contract.number]) + "?show=milestones")
    assert address(at, "milestone-add") in tab.content.decode()
    page = manager.get(address(at, "milestone-add"))
    assert "€1,000.00 of Build are not planned yet." in page.content.decode()
    manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk})
    assert milestones() == [("Go-live", date(2026, 4, 30), 600)]
    stone = Milestone.objects.get()
    change = address(at, "milestone-change", stone.pk)
    manager.post(change, form_of(manager.get(change)) | {"amount": "500"})
    assert milestones() == [("Go-live", date(2026, 4, 30), 500)]
    manager.post(address(at, "milestone-divide", stone.pk), {"name": "First part", "percent": "20"})
    assert milestones() == [("Go-live", date(2026, 4, 30), 400), ("First part", date(2026, 4, 30), 100)]
    assert "€0.00 invoiced, €400.00 to come" in manager.get(
        address(at, "milestone-change", stone.pk)
    ).content.decode().replace("\u00a0", " ")
    manager.post(address(at, "milestone-delete", stone.pk))
    assert milestones() == [("First part", date(2026, 4, 30), 100)]


def test_a_line_that_is_planned_in_full_offers_no_further_milestone(at, manager):
    plan = manager.get(reverse("milestones-plan")).content.decode()
    assert address(at, "milestone-add") in plan
    assert "Planned in full" not in plan
    manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk, "amount": "1000"})
    plan = manager.get(reverse("milestones-plan")).content.decode()
    assert "Planned in full" in plan
    assert address(at, "milestone-add") not in plan
    assert address(at, "milestones-periodic") not in plan


def test_periodic_milestones_add_up_and_the_last_takes_the_rounding(at, manager):
    fields = {
        "line": at.fixed.pk,
        "name": "Instalment",
        "total": "1000",
        "count": "3",
        "starts_on": "2026-03-31",
        "period": "monthly",
    }
    manager.post(address(at, "milestones-periodic"), fields)
    assert milestones() == [
        ("Instalment 1", date(2026, 3, 31), Decimal("333.33")),
        ("Instalment 2", date(2026, 4, 30), Decimal("333.33")),
        ("Instalment 3", date(2026, 5, 31), Decimal("333.34")),
    ]
    assert MilestoneShare.objects.count() == 3


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": "1000.01"}, "above-contracted-amount"),
        ({"amount": "0"}, "amount-not-positive"),
        ({"amount": "abc"}, "Amount in EUR"),
        ({"due_on": "9999-01-01"}, "Due date"),
    ],
)
def test_what_cannot_be_agreed_is_said_beside_what_was_typed(at, manager, fields, says):
    answer = manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk} | fields)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "Go-live" in answer.content.decode()
    assert milestones() == []


def test_a_part_is_given_in_percent_or_as_an_amount(at, manager):
    manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk})
    stone = Milestone.objects.get()
    for fields in ({}, {"percent": "20", "amount": "20"}):
        answer = manager.post(address(at, "milestone-divide", stone.pk), {"name": "Part"} | fields)
        assert answer.status_code == 422
        assert "one of them" in answer.content.decode()
    manager.post(address(at, "milestone-divide", stone.pk), {"name": "Part", "amount": "150.50"})
    assert milestones()[1] == ("Part", date(2026, 4, 30), Decimal("150.50"))


def test_three_roles(at, manager, stranger, team_member):
    manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk})
    stone = Milestone.objects.get()
    pages = [
        ("milestone-add",),
        ("milestones-periodic",),
        ("milestone-change", stone.pk),
        ("milestone-divide", stone.pk),
    ]
    for name, *more in pages:
        assert manager.get(address(at, name, *more)).status_code == 200, name
        assert stranger.get(address(at, name, *more)).status_code == 404, name
        assert team_member.get(address(at, name, *more)).status_code == 403, name
        assert stranger.post(address(at, name, *more), ONE).status_code == 404, name
    assert stranger.post(address(at, "milestone-delete", stone.pk)).status_code == 404
    assert team_member.post(address(at, "milestone-delete", stone.pk)).status_code == 403
    assert milestones() == [("Go-live", date(2026, 4, 30), 600)]


def test_the_last_of_periodic_milestones_is_a_day_that_can_be_agreed_on(at, manager):
    fields = {"line": at.fixed.pk, "name": "Part", "total": "1000", "count": "11", "period": "yearly"}
    answer = manager.post(address(at, "milestones-periodic"), fields | {"starts_on": "2190-03-31"})
    assert answer.status_code == 422
    assert "Choose a day in the years 1900 to 2199." in answer.content.decode()
    assert milestones() == []
    manager.post(address(at, "milestones-periodic"), fields | {"starts_on": "2189-03-31"})
    assert milestones()[-1][1] == date(2199, 3, 31)


def test_a_milestone_is_found_by_its_own_key_among_many(at, manager):
    for number in range(5):
        manager.post(address(at, "milestone-add"), ONE | {"line": at.fixed.pk, "amount": str(number + 1)})
    for stone in Milestone.objects.all():
        for name in ("milestone-change", "milestone-divide"):
            assert manager.get(address(at, name, stone.pk)).status_code == 200
    change = address(at, "milestone-change", stone.pk)
    manager.post(change, form_of(manager.get(change)) | {"amount": "77"})
    assert [amount for _name, _day, amount in milestones()] == [1, 2, 3, 4, 77]
