"""The rows of a file that cannot be imported, as a file to mend them by: row, column, value, reason (X8)."""

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import ObjectMixin
from core.spreadsheets import (
    CSV_TYPE,
    XLSX_TYPE,
    Cell,
    Figure,
    Head,
    Row,
    for_the_reader,
    written_csv,
    written_xlsx,
)
from projects.import_sentences import words_of
from projects.import_states import ImportRowState
from projects.models import ImportBatch
from projects.views.import_preview import errors_of
from projects.views.imports import PERMISSION, OfImport

PIECE = 1000
HEADS = [
    Head("row", gettext_lazy("Row")),
    Head("column", gettext_lazy("Column")),
    Head("value", gettext_lazy("Value")),
    Head("reason", gettext_lazy("Reason")),
    Head("way_out", gettext_lazy("What to do")),
]


class ImportErrors(OfImport, ObjectMixin):
    """Every reason against every row, one per line, as CSV or XLSX; no value becomes a formula."""

    permission, title = PERMISSION, gettext_lazy("Rows in error")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file. Raises Http404 for another format."""
        batch: ImportBatch = self.get_object()
        if kwargs["file_format"] not in ANSWERS:
            raise Http404("errors are CSV or XLSX")
        response = ANSWERS[kwargs["file_format"]](batch)
        name = f"import-{batch.pk}-errors.{kwargs['file_format']}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _as_csv(batch: ImportBatch) -> HttpResponseBase:
    return StreamingHttpResponse(for_the_reader(written_csv(HEADS, _rows(batch))), CSV_TYPE)


def _as_xlsx(batch: ImportBatch) -> HttpResponseBase:
    count = sum(1 for _row in _rows(batch))
    facts: list[tuple[str, Cell]] = [(_("File"), batch.file_name), (_("Exported"), timezone.now())]
    title = _("Rows in error")
    return FileResponse(
        written_xlsx(HEADS, _rows(batch), count=count, title=title, facts=facts), content_type=XLSX_TYPE
    )


ANSWERS = {"csv": _as_csv, "xlsx": _as_xlsx}


def _rows(batch: ImportBatch) -> Iterator[Row]:
    """One line for each reason, read in pieces."""
    wrong = batch.rows.filter(state=ImportRowState.ERROR).only("number", "errors").order_by("number")
    for row in wrong.iterator(chunk_size=PIECE):
        for error in errors_of(row):
            reason, way_out = words_of(error)
            yield [Figure(row.number), error.column, error.value, reason, way_out]
