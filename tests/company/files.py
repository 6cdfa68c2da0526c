"""Files of hours on their way into a company: sent, read, imported by its manager."""

import io
from typing import Any

from core.refusals import Refusal
from projects.importing import Decisions, import_files
from projects.models import ImportBatch, ImportRow
from projects.staging import Choices, Upload, read_file, stage_file
from tests.company.checking import refused
from tests.company.rows import NOW


def clock() -> Any:
    return NOW


def staged(at: Any, data: bytes | str, dates: bytes | None = None, **choices: Any) -> ImportBatch:
    """A file that was sent and read: nothing of it is saved."""
    data = data.encode() if isinstance(data, str) else data
    upload = Upload("hours.csv", io.BytesIO(data), io.BytesIO(dates) if dates is not None else None)
    batch = stage_file(at.entity, upload, Choices(**choices), actor=at.manager, at=NOW)
    read_file(batch.pk, clock=clock)
    return ImportBatch.objects.get(pk=batch.pk)


def imported(
    at: Any, data: bytes | str, dates: bytes | None = None, decisions: Decisions | None = None, **choices: Any
) -> ImportBatch:
    """A file that was sent, read and imported."""
    batch = staged(at, data, dates, **choices)
    chosen = ImportBatch.objects.filter(pk=batch.pk)
    (done,) = import_files(chosen, decisions or Decisions(), actor=at.manager, at=NOW)
    return done


def not_imported(
    at: Any, *codes: str, data: bytes | str, dates: bytes | None = None, **choices: Any
) -> list[Refusal]:
    """The reasons why a file that was sent and read is not imported; its import changed nothing."""
    batch = staged(at, data, dates, **choices)
    with refused(*codes) as caught:
        import_files(ImportBatch.objects.filter(pk=batch.pk), Decisions(), actor=at.manager, at=NOW)
    return list(caught.value.refusals)


def read_rows(batch: ImportBatch) -> list[ImportRow]:
    """Its rows as they were read, in the order of the file."""
    return list(batch.rows.order_by("number"))


def figures(batch: ImportBatch) -> str:
    """What an import did: `new, updated, known, left out`."""
    return f"{batch.created_count}, {batch.updated_count}, {batch.known_count}, {batch.left_out_count}"
