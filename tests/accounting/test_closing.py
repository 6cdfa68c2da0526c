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
from tests.factories.world import NOW
from tests.telling import refused
from tests.trade import Trade

pytestmark = pytest.mark.django_db


def months(trade: Trade, *numbers: int) -> Any:
    return FiscalPeriod.objects.filter(legal_entity=trade.entity, starts_on__month__in=numbers)


def close(trade: Trade, *numbers: int) -> int:
    return close_periods(months(trade, *numbers), actor=trade.accountant, at=NOW)


def locked_through(trade: Trade) -> date | None:
    return LegalEntity.objects.get(pk=trade.entity.pk).locked_through


def test_closing_locks_the_entity():
    trade = Trade()
    assert close(trade, 1, 2) == 2
    assert locked_through(trade) == date(2026, 2, 28)
    assert set(months(trade, 1, 2).values_list("status", "closed_by")) == {("closed", trade.accountant.pk)}
    assert Activity.objects.filter(verb="closed").count() == 2
    with pytest.raises(Refused, match="2026-02-28 lies in a closed period"):
        trade.submitted(8, date=date(2026, 2, 28))
    assert trade.submitted(8, date=date(2026, 3, 1)).submitted_quantity == 8


def test_periods_are_closed_in_order():
    trade = Trade()
    with refused("earlier-period-open"):
        close(trade, 2)
    with refused("earlier-period-open"):
        close(trade, 1, 3)
    close(trade, 1)
    with refused("not-open"):
        close(trade, 1, 2)


def test_no_period_is_closed_over_work_that_is_not_in_the_books():
    trade = Trade()
    trade.approved(8, date=date(2026, 1, 15))
    pull_journals(trade.entity, actor=trade.accountant, at=NOW)
    with refused("journals-unposted"):
        close(trade, 1)
    trade.post_journals()
    assert close(trade, 1) == 1


def test_no_period_is_closed_over_an_invoice_that_is_not_posted():
    trade = Trade()
    trade.approved(8, date=date(2026, 1, 15))
    trade.ready()
    trade.confirm(*trade.drafts(date(2026, 1, 31)))
    trade.journalise()
    trade.proposals()
    with refused("proposals-unposted"):
        close(trade, 1)
    trade.invoices()
    assert close(trade, 1) == 1


def test_the_last_closed_period_is_reopened_and_the_lock_goes_back():
    trade = Trade()
    close(trade, 1, 2)
    with refused("later-period-closed"):
        reopen_period(months(trade, 1), actor=trade.accountant, at=NOW)
    assert reopen_period(months(trade, 2), actor=trade.accountant, at=NOW) == 1
    assert locked_through(trade) == date(2026, 1, 31)
    february = months(trade, 2).get()
    assert (february.status, february.closed_by) == (PeriodStatus.OPEN, None)
    with refused("not-closed"):
        reopen_period(months(trade, 2), actor=trade.accountant, at=NOW)
    reopen_period(months(trade, 1), actor=trade.accountant, at=NOW)
    assert locked_through(trade) == date(2025, 12, 31)


def test_another_entitys_periods_do_not_matter():
    one, other = Trade(), Trade()
    close(one, 1)
    assert locked_through(other) is None
    assert close(other, 1) == 1
