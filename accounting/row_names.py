"""What a row of the customer subledger is called, wherever it is named (C11)."""

from accounting.models import CustomerTransaction


def name_of(row: CustomerTransaction | None) -> str:
    """The number of its document, or of its voucher; empty without a row."""
    if row is None:
        return ""
    return row.reference or str(row.invoice or row.voucher)
