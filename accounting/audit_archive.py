"""An audit export as one archive: a file for each table, their description and their hashes (C15)."""

from collections.abc import Iterator
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction

from accounting.audit_index import DTD, DescribedFile, dtd, index_xml
from accounting.audit_tables import TABLES, AuditTable
from accounting.balances import Span
from core.spreadsheets import Cell, Figure, Head, written_csv
from projects.models import LegalEntity

INDEX, HASHES = "index.xml", "sha256.csv"


def audit_archive(entity: LegalEntity, span: Span) -> IO[bytes]:
    """An open archive of all that an audit reads of a legal entity on these days.

    Rows are read in pieces and written to the disk, so that memory does not grow with them. Hashes are those
    of the files as they lie in the archive. Reads inside one transaction; locks nothing.
    """
    target = TemporaryFile()  # noqa: SIM115 - the caller sends it and closes it
    hashes: list[list[Cell]] = []
    with transaction.atomic(), ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for table in TABLES:
            heads = [Head(column.name, column.name) for column in table.columns]
            counted = _Counted(table.cells(entity, span))
            digest = _write(archive, f"{table.name}.csv", written_csv(heads, counted))
            hashes.append([f"{table.name}.csv", Figure(counted.count), digest])
        described = index_xml(
            entity.name,
            entity.registered_office or entity.country,
            (span.first, span.last),
            [_described(table) for table in TABLES],
        )
        hashes.append([INDEX, None, _write(archive, INDEX, iter([described]))])
        hashes.append([DTD, None, _write(archive, DTD, iter([dtd()]))])
        heads = [Head(name, name) for name in ("file", "rows", "sha256")]
        _write(archive, HASHES, written_csv(heads, hashes))
    target.seek(0)
    return target


def _described(table: AuditTable) -> DescribedFile:
    return DescribedFile(f"{table.name}.csv", table.holds, table.columns)


def _write(archive: ZipFile, name: str, lines: Iterator[str]) -> str:
    """Write lines into a file of the archive, one at a time; the hash of its bytes."""
    digest = sha256()
    with archive.open(name, "w") as file:
        for line in lines:
            piece = line.encode()
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterator[list[Cell]]):
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for row in self.rows:
            self.count += 1
            yield row
