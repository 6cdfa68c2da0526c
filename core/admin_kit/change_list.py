"""The list of an admin page: a filter that cannot be answered leads back to the list, on either database."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest
from django.utils.text import capfirst

LONGEST_VALUE = 200


class ReadOnlyChangeList(ChangeList):
    """The filtered rows of one page, with what their columns need read in a fixed number of statements."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        super().__init__(request, *args, **kwargs)
        self.title = str(capfirst(self.opts.verbose_name_plural))

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Refuse dates that do not exist before the database is asked."""
        self._refuse_impossible_dates()
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; a value that the database cannot compare is a wrong filter, not an error of ours."""
        try:
            super().get_results(request)
            rows: Sequence[Any] = list(self.result_list)
        except (OverflowError, ValueError, ValidationError, DataError) as error:
            raise IncorrectLookupParameters(error) from error
        model_admin: Any = self.model_admin
        model_admin.load_for_rows(request, rows)
        self.result_list = rows

    def _refuse_impossible_dates(self) -> None:
        if any(len(str(value)) > LONGEST_VALUE for values in self.filter_params.values() for value in values):
            raise IncorrectLookupParameters("a value is too long")
        if not self.date_hierarchy:
            return
        parts = [
            self.filter_params.get(f"{self.date_hierarchy}__{part}") for part in ("year", "month", "day")
        ]
        try:
            year, month, day = (int(values[-1]) if values else None for values in parts)
            date(year or 2000, month or 1, day or 1)
        except (ValueError, OverflowError, TypeError) as error:
            raise IncorrectLookupParameters(error) from error
        if year is not None and not 1900 <= year <= 2200:
            raise IncorrectLookupParameters("no year of our calendar")
