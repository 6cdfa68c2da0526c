"""How much of retainers drafts can apply: never so much that a total falls below zero (decision 9)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from billing.retainer_plans import most_that_fits
from billing.states import RetainerUse
from billing.tax_days import tax_day
from core.money import ZERO, minor_places
from projects.tax_rules import day_of_change, tax_rules
from projects.taxing import GroupPair, RateMissing, TaxBase, TaxCodeFacts, tax_groups

BATCH = 500
Taxed = tuple[int | None, date]
"""By which item sales tax group, and at the rate of which day."""
INVOICING = Q(retainer_use=RetainerUse.INVOICE, corrects__isnull=True)
APPLYING = Q(retainer_use=RetainerUse.APPLY, corrects__isnull=True)


@dataclass
class Capacity:
    """What a draft can still take of retainers: the bases of its tax without them, by pair of tax groups."""

    proforma: Proforma
    rules: Mapping[GroupPair, TaxCodeFacts]
    bases: dict[tuple[GroupPair, date], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def most_of(self, taxed: Taxed, available: Decimal) -> Decimal:
        """How much of a balance, taxed by its item group and day, leaves neither net nor total below zero."""
        most = min(available, sum(self.bases.values(), ZERO))
        places = minor_places(self.proforma.currency)
        return most_that_fits(most, lambda amount: self._total_less(taxed, amount), places=places)

    def take(self, taxed: Taxed, amount: Decimal) -> None:
        """Count an amount as applied."""
        self.bases[self._key(taxed)] -= amount

    def _key(self, taxed: Taxed) -> tuple[GroupPair, date]:
        item_group, day = taxed
        return (self.proforma.sales_tax_group_id, item_group), day

    def _total_less(self, taxed: Taxed, amount: Decimal) -> Decimal:
        bases = [TaxBase(pair, day, base) for (pair, day), base in self.bases.items()]
        pair, day = self._key(taxed)
        bases.append(TaxBase(pair, day, -amount))
        net = sum((base.amount for base in bases), ZERO)
        try:
            groups = tax_groups(bases, self.rules, currency=self.proforma.currency)
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
        .annotate(since=day_of_change("day", rules))
        .order_by()
        .values_list("line__proforma", "line__proforma__sales_tax_group", "item_sales_tax_group", "since")
    )
    for proforma_id, sales_group, item_group, since, net in sums.annotate(net=Sum("amount")):
        capacities[proforma_id].bases[(sales_group, item_group), since] += net
    return capacities


def taxed_as(detail: InvoiceLineDetail) -> Taxed:
    """The item group and the day by which a detail that takes a retainer off is taxed."""
    return detail.item_sales_tax_group_id, detail.tax_date or detail.transaction_date


def keep_within_totals(proformas: Sequence[Proforma]) -> None:
    """Lower what drafts apply where an edit left less to pay than that; the newest gives way first.

    Called whenever open proformas are added up, when discounts follow their lines already; the caller holds
    their locks and saves them. Nothing is applied that was not before, and each draft remembers how much less
    it applies, for `apply_again`. One statement where nothing is applied, otherwise seven (decision 9).
    """
    applied: dict[int, list[InvoiceLineDetail]] = defaultdict(list)
    oldest_first = ("retainer__invoice_on", "retainer", "pk")
    for detail in _applied_on(proformas).select_related("line").order_by(*oldest_first):
        applied[detail.line.proforma_id].append(detail)
    if not applied:
        return
    capacities = capacities_of([one for one in proformas if one.pk in applied])
    lowered, dropped = [], []
    for proforma_id, details in applied.items():
        capacity = capacities[proforma_id]
        less: dict[str, Decimal] = {}
        for detail in details:
            amount = capacity.most_of(taxed_as(detail), -detail.amount)
            capacity.take(taxed_as(detail), amount)
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
