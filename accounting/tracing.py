"""Trace an entry, or a journal line without one: its actuals, drafts, journals and invoices (A10, X5).

Read in a number of statements that does not depend on how many rows there are. Nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounting.models import CustomerInvoice, Voucher
from accounting.states import VoucherSource
from billing.models import InvoiceLineDetail, Proforma
from billing.retentions import net_before_retention
from core.money import ZERO
from projects.models import Actual, Approval, Entry, WorkItem
from projects.states import TransactionType

RELATED = (
    "event",
    "journal_line__journal",
    "journal_line__voucher",
    "project_transaction__voucher",
)


@dataclass(frozen=True)
class TracedRow:
    """An actual with the proforma that holds or billed it, its journal line and its voucher."""

    actual: Actual
    currency: str
    proforma: Proforma | None

    @property
    def journal_line(self) -> object | None:
        """The line that took it over into the books; None while there is none."""
        return getattr(self.actual, "journal_line", None)

    @property
    def voucher(self) -> Voucher | None:
        """What was posted for it: by the journal, or by its invoice."""
        line = getattr(self.actual, "journal_line", None)
        if line is not None and line.voucher is not None:
            return line.voucher
        posted = getattr(self.actual, "project_transaction", None)
        return posted.voucher if posted is not None else None

    @property
    def is_cost(self) -> bool:
        """Whether it says what work cost."""
        return self.actual.type == TransactionType.COST


@dataclass(frozen=True)
class TracedWork:
    """A work item with all its rows, in the order in which they were written."""

    work_item: WorkItem
    rows: list[TracedRow]

    @property
    def cost(self) -> Decimal:
        """What it cost, after all reversals, in the currency of the cost."""
        return self._sum(TransactionType.COST)

    @property
    def unbilled(self) -> Decimal:
        """What is still to be billed, in the currency of the contract."""
        return self._sum(TransactionType.UNBILLED_SALES)

    @property
    def billed(self) -> Decimal:
        """What was billed, after all reversals, in the currency of the contract."""
        return self._sum(TransactionType.BILLED_SALES)

    def _sum(self, of: TransactionType) -> Decimal:
        return sum((row.actual.amount for row in self.rows if row.actual.type == of), ZERO)


@dataclass(frozen=True)
class TracedInvoice:
    """A proforma, and what became of it: its invoice and the voucher of that, once they are posted."""

    proforma: Proforma
    invoice: CustomerInvoice | None = None
    voucher: Voucher | None = None


@dataclass(frozen=True)
class Trace:
    """Everything that came of one entry, or of one work item without an entry."""

    work: list[TracedWork]
    invoices: list[TracedInvoice]
    approvals: list[Approval] = field(default_factory=list)


def trace_of_entry(entry: Entry) -> Trace:
    """From an entry to its approvals, and all that these wrote."""
    people = ("submitted_by", "decided_by", "contract_line__contract")
    approvals = list(Approval.objects.filter(entry=entry).select_related(*people).order_by("pk"))
    work_items = WorkItem.objects.filter(approval__in=approvals).select_related("customer")
    trace = _trace(list(work_items.order_by("pk")))
    return Trace(trace.work, trace.invoices, approvals)


def trace_of_work(work_item: WorkItem) -> Trace:
    """From a work item without an entry, which a journal, a milestone or a draft brought into the world."""
    return _trace([work_item])


def _trace(work_items: Sequence[WorkItem]) -> Trace:
    keys = [one.pk for one in work_items]
    details = InvoiceLineDetail.objects.filter(Q(actual__work_item__in=keys) | Q(work_item__in=keys))
    proformas: dict[int, Proforma] = {}
    by_actual: dict[int, Proforma] = {}
    by_event: dict[int, Proforma] = {}
    net = net_before_retention("line__proforma", "line__proforma__net_amount")
    named: Any = details.annotate(net_of_proforma=net).select_related("line__proforma").order_by("pk")
    for detail in named:
        proforma = detail.line.proforma
        proforma.net = detail.net_of_proforma
        proformas[proforma.pk] = proforma
        if detail.actual_id is not None:
            by_actual[detail.actual_id] = proforma
        if proforma.event_id is not None:
            by_event[proforma.event_id] = proforma
    rows: dict[int, list[TracedRow]] = {key: [] for key in keys}
    items = {one.pk: one for one in work_items}
    actuals = Actual.objects.filter(work_item__in=keys).with_statuses().select_related(*RELATED)
    for actual in actuals.order_by("pk"):
        item = items[actual.work_item_id]
        currency = item.cost_currency if actual.type == TransactionType.COST else item.currency
        held = by_actual.get(actual.pk)
        if actual.type == TransactionType.BILLED_SALES:
            # Billed sales, and what takes them back, are written by the event of their proforma.
            held = by_event.get(actual.event_id)
        rows[actual.work_item_id].append(TracedRow(actual, currency, held))
    work = [TracedWork(items[key], rows[key]) for key in keys]
    return Trace(work, traced_invoices(list(proformas.values())))


def traced_invoices(proformas: Sequence[Proforma]) -> list[TracedInvoice]:
    """What became of proformas, in their order; each invoice with what is open of it. Two statements."""
    keys = [one.pk for one in proformas]
    posted = CustomerInvoice.objects.filter(proposal__proforma__in=keys).with_printed().with_open()
    posted = posted.defer("snapshot")
    invoices = {one.proposal.proforma_id: one for one in posted.select_related("proposal")}
    vouchers = Voucher.objects.filter(
        source_kind=VoucherSource.CUSTOMER_INVOICE, source_id__in=[one.pk for one in invoices.values()]
    )
    of_invoice = {one.source_id: one for one in vouchers}
    traced = []
    for proforma in proformas:
        invoice = invoices.get(proforma.pk)
        traced.append(TracedInvoice(proforma, invoice, of_invoice.get(invoice.pk) if invoice else None))
    return traced


@dataclass(frozen=True)
class TracedLine:
    """A detail of a document and the work it is about; None while a draft has not made it yet."""

    detail: InvoiceLineDetail
    work_item_id: int | None


def lines_of_document(proforma: Proforma, after: int, size: int) -> tuple[list[TracedLine], int | None]:
    """The next lines of a proforma behind a key, and where the following ones begin: one statement."""
    details = InvoiceLineDetail.objects.filter(line__proforma=proforma, pk__gt=after).order_by("pk")
    # What corrects is about the work of what it corrects.
    work = Coalesce("work_item", "actual__work_item", "corrects__work_item", "replaces__corrects__work_item")
    loaded = [f"{of}work_item__{name}" for of in ("", "actual__") for name in ("task", "category")]
    rows = list(details.annotate(about=work).select_related("line", *loaded)[: size + 1])
    shown = [TracedLine(one, one.about) for one in rows[:size]]
    return shown, rows[size - 1].pk if len(rows) > size else None
