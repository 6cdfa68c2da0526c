"""What confirming writes about retentions: the work item that all rows of one hang on (B12).

What is kept back is a negative billed row beside an open unbilled one; what is released lowers the open one.
`retainer_facts.write_balances` writes them, as it does for retainers: the mirror image of those (N11 to N13).
"""

from collections.abc import Sequence

from billing.models import InvoiceLineDetail, Proforma, Retention
from billing.retentions import drop_empty
from core.money import ZERO
from projects.models import ActualEvent, WorkItem
from projects.recording import record_work_items
from projects.states import TransactionClass


def record_retentions(drafts: Sequence[Proforma], events: Sequence[ActualEvent]) -> None:
    """Give the details of retentions their work item, which the first confirmation writes.

    What keeps nothing back goes. To be called before the drafts are frozen. Locks the retentions; two
    statements where the drafts have none, otherwise at most seven.
    """
    event_of = {draft.pk: event for draft, event in zip(drafts, events, strict=True)}
    drop_empty(drafts)
    own = InvoiceLineDetail.objects.filter(
        line__proforma__in=drafts, retention__isnull=False, corrects__isnull=True, replaces__isnull=True
    )
    details = list(own.select_related("line__proforma__legal_entity", "line__contract_line").order_by("pk"))
    if not details:
        return
    keys = {detail.retention_id for detail in details}
    retentions = {one.pk: one for one in Retention.objects.filter(pk__in=keys).locked()}
    new = [one for one in details if retentions[one.retention_id or 0].work_item_id is None]
    items = record_work_items(_work_item(one, event_of[one.line.proforma_id]) for one in new)
    begun = []
    for detail, item in zip(new, items, strict=True):
        retention = retentions[detail.retention_id or 0]
        retention.work_item = item
        begun.append(retention)
    Retention.objects.bulk_update(begun, ["work_item"], batch_size=200)
    for detail in details:
        detail.work_item_id = retentions[detail.retention_id or 0].work_item_id
    InvoiceLineDetail.objects.bulk_update(details, ["work_item"], batch_size=200)


def _work_item(detail: InvoiceLineDetail, event: ActualEvent) -> WorkItem:
    """Of no quantity and no amount: what is billed of it and what is open always add up to nothing."""
    proforma, contract_line = detail.line.proforma, detail.line.contract_line
    return WorkItem(
        legal_entity=proforma.legal_entity,
        event=event,
        contract_id=proforma.contract_id,
        contract_line=contract_line,
        customer_id=proforma.customer_id,
        project_id=contract_line.project_id,
        transaction_class=TransactionClass.RETENTION,
        transaction_date=detail.transaction_date,
        unit="",
        currency=proforma.currency,
        cost_currency=proforma.legal_entity.currency,
        quantity=ZERO,
        amount=ZERO,
        external_description=detail.external_description,
    )
