"""The admin of the books: journals, proposals, invoices, payments, ledger, set-up, taxes, periods."""

from accounting.admin import (
    bank,
    estimates,
    exports,
    invoices,
    journal_vouchers,
    journals,
    ledger,
    lines,
    payments,
    periods,
    proofs,
    proposal_lines,
    proposals,
    settlements,
    setup,
    taxes,
)

__all__ = [
    "estimates",
    "exports",
    "bank",
    "invoices",
    "journal_vouchers",
    "journals",
    "ledger",
    "lines",
    "periods",
    "proofs",
    "proposal_lines",
    "proposals",
    "payments",
    "settlements",
    "setup",
    "taxes",
]
