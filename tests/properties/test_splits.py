"""Whoever pays a share pays what was agreed, in every currency and wherever the rounding payer stands."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.money import minor_places, part_amount, quantise, times
from projects.actuals import facts_of
from projects.models import (
    Actual,
    ActualEvent,
    Approval,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    LegalEntity,
    Project,
    ProjectContract,
)
from projects.shares import OwedShares
from projects.states import BillingMethod, BillingType, TransactionClass, TransactionType

HOURS = st.decimals("0.01", 24, places=4)
PRICES = st.decimals("0.01", 10**5, places=4)
CURRENCIES = ["JPY", "EUR", "KWD"]


@st.composite
def splits(draw: st.DrawFn) -> list[ContractLineCustomer]:
    """Two to six payers of four-place percentages that add up to 100; one of them takes the rounding."""
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), min_size=1, max_size=5)))
    bounds = [0, *cuts, 1_000_000]
    percents = [Decimal(after - before).scaleb(-4) for before, after in zip(bounds, bounds[1:], strict=False)]
    rounding = draw(st.integers(0, len(percents) - 1))
    return [
        ContractLineCustomer(
            contract_line_id=1,
            customer=Customer(pk=number, name=f"Payer {number}"),
            split_percent=percent,
            is_rounding=number == rounding,
        )
        for number, percent in enumerate(percents)
    ]


@st.composite
def submissions(draw: st.DrawFn) -> Approval:
    """Hours that cost and sell something, all or some of them billable."""
    hours, cost_price, price = draw(HOURS), draw(PRICES), draw(PRICES)
    billable = draw(st.one_of(st.just(hours), HOURS))
    currency, cost_currency = draw(st.sampled_from(CURRENCIES)), draw(st.sampled_from(CURRENCIES))
    return Approval(
        entry=Entry(
            legal_entity=LegalEntity(),
            project=Project(),
            transaction_class=TransactionClass.TIME,
            date=date(2026, 3, 2),
            quantity=hours,
            unit="h",
        ),
        contract_line=ContractLine(
            contract=ProjectContract(), billing_method=BillingMethod.TIME_AND_MATERIAL
        ),
        submitted_quantity=hours,
        priced_quantity=hours,
        priced_amount=times(hours, price, currency),
        billable_quantity=billable,
        cost_price=cost_price,
        cost_amount=times(hours, cost_price, cost_currency),
        cost_currency=cost_currency,
        sales_price=price,
        sales_amount=part_amount(billable, price, currency, (hours, times(hours, price, currency))),
        sales_currency=currency,
    )


def name_of(row: Actual) -> str:
    if row.type == TransactionType.COST:
        return "cost"
    return "rest" if row.billing_type == BillingType.NON_CHARGEABLE else "billable"


def shares_of(
    approval: Approval, payers: list[ContractLineCustomer], owed: OwedShares
) -> dict[str, list[Actual | None]]:
    """The rows of an approval by side, one for each payer; none where there is nothing to share."""
    facts = facts_of(approval, payers, ActualEvent(legal_entity=LegalEntity()), owed)
    assert [work_item.customer_id for work_item, _rows in facts] == [payer.customer_id for payer in payers]
    sides: dict[str, list[Actual | None]] = {}
    for number, (_work_item, rows) in enumerate(facts):
        for row in rows:
            sides.setdefault(name_of(row), [None] * len(payers))[number] = row
    return sides


def wholes_of(approval: Approval) -> dict[str, tuple[Decimal, Decimal, str]]:
    """Quantity, amount and currency of what is shared out, by side."""
    rest = max(approval.priced_quantity - approval.billable_quantity, Decimal(0))
    left = approval.priced_amount - approval.sales_amount if rest else Decimal(0)
    return {
        "cost": (approval.submitted_quantity, approval.cost_amount, approval.cost_currency),
        "billable": (approval.billable_quantity, approval.sales_amount, approval.sales_currency),
        "rest": (rest, left, approval.sales_currency),
    }


@given(st.lists(submissions(), min_size=1, max_size=5), splits())
def test_every_payer_is_within_one_unit_of_its_share_and_the_rounding_payer_takes_the_rest(approvals, payers):
    owed = OwedShares()
    for approval in approvals:
        sides = shares_of(approval, payers, owed)
        for side, (hours, amount, currency) in wholes_of(approval).items():
            rows = sides.get(side, [None] * len(payers))
            unit = Decimal(1).scaleb(-minor_places(currency))
            for whole, field, step in [(amount, "amount", unit), (hours, "quantity", Decimal("0.0001"))]:
                shares = [getattr(row, field, Decimal(0)) for row in rows]
                assert sum(shares) == whole
                for payer, share in zip(payers, shares, strict=True):
                    assert abs(share - whole * payer.split_percent / 100) <= step
                    assert share >= 0


@given(submissions(), splits())
def test_the_first_entry_of_a_month_is_rounded_by_itself(approval, payers):
    owed = OwedShares()
    sides = shares_of(approval, payers, owed)
    for side, (_hours, amount, currency) in wholes_of(approval).items():
        unit = Decimal(1).scaleb(-minor_places(currency))
        # Among three or fewer nobody else gives anything to the one that takes the rounding.
        others = [number for number, one in enumerate(payers) if not one.is_rounding and len(payers) <= 3]
        for number in others:
            share = getattr(sides.get(side, [None] * len(payers))[number], "amount", Decimal(0))
            assert share == quantise(amount * payers[number].split_percent / 100, currency)
            assert share % unit == 0


@given(submissions(), st.integers(1, 40), splits())
def test_many_small_entries_come_to_the_percentage_of_their_sum(approval, count, payers):
    owed = OwedShares()
    given_to = defaultdict(Decimal)
    for _each in range(count):
        for number, row in enumerate(shares_of(approval, payers, owed)["cost"]):
            given_to[number] += row.amount
    unit = Decimal(1).scaleb(-minor_places(approval.cost_currency))
    for number, payer in enumerate(payers):
        agreed = approval.cost_amount * count * payer.split_percent / 100
        # Not one unit for each entry, but one for each of the other payers, however many entries there are.
        assert abs(given_to[number] - agreed) <= unit * (len(payers) - 1)
