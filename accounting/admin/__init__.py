"""The admin of the books: journals, proposals, invoices, ledger, set-up, taxes, periods."""

from accounting.admin import invoices, journals, ledger, lines, periods, proofs, proposals, setup, taxes

__all__ = ["invoices", "journals", "ledger", "lines", "periods", "proofs", "proposals", "setup", "taxes"]
