"""Approved work that is given other values, and the reason for it."""

from datetime import date
from typing import Any

from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.models import (
    Approval,
    CorrectionJournal,
    Project,
)
from tests.company import Company, only, rows
from tests.company.rows import DAY, NOW

WHY = "Booked on the wrong project"


def correct(
    company: Company, *approvals: Approval, on: date = DAY, actor: Any = None, **values: Any
) -> CorrectionJournal:
    entries = only(*(one.entry for one in approvals))
    return correct_entries(
        entries, NewValues(**values), reason=WHY, actor=actor or company.accountant, on=on, at=NOW
    )


def another_project(company: Company, **columns: Any) -> Project:
    columns = {"number": f"N{rows.next_number()}", "name": "Other", "customer": company.customer} | columns
    return Project.objects.create(**{"legal_entity": company.entity} | columns)


def lock(company: Company, through: date) -> None:
    company.entity.locked_through = through
    company.entity.save()
