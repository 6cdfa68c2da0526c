"""The lists of the admin as CSV and XLSX: the filtered and sorted rows, and the columns that are shown."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.people import person_name
from core.refusals import Refused
from core.spreadsheets import (
    CSV_TYPE,
    XLSX_TYPE,
    Cell,
    Figure,
    Head,
    Row,
    for_the_reader,
    read_text,
    written_csv,
    written_xlsx,
)

PARAMETER = "_export"
"""Begins with an underscore, so that the list does not take it for a filter."""
FORMATS = ("csv", "xlsx")
PIECE = 1000


class ExportMixin:
    """A list of the admin that can be had as a file."""

    def export(self, request: HttpRequest, file_format: str) -> Any:
        """Every row of the list, as it is filtered and sorted, as a file."""
        asked = request.GET.copy()
        del asked[PARAMETER]
        request.GET = asked  # type: ignore[assignment]
        page: Any = self
        try:
            change_list = page.get_changelist_instance(request)
            return export_of(change_list, request, file_format)
        except IncorrectLookupParameters:
            # What the list cannot answer it says itself.
            return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")
        except Refused as refused:
            page.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")


def export_of(change_list: Any, request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every row of the list as it is filtered and sorted. Raises Refused: too-many-rows."""
    reader = ChangeListReader(change_list, request)
    name = f"{slugify(change_list.opts.verbose_name_plural)}-{timezone.localdate()}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{file_format}"'}
    if file_format == "csv":
        lines = for_the_reader(written_csv(reader.heads, reader.read()))
        return StreamingHttpResponse(lines, CSV_TYPE, headers=headers)
    file = written_xlsx(
        reader.heads,
        reader.read(),
        count=change_list.queryset.count(),
        title=str(change_list.title),
        facts=_facts(change_list, request),
    )
    return FileResponse(file, content_type=XLSX_TYPE, headers=headers)


class ChangeListReader:
    """The heads of a list of the admin, and the cells of its rows under them."""

    def __init__(self, change_list: Any, request: HttpRequest):
        self.change_list, self.request = change_list, request
        self.model_admin = change_list.model_admin
        shown = [one for one in change_list.list_display if one != "action_checkbox"]
        self.columns: list[tuple[Head, Callable[[Any], Cell]]] = []
        for column in shown:
            self._add(column)

    @property
    def heads(self) -> list[Head]:
        """One for each column, and one for the currencies or units beside figures."""
        return [head for head, _cell in self.columns]

    def read(self) -> Iterator[Row]:
        """The cells of every row; what columns need beside their row is read for a piece at a time."""
        piece: list[Any] = []
        for record in self.change_list.queryset.iterator(chunk_size=PIECE):
            piece.append(record)
            if len(piece) == PIECE:
                yield from self._cells(piece)
                piece = []
        yield from self._cells(piece)

    def _cells(self, piece: list[Any]) -> Iterator[Row]:
        self.model_admin.load_for_rows(self.request, piece)
        for record in piece:
            yield [cell(record) for _head, cell in self.columns]

    def _add(self, column: Any) -> None:
        label = str(label_for_field(column, self.change_list.model, self.model_admin))
        name = column if isinstance(column, str) else column.__name__.removesuffix("_amount")
        name = name.removesuffix("_column")
        exported = getattr(column, "exported", None)
        self.columns.append((Head(name, label), exported or self._reader_of(column)))
        beside = getattr(column, "beside", None)
        if beside is not None:
            head = Head(f"{name}_in", _("%(column)s in") % {"column": label})
            self.columns.append((head, beside))

    def _reader_of(self, column: Any) -> Callable[[Any], Cell]:
        def cell(record: Any) -> Cell:
            try:
                field, _attribute, value = lookup_field(column, record, self.model_admin)
            except ObjectDoesNotExist:
                return None
            return _typed(field, record, value)

        return cell


def _typed(field: Any, record: Any, value: Any) -> Cell:
    """A value in its own type where it has one; what is made for the page without its tags."""
    if field is not None and field.choices:
        return str(getattr(record, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if value is None or isinstance(value, dt.date | dt.datetime):
        return value
    if isinstance(value, int | Decimal):
        return Figure(value)
    return "; ".join(filter(None, read_text(value)))


def _facts(change_list: Any, request: HttpRequest) -> Iterable[tuple[str, Cell]]:
    user: Any = request.user
    yield _("Exported"), timezone.now()
    yield _("By"), person_name(user)
    if change_list.query:
        yield _("Search"), change_list.query
    for name, values in sorted(change_list.filter_params.items()):
        yield name, ", ".join(map(str, values))
