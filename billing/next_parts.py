"""The part of a milestone that its next invoice asks for, and why an amount cannot be that part (B2)."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from core.money import HUNDRED, ZERO, has_places, minor_places, rounded_fraction
from core.refusals import Refusal
from core.templatetags.display import money

PERCENT_PLACES = 2


def currency_of(share: MilestoneShare) -> str:
    """The currency of a share, whose milestone, line and contract are loaded."""
    return str(share.milestone.contract_line.contract.currency)


def part_of(share: MilestoneShare, percent: Decimal) -> Decimal:
    """So many percent of the whole share, rounded once to the minor unit."""
    exact = Fraction(share.amount) * Fraction(percent) / int(HUNDRED)
    return rounded_fraction(exact, minor_places(currency_of(share)))


def percent_of(share: MilestoneShare, amount: Decimal) -> Decimal:
    """How much of the whole share an amount is, to two places."""
    exact = Fraction(amount) * int(HUNDRED) / Fraction(share.amount) if share.amount else Fraction(0)
    return rounded_fraction(exact, PERCENT_PLACES)


def reasons_against(share: MilestoneShare, amount: Decimal | None) -> Iterator[Refusal]:
    """Why a share cannot have this part next; None is all that is open. Nothing is locked or raised.

    Codes: on-draft, invoiced, amount-not-positive, below-minor-unit, above-what-is-left.
    """
    subject, currency = str(share), currency_of(share)
    if share.status == MilestoneStatus.ON_DRAFT:
        way_out = _("Take it off the draft first.")
        yield Refusal("on-draft", _("It is on a draft."), subject, way_out)
        return
    if share.status == MilestoneStatus.POSTED:
        way_out = _("What is invoiced is corrected on its proforma.")
        yield Refusal("invoiced", _("It is invoiced."), subject, way_out)
        return
    if amount is None:
        return
    if amount <= ZERO:
        way_out = _("Enter an amount above zero, or leave it empty.")
        yield Refusal("amount-not-positive", _("A part has an amount above zero."), subject, way_out)
    elif not has_places(amount, minor_places(currency)):
        message = _("The amount has more decimals than %(currency)s.") % {"currency": currency}
        yield Refusal("below-minor-unit", message, subject, _("Round the amount."))
    elif amount > share.open_amount:
        facts = {
            "amount": money(amount, currency),
            "left": money(share.open_amount, currency),
            "customer": share.customer.name,
        }
        message = _("%(amount)s is more than the %(left)s left for %(customer)s.") % facts
        yield Refusal("above-what-is-left", message, subject, _("Enter what is left, or less."))
