"""Store a file of hours and read it into preview rows, which change nothing else (A8, X8).

Two passes over the stored file: the first detects how it is written, the second reads it row by row. Rows
are saved in chunks, so that memory does not grow with the file. If a worker is killed, the next one starts
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from core.table_files import ENCODINGS, SEPARATORS, UnreadableFile
from projects.column_styles import DAY_FORMATS, LANGUAGES, SECONDS, RowError
from projects.import_files import forget_rows, mappings_for, store_file, stored_file
from projects.import_long_days import mark_long_days
from projects.import_plans import ReadingPlan, plan_for
from projects.import_querysets import ImportBatchQuerySet
from projects.import_rows import RowBuilder
from projects.import_sentences import refusal_of, stored
from projects.import_states import ImportStatus
from projects.layouts import SHORTENED
from projects.models import ImportBatch, ImportRow, LegalEntity
from projects.reading import Reader, WorkRow

CHUNK_OF_ROWS = 2000
Clock = Callable[[], datetime]
OPEN = (ImportStatus.READING, ImportStatus.PREVIEW)


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and the second file of dates where there is one."""

    name: str
    file: BinaryIO
    dates: BinaryIO | None = None


@dataclass(frozen=True)
class Choices:
    """What the user chose about the layout of a file; what is empty is detected."""

    mapping: str = ""
    encoding: str = ""
    separator: str = ""
    hours: str = ""
    dates: str = ""
    descriptions: str = ""
    creates_missing: bool = False

    def as_stored(self) -> dict[str, str]:
        """The choices that were made, checked against what can be chosen."""
        allowed = {
            "encoding": ENCODINGS,
            "separator": SEPARATORS,
            "hours": (*LANGUAGES, SECONDS),
            "dates": DAY_FORMATS,
            "descriptions": (SHORTENED,),
        }
        chosen = {name: getattr(self, name) for name in ("mapping", *allowed)}
        kept = {name: text for name, text in chosen.items() if text and text in allowed.get(name, (text,))}
        return kept | ({"creates_missing": "yes"} if self.creates_missing else {})


def stage_file(
    legal_entity: LegalEntity, upload: Upload, choices: Choices, *, actor: User, at: datetime
) -> ImportBatch:
    """Keep an uploaded file to be read; a worker reads it, or `read_file` at once.

    Locks nothing. Raises Refused: too-many-bytes, empty-file (X8).
    """
    with transaction.atomic(durable=True):
        batch = ImportBatch.objects.create(
            legal_entity=legal_entity,
            file_name=upload.name[:200],
            file_sha256="",
            status=ImportStatus.READING,
            chosen=choices.as_stored(),
            imported_by=actor,
            imported_at=at,
        )
        try:
            batch.file_size, batch.file_sha256 = store_file(batch, upload.file)
            if upload.dates is not None:
                store_file(batch, upload.dates, is_dates=True)
        except UnreadableFile as error:
            refuse_if([refusal_of(RowError(0, "", error.code, error.value))])
        refuse_if([refusal_of(RowError(0, "", "empty-file"))] if not batch.file_size else [])
        batch.save()
    return batch


def read_again(batches: ImportBatchQuerySet, choices: Choices, *, actor: User, at: datetime) -> int:
    """Read files again with other choices about their layout; decisions about rows are dropped.

    Locks the imports. Raises Refused: not-a-preview (X8).
    """
    with transaction.atomic(durable=True):
        chosen = list(batches.locked())
        refuse_if(_not_a_preview(batch) for batch in chosen if batch.status not in OPEN)
        for batch in chosen:
            batch.read_again()
            batch.chosen, batch.alive_at, batch.read_count = choices.as_stored(), None, 0
            batch.save()
            log_activity("read again", [batch], actor=actor, at=at, facts=batch.chosen)
    return len(chosen)


def discard_imports(batches: ImportBatchQuerySet, *, actor: User, at: datetime) -> int:
    """Delete files that were not imported, with their preview rows.

    Locks the imports. Raises Refused: not-a-preview (X8).
    """
    with transaction.atomic(durable=True):
        chosen = list(batches.locked())
        refuse_if(_not_a_preview(batch) for batch in chosen if batch.status not in OPEN)
        log_activity("discarded", chosen, actor=actor, at=at)
        forget_rows(chosen)
        ImportBatch.objects.filter(pk__in=[batch.pk for batch in chosen]).delete()
    return len(chosen)


def read_file(batch_id: int, *, clock: Clock) -> str:
    """Read a file into rows that change nothing, in two passes, and show what an import would do.

    Rows are saved in chunks, a transaction each, and counted, so that its page shows the progress. A file
    that another worker is reading is left to it; one whose worker was killed is started again. Holds no
    lock while it reads. What is wrong is kept for the page and not raised. Returns the status (X8).
    """
    batch = _taken_in_hand(batch_id, clock)
    if batch is None:
        return ImportBatch.objects.get(pk=batch_id).status
    mappings = mappings_for(batch.legal_entity)
    with stored_file(batch) as file, stored_file(batch, is_dates=True) as dates:
        has_dates = batch.parts.filter(is_dates=True).exists()
        plan, report = plan_for(file, dates if has_dates else None, mappings, batch.chosen)
        batch.shown = report.shown
        if plan is not None:
            _read_rows(batch, plan, file, report.problems, clock)
    batch.shown["problems"] = [stored(problem) for problem in report.problems]
    return _shown(batch, plan, clock)


def _taken_in_hand(batch_id: int, clock: Clock) -> ImportBatch | None:
    with transaction.atomic(durable=True):
        now = clock()
        batch = ImportBatch.objects.select_related("legal_entity").locked().get(pk=batch_id)
        if batch.status != ImportStatus.READING or batch.is_in_hand(now):
            return None
        # Rows that a killed worker left are deleted and read again.
        forget_rows([batch])
        batch.alive_at, batch.read_count = now, 0
        batch.save()
    return batch


def _read_rows(
    batch: ImportBatch, plan: ReadingPlan, file: BinaryIO, problems: list[RowError], clock: Clock
) -> None:
    batch.row_count = plan.survey.row_count
    builder = RowBuilder(batch, plan.mapping, has_ids="id" in plan.columns.places, at=clock())
    head = (*plan.head, *plan.mapping.join_fields)
    read = Reader(plan.mapping, plan.columns, plan.style, head).read(plan.rows(file))
    try:
        while chunk := list(islice(read, CHUNK_OF_ROWS)):
            _save_chunk(batch, builder, chunk, clock)
    except UnreadableFile as error:
        problems.append(RowError(error.number, "", error.code, error.value))
        forget_rows([batch])
    batch.shown["source"] = builder.source


def _save_chunk(
    batch: ImportBatch, builder: RowBuilder, chunk: Sequence[WorkRow | list[RowError]], clock: Clock
) -> None:
    # A short transaction each, so that everybody else goes on working while a large file is read.
    with transaction.atomic(durable=True):
        ImportRow.objects.bulk_create(builder.build(chunk), batch_size=CHUNK_OF_ROWS)
        batch.read_count += len(chunk)
        batch.alive_at = clock()
        batch.save(update_fields=["row_count", "read_count", "alive_at"])


def _shown(batch: ImportBatch, plan: ReadingPlan | None, clock: Clock) -> str:
    with transaction.atomic(durable=True):
        now = clock()
        current = ImportBatch.objects.locked().get(pk=batch.pk)
        # It was discarded, or other choices were made, while it was read: these rows are outdated.
        if current.status != ImportStatus.READING or current.chosen != batch.chosen:
            return current.status
        if plan is not None:
            batch.source, batch.is_total = plan.mapping.name, plan.mapping.is_total
            batch.is_history = plan.mapping.is_history
            days = batch.rows.aggregate(first=Min("day"), last=Max("day"))
            batch.first_day, batch.last_day = days["first"], days["last"]
            mark_long_days(batch)
        batch.show()
        batch.alive_at = now
        batch.save()
    return batch.status


def _not_a_preview(batch: ImportBatch) -> Refusal:
    message = _("It is “%(status)s” already.") % {"status": batch.get_status_display()}
    return Refusal("not-a-preview", message, batch.file_name, _("Upload the file again."))
