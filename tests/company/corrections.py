"""Corrections of what a company billed, as a project manager makes them."""

from decimal import Decimal
from typing import Any

from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma
from projects.models import Actual
from tests.company.builder import Company
from tests.company.rows import CUT_OFF, NOW


def billed_row(proforma: Proforma) -> Actual:
    """The one billed row of a proforma that stands."""
    (row,) = billed_rows(proforma)
    return row


def correct(company: Company, *corrections: BilledCorrection, **options: Any) -> Proforma:
    """The one draft that corrects."""
    options = {"invoice_date": CUT_OFF, "actor": company.manager, "at": NOW} | options
    (draft,) = correct_billed(corrections, **options)
    return draft


def corrected(company: Company, proforma: Proforma, **remaining: str) -> Proforma:
    """The confirmed correction of the one row of a proforma; numbers are written as text."""
    asked = {name: Decimal(value) for name, value in remaining.items()}
    draft = correct(company, BilledCorrection(billed_row(proforma), **asked))
    (confirmed,) = company.confirm(draft)
    return confirmed
