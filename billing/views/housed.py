"""What every page of billing shares: the door, the form tokens, the day it is, and pages that ask first."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from billing import access
from projects import tokens
from projects.pages import ActionPage, AmountColumn, Drift, ListPage, ListTable, Total
from projects.refusals import Refused

ANSWER = "go"
"""Name of the button that says yes on a page that asks first."""


class Housed:
    """The door and the store of form tokens; first among the bases of every page of billing."""

    door = staticmethod(access.may)
    tokens = tokens


def today_of(request: HttpRequest) -> dt.date:
    """The day it is where the reader's legal entity is; read once per request."""
    if not hasattr(request, "entity_today"):
        entity = access.visible_entities(request.user).first()
        now = timezone.now()
        request.entity_today = entity.day_of(now) if entity else timezone.localdate(now)
    return request.entity_today


class MoneyList(Housed, ListPage):
    """List whose column heads name the currency while there is only one, and whose rows then do not.

    `displayed(rows)` adds what only the rows of one page need, so that totals do not pay for it.
    """

    def displayed(self, rows: Any) -> Any:
        """The rows as the table shows them."""
        return rows

    def table(self, rows: Any, asked: Any) -> ListTable:
        """The table over the displayed rows."""
        return super().table(self.displayed(rows), asked)

    def context(self) -> dict[str, Any]:
        """The list's context, with currencies where they are needed."""
        context = super().context()
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


class Chosen(Housed, ActionPage):
    """An action on a selection, or on one thing, that reads its targets once."""

    def targets(self) -> Any:
        """What was selected, found once per request."""
        if not hasattr(self, "_targets"):
            self._targets = self.picked(super().targets())
        return self._targets

    def picked(self, chosen: Any) -> Any:
        """What the verb acts on, of all that was chosen."""
        return chosen

    def arguments(self) -> dict[str, Any]:
        """Who acts and when; the clock is read here."""
        return {**super().arguments(), "at": timezone.now()}


class Asking(Chosen):
    """An action on a selection that asks first: the selection arrives, the page shows what will happen,
    and its own form, which carries the selection along, does it.
    """

    def is_answered(self) -> bool:
        """Whether this is the reader's yes, not the question."""
        return ANSWER in self.request.POST

    def form(self) -> Any:
        """The form as sent; new where the selection has just arrived."""
        if self.form_class is None or self.request.POST.keys() & self.form_class.base_fields.keys():
            return super().form()
        return self.form_class(**self.form_arguments())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without a selection there is nothing to ask."""
        return HttpResponseRedirect(self.back())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, or act on the answer."""
        if self.is_answered():
            return super().post(request, *args, **kwargs)
        try:
            self.targets()
        except Refused as refused:
            return render(
                request,
                "refused.html",
                {"page": self, "title": self.title, "back": self.back(), "refusals": refused.refusals},
                status=422,
            )
        except Drift as drift:
            return render(
                request, "409.html", {"page": self, "title": self.title, "drift": drift}, status=409
            )
        return self.shown(form=self.form(), back=self.back())

    def context(self) -> dict[str, Any]:
        """The selection, to be sent again with the answer."""
        own = {"csrfmiddlewaretoken", "token", ANSWER}
        if self.form_class is not None:
            own |= self.form_class.base_fields.keys()
        carried = [
            (name, value) for name, values in self.request.POST.lists() for value in values if name not in own
        ]
        return {**super().context(), "carried": carried}
