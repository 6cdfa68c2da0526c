"""G14: a period is revalued once, in the ledger on its day and out of it on the next."""

import re
from datetime import timedelta

from accounting.models import Revaluation, Voucher
from tests.company import rows
from tests.guards.attacks import Attack, each, insert, refused
from tests.guards.guarded_rows import GuardedRows

ONCE = "a period is revalued once"
OF_PERIOD = "a revaluation is of a day of its period"
BACK = "the reversal of a revaluation is of its days"
LEDGER = "a revaluation is in the ledger on its day"
TAKEN = re.compile(f"(?i)UNIQUE|never changed|{BACK}")
LATER = re.compile(f"(?i)revaluation_reversed_later|{OF_PERIOD}|{BACK}")


def _standing() -> Revaluation:
    return Revaluation.objects.earliest("pk")


def _new(guarded: GuardedRows, **columns: object) -> Revaluation:
    first = _standing()
    usual = {
        "legal_entity": guarded.company.entity,
        "period": first.period,
        "nth": 2,
        "valued_on": first.valued_on,
        "reversed_on": first.reversed_on,
        "posted_by": guarded.company.accountant,
        "posted_at": rows.NOW,
    }
    return Revaluation(**usual | columns)


def _reversed_twice(guarded: GuardedRows) -> Revaluation:
    _new(guarded, reverses=_standing()).save()
    return _new(guarded, reverses=_standing(), nth=3)


def _back_of_what_takes_back(guarded: GuardedRows) -> Revaluation:
    back = _new(guarded, reverses=_standing())
    back.save()
    return _new(guarded, reverses=back, nth=3)


def _voucher(guarded: GuardedRows, kind: str, days: int, **columns: object) -> Voucher:
    usual = {
        "legal_entity": guarded.company.entity,
        "number": "GV-1",
        "date": _standing().valued_on + timedelta(days=days),
        "source_kind": kind,
        "source_id": _standing().pk,
        "posted_by": guarded.company.accountant,
        "posted_at": rows.NOW,
    }
    return Voucher(**usual | columns)


@each(
    insert("a-second-one", ONCE, _new),
    insert("another-period", OF_PERIOD, lambda g: _new(g, valued_on=rows.CUT_OFF.replace(year=2031))),
    insert(
        "other-days",
        BACK,
        lambda g: _new(g, reverses=_standing(), reversed_on=rows.CUT_OFF.replace(year=2030)),
    ),
    insert("reversed-the-day-before", LATER, lambda g: _new(g, reverses=_standing(), reversed_on=rows.DAY)),
    insert("reversed-twice", TAKEN, _reversed_twice),
    insert("takes-back-what-takes-back", BACK, _back_of_what_takes_back),
    insert("ledger-of-another-day", LEDGER, lambda g: _voucher(g, "revaluation", 1)),
    insert("reversed-on-its-day", LEDGER, lambda g: _voucher(g, "revaluation_reversal", 0)),
    insert("ledger-of-none", LEDGER, lambda g: _voucher(g, "revaluation", 0, source_id=0)),
)
def test_revaluations_are_guarded(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_what_is_reversed_lets_its_period_be_valued_again(guarded: GuardedRows):
    _new(guarded, reverses=_standing()).save()
    again = _new(guarded, nth=3)
    again.save()
    assert list(Revaluation.objects.standing()) == [again]
