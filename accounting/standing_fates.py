"""What became of rows that stood on a past day: billed, taken back, settled, used, or still open (X3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.models import CustomerTransaction, EstimateEvent, Settlement, Voucher
from accounting.states import EstimateStep, VoucherSource
from billing.models import Proforma
from core.money import ZERO
from core.templatetags.display import day, money
from projects.models import Actual
from projects.states import EventKind


@dataclass(frozen=True)
class Fate:
    """What became of a row, in words, and the page that shows it; `is_open` while nothing did."""

    words: str
    url: str = ""
    is_open: bool = True


def fates_of_work(actuals: Sequence[int]) -> dict[int, Fate]:
    """What became of unbilled sales or costs, by the key of the actual: three statements."""
    fates = {key: Fate(_("Still open")) for key in actuals}
    mirrors = Actual.objects.filter(reverses__in=actuals).select_related("event")
    taken = {one.reverses_id: one for one in mirrors}
    proformas = {
        one.event_id: one
        for one in Proforma.objects.filter(
            event__in=[one.event_id for one in taken.values() if one.event.kind == EventKind.CONFIRMATION]
        )
    }
    for key, one in taken.items():
        if key is None:
            continue
        proforma = proformas.get(one.event_id)
        if proforma is not None:
            fates[key] = _of_proforma(proforma)
        else:
            words = {"what": one.event.get_kind_display(), "day": day(one.event.happened_on)}
            fates[key] = Fate(_("%(what)s, %(day)s") % words, is_open=False)
    # A row that itself takes something back stands only while the other one is dated later.
    opposite = Actual.objects.filter(pk__in=actuals, reverses__isnull=False)
    for key in opposite.values_list("pk", flat=True):
        fates[key] = Fate(_("Takes back what came into the books later"), is_open=False)
    return fates


def _of_proforma(proforma: Proforma) -> Fate:
    url = reverse("proforma", args=[proforma.number])
    if proforma.customer_invoice_number:
        words = {"number": proforma.customer_invoice_number, "day": day(proforma.customer_invoice_date)}
        return Fate(_("Invoiced with %(number)s of %(day)s") % words, url, is_open=False)
    words = {"number": proforma.number, "day": day(proforma.invoice_date)}
    return Fate(_("On proforma %(number)s of %(day)s, not invoiced yet") % words, url, is_open=False)


def fates_of_moved(lines: Sequence[int]) -> dict[int, Fate]:
    """Which lines of the journal have moved their cost to profit and loss, by key: one statement."""
    moves = Voucher.objects.filter(source_kind=VoucherSource.COST_MOVE, source_id__in=lines)
    return {
        one.source_id: Fate(
            _("Moved to profit and loss, %(day)s") % {"day": day(one.date)},
            reverse("admin:accounting_voucher_change", args=[one.pk]),
            is_open=False,
        )
        for one in moves
    }


def fates_of_settled(rows: Sequence[int]) -> dict[int, Fate]:
    """What is open of rows of the customer subledger by now, by key: two statements."""
    touching = Settlement.objects.standing().filter(Q(debit__in=rows) | Q(credit__in=rows))
    last: dict[int, Any] = {}
    for side in ("debit", "credit"):
        for key, on in touching.order_by().values_list(side).annotate(last=Max("date")):
            last[key] = max(on, last.get(key, on))
    fates = {}
    for one in CustomerTransaction.objects.filter(pk__in=rows).with_open():
        if one.open_amount == one.amount:
            fates[one.pk] = Fate(_("Still open"))
            continue
        words = {"left": money(one.open_amount, one.currency), "day": day(last.get(one.pk))}
        if one.open_amount == ZERO:
            fates[one.pk] = Fate(_("Settled, %(day)s") % words, is_open=False)
        else:
            fates[one.pk] = Fate(_("Settled in part, %(left)s is open now") % words)
    return fates


def fates_of_eliminated(projects: Iterable[int | None]) -> dict[int | None, Fate]:
    """Which projects have been eliminated and not restored, by key: one statement."""
    events = EstimateEvent.objects.standing(EstimateStep.ELIMINATED).filter(
        estimate__project__in=[one for one in projects if one is not None]
    )
    return {
        project: Fate(_("Eliminated, %(day)s") % {"day": day(on)}, is_open=False)
        for project, on in events.values_list("estimate__project", "day")
    }


def fates_of_grouped(left: Mapping[Any, Decimal], groups: Sequence[dict[str, Any]]) -> list[Fate]:
    """What is left by now of advances, retentions and estimates, in their order: no statement."""
    fates = []
    for one in groups:
        now = left.get((one["key"], one["its_currency"]), ZERO)
        if now == one["standing_amount"]:
            fates.append(Fate(_("Still open")))
        elif now == ZERO:
            fates.append(Fate(_("Nothing is left of it now"), is_open=False))
        else:
            fates.append(Fate(_("%(left)s is left now") % {"left": money(now, one["its_currency"])}))
    return fates
