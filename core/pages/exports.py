"""A list as a file of exactly the view: its filter, its order, its visible columns, every row of it.

The page's own rows and columns are used, so that an export can never show what the page does not. Rows are
read in pieces and handed on, and the number of statements does not depend on how many there are.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tables2 import A
from django_tables2.rows import BoundRow

from core.pages.active_filters import ActiveFilter
from core.pages.columns import ListTable
from core.people import person_name
from core.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, Head, Row, for_the_reader, written_csv, written_xlsx

PARAMETER = "export"
FORMATS = ("csv", "xlsx")
PIECE = 1000
KIT = "core.pages.columns"

Facts = list[tuple[str, Cell]]


class TableReader:
    """The heads of a table's visible columns, and the cells of its rows under them."""

    def __init__(self, table: ListTable):
        self.table = table
        self.columns = [each for each in table.columns if not each.column.exclude_from_export]
        heads = [head for each in self.columns for head in each.column.heads(each.name, each.header)]
        # One currency beside three amounts is one column, not three.
        names = [head.name for head in heads]
        self.kept = [index for index, name in enumerate(names) if names.index(name) == index]
        self.heads: list[Head] = [heads[index] for index in self.kept]

    def read(self, records: Iterable[Any]) -> Iterator[Row]:
        """The cells of each record."""
        for record in records:
            row = BoundRow(record, self.table)
            cells = [cell for column in self.columns for cell in self._cells(column, row)]
            yield [cells[index] for index in self.kept]

    def _cells(self, column: Any, row: BoundRow) -> list[Cell]:
        own = getattr(self.table, f"value_{column.name}", None)
        if own is not None:
            return [own(row.record)]
        value = A(column.accessor).resolve(row.record, quiet=True)
        # A figure or a date that the kit writes is taken as it is, which spares writing it in words.
        is_plain = column.column.typed and not column.column.detail and column.render.__module__ == KIT
        written = None if is_plain else row.get_cell(column.name)
        cells: list[Cell] = column.column.cells(value, written, row.record)
        return cells


def csv_response(table: ListTable, name: str) -> StreamingHttpResponse:
    """The rows of a table as CSV, sent while they are read."""
    reader = TableReader(table)
    lines = written_csv(reader.heads, reader.read(_records(table)))
    return StreamingHttpResponse(for_the_reader(lines), CSV_TYPE, headers=_disposition(name, "csv"))


def xlsx_response(table: ListTable, name: str, title: str, facts: Facts) -> FileResponse:
    """The rows of a table as XLSX. Raises Refused: too-many-rows."""
    reader = TableReader(table)
    count = table.data.data.count()
    rows = reader.read(_records(table))
    file = written_xlsx(reader.heads, rows, count=count, title=title, facts=facts)
    return FileResponse(file, content_type=XLSX_TYPE, headers=_disposition(name, "xlsx"))


def facts_of_view(user: User, active: Iterable[ActiveFilter], search: str, table: ListTable) -> Facts:
    """What a file found later says of itself: who exported it and when, by which filter, in which order."""
    facts: Facts = [
        (_("Exported"), timezone.now()),
        (_("By"), person_name(user)),
        (_("Search"), search),
        *((str(each.label), each.value) for each in active),
        (_("Order"), ", ".join(_order(table))),
    ]
    return [(label, cell) for label, cell in facts if cell]


def _order(table: ListTable) -> Iterator[str]:
    for alias in table.order_by or ():
        name = alias.removeprefix("-")
        header = table.columns[name].header if name in table.columns.names() else name
        yield _("%(column)s, descending") % {"column": header} if alias.startswith("-") else str(header)


def _records(table: ListTable) -> Iterator[Any]:
    rows = iter(table.data.data.iterator(chunk_size=PIECE))
    while piece := list(islice(rows, PIECE)):
        table.look_up(piece)
        yield from piece


def _disposition(name: str, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate()}.{ending}"'}
