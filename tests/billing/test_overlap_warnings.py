"""The warning of overlapping periods, and which days are the period of a proforma (B7, B8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.checks import checks_of
from billing.confirm_warnings import warnings_of
from billing.confirming import confirm_proformas
from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import Allowance, charge_fee, grant_discount
from billing.findings import Check
from billing.models import Proforma, Retention
from billing.moving import move_details
from billing.overlapping import overlapping_proformas
from billing.releasing import release_retentions
from billing.tables.proformas import with_details
from billing.totalling import tax_estimates
from billing.views.confirmation_summary import summary_of
from projects.models import ProjectContract, TaxRate
from projects.states import TransactionClass
from tests.billing.proforma_pages import fresh
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven
from tests.company.corrections import billed_row, correct, corrected
from tests.company.retainers import invoiced, ready
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db

LATER = date(2026, 3, 18)
EARLY_CUT_OFF = date(2026, 3, 10)


@pytest.fixture
def at(company: Company) -> Company:
    company.is_managed_by(company.manager)
    return company


def warned(*drafts: Proforma) -> dict[str, list[Check]]:
    chosen = list(only(*drafts).select_related("contract", "customer", "legal_entity").order_by("pk"))
    by_proforma = warnings_of(chosen, tax_estimates(chosen))
    return {one.number: by_proforma[one.pk] for one in chosen}


def named(*drafts: Proforma) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    return {key: [(one.code, one.numbers) for one in checks] for key, checks in warned(*drafts).items()}


def ticks(checks: dict[str, list[Check]]) -> list[str]:
    return [one.tick for each in checks.values() for one in each]


def three(at: Company) -> list[Proforma]:
    """Early work and a line by hand moved to it, after its cut-off; later work; and early work once more."""
    at.approved(1)
    early = at.draft(on=EARLY_CUT_OFF)
    at.approved(1, date=LATER)
    later = at.draft()
    by_hand = {"transaction_class": TransactionClass.TIME, "quantity": Decimal(2), "unit": "h"}
    moved = at.add_by_hand(later, at.line, transaction_date=LATER + timedelta(days=2), **by_hand)
    move_details(only(moved), only(early), actor=at.manager, at=NOW)
    at.approved(1)
    again = at.draft(on=EARLY_CUT_OFF)
    return [early, later, again]


def test_what_is_named_for_one_does_not_depend_on_what_is_confirmed_beside_it(at):
    early, later, again = three(at)
    together = warned(early, later, again)
    assert {key: [(one.code, one.numbers) for one in checks] for key, checks in together.items()} == {
        early.number: [("period-overlap", (later.number, again.number))],
        later.number: [("period-overlap", (early.number,))],
        again.number: [("period-overlap", (early.number,))],
    }
    for one in (early, later, again):
        assert warned(one)[one.number][0].tick == together[one.number][0].tick


def test_the_bulk_page_the_page_of_the_draft_and_the_run_ask_for_one_tick(at):
    made = three(at)
    summary = summary_of(only(*made), at.manager)
    boxes = [one.tick for one in summary.warnings]
    rows = list(only(*made).select_related("contract", "customer", "legal_entity"))
    each = [checks_of([one], tax_estimates([one]), by=at.manager, at=NOW)[one.pk] for one in rows]
    assert sorted(check.tick for checks in each for check in checks) == sorted(boxes)
    # A run confirms one at a time here: the others are confirmed before the last of them is judged.
    run = request_confirmation(
        only(*made),
        accepted=boxes,
        seen_totals=summary.seen_totals,
        seen_contents=summary.seen_contents,
        actor=at.manager,
        on=DAY,
        at=NOW,
    )
    confirm_in_bulk(run.pk, clock=lambda: NOW)
    assert [row.outcome for row in run.outcomes.all()] == ["confirmed"] * 3
    assert [fresh(one).status for one in made] == ["confirmed"] * 3
    assert_proven()


def test_a_tick_still_counts_when_the_other_has_been_confirmed(at):
    early, later, again = three(at)
    seen = warned(early, later, again)
    at.confirm(early, again)
    assert [one.tick for one in warned(later)[later.number]] == [one.tick for one in seen[later.number]]
    confirm_proformas(only(later), actor=at.manager, at=NOW, accepted=ticks(seen))
    assert fresh(later).status == "confirmed"


def test_what_was_credited_in_full_is_named_no_more(at):
    at.approved(8)
    (billed,) = at.confirm(at.draft())
    at.approved(1)
    later = at.draft()
    assert named(later)[later.number] == [("period-overlap", (billed.number,))]
    # 6 h stay billed instead of 8: the days are billed as before.
    credit = corrected(at, billed, quantity="6")
    assert named(later)[later.number] == [("period-overlap", (billed.number,))]
    # The correction takes back the 6 h as well, and with them the last of it.
    corrected(at, credit, quantity="0")
    assert named(later)[later.number] == []
    # Billed again, it is the new proforma whose days meet.
    again = at.draft()
    assert named(later)[later.number] == [("period-overlap", (again.number,))]
    assert_proven()


def test_a_draft_of_a_credit_takes_no_days_yet(at):
    at.approved(8)
    (billed,) = at.confirm(at.draft())
    at.approved(1)
    later = at.draft()
    correct(at, BilledCorrection(billed_row(billed), quantity=Decimal(0)))
    assert named(later)[later.number] == [("period-overlap", (billed.number,))]


def test_what_is_left_of_a_period_is_what_meets_another(at):
    at.approved(1)
    at.approved(1, date=LATER)
    (billed,) = at.confirm(at.draft())
    at.approved(2, date=LATER)
    later = at.draft()
    assert named(later)[later.number] == [("period-overlap", (billed.number,))]
    (last,) = [row for row in billed_rows(billed) if row.work_item.transaction_date == LATER]
    at.confirm(correct(at, BilledCorrection(last, quantity=Decimal(0))))
    assert named(later)[later.number] == []


def test_however_many_were_credited_the_statements_are_as_many(at, django_assert_max_num_queries):
    later = []
    for _each in range(2):
        at.approved(1)
        (billed,) = at.confirm(at.draft())
        corrected(at, billed, quantity="0.5")
        at.approved(1)
        later.append(at.draft())
    spans = {one.pk: (DAY, DAY) for one in later}
    with django_assert_max_num_queries(3):
        numbers = overlapping_proformas(later, spans)
    assert [len(one) for one in numbers.values()] == [3, 3]


def test_an_advance_is_no_work_and_overlaps_nothing(at):
    invoiced(at, "1000", on=DAY)
    at.approved(2)
    draft = at.draft()
    # What it takes off the draft is dated the day of the advance as well.
    assert set(details_of(draft).values_list("retainer_use", flat=True)) == {"", "apply"}
    assert named(draft) == {draft.number: []}


def test_a_discount_and_a_fee_are_not_days_of_work(at, manager):
    at.approved(2, date=date(2026, 3, 3))
    draft = at.draft()
    line = draft.lines.get()
    grant_discount(line, Allowance(percent=Decimal(5), reason="Loyal"), actor=at.manager, at=NOW)
    charge_fee(line, Decimal(50), "Express", item_sales_tax_group=at.item_group, actor=at.manager, at=NOW)
    at.approved(2, date=CUT_OFF)
    other = at.draft()
    assert named(draft, other) == {draft.number: [], other.number: []}
    page = manager.get(reverse("proforma", args=[draft.number])).context["span"]
    assert page == {"first": date(2026, 3, 3), "last": date(2026, 3, 3)}


def test_the_period_is_that_of_the_work_wherever_it_is_shown(at, manager):
    ready(at, "1000", on=date(2026, 3, 1))
    at.approved(2, date=date(2026, 3, 9))
    draft = at.draft()
    assert draft.lines.filter(details__retainer_use="invoice").count() == 1
    days = {"first": date(2026, 3, 9), "last": date(2026, 3, 9)}
    assert manager.get(reverse("proforma", args=[draft.number])).context["span"] == days
    confirm = manager.get(reverse("proforma-confirm", args=[draft.number])).context["span"]
    counted = {"count": 2, "unbilled": 1, "taken_back": 0, "kept": 0, "released": 0}
    assert confirm == days | counted
    (document,) = summary_of(only(draft), at.manager).allowed
    assert (document.span, document.lines) == ("9 Mar", 2)
    row = with_details(only(draft)).get()
    assert (row.first_day, row.last_day, row.details_count) == (days["first"], days["last"], 2)


def test_a_proforma_of_an_advance_alone_has_no_period(at, manager):
    ready(at, "1000")
    draft = at.draft()
    assert "Work of" not in manager.get(reverse("proforma", args=[draft.number])).content.decode()
    page = manager.get(reverse("proforma-confirm", args=[draft.number]))
    assert (page.status_code, "<dt>Period</dt>" in page.content.decode()) == (200, False)


def test_a_release_bears_no_tax_and_nothing_is_warned(at):
    ProjectContract.objects.update(retention_percent=Decimal(10), retention_months=0)
    at.approved(8)
    at.confirm(at.draft())
    (draft,) = release_retentions(Retention.objects.all(), invoice_date=NOW.date(), actor=at.manager, at=NOW)
    assert (draft.net_amount, draft.tax_amount, named(draft)) == (160, 0, {draft.number: []})
    # Work beside it still needs a rate.
    at.approved(1)
    work = at.draft()
    TaxRate.objects.update(starts_on=date(2030, 1, 1))
    assert [code for code, _numbers in named(work)[work.number] if code != "period-overlap"] == [
        "tax-rate-missing"
    ]
    assert named(draft) == {draft.number: []}
