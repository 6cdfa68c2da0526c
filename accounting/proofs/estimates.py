"""What breaks estimates of fixed prices and agreed exchange rates (C9, C10, G18, G19)."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import EstimateEvent, RevenueEstimate, VoucherLine
from accounting.proofs.proof import Offender, Proof
from accounting.states import EstimateStatus, EstimateStep, VoucherSource
from core.activity_log import as_text
from core.models import Activity
from core.money import ZERO
from projects.models import AgreedRate, ProjectContract

LINES = VoucherLine.objects.filter(voucher__source_kind=VoucherSource.ESTIMATE)
AGREED = "rate agreed"


def beside_their_events() -> QuerySet:
    """Estimates that stand elsewhere than the last event that nothing has reversed leads."""
    posted = Exists(EstimateEvent.objects.standing(EstimateStep.POSTED).filter(estimate=OuterRef("pk")))
    eliminated = Exists(
        EstimateEvent.objects.standing(EstimateStep.ELIMINATED).filter(estimate__project=OuterRef("project"))
    )
    is_created, is_eliminated = Q(status=EstimateStatus.CREATED), Q(status=EstimateStatus.ELIMINATED)
    return RevenueEstimate.objects.filter(
        (is_created & posted)
        | (~is_created & ~posted)
        | (is_eliminated & ~eliminated)
        | (~is_eliminated & eliminated)
    ).order_by("pk")


def unlike_their_vouchers() -> list[Offender]:
    """Posted estimates whose voucher does not move exactly their amount."""
    standing = EstimateEvent.objects.standing(EstimateStep.POSTED).select_related("estimate__project")
    moved = dict(_by_event(LINES.filter(base_amount__gt=0)))
    return [
        _offender(one)
        for one in standing.select_related("estimate__period").order_by("pk")
        if moved.get(one.pk, ZERO) != abs(one.estimate.amount)
    ]


def unlike_what_they_reverse() -> list[Offender]:
    """Reversals whose voucher is not the exact negation of that of the step they reverse."""
    reversals = EstimateEvent.objects.filter(reverses__isnull=False)
    original = dict(reversals.values_list("pk", "reverses"))
    involved = {*original, *original.values()}
    sums: dict[tuple[Any, ...], Decimal] = {}
    columns = ("voucher__source_id", "account", "project", "currency")
    for key, *place, total in _summed(LINES.filter(voucher__source_id__in=involved), *columns):
        of = (original.get(key, key), *place)
        sums[of] = sums.get(of, ZERO) + total
    wrong = {key[0] for key, total in sums.items() if total}
    offenders = reversals.filter(reverses__in=wrong).select_related("estimate__project", "estimate__period")
    return [_offender(one) for one in offenders.order_by("pk")]


def rates_beside_the_log() -> list[Offender]:
    """Contracts whose agreed rates are not those that the log says somebody entered."""
    kept = Counter(
        (row.contract_id, as_text(row.rate), as_text(row.starts_on), as_text(row.ends_on), row.agreed_by_id)
        for row in AgreedRate.objects.all()
    )
    # By its subjects, which the log is indexed by: it may have millions of rows.
    agreed = Activity.objects.filter(subject_kind=ProjectContract._meta.label_lower, verb=AGREED)
    logged = Counter(
        (contract, facts["rate"], facts["on"], facts["until"], actor)
        for contract, facts, actor in agreed.values_list("subject_id", "facts", "actor")
    )
    wrong = {key[0] for key in kept.keys() | logged.keys() if kept[key] != logged[key]}
    contracts = ProjectContract.objects.filter(pk__in=wrong).order_by("pk")
    return [Offender(str(one), one.legal_entity_id) for one in contracts]


def _by_event(lines: QuerySet) -> list[tuple[Any, ...]]:
    return _summed(lines, "voucher__source_id")


def _summed(lines: QuerySet, *columns: str) -> list[tuple[Any, ...]]:
    return list(lines.order_by().values_list(*columns).annotate(Sum("base_amount")))


def _offender(event: EstimateEvent) -> Offender:
    return Offender(str(event), event.estimate.legal_entity_id)


PROOFS = (
    Proof(
        "G18a",
        _("An estimate stands where its events lead."),
        beside_their_events,
        "legal_entity",
    ),
    Proof("G18b", _("The voucher of an estimate moves exactly its amount."), unlike_their_vouchers),
    Proof("G18c", _("The reversal of an estimate is its exact negation."), unlike_what_they_reverse),
    Proof("G19", _("Agreed rates are those that somebody entered."), rates_beside_the_log),
)
