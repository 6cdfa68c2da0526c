"""Prepaid hours: a card for each agreement, planned, extended, ended early, expired (A12)."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.expiring import RELATED, expire_prepaid_hours
from billing.forms.prepaid import EndForm, ExtendForm, PrepaidForm
from billing.prepaid_terms import payers_of, reasons_against_line, retainers_of
from billing.prepaying import end_prepaid_hours, extend_prepaid_hours, plan_prepaid_hours
from billing.views.advance_tabs import PREPAID, VIEW, advance_tabs
from billing.views.advances import PLAN, Advances
from billing.views.overage import prepaid_kpis
from billing.views.prepaid_figures import PrepaidCard, cards_of
from billing.views.prepaid_sent import events_of, sent_rows
from billing.views.prepaid_work import MOST_DIGITS, work_page
from core.days import day_before
from core.money import ZERO
from core.pages import ActionPage, DetailPage, FormPage, ObjectMixin, Page
from projects.models import ContractLine, PrepaidHours
from projects.prepaid_querysets import PrepaidHoursQuerySet
from projects.views.page_defaults import PageDefaults

CARDS = 10
"""Cards on one page; each shows up to a year of months."""


class PrepaidList(PageDefaults, Page):
    """A card for each agreement of the user's contracts, those that hold on first."""

    permission, template_name = VIEW, "billing/prepaid.html"
    title = _("Prepaid hours")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the cards after the one that the address names."""
        seen = PrepaidHours.objects.visible_to(self.user).marked_mine(self.user)
        after = self.request.GET.get("after", "")
        rows = seen.living().select_related(*RELATED).order_by("pk")
        if after.isdecimal() and len(after) <= MOST_DIGITS:
            rows = rows.filter(pk__gt=int(after))
        shown = list(rows[: CARDS + 1])
        return super().get_context_data(
            cards=cards_of(shown[:CARDS], self.today),
            following=shown[CARDS - 1].pk if len(shown) > CARDS else None,
            tabs=advance_tabs(self.user, PREPAID),
            kpis=prepaid_kpis(seen.living(), self.today),
            may_plan=self.may(PLAN),
            **kwargs,
        )


class PrepaidDetail(PageDefaults, DetailPage):
    """One agreement, and the work of the month that is shown, some rows at a time."""

    permission, template_name = VIEW, "billing/prepaid_detail.html"

    def get_queryset(self) -> QuerySet[PrepaidHours]:
        return PrepaidHours.objects.visible_to(self.user).marked_mine(self.user).select_related(*RELATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        (card,) = cards_of([self.object], self.today, month_of(self.request.GET.get("month", "")))
        crumbs = [(Advances.title, reverse("advances")), (PrepaidList.title, reverse("prepaid-hours"))]
        return super().get_context_data(
            title=card.title,
            crumbs=[*crumbs, (card.line.name, "")],
            card=card,
            sent=sent_rows(self.object),
            events=events_of(self.object, card.currency),
            work=work_page(card.use, card.month.month, self.request.GET.get("after", "")),
            may_plan=self.may(PLAN),
            **kwargs,
        )


def month_of(text: str) -> dt.date | None:
    """The month that an address names as 2026-11; none where it names nothing that is one."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
    except ValueError:
        return None


class PlanPrepaid(PageDefaults, FormPage):
    """What will be agreed is shown before it is: the first click shows the blocks, the second makes them."""

    permission, template_name, form_class = PLAN, "billing/prepaid_plan.html", PrepaidForm
    title, submit_label = _("Prepaid hours"), _("Show the blocks")
    cancel_url = reverse_lazy("prepaid-hours")
    success_message = _("Prepaid hours planned: each block is invoiced on its day")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"lines": ContractLine.objects.changeable_by(self.user)}

    def get_initial(self) -> dict[str, Any]:
        """The line that the address names, and a year from this month on."""
        named = self.request.GET.get("line", "")
        return {
            "line": named if named.isdecimal() else "",
            "roll_over_hours": ZERO,
            "first_month": self.today.replace(day=1),
            "months": 12,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(Advances.title, reverse("advances")), (PrepaidList.title, str(self.cancel_url))]
        return super().get_context_data(**{"crumbs": [*crumbs, (_("New"), "")], **kwargs})

    def form_valid(self, form: PrepaidForm) -> HttpResponse:
        """Make it where it was shown; otherwise show it."""
        line, terms, now = form.cleaned_data["line"], form.terms(), timezone.now()
        if "make" in self.request.POST:
            return self.answer(
                lambda: plan_prepaid_hours(line, terms, actor=self.user, on=self.today, at=now), form
            )
        payers = payers_of(line)
        reasons = [*reasons_against_line(line, payers), *terms.reasons_against(line)]
        blocks = [] if reasons else retainers_of(terms, line, payers[0])
        shown = {
            "blocks": blocks,
            "refusals": reasons,
            "currency": line.contract.currency,
            "total": sum((one.amount for one in blocks), ZERO),
        }
        return self.render_to_response(self.get_context_data(form=form, **shown))

    def get_success_url(self) -> str:
        """The card."""
        return reverse("prepaid", args=[self.result.pk])


class OfPrepaid(ObjectMixin, PageDefaults):
    """Prepaid hours by their key, of the contracts that the user manages; leads back to their card."""

    def get_queryset(self) -> QuerySet[PrepaidHours]:
        return PrepaidHours.objects.changeable_by(self.user).select_related(*RELATED)

    @property
    def chosen(self) -> PrepaidHoursQuerySet:
        """They as the verbs take them."""
        rows: PrepaidHoursQuerySet = PrepaidHours.objects.filter(pk=self.object.pk)
        return rows

    @property
    def cancel_url(self) -> str:
        """The card."""
        return reverse("prepaid", args=[self.object.pk])

    @property
    def card(self) -> PrepaidCard:
        """The card as it is now."""
        (card,) = cards_of([self.object], self.today)
        return card

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way back."""
        crumbs = [
            (PrepaidList.title, reverse("prepaid-hours")),
            (self.object.contract_line.name, self.cancel_url),
            (self.title, ""),
        ]
        return super().get_context_data(**{"card": self.card, "crumbs": crumbs, **kwargs})


class ExtendPrepaid(OfPrepaid, FormPage):
    permission, title, form_class = PLAN, _("Extend prepaid hours"), ExtendForm
    template_name, submit_label = "billing/prepaid_change.html", _("Extend")
    success_message = _("Extended: the new blocks are invoiced on their days")

    def form_valid(self, form: ExtendForm) -> HttpResponse:
        months, now = form.cleaned_data["months"], timezone.now()
        return self.answer(
            lambda: extend_prepaid_hours(self.chosen, months, actor=self.user, on=self.today, at=now), form
        )


class EndPrepaid(OfPrepaid, FormPage):
    permission, title, form_class = PLAN, _("End prepaid hours early"), EndForm
    template_name, submit_label = "billing/prepaid_change.html", _("End early")
    success_message = _("Ended early: later blocks are deleted")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"agreement": self.object}

    def form_valid(self, form: EndForm) -> HttpResponse:
        last, now = form.month(), timezone.now()
        return self.answer(
            lambda: end_prepaid_hours(self.chosen, last, actor=self.user, on=self.today, at=now), form
        )


class ExpirePrepaid(OfPrepaid, ActionPage):
    """The page says what expires and what that does; its button does it."""

    permission, title = PLAN, _("Let hours expire")
    template_name = "billing/prepaid_expire.html"
    success_message = ngettext_lazy(
        "Hours of %(count)s month expired: the next draft bills them from the advance",
        "Hours of %(count)s months expired: the next draft bills them from the advance",
        "count",
    )

    def call_verb(self, form: Any) -> Any:
        """Of all months that are over."""
        until, now = day_before(self.today), timezone.now()
        return expire_prepaid_hours(self.targets, until=until, actor=self.user, on=self.today, at=now)
