"""Every fault that somebody plants in estimates and agreed rates behind the guards is named (G18, G19)."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F

from accounting.models import EstimateEvent, RevenueEstimate, VoucherLine
from accounting.proving import prove
from accounting.recognising import withdraw_estimates
from core import guarding
from projects.entering_agreed_rates import NewRate, agree_rate
from projects.models import AgreedRate, ProjectContract
from tests.accounting.planting import cut, raw
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.rows import DAY, NOW
from tests.scenarios.event_table import APRIL, ON, billed_milestone, company_of, eliminate, estimate, worked


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """Estimates that were posted, reversed, posted anew and eliminated; a rate agreed in pounds."""
    around = transaction.atomic()
    # As Django marks the transaction around a test, so that verbs may be called in it.
    around._from_testcase = True
    with django_db_blocker.unblock(), around:
        made = recognised()
        assert_proven()
        guarding.lift(connection)
        yield made
        transaction.set_rollback(True)


def recognised() -> Company:
    made = company_of("FP completed percentage")
    worked(made)
    estimate(made, percent=50)
    withdraw_estimates(RevenueEstimate.objects.all(), on=ON, actor=made.accountant, at=NOW)
    estimate(made, percent=40)
    billed_milestone(made)
    estimate(made, APRIL, percent=100)
    eliminate(made)
    abroad = made.with_another_customer()
    ProjectContract.objects.filter(pk=abroad.contract.pk).update(currency="GBP")
    new = NewRate(Decimal("1.25"), DAY)
    agree_rate(only(abroad.contract), new, actor=made.accountant, at=NOW)
    return made


def states(status: str) -> None:
    RevenueEstimate.objects.update(status=status)


def lines(step: str) -> Any:
    events = EstimateEvent.objects.filter(step=step).values("pk")
    return VoucherLine.objects.filter(voucher__source_kind="estimate", voucher__source_id__in=events)


def doubled(step: str) -> None:
    lines(step).update(base_amount=F("base_amount") * 2, amount=F("amount") * 2)


def entered_by_another() -> None:
    AgreedRate.objects.update(
        agreed_by=User.objects.exclude(pk=AgreedRate.objects.get().agreed_by_id).first()
    )


FAULTS: list[tuple[str, Callable[[], Any], str]] = [
    ("a state gone back", lambda: states("created"), "G18a"),
    ("an elimination forgotten", lambda: states("posted"), "G18a"),
    (
        "an event deleted",
        lambda: cut(EstimateEvent.objects.filter(step="eliminated")),
        "G18a",
    ),
    ("another amount", lambda: RevenueEstimate.objects.update(amount=F("amount") + 1), "G18b"),
    ("a voucher doubled", lambda: doubled("posted"), "G18b"),
    ("a reversal doubled", lambda: doubled("posting_reversed"), "G18c"),
    ("a reversal without lines", lambda: cut(lines("posting_reversed")), "G18c"),
    ("another rate", lambda: AgreedRate.objects.update(rate=Decimal("1.3")), "G19"),
    ("another last day", lambda: AgreedRate.objects.update(ends_on=DAY), "G19"),
    ("a rate deleted", lambda: cut(AgreedRate.objects.all()), "G19"),
    (
        "a rate that nobody entered",
        lambda: raw(
            "INSERT INTO projects_agreedrate (contract_id, starts_on, rate, agreed_by_id, agreed_at)"
            " SELECT contract_id, starts_on, rate, agreed_by_id, agreed_at FROM projects_agreedrate"
        ),
        "G19",
    ),
    ("who entered it", entered_by_another, "G19"),
]


@pytest.mark.parametrize(("plant", "code"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(built: Company, db: None, plant: Callable[[], Any], code: str):
    with transaction.atomic():
        plant()
        named = {finding.proof.code: finding.examples for finding in prove() if finding.count}
        transaction.set_rollback(True)
    assert code in named
    assert all(named[code])
