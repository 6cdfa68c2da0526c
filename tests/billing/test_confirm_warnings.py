"""Warnings that are ticked before a proforma is confirmed: rates off the list, too much of it (B7, N3)."""

from decimal import Decimal

import pytest

from billing.confirm_warnings import ticks_of, warnings_of
from billing.confirming import confirm_proformas
from billing.correction_rows import BilledCorrection
from billing.findings import Check
from billing.models import InvoiceLineDetail, Proforma
from billing.removing import remove_details
from billing.splitting import NON_CHARGEABLE
from billing.states import ProformaStatus
from billing.totalling import tax_estimates
from core.models import Activity
from projects.models import Adjustment
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import billed_row, correct
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def warnings(*drafts: Proforma) -> list[Check]:
    """What is warned of on these drafts, in their order, but for days that others bill as well."""
    chosen = list(only(*drafts).select_related("contract", "customer", "legal_entity").order_by("pk"))
    by_proforma = warnings_of(chosen, tax_estimates(chosen))
    return [check for draft in chosen for check in by_proforma[draft.pk] if check.code != "period-overlap"]


def said(*drafts: Proforma) -> list[str]:
    return [f"{check.message}. {check.detail}" for check in warnings(*drafts)]


def confirm(*drafts: Proforma, accepted: list[str]) -> list[Proforma]:
    manager = drafts[0].created_by
    return confirm_proformas(only(*drafts), actor=manager, at=NOW, accepted=accepted)


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight hours at 200."""
    company.approved(8)
    return company.draft()


# --- Rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("240", []),
        ("160", []),
        (
            "241",
            [
                "Rate 20.5% over the price list: 241.00 instead of 200.00 per h. "
                "Role, 8.00\u00a0h on 1 detail. €328.00 more than the list gives."
            ],
        ),
        (
            "130",
            [
                "Rate 35% under the price list: 130.00 instead of 200.00 per h. "
                "Role, 8.00\u00a0h on 1 detail. €560.00 less than the list gives."
            ],
        ),
    ],
)
def test_a_rate_more_than_a_fifth_off_the_list_is_said_either_way(company, draft, price, expected):
    company.role.name = "Role"
    company.role.save()
    company.edit(draft, price=price)
    assert said(draft) == expected


def test_details_of_one_role_at_one_rate_are_one_warning_with_its_details(company):
    company.approved(8)
    company.approved(4)
    draft = company.draft()
    company.edit(draft, price="300")
    (warning,) = warnings(draft)
    assert (warning.code, set(warning.details)) == (
        "rate-off-list",
        set(details_of(draft).values_list("pk", flat=True)),
    )
    assert "12.00\u00a0h on 2 details. €1,200.00 more than the list gives." in str(warning.detail)
    assert [(row.quantity, row.price) for row in warning.rows] == [(8, 300), (4, 300)]
    assert warning.way_out == "Correct the rate to 200.00"


def test_work_that_the_list_does_not_know_has_nothing_to_be_compared_with(company):
    company.approved(1, "fee", price=Decimal(500))
    draft = company.draft()
    company.edit(draft, price="5000")
    assert said(draft) == []


def test_an_expense_sold_at_cost_and_a_markup_is_compared_with_its_own_cost(company):
    company.sells_expenses_at_cost_plus("10")
    company.approved(1, "expense", price=Decimal(500))
    draft = company.draft()
    assert said(draft) == []
    company.edit(draft, price="700")
    (warning,) = warnings(draft)
    assert "700.00 instead of 550.00" in str(warning.message)
    assert "€150.00 more than the list gives." in str(warning.detail)


# --- Quantities -----------------------------------------------------------------------------------


def test_more_than_was_approved_names_both_and_what_it_means(company, draft):
    company.edit(draft, quantity="9")
    (warning,) = warnings(draft)
    assert warning.message == ("Quantity above what was approved: 9.00\u00a0h billed of 8.00\u00a0h approved")
    assert warning.detail == "1.00\u00a0h, €200.00, more than the entry holds."
    assert warning.way_out == "Correct the line to 8.00\u00a0h"
    (row,) = warning.rows
    assert (row.who, row.quantity) == (str(company.resource), 9)


def test_less_and_the_same_are_not_more(company, draft):
    assert said(draft) == []
    company.edit(draft, quantity="7")
    assert said(draft) == []


def in_two_parts(company: Company) -> Proforma:
    """Eight hours approved, six of them billable: two details of one work item."""
    company.approved(8, billable=6)
    return company.draft()


def test_two_details_of_one_work_item_are_seen_together(company):
    draft = in_two_parts(company)
    billed, rest = details_of(draft).order_by("-quantity")
    company.edit_only(only(billed), quantity=Decimal("7"))
    company.edit_only(only(rest), quantity=Decimal("1"))
    # One was raised and the other reduced: together it is what was approved.
    assert said(draft) == []
    company.edit_only(only(rest), quantity=Decimal("2.5"))
    (warning,) = warnings(draft)
    assert "9.50\u00a0h billed of 8.00\u00a0h approved" in str(warning.message)
    assert set(warning.details) == {billed.pk, rest.pk}


def test_two_edits_of_one_work_item_declare_their_sum(company):
    """Planted defect: an adjustment for the last of two edits alone, which the seal refuses."""
    draft = in_two_parts(company)
    billed, rest = details_of(draft).order_by("-quantity")
    company.edit_only(only(billed), quantity=Decimal("7"))
    company.edit_only(only(rest), quantity=Decimal("4"))
    company.confirm(draft)
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (3, 600)
    assert (adjustment.work_item.quantity, rest.billing_type) == (8, NON_CHARGEABLE)
    assert_proven()


def test_what_was_billed_of_it_before_counts(company, draft):
    """Six of eight billed and two kept; of the two, three are billed: nine of eight."""
    company.edit(draft, quantity="6", remainder="keep")
    company.confirm(draft)
    later = company.draft()
    assert (details_of(later).get().quantity, said(later)) == (2, [])
    company.edit(later, quantity="3")
    (warning,) = warnings(later)
    assert "9.00\u00a0h billed of 8.00\u00a0h approved" in str(warning.message)
    company.confirm(later)
    assert_proven()


def test_what_was_billed_above_is_said_of_the_unchanged_rest_too(company):
    company.approved(8, billable=6)
    company.ready()
    (draft,) = company.drafts()
    rest = details_of(draft).get(quantity=2)
    company.edit_only(details_of(draft).filter(quantity=6), quantity=Decimal(9))
    remove_details(only(rest), actor=company.manager, at=NOW)
    company.confirm(draft)
    later = company.draft()
    assert rest.pk not in details_of(later).values_list("pk", flat=True)
    (warning,) = warnings(later)
    assert "11.00\u00a0h billed of 8.00\u00a0h approved" in str(warning.message)


# --- Ticks ----------------------------------------------------------------------------------------


def test_ten_hours_of_eight_are_billed_knowingly(company, draft):
    company.edit(draft, quantity="10")
    with refused("warnings-open"):
        confirm(draft, accepted=[])
    confirm(draft, accepted=ticks_of(only(draft)))
    assert Proforma.objects.get(pk=draft.pk).net_amount == 2000
    (ticked,) = Activity.objects.get(verb="confirmed").facts["accepted"]
    assert (ticked["code"], "10.00\u00a0h billed of 8.00\u00a0h" in ticked["said"]["en-gb"]) == (
        "quantity-above-approved",
        True,
    )


def test_a_tick_is_for_the_figures_it_was_made_beside(company, draft):
    company.edit(draft, quantity="9")
    seen = ticks_of(only(draft))
    company.edit(draft, quantity="12")
    with refused("warnings-open"):
        confirm(draft, accepted=seen)


def test_a_tick_is_for_its_own_proforma(company, draft):
    company.edit(draft, price="0")
    company.approved(8)
    second = company.draft()
    company.edit(second, price="0")
    ticks = ticks_of(only(draft, second))
    # Each has no rate and the same days as the other: with one box of four empty nothing is confirmed.
    for left in range(4):
        with refused("warnings-open"):
            confirm(draft, second, accepted=ticks[:left] + ticks[left + 1 :])
    confirm(draft, second, accepted=ticks)
    logged = {one.subject_id: one.facts for one in Activity.objects.filter(verb="confirmed")}
    assert {key: len(facts["accepted"]) for key, facts in logged.items()} == {draft.pk: 2, second.pk: 2}


def test_a_proforma_without_warnings_needs_no_tick(company, draft):
    confirm(draft, accepted=[])
    now = Proforma.objects.get(pk=draft.pk)
    assert (now.status, Activity.objects.get(verb="confirmed").facts) == (ProformaStatus.CONFIRMED, {})


def test_a_total_that_nobody_has_seen_is_not_confirmed(company, draft):
    company.edit(draft, quantity="6")
    with refused("total-changed"):
        confirm_proformas(
            only(draft), actor=company.manager, at=NOW, seen_totals={draft.number: Decimal(1920)}
        )


def test_a_negative_total_is_ticked_too(company, draft):
    company.confirm(draft)
    billed = Proforma.objects.get(pk=draft.pk)
    credit = correct(company, BilledCorrection(billed_row(billed), quantity=Decimal(0)))
    assert said(credit) == ["The total is negative: −€1,920.00. The customer gets it back."]


# --- Statements -----------------------------------------------------------------------------------


def test_many_proformas_are_judged_in_the_same_statements_as_one(company):
    def raised(count: int) -> list[Proforma]:
        made = []
        for _each in range(count):
            company.approved(8)
            company.approved(4)
            draft = company.draft()
            company.edit(draft, price="300")
            company.edit_only(details_of(draft).filter(quantity=8), quantity=Decimal(9))
            made.append(draft)
        return made

    one, many = raised(1), raised(12)
    assert statements(lambda: warnings(*one)) == statements(lambda: warnings(*many))
    assert InvoiceLineDetail.objects.count() == 26
