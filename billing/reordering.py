"""Set another order of the lines of drafts, and of the details of a line: so they are printed (B7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.changing_drafts import frozen
from billing.line_order import placed, write_positions
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.querysets import InvoiceLineQuerySet, ProformaQuerySet
from billing.states import DetailOrder
from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from core.seen_values import EDITED_MEANWHILE
from core.templatetags.display import number

OWN = Q(retainer__isnull=True)
"""What advances take off stands below the work, under a heading of its own."""
PERSON = Coalesce("actual__work_item__resource__name", "work_item__resource__name")
TASK = Coalesce("actual__work_item__task__name", "work_item__task__name")
BY: dict[DetailOrder, tuple[OrderBy, ...]] = {
    DetailOrder.DATE: (),
    DetailOrder.PERSON: (PERSON.asc(nulls_last=True),),
    DetailOrder.TASK: (TASK.asc(nulls_last=True),),
}
"""What has neither person nor task comes last."""


@dataclass(frozen=True)
class Places:
    """Where rows go, by key, counted from 1; and where whoever moves them has seen the rows of the page."""

    wanted: Mapping[int, int]
    seen: Mapping[int, int] = field(default_factory=dict)


def reorder_lines(proformas: ProformaQuerySet, places: Places, *, actor: User, at: datetime) -> int:
    """Give lines of open drafts another place on their draft; pages and documents show them so.

    The order is kept while details come and go, on corrections and on what is split off. No figure changes.
    Locks the drafts, then their lines. Returns how many lines have another place. Raises Refused: frozen,
    edited-meanwhile, place-not-possible (B7).
    """
    with transaction.atomic(durable=True):
        drafts = list(proformas.locked())
        lines = InvoiceLine.objects.filter(proforma__in=drafts)
        list(lines.only("pk").locked())
        orders = _by_parent(lines.in_order(), "proforma_id")
        refuse_if([*frozen(drafts), *_reasons_against(orders, places)])

        moved = _moved(orders, places)
        if moved:
            write_positions(lines, [placed(rows, places.wanted) for rows in orders])
        log_activity("reordered", moved, actor=actor, at=at, changes=_changes(orders, places))
        _edited(moved and drafts, actor)
    return len(moved)


def reorder_details(lines: InvoiceLineQuerySet, places: Places, *, actor: User, at: datetime) -> int:
    """Give details of lines of open drafts another place on their line; pages and documents show them so.

    What comes on the line later stands last. No figure changes. Locks the drafts, then the lines. Returns how
    many details have another place. Raises Refused: frozen, edited-meanwhile, place-not-possible (B7).
    """
    with transaction.atomic(durable=True):
        drafts, chosen = _locked(lines)
        details = InvoiceLineDetail.objects.filter(line__in=chosen)
        orders = _by_parent(details.filter(OWN).in_order(), "line_id")
        refuse_if([*frozen(drafts), *_reasons_against(orders, places)])

        moved = _moved(orders, places)
        if moved:
            write_positions(details, [placed(rows, places.wanted) for rows in orders])
        chosen_by_hand = InvoiceLine.objects.filter(pk__in={detail.line_id for detail in moved})
        chosen_by_hand.update(detail_order=DetailOrder.HAND)
        log_activity("reordered", moved, actor=actor, at=at, changes=_changes(orders, places))
        _edited(moved and drafts, actor)
    return len(moved)


def order_details(lines: InvoiceLineQuerySet, by: DetailOrder, *, actor: User, at: datetime) -> int:
    """Order all details of lines of open drafts by date, or by person or task and in these by date.

    By date is the usual order, which what comes later keeps to as well. No figure changes. Locks the drafts,
    then the lines. Returns how many lines. Raises Refused: frozen (B7).
    """
    with transaction.atomic(durable=True):
        drafts, chosen = _locked(lines)
        refuse_if(frozen(drafts))

        changes = changes_of(chosen, {"detail_order": by})
        details = InvoiceLineDetail.objects.filter(line__in=chosen)
        ordered = details.filter(OWN).order_by("line_id", *BY[by], "transaction_date", "pk")
        # By date nobody has a place: what comes later is ordered by its date too.
        orders = _by_parent(ordered, "line_id") if by != DetailOrder.DATE else []
        write_positions(details, orders)
        InvoiceLine.objects.filter(pk__in=[line.pk for line in chosen]).update(detail_order=by)
        log_activity("reordered", chosen, actor=actor, at=at, changes=changes)
        _edited(drafts, actor)
    return len(chosen)


# --- Rows -----------------------------------------------------------------------------------------


def _locked(lines: InvoiceLineQuerySet) -> tuple[list[Proforma], list[InvoiceLine]]:
    """The drafts of lines, then the lines (D10)."""
    keys = lines.order_by().values("proforma")
    return list(Proforma.objects.filter(pk__in=keys).locked()), list(lines.locked())


def _by_parent(rows: Iterable[Any], parent: str) -> list[list[Any]]:
    """Rows that come parent by parent, in lists."""
    return [list(members) for _key, members in groupby(rows, key=attrgetter(parent))]


def _moved(orders: Sequence[Sequence[Any]], places: Places) -> list[Any]:
    """The rows that somebody moves to another place than they have."""
    return [row for row, place, wanted in _standing(orders, places) if place != wanted]


def _changes(orders: Sequence[Sequence[Any]], places: Places) -> dict[int, dict[str, list[str]]]:
    return {row.pk: {"position": [str(old), str(new)]} for row, old, new in _standing(orders, places)}


def _standing(orders: Sequence[Sequence[Any]], places: Places) -> Iterator[tuple[Any, int, int]]:
    """The rows that are named, each with the place it has and the one it is to have."""
    for rows in orders:
        for place, row in enumerate(rows, start=1):
            if row.pk in places.wanted:
                yield row, place, places.wanted[row.pk]


def _edited(drafts: Sequence[Proforma], actor: User) -> None:
    """Who changes what is printed has edited it, which decides who may confirm it (decision 16)."""
    Proforma.objects.filter(pk__in=[one.pk for one in drafts]).update(last_edited_by=actor)


# --- Reasons --------------------------------------------------------------------------------------


def _reasons_against(orders: Sequence[Sequence[Any]], places: Places) -> Iterator[Refusal]:
    place_of = {row.pk: place for rows in orders for place, row in enumerate(rows, start=1)}
    if any(place_of.get(key) != place for key, place in places.seen.items()) or set(places.wanted) - set(
        place_of
    ):
        yield Refusal(
            EDITED_MEANWHILE,
            _("The order is another one since you opened it."),
            "",
            _("Look at both versions, and keep yours or take theirs."),
        )
        return
    for rows in orders:
        for row in rows:
            if not 1 <= places.wanted.get(row.pk, 1) <= len(rows):
                message = ngettext("There is one place.", "The places are 1 to %(last)s.", len(rows))
                yield Refusal(
                    "place-not-possible",
                    message % {"last": number(len(rows))},
                    str(row),
                    _("Type a number between them."),
                )
