"""The bytes of an uploaded file in the database, and the layouts in which a company may read it (X8)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO

from core.table_files import CHUNK, MOST_BYTES, UnreadableFile
from projects.layouts import Mapping, known_mappings, mapping_of
from projects.models import ImportBatch, ImportFilePart, ImportMapping, ImportName, ImportRow, LegalEntity

OWN = "own:"


@contextmanager
def stored_file(batch: ImportBatch, *, is_dates: bool = False) -> Iterator[BinaryIO]:
    """The uploaded file on this machine for as long as it is read; a piece of it at a time is in memory."""
    with TemporaryFile() as file:
        parts = batch.parts.filter(is_dates=is_dates).order_by("number")
        for content in parts.values_list("content", flat=True).iterator(chunk_size=1):
            file.write(bytes(content))
        file.seek(0)
        yield file


def store_file(batch: ImportBatch, file: BinaryIO, *, is_dates: bool = False) -> tuple[int, str]:
    """Keep a file in pieces; returns its bytes and SHA-256. Raises UnreadableFile: too-many-bytes."""
    digest, size, number = sha256(), 0, 0
    while content := file.read(CHUNK):
        size += len(content)
        if size > MOST_BYTES:
            raise UnreadableFile("too-many-bytes", value=f"{MOST_BYTES // CHUNK}")
        digest.update(content)
        ImportFilePart.objects.create(batch=batch, is_dates=is_dates, number=number, content=content)
        number += 1
    return size, digest.hexdigest()


def mappings_for(legal_entity: LegalEntity) -> dict[str, Mapping]:
    """The layouts that come with the product and the company's own, by name; its own are listed last."""
    own = ImportMapping.objects.filter(legal_entity=legal_entity)
    return known_mappings() | {mapping.name: mapping for mapping in map(mapping_from_own, own)}


def mapping_from_own(own: ImportMapping) -> Mapping:
    """A mapping that somebody saved, as one that comes with the product."""
    return mapping_of(
        {
            "name": f"{OWN}{own.name}",
            "title": own.name,
            "columns": own.columns,
            "hours": own.hours,
            "dates": own.dates,
            "makes_master_data": own.makes_master_data,
            "is_total": own.is_total,
            "is_history": own.is_history,
            "shortens_descriptions": own.shortens_descriptions,
            "is_own": True,
        }
    )


def forget_rows(batches: Iterable[ImportBatch]) -> None:
    """Remove what was read of some files: rows before the names that they point to."""
    keys = [batch.pk for batch in batches]
    for model in (ImportRow, ImportName):
        # Nothing else points to them, so that no row needs to be looked at: one statement each.
        rows = model.objects.filter(batch__in=keys)
        rows._raw_delete(rows.db)
