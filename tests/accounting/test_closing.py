"""Close and reopen periods: in order, with nothing left behind, and the entity locked (C8)."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounting.accrued_revenue import accrued_revenue
from accounting.closing import close_periods
from accounting.models import FiscalPeriod, IntegrationJournalLine
from accounting.pulling import pull_journals
from accounting.reopening import reopen_period
from accounting.states import PeriodStatus
from core.models import Activity
from core.refusals import Refused
from projects.models import LegalEntity
from tests.company import Company, book_rows
from tests.company.checking import assert_proven, refused
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def months(company: Company, *numbers: int) -> Any:
    return FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on__month__in=numbers)


def close(company: Company, *numbers: int) -> int:
    return close_periods(months(company, *numbers), actor=company.accountant, at=NOW)


def locked_through(company: Company) -> date | None:
    return LegalEntity.objects.get(pk=company.entity.pk).locked_through


def test_closing_locks_the_entity():
    company = Company()
    assert close(company, 1, 2) == 2
    assert locked_through(company) == date(2026, 2, 28)
    assert set(months(company, 1, 2).values_list("status", "closed_by")) == {
        ("closed", company.accountant.pk)
    }
    assert Activity.objects.filter(verb="closed").count() == 2
    with pytest.raises(Refused, match="28 Feb 2026 lies in a closed period"):
        company.submitted(8, date=date(2026, 2, 28))
    assert company.submitted(8, date=date(2026, 3, 1)).submitted_quantity == 8


def test_periods_are_closed_in_order():
    company = Company()
    with refused("earlier-period-open"):
        close(company, 2)
    with refused("earlier-period-open"):
        close(company, 1, 3)
    close(company, 1)
    with refused("not-open"):
        close(company, 1, 2)


def test_no_period_is_closed_over_work_that_is_not_in_the_books():
    company = Company()
    company.approved(8, date=date(2026, 1, 15))
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    with refused("journals-unposted"):
        close(company, 1)
    company.post_journals()
    assert close(company, 1) == 1


def test_no_period_is_closed_over_work_that_nobody_imported():
    company = Company()
    company.approved(8, date=date(2026, 1, 15))
    with refused("work-not-imported") as caught:
        close(company, 1)
    (reason,) = caught.value.refusals
    assert str(reason) == (
        "January 2026: 2 actuals of approved work are in no integration journal yet: "
        f"{company.project.number}. "
        "Import what is missing, then post it."
    )
    company.journalise()
    assert close(company, 1) == 1


def test_no_period_is_closed_over_a_proforma_that_has_no_proposal():
    company = Company()
    company.approved(8, date=date(2026, 1, 15))
    company.ready()
    company.confirm(*company.drafts(date(2026, 1, 31)))
    company.journalise()
    with refused("proformas-not-proposed"):
        close(company, 1)
    company.invoices()
    assert close(company, 1) == 1


def test_no_period_is_closed_over_an_invoice_that_is_not_posted():
    company = Company()
    company.approved(8, date=date(2026, 1, 15))
    company.ready()
    company.confirm(*company.drafts(date(2026, 1, 31)))
    company.journalise()
    company.proposals()
    with refused("proposals-unposted"):
        close(company, 1)
    company.invoices()
    assert close(company, 1) == 1


def test_the_last_closed_period_is_reopened_and_the_lock_goes_back():
    company = Company()
    close(company, 1, 2)
    with refused("later-period-closed"):
        reopen_period(months(company, 1), actor=company.accountant, at=NOW)
    assert reopen_period(months(company, 2), actor=company.accountant, at=NOW) == 1
    assert locked_through(company) == date(2026, 1, 31)
    february = months(company, 2).get()
    assert (february.status, february.closed_by) == (PeriodStatus.OPEN, None)
    with refused("not-closed"):
        reopen_period(months(company, 2), actor=company.accountant, at=NOW)
    reopen_period(months(company, 1), actor=company.accountant, at=NOW)
    assert locked_through(company) == date(2025, 12, 31)


def test_another_entitys_periods_do_not_matter():
    one, other = Company(), Company()
    close(one, 1)
    assert locked_through(other) is None
    assert close(other, 1) == 1


def test_accounting_dates_move_to_the_next_open_day_or_wait_as_the_company_says():
    company, other = Company(), Company()
    for one, moves in ((company, True), (other, False)):
        LegalEntity.objects.filter(pk=one.entity.pk).update(moves_accounting_dates=moves)
        one.approved(8, date=date(2026, 1, 15))
        FiscalPeriod.objects.filter(legal_entity=one.entity, starts_on__month=1).update(status="closed")
    assert (company.journalise().posted, company.journalise().failed) == (2, 0)
    assert (other.journalise().posted, other.post_journals().failed) == (0, 2)
    assert set(days_of(company)) == {date(2026, 2, 1)}
    assert set(days_of(other)) == {date(2026, 1, 15)}
    months(other, 1).update(status="open")
    months(company, 1).update(status="open")
    assert other.post_journals().posted == 2
    assert_proven()


def days_of(company: Company) -> Any:
    lines = IntegrationJournalLine.objects.filter(journal__legal_entity=company.entity)
    return lines.values_list("accounting_date", flat=True)


def test_a_day_that_no_period_covers_is_never_open():
    """Not for a journal, not for an invoice, and not for who writes past the verbs (decision 18)."""
    company = Company()
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    proposals = company.proposals()
    for day in (date(2025, 12, 31), date(2027, 1, 1)):
        with refused("period-missing"):
            company.post(proposals, invoice_date=day)
    company.approved(4, date=date(2026, 4, 1))
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    months(company, 4).delete()
    assert company.post_journals().failed == 2
    error = "No fiscal period covers the accounting date: create the period, then post again."
    assert set(IntegrationJournalLine.objects.unposted().values_list("error", flat=True)) == {error}
    with pytest.raises(IntegrityError, match="a day without a fiscal period"), transaction.atomic():
        book_rows.balanced(company, date=date(2027, 1, 1))


def test_accrued_revenue_is_reconciled_at_the_end_of_every_month():
    company = Company()
    company.approved(2, date=date(2026, 1, 15))
    company.approved(3, date=date(2026, 2, 10))
    company.ready()
    company.confirm(*company.drafts(date(2026, 2, 28)))
    company.approved(4, date=date(2026, 3, 2))
    company.invoices()
    company.journalise()
    at = {day: accrued_revenue(company.entity, day) for day in (date(2026, 1, 31), date(2026, 2, 28), DAY)}
    figures = {day: [(one.accrued, one.booked, one.difference) for one in rows] for day, rows in at.items()}
    assert figures == {
        date(2026, 1, 31): [(400, 400, 0)],
        date(2026, 2, 28): [],
        DAY: [(800, 800, 0)],
    }
    (row,) = at[DAY]
    assert (row.project, row.currency, row.contracts) == (
        company.project.number,
        "EUR",
        {company.contract.number},
    )
    assert accrued_revenue(Company().entity, DAY) == []
