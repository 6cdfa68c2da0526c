"""Confirming a selection: every document is named before the click, then a run confirms each by itself."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Max, Min, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.checks import checks_of
from billing.findings import Check, warnings_among
from billing.models import InvoiceLineDetail, Proforma
from billing.totalling import tax_estimates
from billing.views.proformas import Proformas
from core.money import ZERO
from core.pages import ConfirmedAction, SelectionAction
from core.pages.selection import keyed
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money, number, percent
from projects.taxing import TaxGroup
from projects.views.page_defaults import PageDefaults

MANY = 50
"""Beyond this many, whoever confirms a selection types how many there are."""
HANDFUL = 10
"""So many are confirmed while the person waits; more are left to the worker."""

RELATED = ("contract", "customer", "legal_entity", "sales_tax_group")


@dataclass(frozen=True)
class Document:
    """A proforma as somebody looks at it before confirming: of which days, how many lines, which tax."""

    proforma: Proforma
    first: dt.date | None
    last: dt.date | None
    lines: int
    taxes: str
    warnings: list[Check]
    blocking: list[Check]


@dataclass(frozen=True)
class CurrencySum:
    """What would be confirmed in one currency; `digest` stands for each document and its total."""

    currency: str
    count: int
    lines: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    digest: str

    @property
    def seen(self) -> str:
        """What the page shows, as its form sends it back."""
        return f"{self.currency}:{self.count}:{self.gross:f}:{self.digest}"


@dataclass(frozen=True)
class Summary:
    """A selection before it is confirmed: what would be, and what is left out with its reasons."""

    allowed: list[Document]
    blocked: list[Document]

    @property
    def count_to_type(self) -> int:
        """How many there are, where that is so many that the user types it; else nothing."""
        return len(self.allowed) if len(self.allowed) > MANY else 0

    @property
    def count(self) -> int:
        """All that were selected."""
        return len(self.allowed) + len(self.blocked)

    @property
    def warnings(self) -> list[Check]:
        """All that needs a tick."""
        return [check for one in self.allowed for check in one.warnings]

    @property
    def lines(self) -> int:
        """The details of everything that would be confirmed."""
        return sum(one.lines for one in self.allowed)

    @cached_property
    def sums(self) -> list[CurrencySum]:
        """Count, net, tax and total per currency, never across."""
        currencies = sorted({one.proforma.currency for one in self.allowed})
        return [
            _sum_of(currency, [one for one in self.allowed if one.proforma.currency == currency])
            for currency in currencies
        ]

    @property
    def seen_totals(self) -> Mapping[str, Decimal]:
        """The total of each document that would be confirmed, by its number."""
        return {one.proforma.number: one.proforma.gross_amount for one in self.allowed}


def _sum_of(currency: str, documents: Sequence[Document]) -> CurrencySum:
    proformas = [one.proforma for one in documents]
    named = "\n".join(f"{one.number} {one.gross_amount:.8f}" for one in proformas)
    return CurrencySum(
        currency,
        len(documents),
        sum(one.lines for one in documents),
        sum((one.net_amount for one in proformas), ZERO),
        sum((one.tax_amount for one in proformas), ZERO),
        sum((one.gross_amount for one in proformas), ZERO),
        sha256(named.encode()).hexdigest()[:16],
    )


def summary_of(selected: QuerySet[Proforma], user: User) -> Summary:
    """Look at every selected proforma as confirming would, in a constant number of statements."""
    proformas = list(selected.select_related(*RELATED).order_by("number"))
    taxes = tax_estimates(proformas)
    checks = checks_of(proformas, taxes, by=user)
    spans = {
        row["line__proforma"]: row
        for row in InvoiceLineDetail.objects.filter(line__proforma__in=proformas)
        .order_by()
        .values("line__proforma")
        .annotate(first=Min("transaction_date"), last=Max("transaction_date"), lines=Count("pk"))
    }
    documents = [
        Document(
            one,
            first=spans[one.pk]["first"] if one.pk in spans else None,
            last=spans[one.pk]["last"] if one.pk in spans else None,
            lines=spans[one.pk]["lines"] if one.pk in spans else 0,
            taxes=tax_words(taxes[one.pk]),
            warnings=warnings_among(checks[one.pk]),
            blocking=[check for check in checks[one.pk] if check.is_blocking],
        )
        for one in proformas
    ]
    return Summary(
        allowed=[one for one in documents if not one.blocking],
        blocked=[one for one in documents if one.blocking],
    )


def tax_words(taxes: Sequence[TaxGroup]) -> str:
    """`19 %, 7 %`, or what is said where no tax is taken."""
    words = [
        percent(one.percent) if one.tax_amount or one.percent else str(one.name) or _("Outside the tax")
        for one in taxes
    ]
    return ", ".join(dict.fromkeys(words))


class ConfirmSelected(PageDefaults, ConfirmedAction, SelectionAction):
    """Confirm a selection: every document, customer and amount is named; what is blocked is left out."""

    permission, list_page = "billing.confirm_proforma", Proformas
    title, template_name = gettext_lazy("Confirm proformas"), "billing/proformas_confirm.html"

    def get_targets(self) -> QuerySet[Proforma]:
        """What was selected and not left out again; the summary of it is kept."""
        selected = super().get_targets()
        out = keyed(selected, self.request.POST.getlist("leave_out"))
        self.left_out = list(selected.filter(pk__in=out).select_related("customer")) if out else []
        chosen = selected.exclude(pk__in=out)
        self.summary = summary_of(chosen, self.user)
        return chosen

    def call_verb(self, form: Any) -> Any:
        """Ask for a run over what the user saw, and nothing else; a handful is confirmed at once."""
        refuse_if(unseen(self.summary, self.request.POST))
        run = request_confirmation(
            self.targets,
            accepted=self.request.POST.getlist("accepted"),
            seen_totals=self.summary.seen_totals,
            on=self.today,
            **self.get_verb_kwargs(form),
        )
        if len(self.summary.allowed) <= HANDFUL:
            confirm_in_bulk(run.pk, clock=timezone.now)
        return run

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The documents, the ticks that were sent, and the words of the button."""
        sent, summary = self.request.POST, self.summary
        ticked = set(sent.getlist("accepted"))
        return super().get_context_data(
            summary=summary,
            left_out=self.left_out,
            ticked=ticked,
            count_ticked=sum(check.tick in ticked for check in summary.warnings),
            asked=self.ANSWER in sent,
            button=button_of(summary),
            now=timezone.now(),
            **kwargs,
        )

    def get_success_url(self) -> str:
        """The run's own page, which names each of them."""
        return reverse("run", args=[self.result.pk])

    def get_success_message(self) -> str:
        """That it is asked for; what came of it stands on the page of the run."""
        count = len(self.summary.allowed)
        words = ngettext(
            "The confirmation of %(count)s proforma has started",
            "The confirmation of %(count)s proformas has started",
            count,
        )
        return words % {"count": number(count)}


def button_of(summary: Summary) -> str:
    """`Confirm 7 proformas: €36,899.74 and US$23,780.00`."""
    count = len(summary.allowed)
    words = ngettext("Confirm %(count)s proforma: %(sums)s", "Confirm %(count)s proformas: %(sums)s", count)
    *first, last = [money(one.gross, one.currency) for one in summary.sums] or [""]
    sums = _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    return words % {"count": number(count), "sums": sums}


def unseen(summary: Summary, post: QueryDict) -> Iterator[Refusal]:
    """What changed since the summary was shown."""
    seen = sorted(post.getlist("seen"))
    if seen != sorted(one.seen for one in summary.sums):
        message = _("The selection or its totals changed since this page was shown.")
        yield Refusal("changed-meanwhile", message, "", _("Look at the new totals, then confirm."))
    if summary.count_to_type and post.get("count", "").strip() != str(summary.count_to_type):
        message = _("Type how many proformas you confirm.")
        yield Refusal("count-not-typed", message, "", _("The number is in the heading."))
