"""Whose day's rate of sales tax an invoice bears, when the rate changes (decision 17)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CustomerInvoice
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma
from billing.totalling import tax_estimates
from projects.models import TaxRate
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import correct
from tests.company.rows import CUT_OFF, DAY

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2026, 3, 10), date(2026, 3, 20)
CHANGE = date(2026, 3, 15)


def company_whose_rate_changes(percent: int = 10, *, on: date = CHANGE) -> Company:
    """Taxed at 20 % until the day before, at another rate from then on."""
    company = Company()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=on, percent=Decimal(percent))
    return company


def estimated(proforma: Proforma) -> list[tuple[Decimal, Decimal, Decimal]]:
    groups = tax_estimates([proforma])[proforma.pk]
    return [(group.percent, group.base_amount, group.tax_amount) for group in groups]


def invoiced(invoice: CustomerInvoice) -> list[tuple[Decimal, Decimal, Decimal]]:
    taxes = invoice.taxes.order_by("-percent")
    return [(tax.percent, tax.base_amount, tax.tax_amount) for tax in taxes]


def printed(invoice: CustomerInvoice) -> list[tuple[date | None, Decimal | None]]:
    """The day and the rate of each line of the document."""
    lines = [line for section in facts_of(invoice).sections for line in section.lines]
    return [(line.date, line.tax_rate) for line in lines]


def test_an_hour_on_each_side_of_a_change_bears_each_its_rate():
    company = company_whose_rate_changes()
    company.approved(1, date=BEFORE)
    company.approved(1, date=AFTER)
    draft = company.draft(CUT_OFF)
    assert estimated(draft) == [(20, 200, 40), (10, 200, 20)]
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (400, 60, 460)

    company.confirm(draft)
    (invoice,) = company.invoices()
    assert invoiced(invoice) == [(20, 200, 40), (10, 200, 20)]
    assert (invoice.tax_amount, invoice.gross_amount) == (60, 460)
    assert printed(invoice) == [(BEFORE, 20), (AFTER, 10)]
    assert_proven()


def test_what_was_supplied_before_a_rise_costs_the_same_whenever_it_is_posted():
    company = Company()
    TaxRate.objects.filter(tax_code=company.tax_code).update(percent=10)
    company.approved(1, date=BEFORE)
    (confirmed,) = company.confirm(company.draft(date(2026, 3, 14)))
    assert confirmed.gross_amount == 220
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=CHANGE, percent=Decimal(20))
    (invoice,) = company.invoices(invoice_date=date(2026, 3, 16))
    assert (invoice.invoice_date, invoice.gross_amount) == (date(2026, 3, 16), 220)


def test_a_milestone_bears_the_rate_of_its_due_date():
    company = company_whose_rate_changes()
    company.milestone("1000", due_on=BEFORE)
    company.milestone("1000", due_on=AFTER)
    (draft,) = company.drafts(CUT_OFF)
    assert estimated(draft) == [(20, 1000, 200), (10, 1000, 100)]


def test_a_company_may_choose_the_invoice_date():
    company = company_whose_rate_changes()
    company.is_taxed_by_invoice_date()
    company.approved(1, date=BEFORE)
    company.approved(1, date=AFTER)
    draft = company.draft(CUT_OFF)
    assert estimated(draft) == [(10, 400, 40)]
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert invoiced(invoice) == [(10, 400, 40)]
    assert printed(invoice) == [(BEFORE, 10), (AFTER, 10)]
    # What was printed stays, whatever the company chooses later.
    company.entity.tax_date = "supply"
    company.entity.save()
    assert printed(CustomerInvoice.objects.get()) == [(BEFORE, 10), (AFTER, 10)]


@pytest.mark.parametrize(
    ("by_invoice_date", "taxes"),
    [(False, [(20, -400, -80), (20, -200, -40)]), (True, [(10, -400, -40), (10, -200, -20)])],
)
def test_a_correction_bears_the_rate_of_what_it_corrects_however_often_it_is_corrected(
    by_invoice_date, taxes
):
    company = company_whose_rate_changes()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 4, 1), percent=Decimal(5))
    if by_invoice_date:
        company.is_taxed_by_invoice_date()
    company.approved(8, date=DAY)
    (first,) = company.confirm(company.draft(CUT_OFF))
    company.invoices()
    corrected = []
    for hours in ("6", "5"):
        (billed,) = billed_rows(first)
        asked = BilledCorrection(billed, quantity=Decimal(hours))
        company.confirm(correct(company, asked, invoice_date=date(2026, 4, 15)))
        (note,) = company.invoices()
        corrected += invoiced(note)
    assert corrected == taxes
    assert_proven()


def test_a_day_without_a_rate_is_missed_although_another_day_has_one():
    company = Company()
    TaxRate.objects.filter(tax_code=company.tax_code).update(starts_on=CHANGE)
    company.approved(1, date=BEFORE)
    company.approved(1, date=AFTER)
    assert estimated(company.draft(CUT_OFF)) == []
