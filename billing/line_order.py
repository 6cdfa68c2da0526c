"""The order of rows below one parent: places counted from 1, and the positions that keep them (B7).

A position is written for every row of a parent that somebody has ordered. What comes later has none, and
stands after the others by the usual order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import QuerySet

from billing.models import InvoiceLine, InvoiceLineDetail

BATCH = 500
Ordered = InvoiceLine | InvoiceLineDetail


def placed(rows: Sequence[Ordered], places: Mapping[int, int]) -> list[Ordered]:
    """The rows with some of them at another place, counted from 1; the others keep their order.

    Where several go to one place, they stand there in the order they had.
    """
    moving = [(places[row.pk], -nth, row) for nth, row in enumerate(rows) if row.pk in places]
    order = [row for row in rows if row.pk not in places]
    for place, _nth, row in sorted(moving, key=lambda one: one[:2]):
        order.insert(place - 1, row)
    return order


def write_positions(rows: QuerySet, orders: Iterable[Sequence[Ordered]]) -> None:
    """Number the rows of each parent from 1 in their order; the caller holds their locks.

    `rows` are all of them. One statement frees the numbers, and each batch of rows takes one.
    """
    # Freed first: the database compares row by row, and two rows must never stand at one place.
    rows.order_by().filter(position__isnull=False).update(position=None)
    numbered = []
    for order in orders:
        for nth, row in enumerate(order, start=1):
            row.position = nth
            numbered.append(row)
    rows.model._base_manager.bulk_update(numbered, ["position"], batch_size=BATCH)


def order_like(lines: Sequence[InvoiceLine], before: Mapping[int, InvoiceLine]) -> None:
    """Give new lines the order of the lines they come from, which are named by their contract line.

    Nothing is written. Lines whose originals nobody ordered keep the order of the contract.
    """
    known = [(before[line.contract_line_id], line) for line in lines if line.contract_line_id in before]
    ordered = sorted(
        ((origin.position, origin.pk, line) for origin, line in known if origin.position is not None),
        key=lambda one: one[:2],
    )
    places: dict[int, int] = defaultdict(int)
    for _position, _key, line in ordered:
        # Several drafts at once, and of several invoices: each draft counts for itself.
        places[line.proforma_id] += 1
        line.position = places[line.proforma_id]
    for origin, line in known:
        line.detail_order = origin.detail_order


def ranks_like(before: Sequence[InvoiceLineDetail | None]) -> list[int | None]:
    """The places, counted from 1, of what takes the place of these details; none where nobody ordered any."""
    known = [one for one in before if one is not None]
    if all(one.position is None for one in known):
        return [None] * len(before)
    order = sorted(range(len(before)), key=lambda nth: _rank(before[nth]))
    ranks = {nth: rank for rank, nth in enumerate(order, start=1)}
    return [ranks[nth] for nth in range(len(before))]


def _rank(detail: InvoiceLineDetail | None) -> tuple[bool, int, bool, int, date]:
    """Proforma by proforma, and in each as documents print it."""
    if detail is None:
        return True, 0, True, 0, date.max
    return False, detail.line_id, detail.position is None, detail.position or 0, detail.transaction_date
