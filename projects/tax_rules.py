"""The tax tables, read once for a set of documents, as the engine wants them (C3)."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from projects.models import TaxRate, TaxRule
from projects.taxing import GroupPair, TaxCodeFacts


def tax_rules() -> dict[GroupPair, TaxCodeFacts]:
    """Every pair of groups that has a tax code, with the code's dated rates in order of date."""
    rates: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
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
