"""The context of the page of a proforma: key figures, the details by section and line, and the panels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Max, Min, Q, QuerySet, Sum, Value, When
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.checks import checks_of, edits_of, history_of, position_of
from billing.closed_periods import first_open_day
from billing.due import cut_off_words
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Removal
from billing.pending import pending_of
from billing.querysets import document_order
from billing.retentions import KEPT_BACK, RELEASED
from billing.totalling import tax_estimates
from billing.views.overage import prepaid_left
from billing.views.proforma_advances import totals_on
from billing.views.proforma_corrections import corrections_of
from billing.views.proforma_figures import kpis_of
from core.money import ZERO
from core.templatetags.display import number
from projects.states import WORKED, BillingType, PriceUnit, TransactionClass
from projects.tax_rules import tax_rules
from projects.taxing import GroupPair, TaxCodeFacts

DETAILS_PER_PAGE = 100
SHOWN_EDITS, SHOWN_HISTORY = 12, 8
SHOWN_PENDING = 6
SHOWN_REMOVALS = 5

SECTION = Case(
    # Paid later, or earlier: no service, so it stands below them.
    When(transaction_class=TransactionClass.RETENTION, then=Value(3)),
    When(billing_type=BillingType.CHARGEABLE, then=Value(0)),
    When(billing_type=BillingType.COMPLIMENTARY, then=Value(1)),
    default=Value(2),
)
RETAINED = {"kept": KEPT_BACK, "released": RELEASED}
RELATED = (
    "actual__work_item__resource",
    "actual__work_item__role",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__task",
    "work_item__category",
    "line__contract_line",
    "milestone_share__milestone",
    "work_item__resource",
    "corrects__event__proforma",
)


@dataclass(frozen=True)
class Row:
    """One detail as the table shows it."""

    detail: InvoiceLineDetail
    percent: Decimal | None

    @property
    def original(self) -> Any:
        """What was approved, where the detail says something else now."""
        actual = self.detail.actual
        if actual is None:
            return None
        terms = ("quantity", "price", "amount", "billing_type")
        return actual if any(getattr(actual, name) != getattr(self.detail, name) for name in terms) else None

    @property
    def is_charged(self) -> bool:
        """Whether its amount counts."""
        return self.detail.billing_type == BillingType.CHARGEABLE

    @property
    def recorded(self) -> Decimal | None:
        """The hours that were worked, where they are said beside what is billed and differ from it."""
        detail, work_item = self.detail, self.detail.actual.work_item if self.detail.actual else None
        if work_item is None or (detail.unit, detail.quantity) == (PriceUnit.HOUR, work_item.recorded_hours):
            return None
        return work_item.recorded_hours

    @property
    def who(self) -> str:
        """The person, or what kind of transaction it is."""
        work_item = self.detail.actual.work_item if self.detail.actual else self.detail.work_item
        person = work_item.resource if work_item else None
        return str(person or self.detail.get_transaction_class_display())


@dataclass(frozen=True)
class Section:
    """The details of one contract line that are charged alike, as far as they are on this page."""

    title: str
    detail: str
    amount: Decimal
    rows: Sequence[Row]
    line: InvoiceLine
    is_charged: bool


def detail_context(proforma: Proforma, params: QueryDict, *, user: User, today: date) -> dict[str, Any]:
    """Everything on the page; the number of statements does not depend on how many details there are."""
    rules = tax_rules()
    taxes = tax_estimates([proforma], rules)
    details = InvoiceLineDetail.objects.filter(line__proforma=proforma)
    sums = _sums(details)
    page = _page(details, sum(row["count"] for row in sums.values()), params)
    checks = checks_of([proforma], taxes, by=user, at=timezone.now())[proforma.pk] if proforma.is_open else []
    edited_count, edited = edits_of(proforma, SHOWN_EDITS)
    return {
        "kpis": kpis_of(proforma, position_of(proforma, today=today)),
        "page_of_details": page,
        "sections": _sections(proforma, page, sums, rules),
        "span": _span(sums),
        **totals_on(
            proforma, *(sum((row[name] for row in sums.values()), ZERO) for name in ("discount", *RETAINED))
        ),
        "taxes": [group for group in taxes[proforma.pk] if group.code_id is not None],
        "outside": [group for group in taxes[proforma.pk] if group.code_id is None],
        "checks": checks,
        "is_blocked": any(check.is_blocking for check in checks),
        "pending": pending_of(proforma, SHOWN_PENDING) if proforma.is_open else None,
        "removals": _removals(proforma) if proforma.is_open else (),
        "open_day": _open_day(proforma),
        "payment_terms": _payment_terms(proforma),
        "prepaid": prepaid_left(proforma.contract, proforma.cut_off_date) if proforma.is_open else (),
        "edited": edited,
        "edited_count": edited_count,
        **reviews_of(proforma, user),
        "history": history_of(proforma, SHOWN_HISTORY),
        **corrections_of(proforma),
    }


def _payment_terms(proforma: Proforma) -> str:
    """The name of the terms that its invoice will be payable under."""
    terms = proforma.contract.payment_terms or proforma.customer.payment_terms
    return str(terms) if terms is not None else _("30 days net")


def reviews_of(proforma: Proforma, user: User) -> dict[str, Any]:
    """Who was asked to look at it, the latest first, and whether this user is asked now; one statement."""
    reviews = list(proforma.reviews.select_related("reviewer", "asked_by").order_by("-pk"))
    is_asked = any(one.is_open and one.reviewer_id == user.pk for one in reviews)
    entity, now = proforma.legal_entity, timezone.now()
    reminded = any(one.is_open and one.was_reminded(entity, now) for one in reviews)
    return {"reviews": reviews, "is_asked": is_asked and proforma.is_open, "was_reminded": reminded}


def _removals(proforma: Proforma) -> Sequence[Removal]:
    """What was taken off a draft and not put back, the latest first."""
    rows = Removal.objects.lasting().filter(number=proforma.number).select_related("removed_by")
    return list(rows.defer("details", "heading")[:SHOWN_REMOVALS])


def _open_day(proforma: Proforma) -> date | None:
    """The first open day, where the invoice date of a draft is closed."""
    is_closed = proforma.is_open and proforma.legal_entity.is_locked_on(proforma.invoice_date)
    return first_open_day(proforma.legal_entity) if is_closed else None


def _sums(details: QuerySet) -> dict[tuple[int, int], dict[str, Any]]:
    """Count, amount and days of the details of each line and section, in one statement."""
    sums = details.values("line", place=SECTION).annotate(
        count=Count("pk"),
        sum=Sum("amount"),
        discount=Sum("amount", filter=Q(transaction_class=TransactionClass.DISCOUNT), default=ZERO),
        **{name: Sum("amount", filter=which, default=ZERO) for name, which in RETAINED.items()},
        first=Min("transaction_date", filter=Q(transaction_class__in=WORKED)),
        last=Max("transaction_date", filter=Q(transaction_class__in=WORKED)),
    )
    return {(row["line"], row["place"]): row for row in sums.order_by()}


def _span(sums: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    first, last = ([row[edge] for row in sums.values() if row[edge]] for edge in ("first", "last"))
    return {"first": min(first, default=None), "last": max(last, default=None)}


def _page(details: QuerySet, count: int, params: QueryDict) -> Page:
    ordered = details.annotate(place=SECTION).select_related(*RELATED)
    ordered = ordered.order_by("place", *document_order())
    paginator = Paginator(ordered, DETAILS_PER_PAGE)
    # Known already; counting again would be a statement for nothing.
    paginator.count = count
    return paginator.get_page(params.get("page"))


def _sections(
    proforma: Proforma,
    page: Page,
    sums: Mapping[tuple[int, int], Mapping[str, Any]],
    rules: Mapping[GroupPair, TaxCodeFacts],
) -> list[Section]:
    cut_offs = cut_off_words(proforma)
    return [
        _section([Row(one, _percent(proforma, one, rules)) for one in members], sums[key], cut_offs)
        for key, members in groupby(page, key=lambda detail: (detail.line_id, detail.place))
    ]


def _section(rows: list[Row], sums: Mapping[str, Any], cut_offs: Mapping[int, str]) -> Section:
    line, billing_type = rows[0].detail.line, rows[0].detail.billing_type
    if rows[0].detail.transaction_class == TransactionClass.RETENTION:
        said = _("Kept back or released: part of what is to pay, not of the net")
        return Section(line.name, said, sums["sum"], rows, line, is_charged=False)
    count = ngettext("%(count)s detail", "%(count)s details", sums["count"])
    count = count % {"count": number(sums["count"])} + cut_offs.get(line.contract_line_id, "")
    method = line.contract_line.get_billing_method_display()
    words: dict[int, str] = {
        BillingType.CHARGEABLE: f"{method}, {count}",
        BillingType.COMPLIMENTARY: _("Complimentary: shown on the document, not charged, %(count)s")
        % {"count": count},
    }
    other = _("Non-chargeable: not on the document, %(count)s") % {"count": count}
    is_charged = billing_type == BillingType.CHARGEABLE
    amount = sums["sum"] if is_charged else Decimal(0)
    return Section(line.name, words.get(billing_type, other), amount, rows, line, is_charged)


def _percent(
    proforma: Proforma, detail: InvoiceLineDetail, rules: Mapping[GroupPair, TaxCodeFacts]
) -> Decimal | None:
    if detail.billing_type != BillingType.CHARGEABLE:
        return None
    group = detail.sales_tax_group_id or proforma.sales_tax_group_id
    code = rules.get((group, detail.item_sales_tax_group_id))
    day = detail.tax_day(proforma.legal_entity.tax_date, proforma.invoice_date)
    return code.percent_on(day) if code else None
