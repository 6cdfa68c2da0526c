"""The admin of the books: journals, proposals, invoices, payments, ledger, set-up, taxes, periods."""

from accounting.admin import (
    bank,
    estimates,
    invoices,
    journal_vouchers,
    journals,
    ledger,
    lines,
    payments,
    periods,
    proofs,
    proposals,
    settlements,
    setup,
    taxes,
)

__all__ = [
    "estimates",
    "bank",
    "invoices",
    "journal_vouchers",
    "journals",
    "ledger",
    "lines",
    "periods",
    "proofs",
    "proposals",
    "payments",
    "settlements",
    "setup",
    "taxes",
]
