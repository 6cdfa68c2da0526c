"""Which row a voucher was posted for: one table, so that a new source is named here or refused."""

from collections.abc import Mapping

from accounting.models import CustomerInvoice, IntegrationJournalLine, Voucher
from accounting.states import VoucherSource

Source = IntegrationJournalLine | CustomerInvoice

SOURCES: Mapping[VoucherSource, type[Source]] = {
    VoucherSource.JOURNAL_LINE: IntegrationJournalLine,
    VoucherSource.CUSTOMER_INVOICE: CustomerInvoice,
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
