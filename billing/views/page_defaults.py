"""What every page of billing shares: the door, the form tokens, the day it is, and pages that ask first."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import form_tokens
from core.access import may
from core.pages import ActionPage, AmountColumn, Drift, ListPage, ListTable, Total
from core.refusals import Refusal, Refused, refuse_if
from projects.models import LegalEntity

ANSWER = "go"
"""Name of the button that says yes on a page that asks first."""


class Housed:
    """The door and the store of form tokens; first among the bases of every page of billing."""

    door = staticmethod(may)
    tokens = form_tokens


def today_of(request: HttpRequest) -> dt.date:
    """The day it is where the reader's legal entity is; read once per request."""
    if not hasattr(request, "entity_today"):
        entity = LegalEntity.objects.visible_to(request.user).first()
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
        """What was selected, found once per request; nothing at all is refused."""
        if not hasattr(self, "_targets"):
            chosen = super().targets()
            refuse_if([] if chosen.exists() else [NOTHING_SELECTED])
            self._targets = self.picked(chosen)
        return self._targets

    def picked(self, chosen: Any) -> Any:
        """What the verb acts on, of all that was chosen."""
        return chosen

    def arguments(self) -> dict[str, Any]:
        """Who acts and when; the clock is read here."""
        return {**super().arguments(), "at": timezone.now()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at what was chosen before anything is done with it."""
        return trouble_with(self) or super().post(request, *args, **kwargs)


class Asking(Chosen):
    """An action on a selection that asks first: the selection arrives, the page shows what will happen,
    and its own form, which carries the selection along, does it.
    """

    def form(self) -> Any:
        """The form as sent; new where the selection has just arrived."""
        if self.form_class is None or self.request.POST.keys() & self.form_class.base_fields.keys():
            return super().form()
        return self.form_class(**self.form_arguments())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask about the one thing of the address; without a selection there is nothing to ask."""
        return HttpResponseRedirect(self.back()) if self.list_page else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, or act on the answer."""
        if ANSWER in request.POST:
            return super().post(request, *args, **kwargs)
        return trouble_with(self) or self.shown(form=self.form(), back=self.back())

    def context(self) -> dict[str, Any]:
        """The selection, to be sent again with the answer."""
        return {**super().context(), "carried": list(carried(self))}


NOTHING_SELECTED = Refusal(
    code="nothing-selected",
    message=_("No row was selected."),
    way_out=_("Tick the rows you mean, then choose what to do with them."),
)


def trouble_with(page: Chosen) -> HttpResponse | None:
    """The answer to a selection that is empty or has changed; None where it is what the reader saw."""
    said = {"page": page, "title": page.title}
    try:
        page.targets()
    except Refused as refused:
        said |= {"back": page.back(), "refusals": refused.refusals}
        return render(page.request, "refused.html", said, status=422)
    except Drift as drift:
        return render(page.request, "409.html", {**said, "drift": drift}, status=409)
    return None


def carried(page: Asking) -> Iterator[tuple[str, str]]:
    """What was sent, without the page's own form and form_tokens."""
    own = {"csrfmiddlewaretoken", "token", ANSWER}
    if page.form_class is not None:
        own |= page.form_class.base_fields.keys()
    for name, values in page.request.POST.lists():
        yield from ((name, value) for value in values if name not in own)
