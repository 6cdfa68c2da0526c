"""Discounts on the lines of drafts: what they take off follows the line they stand on (B12, decision 21).

A discount is divided over the item sales tax groups of its line and over the rates of each, so that every
tax is taken on what is really paid; see record 0018.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import F, Max, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Discount, InvoiceLine, InvoiceLineDetail, Proforma
from billing.models.removal import row_from
from billing.querysets import DetailQuerySet
from billing.tax_days import tax_day
from core.money import ZERO, apportioned, minor_places, percent_of
from core.refusals import Refusal
from core.templatetags.display import percent as written_percent
from projects.states import AMOUNTS, BALANCES, BillingType, TransactionClass
from projects.tax_rules import day_of_change, tax_rules
from projects.taxing import GroupPair, TaxCodeFacts

BATCH = 500
NOT_LOWERED = AMOUNTS
"""Classes that no discount is reckoned from: money that waits is paid as it was agreed."""
TERMS = ["quantity", "price", "amount", "transaction_date", "external_description"]

Sold = tuple[int | None, date]
"""What is taxed alike: an item sales tax group, and the day on which its rate began."""


@dataclass
class Base:
    """What a line charges before its discounts: by what is taxed alike, with the last day of each."""

    amounts: dict[Sold, Decimal] = field(default_factory=dict)
    days: dict[Sold, date] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """What it charges in all, in the proforma's currency."""
        return sum(self.amounts.values(), ZERO)

    @property
    def weights(self) -> dict[Sold, Decimal]:
        """What can be lowered, in a fixed order."""
        ordered = sorted(self.amounts, key=lambda sold: (sold[0] or 0, sold[1]))
        return {sold: self.amounts[sold] for sold in ordered if self.amounts[sold] > 0}


def lines_of(proformas: Sequence[Proforma]) -> list[int]:
    """The keys of all lines of proformas; no statement where there are none."""
    lines = InvoiceLine.objects.filter(proforma__in=proformas)
    return list(lines.values_list("pk", flat=True)) if proformas else []


def discount_lines(proformas: Sequence[Proforma], *, besides: Collection[int] = ()) -> None:
    """Give the lines of drafts the discount that their contract lines have agreed, and take all of it off.

    Lines in `besides`, by key, were there before: somebody may have changed or removed their discount. Called
    before advances are applied, which pay for no more than is left. A number of statements that does not
    depend on how many lines there are.
    """
    lines = InvoiceLine.objects.filter(proforma__in=proformas).exclude(pk__in=besides)
    agreed = lines.filter(contract_line__discount_percent__isnull=False).select_related("contract_line")
    Discount.objects.bulk_create(
        [
            Discount(
                line=line,
                percent=line.contract_line.discount_percent,
                reason=line.contract_line.discount_reason,
                is_standing=True,
            )
            for line in agreed.order_by("pk")
        ],
        batch_size=BATCH,
    )
    follow_lines(proformas, tax_rules())


def follow_lines(proformas: Sequence[Proforma], rules: Mapping[GroupPair, TaxCodeFacts]) -> None:
    """Bring the details of discounts in line with what their lines charge now.

    Called whenever open proformas are added up; the caller holds their locks. One statement where nothing is
    discounted; otherwise a number that does not depend on how many discounts or details there are.
    """
    related = ("line__proforma__customer",)
    discounts = list(Discount.objects.filter(line__proforma__in=proformas).select_related(*related))
    if not discounts:
        return
    bases = bases_of((one.line for one in discounts), rules)
    held = _held(discounts, rules)
    new: list[InvoiceLineDetail] = []
    kept: list[InvoiceLineDetail] = []
    gone: list[int] = []
    for discount in discounts:
        wanted = parts_of(discount, bases[discount.line_id])
        if wanted is None:
            continue
        mine = held[discount.pk]
        gone += [detail.pk for sold, detail in mine.items() if sold not in wanted]
        for sold, amount in wanted.items():
            detail = mine.get(sold) or InvoiceLineDetail(
                line=discount.line, discount=discount, item_sales_tax_group_id=sold[0]
            )
            changed = _write(detail, discount, amount, bases[discount.line_id].days[sold])
            (new if detail.pk is None else kept if changed else []).append(detail)
    InvoiceLineDetail.objects.filter(pk__in=gone).delete()
    InvoiceLineDetail.objects.bulk_create(new, batch_size=BATCH)
    InvoiceLineDetail.objects.bulk_update(kept, TERMS, batch_size=200)


def _held(
    discounts: Sequence[Discount], rules: Mapping[GroupPair, TaxCodeFacts]
) -> dict[int, dict[Sold, InvoiceLineDetail]]:
    """The details of each discount by what they lower; one statement."""
    held: dict[int, dict[Sold, InvoiceLineDetail]] = defaultdict(dict)
    details = InvoiceLineDetail.objects.filter(discount__in=discounts)
    dated = details.annotate(day=tax_day()).annotate(since=day_of_change("day", rules))
    for detail in dated.order_by("pk"):
        held[detail.discount_id or 0][detail.item_sales_tax_group_id, detail.since] = detail
    return held


def parts_of(discount: Discount, base: Base) -> dict[Sold, Decimal] | None:
    """What is taken off each part of the line, negative; None where an amount finds nothing to lower.

    An amount is what somebody agreed, so it stays as it was and confirming refuses it.
    """
    currency, weights = discount.line.proforma.currency, base.weights
    if not weights or base.total <= 0:
        return {} if discount.percent is not None else None
    total = discount.amount or taken_off(base.total, discount.percent or ZERO, currency)
    parts = apportioned(total, weights, places=minor_places(currency))
    return {sold: -amount for sold, amount in parts.items() if amount}


def taken_off(charged: Decimal, percent: Decimal, currency: str) -> Decimal:
    """What a percentage takes off a line in all, rounded once; nothing where the line charges nothing."""
    return percent_of(charged, percent, currency) if charged > 0 else ZERO


def _write(detail: InvoiceLineDetail, discount: Discount, amount: Decimal, day: date) -> bool:
    """Set the terms of one detail; whether any of them changed."""
    before = [getattr(detail, name) for name in TERMS]
    detail.transaction_class = TransactionClass.DISCOUNT
    detail.billing_type = BillingType.CHARGEABLE
    detail.quantity, detail.unit = Decimal(1), "ls"
    detail.price = detail.amount = amount
    detail.transaction_date = day
    detail.external_description = text_of(discount, discount.line.proforma.customer.language)
    return before != [getattr(detail, name) for name in TERMS]


def text_of(discount: Discount, language: str) -> str:
    """What documents say of a discount, in the customer's language: `Discount 10%: annual volume`."""
    with translation.override(language):
        if discount.percent is not None:
            said = _("Discount %(percent)s") % {"percent": written_percent(discount.percent)}
        else:
            said = _("Discount")
    return f"{said}: {discount.reason}" if discount.reason else said


def bases_of(lines: Iterable[InvoiceLine], rules: Mapping[GroupPair, TaxCodeFacts]) -> Mapping[int, Base]:
    """What lines charge before discounts, by the key of the line; one statement.

    What corrects an earlier invoice is left out: that invoice granted its own discounts.
    """
    bases: dict[int, Base] = defaultdict(Base)
    sums = (
        discountable()
        .filter(line__in=[line.pk for line in lines])
        .annotate(taxed_on=tax_day())
        .annotate(since=day_of_change("taxed_on", rules))
        .values_list("line", "item_sales_tax_group", "since")
        .annotate(sum=Sum("amount"), day=Max("transaction_date"))
        .order_by()
    )
    for line_id, group, since, amount, day in sums:
        bases[line_id].amounts[group, since] = amount
        bases[line_id].days[group, since] = day
    return bases


def charged_by(line: InvoiceLine) -> Decimal:
    """What a line charges before discounts, in the proforma's currency; one statement."""
    charged = discountable().filter(line=line).aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return Decimal(charged)


def discountable() -> DetailQuerySet:
    """Chargeable details that a discount is reckoned from: no discount, advance or correction."""
    details: DetailQuerySet = InvoiceLineDetail.objects.chargeable()
    own = details.filter(corrects__isnull=True, replaces__isnull=True)
    return own.exclude(transaction_class__in=NOT_LOWERED)


def drop_discounts_of(details: Iterable[InvoiceLineDetail]) -> None:
    """A discount goes as a whole when somebody takes one of its details off; two statements."""
    keys = {detail.discount_id for detail in details if detail.discount_id is not None}
    if keys:
        Discount.objects.filter(pk__in=keys).delete()


def grant_again(granted: Iterable[tuple[dict[str, Any], InvoiceLine]]) -> None:
    """Write discounts that were removed again, each on its line, from their kept columns; two statements."""
    discounts = [
        cast(Discount, row_from(Discount, columns | {"line_id": line.pk})) for columns, line in granted
    ]
    there = set(Discount.objects.filter(pk__in=[one.pk for one in discounts]).values_list("pk", flat=True))
    new = {one.pk: one for one in discounts if one.pk not in there}
    Discount.objects.bulk_create(new.values(), batch_size=BATCH)


def carry_percentages(line_of: Mapping[int, InvoiceLine], new: Iterable[InvoiceLine]) -> None:
    """Give new lines the percentages of the lines whose details they get; `line_of` by key of the old line.

    So that what moves is lowered as before; an amount stays where it was granted. Two statements.
    """
    made = {line.pk for line in new}
    sources: dict[int, int] = {}
    for old, line in line_of.items():
        if line.pk in made:
            sources.setdefault(line.pk, old)
    given = {old: line_of[old] for old in sources.values()}
    percentages = Discount.objects.filter(line__in=given, percent__isnull=False).order_by("pk")
    Discount.objects.bulk_create(
        [
            Discount(
                line=given[one.line_id],
                percent=one.percent,
                reason=one.reason,
                is_standing=one.is_standing,
            )
            for one in percentages
        ],
        batch_size=BATCH,
    )


def discounts_stay(details: Iterable[InvoiceLineDetail]) -> Iterable[Refusal]:
    """That a discount does not move without its line. Code: discount-stays."""
    for detail in details:
        if detail.discount_id is not None:
            yield Refusal(
                "discount-stays",
                _("A discount stays on the line it lowers."),
                str(detail),
                _("Move the details alone; percentages follow them to a new line."),
            )


def discounts_above_lines(drafts: Sequence[Proforma]) -> Iterable[Refusal]:
    """Lines that discounts would turn negative, one refusal each; one statement, locks nothing (B12)."""
    details = InvoiceLineDetail.objects.chargeable().filter(line__proforma__in=drafts)
    own = details.filter(corrects__isnull=True, replaces__isnull=True)
    own = own.exclude(transaction_class__in=BALANCES)
    discounted = Discount.objects.filter(line__proforma__in=drafts).values("line")
    below = (
        own.filter(line__in=discounted)
        .values(name=F("line__name"), number=F("line__proforma__number"))
        .annotate(left=Sum("amount"))
        .filter(left__lt=0)
        .order_by("line")
    )
    for row in below:
        yield Refusal(
            "discount-above-line",
            _("The discount on “%(line)s” is more than the line charges.") % {"line": row["name"]},
            row["number"],
            _("Lower or remove the discount."),
        )
