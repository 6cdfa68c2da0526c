"""Close and reopen periods: in order, with nothing left behind, and the entity locked (C8)."""

from datetime import date
from typing import Any

import pytest

from accounting.closing import close_periods, reopen_period
from accounting.models import FiscalPeriod
from accounting.pulling import pull_journals
from accounting.states import PeriodStatus
from core.models import Activity
from core.refusals import Refused
from projects.models import LegalEntity
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import NOW

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
