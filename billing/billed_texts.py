"""The details that billed rows, and what their documents say of the work (B9)."""

from collections.abc import Sequence

from django.db.models import Q

from billing.models import InvoiceLineDetail
from projects.models import Actual, WorkItem


def details_before(rows: Sequence[Actual]) -> dict[int, InvoiceLineDetail]:
    """The detail that billed each row, by the key of the row; a rest that was written off has none."""
    by_actual = {row.bills_id: row.pk for row in rows if row.bills_id is not None}
    by_work = {(row.work_item_id, row.event_id): row.pk for row in rows if row.bills_id is None}
    billing = InvoiceLineDetail.objects.filter(
        Q(actual__in=by_actual) | Q(work_item__in=[key for key, _event in by_work], corrects__isnull=True)
    )
    details: dict[int, InvoiceLineDetail] = {}
    for detail in billing.select_related("line__proforma").order_by("pk"):
        place = (detail.work_item_id, detail.line.proforma.event_id)
        row = by_actual.get(detail.actual_id) or by_work.get(place)  # type: ignore[arg-type]
        if row is not None:
            details[row] = detail
    return details


def texts_of(rows: Sequence[Actual]) -> dict[int, str]:
    """What proforma and invoice say of each billed row, by its key; one statement.

    The work item of each row is loaded with contract line, task and category.
    """
    before = details_before(rows)
    return {row.pk: text_of(row.work_item, before.get(row.pk)) for row in rows}


def text_of(item: WorkItem, detail: InvoiceLineDetail | None = None) -> str:
    """What documents say of a work item, or of the `detail` that billed it, as its `printed_text`."""
    text = detail.external_description if detail else item.external_description
    line = detail.line.name if detail else item.contract_line.name if item.contract_line else ""
    return text or item.about or line
