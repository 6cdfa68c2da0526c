"""Which proformas bill work of the same days, once what was corrected has been confirmed (B7 to B9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.db.models.functions import Coalesce

from billing.models import InvoiceLineDetail, Proforma
from projects.states import WORKED, BillingType

Place = tuple[int, int]
"""A work item, and the event that billed it."""
Days = tuple[date, date]
"""First and last day."""
Other = tuple[int, str, Days, bool]
"""A proforma: its key, its number, the days of its work, and whether some of it was taken back."""

# Milestones are agreed on for a day, and a correction is of the days it corrects: neither has a period.
WORK = Q(
    transaction_class__in=WORKED,
    milestone_share__isnull=True,
    corrects__isnull=True,
    replaces__isnull=True,
)
WORK_OF_PROFORMA = Q(
    lines__details__transaction_class__in=WORKED,
    lines__details__milestone_share__isnull=True,
    lines__details__corrects__isnull=True,
    lines__details__replaces__isnull=True,
)


def overlapping_proformas(proformas: Sequence[Proforma], spans: Mapping[int, Days]) -> dict[int, list[str]]:
    """Numbers of other proformas of the same contract and customer whose days meet `spans`, by key of each.

    What is named for one does not depend on which others are asked about, nor on whether they are confirmed:
    a run that confirms some at a time finds what the page has shown. What a confirmed correction took back
    has no days any more, so that a proforma that was credited in full is not named. Locks nothing; one
    statement for any number of proformas, and two more where one that is met was corrected (B7, B8).
    """
    if not spans:
        return {}
    by_payer: dict[tuple[int, int], list[Other]] = defaultdict(list)
    for key, number, contract_id, customer_id, first, last, is_corrected in _others(proformas, spans):
        by_payer[contract_id, customer_id].append((key, number, (first, last), is_corrected))
    met: dict[int, list[Other]] = {}
    for proforma in proformas:
        if (span := spans.get(proforma.pk)) is not None:
            others = by_payer[proforma.contract_id, proforma.customer_id]
            met[proforma.pk] = [one for one in others if one[0] != proforma.pk and _meet(span, one[2])]
    # Less work has no more days: those that do not meet now are not asked about.
    left = _days_still_billed({one[0] for others in met.values() for one in others if one[3]})
    overlaps: dict[int, list[str]] = {}
    for key, others in met.items():
        billed = [(number, left.get(pk, days)) for pk, number, days, _is_corrected in others]
        overlaps[key] = [number for number, days in billed if days is not None and _meet(spans[key], days)]
    return overlaps


def _meet(span: Days, other: Days) -> bool:
    """Closed spans meet when each begins before the other ends."""
    return other[0] <= span[1] and other[1] >= span[0]


def _others(
    proformas: Sequence[Proforma], spans: Mapping[int, Days]
) -> Iterable[tuple[int, str, int, int, date, date, bool]]:
    """Proformas of the same contracts and customers with days near those of any, by number.

    Key, number, contract, customer, first and last day, and whether a confirmed correction takes any back.
    """
    corrections = InvoiceLineDetail.objects.filter(
        corrects__event=OuterRef("event"), line__proforma__event__isnull=False
    )
    return (
        Proforma.objects.filter(
            contract__in={proforma.contract_id for proforma in proformas},
            customer__in={proforma.customer_id for proforma in proformas},
        )
        .annotate(
            is_corrected=Exists(corrections),
            first=Min("lines__details__transaction_date", filter=WORK_OF_PROFORMA),
            last=Max("lines__details__transaction_date", filter=WORK_OF_PROFORMA),
        )
        # By their days alone: a line added by hand may be dated after the cut-off.
        .filter(
            first__lte=max(last for _first, last in spans.values()),
            last__gte=min(first for first, _last in spans.values()),
        )
        .order_by("number")
        .values_list("pk", "number", "contract_id", "customer_id", "first", "last", "is_corrected")
    )


def _days_still_billed(proformas: Collection[int]) -> dict[int, Days | None]:
    """First and last day of the work that each corrected proforma still bills; None where it bills none.

    `proformas` are keys; those that no confirmed correction takes anything from are not in the answer. What a
    correction bills instead counts for what it corrects, however often it was corrected.
    """
    if not proformas:
        return {}
    # A correction is on a proforma of the contract that it corrects, and so are corrections of that one.
    contracts = Proforma.objects.filter(pk__in=proformas).order_by().values("contract")
    corrections = InvoiceLineDetail.objects.corrections().filter(
        line__proforma__contract__in=contracts, line__proforma__event__isnull=False
    )
    became: dict[Place, list[Place | None]] = {}
    for item, billed_by, taken_back_by, replacement in corrections.values_list(
        "corrects__work_item", "corrects__event", "line__proforma__event", "replacements"
    ):
        after = (item, taken_back_by) if replacement is not None else None
        became.setdefault((item, billed_by), []).append(after)
    if not became:
        return {}
    rows = InvoiceLineDetail.objects.filter(
        WORK,
        line__proforma__in=proformas,
        line__proforma__event__in={event for _item, event in became},
        billing_type=BillingType.CHARGEABLE,
    ).values_list(
        "line__proforma",
        "line__proforma__event",
        Coalesce("actual__work_item", "work_item"),
        "transaction_date",
    )
    days: dict[int, Days | None] = {}
    for proforma, event, item, day in rows.iterator(chunk_size=2000):
        known = days.setdefault(proforma, None)
        if _is_billed((item, event), became):
            days[proforma] = (min(known[0], day), max(known[1], day)) if known else (day, day)
    return days


def _is_billed(place: Place, became: Mapping[Place, list[Place | None]]) -> bool:
    """Whether anything of it is still billed, by itself or by what corrections put in its place."""
    after = became.get(place)
    # Each correction is confirmed by a later event than what it corrects, so this ends.
    return after is None or any(one is not None and _is_billed(one, became) for one in after)
