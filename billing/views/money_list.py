"""What the lists of billing share: heads of columns that name the currency."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from core.pages import AmountColumn, ListPage, ListTable, Total
from projects.views.page_defaults import PageDefaults


class MoneyList(PageDefaults, ListPage):
    """List whose column heads name the currency while there is only one, and whose rows then do not.

    `with_details(rows)` adds what only the rows of one page need, so that totals do not pay for it.
    """

    refuses_unknown_names = True

    def with_details(self, rows: Any) -> QuerySet[Any]:
        """The rows as the table shows them."""
        return rows

    def get_table_data(self) -> QuerySet[Any]:
        """The rows that match, with their details."""
        return self.with_details(super().get_table_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list's context, with currencies where they are needed."""
        context = super().get_context_data(**kwargs)
        name_currencies(context["table"], context["totals"])
        return context


def name_currencies(table: ListTable, totals: Sequence[Total]) -> None:
    """Put the one currency of a page into the heads of its amounts, or several into the cells."""
    currencies = {total.currency for total in totals}
    for column in table.columns:
        if isinstance(column.column, AmountColumn):
            column.column.with_currency = len(currencies) > 1
            if len(currencies) == 1:
                column.column.verbose_name = f"{column.header} {min(currencies)}"
