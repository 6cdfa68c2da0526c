"""G18: an estimate is posted, eliminated and reversed by events, and what is posted stays as it was."""

import re
from decimal import Decimal

from django.db.models import QuerySet

from accounting.models import EstimateEvent, FiscalPeriod, RevenueEstimate
from tests.company import rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

BEGINS = "an estimate begins as created"
PLACE = "an estimate stays with its company, its project and its period"
FIGURES = "the figures of an estimate that is posted never change"
ORDER = "an estimate is created, posted and eliminated in this order"
EVENT = "an estimate goes on by the event that posts, eliminates or reverses it"
KEPT = "estimates that are posted are never deleted"
ITS_OWN = "the reversal of a step of an estimate reverses that step of it"
ONCE = re.compile("(?i)one_estimate_per_project_and_period|UNIQUE|not replaced")


def _posted() -> RevenueEstimate:
    return RevenueEstimate.objects.get(status="posted")


def _created(guarded: GuardedRows, **columns: object) -> RevenueEstimate:
    """An unsaved estimate of the next period."""
    period = FiscalPeriod.objects.create(
        legal_entity=guarded.company.entity, name="2026-04", starts_on="2026-04-01", ends_on="2026-04-30"
    )
    copy = _posted()
    copy.pk = None
    for name, value in ({"period": period, "status": "created"} | columns).items():
        copy.__dict__[RevenueEstimate._meta.get_field(name).attname] = getattr(value, "pk", value)
    return copy


def _saved(guarded: GuardedRows) -> QuerySet:
    made = _created(guarded)
    made.save()
    return row(made)


def _event(guarded: GuardedRows, step: str, **columns: object) -> EstimateEvent:
    usual = {
        "estimate": _posted(),
        "step": step,
        "day": rows.CUT_OFF,
        "actor": guarded.company.accountant,
        "at": rows.NOW,
    }
    return EstimateEvent(**usual | columns)


def _another(guarded: GuardedRows) -> EstimateEvent:
    of = _saved(guarded).get()
    return _event(guarded, "posting_reversed", estimate=of, reverses=EstimateEvent.objects.earliest("pk"))


@each(
    insert("begins-as-posted", BEGINS, lambda g: _created(g, status="posted")),
    insert("second-of-a-period", ONCE, lambda g: _created(g, period=_posted().period)),
    update("another-project", PLACE, lambda g: (row(_posted()), {"project": rows.project(g.company)})),
    update("another-amount", FIGURES, lambda _g: (row(_posted()), {"amount": Decimal(9)})),
    update("another-percent", FIGURES, lambda _g: (row(_posted()), {"percent": Decimal(9)})),
    update("a-total", FIGURES, lambda _g: (row(_posted()), {"total_cost": Decimal(9)})),
    update("jumps-ahead", ORDER, lambda g: (_saved(g), {"status": "eliminated"})),
    update("posted-without-event", EVENT, lambda g: (_saved(g), {"status": "posted"})),
    update("goes-back-without-event", EVENT, lambda _g: (row(_posted()), {"status": "created"})),
    update("eliminated-without-event", EVENT, lambda _g: (row(_posted()), {"status": "eliminated"})),
    delete("deleted", KEPT, lambda _g: row(_posted())),
    insert("reverses-nothing", ITS_OWN, lambda g: _event(g, "posting_reversed")),
    insert(
        "posts-and-reverses",
        ITS_OWN,
        lambda g: _event(g, "posted", reverses=EstimateEvent.objects.earliest("pk")),
    ),
    insert("reverses-another-step", ITS_OWN, lambda g: _event(g, "elimination_reversed", reverses=_first())),
    insert("reverses-that-of-another", ITS_OWN, _another),
)
def test_estimates_are_guarded(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def _first() -> EstimateEvent:
    return EstimateEvent.objects.earliest("pk")
