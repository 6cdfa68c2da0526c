"""Files of hours as tests send them, and what the company shows of them."""

from typing import Any

from projects.models import (
    Entry,
    ImportBatch,
)
from tests.company import Company
from tests.company.checking import all_rows

HEAD = (
    "TaskNumber,Summary,ProjectCode,ProjectBreakdownCode,Category,SubCategory,StatusCode,DeveloperID,"
    "DeveloperHoursActual"
)
HOURS = f"""{HEAD}
1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,58,1.75
1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,42,3
1736,"Call, long",PC3,,Management,,CANCELLED,58,2
""".encode("windows-1252")
DATES = b"""TaskNumber,EstimateOn,StartedOn,CompletedOn
1735,01-Mar-26,,03-Mar-26
1736,,02-Mar-26,
"""

COLUMNS = "id,date,person,project,task,role,category,hours,description"


def line(at: Company, **cells: Any) -> str:
    """A row of a time sheet of the company's own people, role and project."""
    usual = {
        "id": "a1",
        "date": "2026-03-02",
        "person": at.resource.code,
        "project": at.project.number,
        "role": at.role.name,
        "hours": "8",
        "description": "work",
    }
    return ",".join(str((usual | cells).get(name, "")) for name in COLUMNS.split(","))


def timesheet_of(at: Company, *rows: dict[str, Any]) -> str:
    return "\n".join([COLUMNS, *(line(at, **row) for row in rows)]) + "\n"


def without_ids(at: Company, *rows: dict[str, Any]) -> str:
    """The same without the column of ids."""
    lines = timesheet_of(at, *rows).splitlines()
    return "\n".join(one.partition(",")[2] for one in lines)


def hours_here() -> list[str]:
    return [f"{one.quantity.normalize():f}" for one in Entry.objects.order_by("pk")]


def business_rows() -> list[Any]:
    """Everything but what a file leaves while it is read."""
    own = {"projects_importbatch", "projects_importfilepart", "projects_importname", "projects_importrow"}
    return [row for row in all_rows() if row[0] not in own]


def only(batch: ImportBatch) -> Any:
    return ImportBatch.objects.filter(pk=batch.pk)
