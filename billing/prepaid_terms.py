"""What is agreed about prepaid hours before it is written, and the retainer of each month (A12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import Retainer
from core.days import day_before, first_of_month, months_later
from core.money import ZERO, has_places, minor_places, times
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import money, number
from projects.entry_rules import TOO_LARGE
from projects.models import ContractLine, Customer, PrepaidMonth
from projects.states import ENDED_CONTRACTS

MOST_MONTHS = 60
TERMS = ("hours", "block_rate", "overage_rate", "roll_over_hours")
"""What is agreed for each month."""


@dataclass(frozen=True)
class NewTerms:
    """What a month has from now on; rates in the contract's currency."""

    hours: Decimal
    block_rate: Decimal
    overage_rate: Decimal
    roll_over_hours: Decimal

    def is_as(self, month: PrepaidMonth) -> bool:
        """Whether it is what was agreed for a month."""
        return all(getattr(self, name) == getattr(month, name) for name in TERMS)


@dataclass(frozen=True)
class PrepaidTerms:
    """Hours a month, their rate and that beyond them in the contract's currency, and for which months."""

    hours: Decimal
    block_rate: Decimal
    overage_rate: Decimal
    roll_over_hours: Decimal
    first_month: date
    months: int

    @property
    def days(self) -> list[date]:
        """The first day of each month."""
        return months_after(self.first_month, self.months)

    @property
    def last_month(self) -> date:
        """The first day of the last month."""
        return months_later(first_of_month(self.first_month), self.months - 1)

    @property
    def blocks(self) -> list[PrepaidMonth]:
        """The block of each month, not written yet and of no agreement."""
        return [
            PrepaidMonth(
                month=day,
                hours=self.hours,
                block_rate=self.block_rate,
                overage_rate=self.overage_rate,
                roll_over_hours=self.roll_over_hours,
            )
            for day in self.days
        ]

    def reasons_against(self, line: ContractLine) -> Iterable[Refusal]:
        """Why these figures and months are not possible on a line; its contract is loaded.

        Codes: those of `reasons_against_figures`, months-not-possible, outside-contract.
        """
        yield from self.reasons_against_figures(line)
        yield from reasons_against_months(self.months, line.name)
        if 1 <= self.months <= MOST_MONTHS:
            yield from _outside(line, self.first_month, self.last_month)

    def reasons_against_figures(self, line: ContractLine) -> Iterable[Refusal]:
        """Why these hours and rates are not possible on a line; its contract is loaded.

        Codes: hours-not-positive, rate-not-positive, rates-equal, roll-over-not-possible, amount-too-large,
        below-minor-unit.
        """
        yield from reasons_against_hours(self.hours, self.block_rate, line)
        if self.overage_rate <= ZERO or self.block_rate <= ZERO:
            message = _("Both rates must be above zero.")
            yield Refusal("rate-not-positive", message, line.name, _("Type what an hour costs."))
        elif self.overage_rate == self.block_rate:
            yield Refusal(
                "rates-equal",
                _("An hour beyond the block costs what one within it does."),
                line.name,
                _("Type another overage rate, or schedule advances instead."),
            )
        if self.hours > ZERO and not ZERO <= self.roll_over_hours <= self.hours:
            yield Refusal(
                "roll-over-not-possible",
                _("At most the hours of one month roll over."),
                line.name,
                _("Type 0, so that none do, or at most the hours of a month."),
            )


def months_after(first: date, count: int) -> list[date]:
    """The first days of so many months, from that of a day on."""
    start = first_of_month(first)
    return [months_later(start, number) for number in range(count)]


def reasons_against_months(count: int, subject: str) -> Iterable[Refusal]:
    """Code: months-not-possible."""
    if not 1 <= count <= MOST_MONTHS:
        message = _("Prepaid hours are planned for 1 to %(most)s months at once.") % {"most": MOST_MONTHS}
        yield Refusal("months-not-possible", message, subject, _("Plan fewer; extend them later."))


def reasons_against_hours(hours: Decimal, rate: Decimal, line: ContractLine) -> Iterable[Refusal]:
    """Whether the block of a month has an amount that can be invoiced.

    Codes: hours-not-positive, amount-too-large, below-minor-unit.
    """
    currency = line.contract.currency
    if hours <= ZERO:
        message = _("A block has more than zero hours.")
        yield Refusal("hours-not-positive", message, line.name, _("Type the hours of one month."))
    elif hours >= TOO_LARGE or rate >= TOO_LARGE or hours * rate >= TOO_LARGE:
        message = _("The amount is too large to be stored.")
        yield Refusal("amount-too-large", message, line.name, _("Check hours and rate."))
    elif not has_places(hours * rate, minor_places(currency)):
        yield Refusal(
            "below-minor-unit",
            _("Hours times rate has more decimals than %(currency)s.") % {"currency": currency},
            line.name,
            _("Choose hours or a rate whose product is %(amount)s, or another round amount.")
            % {"amount": money(times(hours, rate, currency), currency)},
        )


def reasons_against_line(line: ContractLine, customers: Sequence[Customer]) -> Iterable[Refusal]:
    """Why a contract line cannot have prepaid hours; its contract is loaded, `customers` pay for it.

    Codes: contract-ended, not-time-and-material, project-missing, class-not-included, several-payers,
    billed-by-day, standing-discount.
    """
    contract, name = line.contract, line.name
    if contract.status in ENDED_CONTRACTS:
        message = _("The contract is “%(status)s”.") % {"status": contract.get_status_display()}
        yield Refusal("contract-ended", message, str(contract), _("Choose a contract that has not ended."))
    if not line.is_time_and_material:
        message = _("The line has a fixed price.")
        yield Refusal("not-time-and-material", message, name, _("Choose a line by time and material."))
    if line.project_id is None:
        message = _("The contract line has no project.")
        yield Refusal("project-missing", message, name, _("Choose a line that has one."))
    if not line.includes_time:
        message = _("The contract line does not include time.")
        yield Refusal("class-not-included", message, name, _("Let the line include time first."))
    if len(customers) != 1:
        yield Refusal(
            "several-payers",
            _("A block of hours is bought by one customer, and %(count)s pay for this line.")
            % {"count": number(len(customers))},
            name,
            _("Give each customer a line of its own, or let one pay all of it."),
        )
    if line.day_hours is not None:
        message = _("Time of the line is billed in days.")
        yield Refusal("billed-by-day", message, name, _("Let the line bill hours, or choose another one."))
    if line.discount_percent is not None:
        yield Refusal(
            "standing-discount",
            _("The line has a standing discount, and the rate of a block is agreed as it is."),
            name,
            _("Take the discount off the line first."),
        )


def _outside(line: ContractLine, first: date, last: date) -> Iterable[Refusal]:
    """That a month lies wholly before or after the days that the line covers."""
    starts, ends = line.first_covered, line.contract.ends_on
    is_before = starts is not None and first < first_of_month(starts)
    if is_before or (ends is not None and last > ends):
        yield Refusal(
            "outside-contract",
            _("The months from %(first)s to %(last)s do not lie within the contract.")
            % {"first": written(first, "whole_month"), "last": written(last, "whole_month")},
            line.name,
            _("It covers the days from %(first)s to %(last)s: choose fewer months, or change the contract.")
            % {"first": written(starts), "last": written(ends)},
        )


def payers_of(line: ContractLine) -> Sequence[Customer]:
    """The customers who pay a share of a line."""
    paying = Customer.objects.filter(
        contract_line_shares__contract_line=line, contract_line_shares__split_percent__gt=0
    )
    return list(paying.order_by("pk"))


def retainers_of(terms: PrepaidTerms, line: ContractLine, customer: Customer) -> list[Retainer]:
    """The retainers of all months as they would be planned; nothing is written."""
    return [retainer_of(month, line, customer) for month in terms.blocks]


def retainer_of(month: PrepaidMonth, line: ContractLine, customer: Customer) -> Retainer:
    """The retainer of a month, not written yet: hours times rate, invoiced on the last day before it."""
    contract = line.contract
    return Retainer(
        contract=contract,
        customer=customer,
        contract_line=line,
        prepaid_month=month,
        name=_("%(hours)s h prepaid for %(month)s")
        % {"hours": f"{month.hours.normalize():f}", "month": written(month.month, "whole_month")},
        amount=times(month.hours, month.block_rate, contract.currency),
        invoice_on=day_before(month.month),
        item_sales_tax_group_id=contract.legal_entity.milestone_item_tax_group_id,
    )
