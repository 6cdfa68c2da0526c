"""The facts of the printed statement of prepaid hours of a month (A12)."""

from collections.abc import Iterator, Sequence
from datetime import date

from core.days import last_of_month
from core.documents.building import parties
from core.documents.hours_statement import HoursRow, HoursStatement
from core.money import ZERO
from projects.models import Actual, Customer
from projects.prepaid_plans import MonthOfHours
from projects.prepaid_use import PrepaidUse, UsedRow, rows_of_month

NUMBER_CHARACTERS = 27


def statement_of(
    use: PrepaidUse, month: MonthOfHours, customer: Customer, printed_on: date
) -> HoursStatement:
    """What became of the block of a month, as its customer reads it, with every row; two statements.

    Hours over cost their amounts, net in the contract's currency. Line, contract and legal entity of the
    agreement are loaded. Locks nothing (A12).
    """
    line = use.agreement.contract_line
    contract = line.contract
    seller, buyer = parties(contract.legal_entity, customer)
    mine = rows_of_month(use, month.month)
    return HoursStatement(
        number=f"{contract.number[:NUMBER_CHARACTERS]}-{month.month:%Y-%m}",
        printed_on=printed_on,
        language=customer.language,
        seller=seller,
        customer=buyer,
        customer_number=customer.number,
        contract=f"{contract.number} {contract.name}",
        line=line.name,
        currency=contract.currency,
        first_day=month.month,
        last_day=last_of_month(month.month),
        rolled_in=month.rolled_in,
        bought=month.bought,
        used=month.used,
        over=month.over,
        left=month.left,
        rolled_on=month.rolled_on,
        expired=month.expired,
        overage_rate=use.terms[month.month].overage_rate,
        overage=sum((row.amount for row in mine if use.is_over(row)), ZERO),
        rows=tuple(_rows(mine, use)),
    )


def _rows(mine: Sequence[UsedRow], use: PrepaidUse) -> Iterator[HoursRow]:
    actuals = Actual.objects.select_related("work_item__resource").in_bulk([row.pk for row in mine])
    for row in mine:
        item = actuals[row.pk].work_item
        yield HoursRow(
            day=row.day,
            text=item.external_description or item.description,
            person=item.resource.name if item.resource else "",
            hours=row.quantity,
            is_over=use.is_over(row),
        )
