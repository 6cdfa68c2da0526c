"""Which row a voucher was posted for: one table, so that a new source is named here or refused."""

from collections.abc import Iterable, Mapping

from accounting.models import (
    CustomerInvoice,
    CustomerPayment,
    EstimateEvent,
    IntegrationJournalLine,
    JournalVoucher,
    OpeningItem,
    Revaluation,
    Settlement,
    Voucher,
    WriteOff,
)
from accounting.states import VoucherSource

Source = (
    IntegrationJournalLine
    | CustomerInvoice
    | CustomerPayment
    | WriteOff
    | Settlement
    | EstimateEvent
    | JournalVoucher
    | OpeningItem
    | Revaluation
)

SOURCES: Mapping[VoucherSource, type[Source]] = {
    VoucherSource.JOURNAL_LINE: IntegrationJournalLine,
    VoucherSource.CUSTOMER_INVOICE: CustomerInvoice,
    VoucherSource.COST_MOVE: IntegrationJournalLine,
    VoucherSource.ESTIMATE: EstimateEvent,
    VoucherSource.CUSTOMER_PAYMENT: CustomerPayment,
    VoucherSource.WRITE_OFF: WriteOff,
    VoucherSource.SETTLEMENT: Settlement,
    VoucherSource.JOURNAL_VOUCHER: JournalVoucher,
    VoucherSource.OPENING_ITEM: OpeningItem,
    VoucherSource.REVALUATION: Revaluation,
    VoucherSource.REVALUATION_REVERSAL: Revaluation,
}


def source_of(voucher: Voucher) -> Source | None:
    """The row that a voucher was posted for; None when it is not kept any more.

    One statement. Raises ValueError for a source that nobody put into the table, instead of taking a row of
    another kind that happens to have the same key.
    """
    kind = VoucherSource(voucher.source_kind)
    if kind not in SOURCES:
        raise ValueError(f"vouchers of {kind} have no row: add it to the table of sources")
    # The column holds keys of several tables, so no foreign key promises that the row is still there.
    return SOURCES[kind]._default_manager.filter(pk=voucher.source_id).first()


def documents_of(vouchers: Iterable[Voucher]) -> dict[int, str]:
    """The number of the document that each voucher of a page was posted for, by the key of the voucher.

    One statement for each kind of source among them, however many there are.
    """
    by_kind: dict[str, list[Voucher]] = {}
    for voucher in vouchers:
        by_kind.setdefault(voucher.source_kind, []).append(voucher)
    documents: dict[int, str] = {}
    for kind, chosen in by_kind.items():
        rows = SOURCES[VoucherSource(kind)]._default_manager.in_bulk({one.source_id for one in chosen})
        for voucher in chosen:
            if voucher.source_id in rows:
                documents[voucher.pk] = str(rows[voucher.source_id])
    return documents
