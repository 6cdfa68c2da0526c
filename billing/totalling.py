"""Totals of open proformas: lines and net added by the database, tax estimated by the one engine (B7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from billing.applied_advances import keep_within_totals
from billing.discounts import follow_lines
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.retentions import follow_retentions
from billing.tax_days import ROUNDING, sales_tax_group, tax_day
from core.fields import AmountField
from core.money import NEAREST, ZERO
from projects.states import TransactionClass
from projects.tax_rules import day_of_change, tax_rules
from projects.taxing import GroupPair, RateMissing, TaxBase, TaxCodeFacts, TaxGroup, tax_groups

NOTHING = Value(ZERO, output_field=AmountField())
ASKED = Q(amount__gt=0) | Q(transaction_class=TransactionClass.DISCOUNT)
"""What a document asks for, less its discounts: not what advances, retentions and corrections take off."""
TAXED_BY = ("sales_group", "is_taxed_apart", "item_sales_tax_group", ROUNDING)
"""How details are taxed besides their day: by which groups, and which way their company rounds."""


def add_up(proformas: Sequence[Proforma], *, by: User | None) -> None:
    """Recompute lines, net, estimated tax and total of open proformas; the caller holds their locks.

    Discounts follow what their lines charge now, and advances are applied to no more than is left. `by` is
    who has changed them, which decides who may confirm them (decision 16); nobody has when they are added up
    once more to be confirmed. A number of statements that does not depend on how many details there are.
    """
    rules = tax_rules()
    follow_lines(proformas, rules)
    follow_retentions(proformas)
    keep_within_totals(proformas)
    lines = InvoiceLine.objects.filter(proforma__in=proformas)
    chargeable = InvoiceLineDetail.objects.chargeable().filter(line=OuterRef("pk"))
    lines.update(amount=Coalesce(Subquery(_sum(chargeable, "line")), NOTHING))
    estimates = tax_estimates(proformas, rules)
    # Read back from the lines, so that the total is their sum by construction (I2).
    asked = InvoiceLineDetail.objects.chargeable().filter(ASKED, line__proforma=OuterRef("proforma"))
    sums = lines.values_list("proforma").annotate(
        net=Sum("amount"), asked=Coalesce(Subquery(_sum(asked, "line__proforma")), NOTHING)
    )
    nets = {key: (net, asked) for key, net, asked in sums}
    for proforma in proformas:
        proforma.net_amount, _asked = nets.get(proforma.pk, (ZERO, ZERO))
        proforma.tax_amount = sum((group.tax_amount for group in estimates[proforma.pk]), ZERO)
        proforma.gross_amount = proforma.net_amount + proforma.tax_amount
        if by is not None:
            proforma.last_edited_by = by
    _weigh(proformas, {key: asked for key, (_net, asked) in nets.items()}, rules)
    columns = [
        "net_amount",
        "tax_amount",
        "gross_amount",
        "weighed_amount",
        "last_edited_by",
        "lowered_advances",
    ]
    Proforma.objects.bulk_update(proformas, columns, batch_size=200)


def _weigh(
    proformas: Sequence[Proforma], asked: Mapping[int, Decimal], rules: Mapping[GroupPair, TaxCodeFacts]
) -> None:
    """The larger of what each asks for and what it gives back, with tax; no statement where it does one."""
    both = [one for one in proformas if asked.get(one.pk, ZERO) not in (ZERO, one.net_amount)]
    taxes = tax_estimates(both, rules, only=ASKED) if both else {}
    for proforma in proformas:
        total = proforma.gross_amount
        if proforma.pk in taxes:
            charged = asked[proforma.pk] + sum((group.tax_amount for group in taxes[proforma.pk]), ZERO)
            proforma.weighed_amount = max(abs(charged), abs(total - charged))
        else:
            proforma.weighed_amount = abs(total)


def tax_estimates(
    proformas: Sequence[Proforma],
    rules: Mapping[GroupPair, TaxCodeFacts] | None = None,
    *,
    only: Q | None = None,
) -> dict[int, list[TaxGroup]]:
    """Tax groups of each proforma in its currency, as posting will compute them (C3, decision 17).

    `rules` spares reading the tax tables where the caller has them; `only` is which details count.
    """
    # Read once by callers that estimate again and again on one page.
    rules = tax_rules() if rules is None else rules
    bases: dict[int, list[TaxBase]] = defaultdict(list)
    sums = (
        InvoiceLineDetail.objects.chargeable()
        .filter(only or Q(), line__proforma__in=proformas)
        # The tax on what is kept back is asked for at once (B12).
        .exclude(transaction_class=TransactionClass.RETENTION)
        .annotate(day=tax_day())
        .annotate(since=day_of_change("day", rules), sales_group=sales_tax_group())
        .values_list("line__proforma", *TAXED_BY, "since")
        .annotate(net=Sum("amount"))
        .order_by()
    )
    roundings: dict[int, str] = {}
    for proforma_id, sales_group, is_apart, item_group, rounding, since, net in sums:
        roundings[proforma_id] = rounding
        base = TaxBase((sales_group, item_group), since, net, is_apart=is_apart)
        bases[proforma_id].append(base)
    estimates = {}
    for proforma in proformas:
        try:
            rounding = roundings.get(proforma.pk, NEAREST)
            estimates[proforma.pk] = tax_groups(
                bases[proforma.pk], rules, currency=proforma.currency, rounding=rounding
            )
        except RateMissing:
            # An estimate may lack a rate that somebody will enter; posting refuses without it.
            estimates[proforma.pk] = []
    return estimates


def _sum(rows: QuerySet, by: str) -> QuerySet:
    return rows.order_by().values(by).annotate(sum=Sum("amount")).values("sum")


__all__ = ["add_up", "tax_estimates"]
