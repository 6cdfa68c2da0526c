"""A selection of proformas as somebody looks at it before confirming: what would be, what is left out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from django.contrib.auth.models import User
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from billing.applied_advances import APPLYING
from billing.checks import checks_of
from billing.closed_periods import first_open_day
from billing.document_nets import RETAINED
from billing.findings import Check, warnings_among
from billing.models import InvoiceLineDetail, Proforma, ProformaReview
from billing.seen_contents import contents_of
from billing.totalling import tax_estimates
from billing.views.confirmation_lines import UNBILLED_WORK, SeenLine, lines_of
from core.money import ZERO
from core.people import person_name
from core.templatetags.display import days, percent
from projects.states import WORKED
from projects.taxing import TaxGroup

RELATED = ("contract", "customer", "legal_entity", "sales_tax_group")


@dataclass(frozen=True)
class Document:
    """A proforma before it is confirmed: of which days, how many lines, which tax, and who is asked.

    `applied` is what advances take off its net and `retained` what it keeps back or releases, both in its
    currency; `unbilled` are the details whose unbilled sales are reversed, `content` a hash of what it asks
    for.
    """

    proforma: Proforma
    span: str
    lines: int
    unbilled: int
    applied: Decimal
    retained: Decimal
    taxes: str
    warnings: list[Check]
    blocking: list[Check]
    review: ProformaReview | None
    content: str
    shown_lines: Sequence[SeenLine]

    @property
    def net(self) -> Decimal:
        """Its net as the document has it, in its currency (B12)."""
        return self.proforma.net_amount - self.retained

    @property
    def reviewer(self) -> str:
        """Who is asked to look at it and has not answered."""
        return person_name(self.review.reviewer) if self.review else ""

    @property
    def open_day(self) -> dt.date | None:
        """The day its invoice date can be set to, where a closed period blocks it."""
        codes = {check.code for check in self.blocking}
        is_closed = self.proforma.is_open and "period-locked" in codes
        return first_open_day(self.proforma.legal_entity) if is_closed else None

    def waits_for_another(self, user: User) -> bool:
        """Whether somebody else than this user is asked to look at it."""
        return self.review is not None and self.review.reviewer_id != user.pk

    def was_reminded(self, at: dt.datetime) -> bool:
        """Whether who is asked was reminded on this day of the legal entity already."""
        return self.review is not None and self.review.was_reminded(self.proforma.legal_entity, at)


@dataclass(frozen=True)
class CurrencySum:
    """What would be confirmed in one currency; `digest` stands for each document and its contents."""

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
    confirmed: list[Document]

    @property
    def count(self) -> int:
        """All that were selected."""
        return len(self.allowed) + self.count_left

    @property
    def count_left(self) -> int:
        """What stays as it is: blocked, or confirmed before."""
        return len(self.blocked) + len(self.confirmed)

    @property
    def invoice_date(self) -> dt.date | None:
        """The invoice date of all that would be confirmed, where it is one."""
        dates = {one.proforma.invoice_date for one in self.allowed}
        return dates.pop() if len(dates) == 1 else None

    @property
    def warnings(self) -> list[Check]:
        """All that needs a tick."""
        return [check for one in self.allowed for check in one.warnings]

    @property
    def unbilled(self) -> int:
        """The details whose unbilled sales become billed ones: not advances, discounts and retentions."""
        return sum(one.unbilled for one in self.allowed)

    @cached_property
    def sums(self) -> list[CurrencySum]:
        """Count, net, tax and total per currency, never across."""
        currencies = sorted({one.proforma.currency for one in self.allowed})
        return [
            _sum_of(currency, [one for one in self.allowed if one.proforma.currency == currency])
            for currency in currencies
        ]

    @property
    def has_retentions(self) -> bool:
        """Whether one of the totals keeps something back or releases it."""
        return any(one.retained for one in self.allowed)

    @property
    def has_advances(self) -> bool:
        """Whether an advance is taken off one of the totals."""
        return any(one.applied for one in self.allowed)

    @property
    def seen_totals(self) -> Mapping[str, Decimal]:
        """The total of each document that would be confirmed, by its number."""
        return {one.proforma.number: one.proforma.gross_amount for one in self.allowed}

    @property
    def seen_contents(self) -> Mapping[str, str]:
        """The hash of each document that would be confirmed, by its number."""
        return {one.proforma.number: one.content for one in self.allowed}


def _sum_of(currency: str, documents: Sequence[Document]) -> CurrencySum:
    proformas = [one.proforma for one in documents]
    named = "\n".join(f"{one.proforma.number} {one.content}" for one in documents)
    return CurrencySum(
        currency,
        len(documents),
        sum(one.lines for one in documents),
        sum((one.net for one in documents), ZERO),
        sum((one.tax_amount for one in proformas), ZERO),
        sum((one.gross_amount for one in proformas), ZERO),
        sha256(named.encode()).hexdigest()[:16],
    )


def summary_of(selected: QuerySet[Proforma], user: User) -> Summary:
    """Look at every selected proforma as confirming would, in a constant number of statements."""
    proformas = list(selected.select_related(*RELATED).order_by("number"))
    taxes = tax_estimates(proformas)
    checks = checks_of(proformas, taxes, by=user, at=timezone.now())
    reviews = ProformaReview.objects.waiting().filter(proforma__in=proformas).select_related("reviewer")
    review_of = {review.proforma_id: review for review in reviews}
    facts = _facts_of(proformas)
    contents, lines = contents_of(proformas), lines_of(proformas)
    documents = [
        Document(
            one,
            *facts.get(one.pk, ("", 0, 0, ZERO, ZERO)),
            taxes=tax_words(taxes[one.pk]),
            warnings=warnings_among(checks[one.pk]),
            blocking=[check for check in checks[one.pk] if check.is_blocking],
            review=review_of.get(one.pk),
            content=contents[one.number],
            shown_lines=lines.get(one.pk, ()),
        )
        for one in proformas
    ]
    return Summary(
        allowed=[one for one in documents if not one.blocking],
        blocked=[one for one in documents if one.blocking and one.proforma.is_open],
        confirmed=[one for one in documents if one.blocking and not one.proforma.is_open],
    )


def _facts_of(proformas: Sequence[Proforma]) -> dict[int, tuple[str, int, int, Decimal, Decimal]]:
    """Days, lines, unbilled, applied and retained of each, by key."""
    worked = Q(transaction_class__in=WORKED)
    rows = (
        InvoiceLineDetail.objects.filter(line__proforma__in=proformas)
        .order_by()
        .values_list("line__proforma")
        .annotate(
            first=Min("transaction_date", filter=worked),
            last=Max("transaction_date", filter=worked),
            lines=Count("pk"),
            unbilled=Count("pk", filter=UNBILLED_WORK),
        )
        .annotate(applied=Sum("amount", filter=APPLYING), retained=Sum("amount", filter=RETAINED))
    )
    return {
        key: (days(first, last), lines, unbilled, -(applied or ZERO), retained or ZERO)
        for key, first, last, lines, unbilled, applied, retained in rows
    }


def tax_words(taxes: Sequence[TaxGroup]) -> str:
    """`19 %, 7 %`, or what is said where no tax is taken."""
    words = [
        percent(one.percent) if one.tax_amount or one.percent else str(one.name) or _("Outside the tax")
        for one in taxes
    ]
    return ", ".join(dict.fromkeys(words))
