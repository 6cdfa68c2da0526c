"""The admin of the books: journals, proposals, invoices, ledger, set-up, taxes, periods."""

from accounting.admin import (
    estimates,
    invoices,
    journals,
    ledger,
    lines,
    periods,
    proofs,
    proposals,
    setup,
    taxes,
)

__all__ = [
    "estimates",
    "invoices",
    "journals",
    "ledger",
    "lines",
    "periods",
    "proofs",
    "proposals",
    "setup",
    "taxes",
]
