"""The admin of billing: proformas, when to invoice, the batch, number series."""

from billing.admin import batch, documents, schedules

__all__ = ["batch", "documents", "schedules"]
