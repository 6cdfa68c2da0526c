"""The list of a window: absurd questions lead back to the list, whatever the database thinks of them."""

from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest
from django.utils.text import capfirst

LONGEST_ANSWER = 200


class WindowList(ChangeList):
    """The rows of a window as asked for, enriched with what its columns need in a fixed number of queries."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        super().__init__(request, *args, **kwargs)
        self.title = capfirst(self.opts.verbose_name_plural)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Refuse dates that do not exist before anything is asked of the database."""
        self._refuse_absurd_dates()
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        """Answer the question; what no database can answer is a wrong question, not a fault of ours."""
        try:
            super().get_results(request)
            self.result_list = list(self.result_list)
        except (OverflowError, ValueError, ValidationError, DataError) as error:
            raise IncorrectLookupParameters(error) from error
        self.model_admin.enrich(request, self.result_list)

    def _refuse_absurd_dates(self) -> None:
        if any(
            len(str(value)) > LONGEST_ANSWER for values in self.filter_params.values() for value in values
        ):
            raise IncorrectLookupParameters("an answer is too long")
        if not self.date_hierarchy:
            return
        asked = [
            self.filter_params.get(f"{self.date_hierarchy}__{part}") for part in ("year", "month", "day")
        ]
        try:
            year, month, day = (int(values[-1]) if values else None for values in asked)
            date(year or 2000, month or 1, day or 1)
        except (ValueError, OverflowError, TypeError) as error:
            raise IncorrectLookupParameters(error) from error
        if year is not None and not 1900 <= year <= 2200:
            raise IncorrectLookupParameters("a year far from ours")
