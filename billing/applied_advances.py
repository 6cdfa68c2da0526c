"""How much of retainers drafts can apply: never so much that a total falls below zero (decision 9).

The money of prepaid hours pays for work within the block and for hours that expired alone (A12).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth

from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from billing.retainer_plans import most_that_fits
from billing.states import RetainerUse
from billing.tax_days import ROUNDING, sales_tax_group, tax_day
from core.money import NEAREST, ZERO, minor_places
from projects.states import TransactionClass
from projects.tax_rules import day_of_change, tax_rules
from projects.taxing import GroupPair, RateMissing, TaxBase, TaxCodeFacts, tax_groups

BATCH = 500
Taxed = tuple[int | None, int | None, date]
"""By which sales tax group, none for that of the proforma, which item group, and at the rate of which day."""
INVOICING = Q(retainer_use=RetainerUse.INVOICE, corrects__isnull=True)
APPLYING = Q(retainer_use=RetainerUse.APPLY, corrects__isnull=True)


@dataclass
class Capacity:
    """What a draft can still take of retainers: the bases of its tax without them, by pair of tax groups."""

    proforma: Proforma
    rules: Mapping[GroupPair, TaxCodeFacts]
    bases: dict[tuple[GroupPair, date], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    blocks: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    rounding: str = NEAREST

    def most_of(self, taxed: Taxed, available: Decimal, block: int | None = None) -> Decimal:
        """How much of a balance, taxed by its own groups and day, leaves neither net nor total below zero.

        `block`: the key of prepaid hours, whose money pays for what lies within them alone.
        """
        most = min(available, sum(self.bases.values(), ZERO))
        if block is not None:
            most = min(most, self.blocks[block])
        places = minor_places(self.proforma.currency)
        return most_that_fits(most, lambda amount: self._total_less(taxed, amount), places=places)

    def take(self, taxed: Taxed, amount: Decimal, block: int | None = None) -> None:
        """Count an amount as applied."""
        self.bases[self._key(taxed)] -= amount
        if block is not None:
            self.blocks[block] -= amount

    def _key(self, taxed: Taxed) -> tuple[GroupPair, date]:
        # Without a group it was asked for without tax, however its customer is taxed now.
        sales_group, item_group, day = taxed
        return (sales_group, item_group), day

    def _total_less(self, taxed: Taxed, amount: Decimal) -> Decimal:
        bases = [TaxBase(pair, day, base) for (pair, day), base in self.bases.items()]
        pair, day = self._key(taxed)
        bases.append(TaxBase(pair, day, -amount))
        net = sum((base.amount for base in bases), ZERO)
        try:
            groups = tax_groups(bases, self.rules, currency=self.proforma.currency, rounding=self.rounding)
        except RateMissing:
            # As in the estimate: a rate that somebody will enter counts as none until then.
            return net
        return net + sum((group.tax_amount for group in groups), ZERO)


def capacities_of(proformas: Sequence[Proforma]) -> dict[int, Capacity]:
    """The capacity of each draft for retainers, without those that it invoices or applies; two statements."""
    rules = tax_rules()
    capacities = {one.pk: Capacity(one, rules) for one in proformas}
    sums = (
        InvoiceLineDetail.objects.chargeable()
        .filter(line__proforma__in=proformas)
        .exclude(INVOICING | APPLYING)
        .annotate(day=tax_day())
        .annotate(since=day_of_change("day", rules), sales_group=sales_tax_group())
        .order_by()
        .values_list("line__proforma", "sales_group", "item_sales_tax_group", ROUNDING, "since")
    )
    for proforma_id, sales_group, item_group, rounding, since, net in sums.annotate(net=Sum("amount")):
        capacities[proforma_id].rounding = rounding
        capacities[proforma_id].bases[(sales_group, item_group), since] += net
    return capacities


def count_blocks(capacities: Mapping[int, Capacity], blocks: Iterable[int | None]) -> None:
    """Let capacities know what lies within prepaid hours, given by key; one statement, none without any."""
    wanted = {block for block in blocks if block is not None}
    if not wanted:
        return
    work, line = "actual__work_item", "actual__work_item__contract_line__prepaid_hours"
    beyond = F(f"{line}__months__overage_rate")
    # Not `~Q`, which would ask of all months whether any has that rate.
    within = (Q(actual__price__lt=beyond) | Q(actual__price__gt=beyond)) & Q(
        **{
            f"{work}__transaction_class": TransactionClass.TIME,
            f"{work}__approval__isnull": False,
            f"{line}__months__month": TruncMonth(f"{work}__transaction_date"),
        }
    )
    details = InvoiceLineDetail.objects.chargeable().filter(
        line__proforma__in=list(capacities), **{f"{line}__in": wanted}
    )
    # Each by itself: a row that expired has no month of work to be joined with.
    for part in (details.filter(within), details.filter(**{f"{work}__prepaid_expiry__isnull": False})):
        sums = part.order_by().values_list("line__proforma", line)
        for proforma_id, block, amount in sums.annotate(sum=Sum("amount")):
            capacities[proforma_id].blocks[block] += amount


def taxed_as(detail: InvoiceLineDetail) -> Taxed:
    """The groups and the day by which a detail that takes a retainer off is taxed."""
    day = detail.tax_date or detail.transaction_date
    return detail.sales_tax_group_id, detail.item_sales_tax_group_id, day


def block_of(detail: InvoiceLineDetail) -> int | None:
    """The key of the prepaid hours whose money a detail applies; its retainer is loaded."""
    return detail.retainer.block_id if detail.retainer else None


def keep_within_totals(proformas: Sequence[Proforma]) -> None:
    """Lower what drafts apply where an edit left less to pay than that; the newest gives way first.

    Called whenever open proformas are added up, when discounts follow their lines already; the caller holds
    their locks and saves them. Nothing is applied that was not before, and each draft remembers how much less
    it applies, for `apply_again`. One statement where nothing is applied, otherwise seven (decision 9).
    """
    applied: dict[int, list[InvoiceLineDetail]] = defaultdict(list)
    # Money of prepaid hours first: it pays for nothing else.
    in_order = (F("retainer__prepaid_month").asc(nulls_last=True), "retainer__invoice_on", "retainer", "pk")
    related = ("line", "retainer__prepaid_month")
    for detail in _applied_on(proformas).select_related(*related).order_by(*in_order):
        applied[detail.line.proforma_id].append(detail)
    if not applied:
        return
    capacities = capacities_of([one for one in proformas if one.pk in applied])
    count_blocks(capacities, (block_of(one) for details in applied.values() for one in details))
    lowered, dropped = [], []
    for proforma_id, details in applied.items():
        capacity = capacities[proforma_id]
        less: dict[str, Decimal] = {}
        for detail in details:
            amount = capacity.most_of(taxed_as(detail), -detail.amount, block_of(detail))
            capacity.take(taxed_as(detail), amount, block_of(detail))
            if amount != -detail.amount:
                less[str(detail.retainer_id)] = -detail.amount - amount
            if not amount:
                dropped.append(detail.pk)
            elif amount != -detail.amount:
                detail.amount = detail.quantity = -amount
                lowered.append(detail)
        remember_less(capacity.proforma, less)
    InvoiceLineDetail.objects.bulk_update(lowered, ["amount", "quantity"], batch_size=BATCH)
    InvoiceLineDetail.objects.filter(pk__in=dropped).delete()


def remember_less(proforma: Proforma, less: Mapping[str, Decimal]) -> None:
    """Add to what a draft applies less of retainers, by their keys as text; whoever holds it saves it."""
    before = {key: Decimal(amount) for key, amount in proforma.lowered_advances.items()}
    changed = {key: str(before.get(key, ZERO) + amount) for key, amount in less.items()}
    proforma.lowered_advances = proforma.lowered_advances | changed


def forget_less(proforma: Proforma, retainers: Iterable[int | None]) -> None:
    """Somebody has said how much of these retainers the draft applies: that is so from now on."""
    gone = {str(key) for key in retainers}
    kept = {key: amount for key, amount in proforma.lowered_advances.items() if key not in gone}
    proforma.lowered_advances = kept


def _applied_on(proformas: Sequence[Proforma]) -> DetailQuerySet:
    return InvoiceLineDetail.objects.filter(APPLYING, line__proforma__in=proformas)
