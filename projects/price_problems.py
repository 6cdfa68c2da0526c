"""The sentence for a submission without a price, with what to do about it (A7)."""

from django.utils.translation import gettext as _

from core.templatetags.display import day
from core.units import unit_word
from projects.models import Approval
from projects.states import PriceProblem


def sentence_of(approval: Approval) -> str:
    """Why the sales price of a submission is missing and where it is added; empty when it has one."""
    entry = approval.entry
    facts = {
        "day": day(entry.date),
        "unit": unit_word(entry.unit),
        "cost_currency": approval.cost_currency,
        "currency": approval.sales_currency,
    }
    return {
        PriceProblem.NO_PRICE: _("No price list has a price for it on %(day)s: add one under Price lists."),
        PriceProblem.OTHER_UNIT: _("Its price is for another unit than %(unit)s: add one for this unit."),
        PriceProblem.NO_COST: _("It is priced by its cost, which nobody reported: add a cost price."),
        PriceProblem.NO_RATE: _(
            "There is no exchange rate from %(cost_currency)s to %(currency)s on %(day)s: "
            "a controller adds it under Exchange rates."
        ),
    }.get(PriceProblem(approval.price_problem), "") % facts
