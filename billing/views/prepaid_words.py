"""What was agreed about prepaid hours, in sentences (A12)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from billing.prepaid_terms import TERMS, NewTerms
from core.templatetags.display import day, quantity, rate
from projects.models import PrepaidMonth


def terms_in_words(contract: str, customer: str, agreed: PrepaidMonth) -> str:
    """What was agreed for a month, with whom."""
    words = {"contract": contract, "customer": customer} | _figures(agreed)
    if agreed.roll_over_hours:
        return (
            _(
                "%(contract)s, %(customer)s. %(hours)s a month at %(rate)s; unused hours roll over once, "
                "at most %(cap)s; above that %(over)s an hour"
            )
            % words
        )
    return (
        _(
            "%(contract)s, %(customer)s. %(hours)s a month at %(rate)s; unused hours expire with the "
            "month; above that %(over)s an hour"
        )
        % words
    )


def terms_that_follow(agreed: PrepaidMonth, months: Sequence[PrepaidMonth]) -> list[str]:
    """A sentence for each later month, of months in their order, from which on other terms hold."""
    said, known = [], agreed
    for one in months:
        if one.month > agreed.month and any(getattr(one, name) != getattr(known, name) for name in TERMS):
            words = _(
                "From %(month)s on: %(hours)s at %(rate)s, above that %(over)s, at most %(cap)s roll over."
            )
            said.append(words % {"month": day(one.month, "whole_month"), **_figures(one)})
            known = one
    return said


def figures_in_words(agreed: PrepaidMonth | NewTerms) -> str:
    """Hours, rates and cap in one line."""
    return _("%(hours)s at %(rate)s, above that %(over)s, at most %(cap)s roll over") % _figures(agreed)


def _figures(agreed: PrepaidMonth | NewTerms) -> dict[str, str]:
    return {
        "hours": quantity(agreed.hours, "h"),
        "rate": rate(agreed.block_rate),
        "cap": quantity(agreed.roll_over_hours, "h"),
        "over": rate(agreed.overage_rate),
    }
