"""Steps of the matrix of confirmations and corrections, and what stands after each (N1 to N16, R1 to R9)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import MilestoneShare, Proforma
from billing.states import MilestoneStatus
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import correct

Step = Callable[[Company], Any]


@dataclass(frozen=True)
class Row:
    """One row of the matrix: its steps, the net amount of the last proforma, and what stands afterwards."""

    code: str
    steps: list[Step]
    net: str
    actuals: str
    backlog: str = ""


# --- What happens -------------------------------------------------------------------------------------


def work(**terms: Any) -> Step:
    return lambda at: at.approved(8, **terms)


def expense(at: Company) -> None:
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(500))


def material(at: Company) -> None:
    at.sells_material_for("75")
    at.approved(5, "material", price=Decimal(50), product="Cable")


def fee(at: Company) -> None:
    at.approved(1, "fee", price=Decimal(500))


def milestone(at: Company) -> None:
    at.milestone("5000")


def fixed_price_line(at: Company) -> None:
    at.fixed_price_line()


def draft(at: Company) -> None:
    at.draft()


def opened() -> Proforma:
    """The draft that is open."""
    return Proforma.objects.open().get()


def edit(**changes: Any) -> Step:
    return lambda at: at.edit(opened(), **changes)


def by_hand(hours: int, price: int) -> Step:
    return lambda at: at.add_by_hand(
        opened(), at.line, transaction_class="time", quantity=Decimal(hours), price=Decimal(price)
    )


def on_the_fixed_price_line(transaction_class: str, price: int) -> Step:
    def add(at: Company) -> None:
        line = opened().lines.get(contract_line__billing_method="fixed_price").contract_line
        columns = {"transaction_class": transaction_class, "unit": "pcs", "price": Decimal(price)}
        at.add_by_hand(opened(), line, **columns)

    return add


def confirm(at: Company) -> None:
    at.confirm(opened())


def correct_to(**remaining: str) -> Step:
    """Draft the correction of the one row that was billed first, and that may have been corrected since."""

    def start(at: Company) -> None:
        (billed,) = billed_rows(Proforma.objects.earliest("pk"))
        correct(at, BilledCorrection(billed, **{name: Decimal(of) for name, of in remaining.items()}))

    return start


# --- What stands afterwards ---------------------------------------------------------------------------


def waiting(company: Company) -> str:
    """What can be billed next: the backlog, and what is open of milestones."""
    shares = MilestoneShare.objects.exclude(status=MilestoneStatus.POSTED)
    of_milestones = [f"milestone {share.open_amount:+.2f} {share.status}" for share in shares]
    return "\n".join(filter(None, [company.backlog(), *of_milestones]))


def walk(row: Row) -> None:
    """Go the steps of a row, prove the books after each, and compare what stands at the end."""
    company = Company()
    for step in row.steps:
        step(company)
        assert_proven()
    last = Proforma.objects.latest("pk")
    assert (last.net_amount, last.tax_amount) == (Decimal(row.net), Decimal(row.net) / 5)
    assert company.statuses() == row.actuals
    assert waiting(company) == row.backlog
