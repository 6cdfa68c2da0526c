"""The tax tables, read once for a set of documents, as the engine wants them (C3)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Case, DateField, Value, When

from projects.models import TaxRate, TaxRule
from projects.taxing import GroupPair, TaxCodeFacts


def tax_rules() -> dict[GroupPair, TaxCodeFacts]:
    """Every pair of groups that has a tax code, with the code's dated rates in order of date."""
    rates: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    # Both tables are small and read whole: two statements, however many documents.
    for rate in TaxRate.objects.order_by("tax_code", "starts_on"):
        rates[rate.tax_code_id].append((rate.starts_on, rate.percent))
    return {
        (rule.sales_tax_group_id, rule.item_sales_tax_group_id): TaxCodeFacts(
            code_id=rule.tax_code_id,
            name=rule.tax_code.name,
            kind=rule.tax_code.kind,
            reasons=rule.tax_code.reasons,
            rates=tuple(rates[rule.tax_code_id]),
        )
        for rule in TaxRule.objects.select_related("tax_code")
    }


def day_of_change(day: str, rules: Mapping[GroupPair, TaxCodeFacts]) -> Case:
    """The last day on or before the column `day` on which any rate began; an expression for queries.

    Amounts grouped by it are taxed as if each had its own day, and are far fewer. Before the first rate it is
    the first day there is, so that a rate that is missing shows (decision 17).
    """
    changes = sorted({since for code in rules.values() for since, _percent in code.rates}, reverse=True)
    return Case(
        *(When(**{f"{day}__gte": change}, then=Value(change)) for change in changes),
        default=Value(date.min),
        output_field=DateField(),
    )
