"""Minutes on paper and on pages: sums that add up, and what was recorded beside what is billed (A11, B10)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import CustomerInvoice
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection
from billing.marking_ready import mark_ready
from billing.models import Proforma
from core.documents.document_data import document_data
from core.money import hours_of
from projects.approving import approve_entries
from projects.models import BacklogItem
from projects.roles import PROJECT_MANAGER
from projects.submitting import submit_entries
from tests.accounting.printed import company_in, draft_facts, posted
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven
from tests.company.corrections import billed_row, correct
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

TWENTY, TEN = 20 * 60, 10 * 60


def worked(company: Company, seconds: int, count: int) -> None:
    for _each in range(count):
        company.approved(hours_of(seconds), seconds=seconds)


def test_three_times_twenty_minutes_print_one_hour_and_its_price():
    company = company_in("de")
    company.sells_hours_for("90")
    worked(company, TWENTY, 3)
    data = document_data(facts_of(posted(company, company.draft())))
    (section,) = data["sections"]
    assert (section["subtotal"]["qty"], section["subtotal"]["amount"]) == ("1,00", "90,00")
    assert "recorded" not in data["columns"]


def test_three_hundred_times_twenty_minutes_print_a_hundred_hours():
    company = company_in("de")
    company.sells_hours_for("90")
    entries = [company.worked(TWENTY, date=DAY + timedelta(days=number % 20)) for number in range(300)]
    approvals = submit_entries(only(*entries), actor=company.worker, at=NOW)
    approve_entries(only(*approvals), actor=company.manager, on=DAY, at=NOW)
    data = document_data(draft_facts(company.draft()))
    # Too many rows for the body, which has one line for all of them; the details stand in the annex.
    (row,) = data["sections"][0]["rows"]
    assert (row["qty"], row["amount"]) == ("100,00", "9.000,00")
    assert data["annex"]["total"]["qty"] == "100,00"


def test_recorded_time_stands_beside_billed_time_in_the_rows_and_in_the_sum():
    company = company_in("de")
    company.bills_time(increment_minutes=30, increment_scope="day")
    worked(company, TEN, 3)
    data = document_data(facts_of(posted(company, company.draft())))
    assert data["heads"]["recorded"] == "Erfasst\u00a0Std."
    (section,) = data["sections"]
    assert [(row["qty"], row["recorded"], row["amount"]) for row in section["rows"]] == [
        ("0,50", "0,1667", "100,00"),
        ("0,00", "0,1666", "0,00"),
        ("0,00", "0,1667", "0,00"),
    ]
    assert (section["subtotal"]["qty"], section["subtotal"]["recorded"]) == ("0,50", "0,50")


def test_days_are_printed_as_days_and_the_hours_beside_them():
    company = company_in("de")
    company.bills_time(day_hours=Decimal(8))
    company.sells_days_for("1200")
    company.approved(3)
    company.approved(8, date=DAY + timedelta(days=1))
    data = document_data(draft_facts(company.draft()))
    (section,) = data["sections"]
    assert [(row["qty"], row["unit"], row["recorded"], row["amount"]) for row in section["rows"]] == [
        ("0,50", "Tage", "3,00", "600,00"),
        ("1,00", "Tage", "8,00", "1.200,00"),
    ]
    assert (section["subtotal"]["qty"], section["subtotal"]["recorded"]) == ("1,50", "11,00")


def test_a_credited_invoice_turns_what_was_recorded_too():
    company = company_in("de")
    company.bills_time(increment_minutes=60)
    company.approved("0.5")
    draft = company.draft()
    company.edit(draft, price="-200")
    data = document_data(facts_of(posted(company, draft)))
    (row,) = data["sections"][0]["rows"]
    assert (data["kind"], row["recorded"], row["amount"]) == ("credit", "\u22120,50", "200,00")


def test_what_is_credited_and_billed_again_prints_the_columns_of_the_original():
    company = company_in("en-gb")
    company.bills_time(increment_minutes=60)
    company.approved("0.5")
    original = company.draft()
    first = posted(company, original)
    billed = billed_row(Proforma.objects.get(pk=original.pk))
    credit = posted(company, correct(company, BilledCorrection(billed, quantity=Decimal(0))))
    mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    again = posted(company, company.draft())
    printed = [document_data(facts_of(one)) for one in (first, credit, again)]
    assert [one["kind"] for one in printed] == ["invoice", "credit", "invoice"]
    assert len({tuple(one["columns"]) for one in printed}) == 1
    rows = [row for one in printed for section in one["sections"] for row in section["rows"]]
    assert [(row["qty"], row["recorded"], row["amount"]) for row in rows] == [("1.00", "0.50", "200.00")] * 3
    assert_proven()


def said(invoice: CustomerInvoice) -> list[tuple[str, str]]:
    """Quantity and recorded hours of each printed row."""
    data = document_data(facts_of(invoice))
    return [(row["qty"], row["recorded"]) for section in data["sections"] for row in section["rows"]]


def test_the_rest_of_a_correction_prints_the_hours_of_the_part_that_is_billed():
    """A day of eight hours, corrected to three quarters: the quarter that is billed later is two hours."""
    company = company_in("en-gb")
    company.bills_time(day_hours=Decimal(8))
    company.sells_days_for("1200")
    company.approved(8)
    original = company.draft()
    first = posted(company, original)
    billed = billed_row(Proforma.objects.get(pk=original.pk))
    draft = correct(company, BilledCorrection(billed, quantity=Decimal("0.75")))
    assert [row.recorded for row in draft_facts(draft).sections[0].lines] == [-8, 6]
    credit = posted(company, draft)
    mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    rest = company.draft()
    again = posted(company, rest)
    assert said(first) == [("1.00", "8.00")]
    # A credit note says what it takes back without a sign.
    assert said(credit) == [("1.00", "8.00"), ("\u22120.75", "\u22126.00")]
    assert said(again) == [("0.25", "2.00")]
    # Taken back, the rest takes its own hours back, and no more.
    billed = billed_row(Proforma.objects.get(pk=rest.pk))
    last = correct(company, BilledCorrection(billed, quantity=Decimal(0)))
    assert said(posted(company, last)) == [("0.25", "2.00")]
    assert_proven()


def test_what_an_edit_keeps_for_later_takes_its_hours_along_and_what_it_writes_off_does_not():
    company = company_in("en-gb")
    company.bills_time(day_hours=Decimal(8))
    company.sells_days_for("1200")
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="0.75", remainder="keep")
    kept = posted(company, draft)
    later = company.draft()
    company.edit(later, quantity="0.125")
    assert [said(one) for one in (kept, posted(company, later))] == [[("0.75", "6.00")], [("0.125", "2.00")]]
    assert_proven()


def test_approvals_backlog_and_draft_show_both():
    company = Company()
    company.bills_time(increment_minutes=30)
    manager = company.person(PROJECT_MANAGER)
    company.is_managed_by(manager)
    company.project.manager = manager
    company.project.save()
    company.submitted("0.25")
    client = signed_in(manager)
    waiting = client.get(reverse("approvals")).content.decode()
    assert "0.25\u00a0h" in waiting
    assert "<small>0.50\u00a0h</small>" in waiting
    company.approved("0.25")
    backlog = client.get(reverse("backlog")).content.decode()
    assert "0.50\u00a0h<small>0.25\u00a0h recorded</small>" in backlog
    draft = company.draft()
    shown = client.get(reverse("proforma", args=[draft.number])).content.decode()
    assert "<small>0.25\u00a0h recorded</small>" in shown
    # What is billed as it was recorded says it once.
    company.edit(draft, quantity="0.25")
    assert "recorded</small>" not in client.get(reverse("proforma", args=[draft.number])).content.decode()
    assert details_of(draft).get().amount == 50
