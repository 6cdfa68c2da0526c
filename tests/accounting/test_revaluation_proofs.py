"""Every fault that somebody plants in revaluations behind the back of verbs and guards is named (G14)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounting.models import Revaluation, RevaluationLine, Voucher, VoucherLine
from accounting.proving import prove
from accounting.revaluing import revalue_balances, reverse_revaluations
from core import guarding
from projects.models import LegalEntity
from tests.accounting.planting import cut
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.receivables import owed
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)


@pytest.fixture
def company() -> Company:
    """1,000 dollars owed, valued, reversed and valued again; guards lifted."""
    made = Company()
    made.rate("USD", "0.80")
    made.rate("USD", "0.83", FEBRUARY)
    owed(made, "1000", currency="USD", on=date(2026, 2, 2))
    entities = LegalEntity.objects.filter(pk=made.entity.pk)
    by = {"actor": made.accountant, "at": NOW}
    revalue_balances(entities, on=FEBRUARY, **by)
    reverse_revaluations(Revaluation.objects.all(), **by)
    revalue_balances(entities, on=FEBRUARY, **by)
    assert_proven()
    guarding.lift(connection)
    return made


def vouchers(kind: str) -> Any:
    return Voucher.objects.filter(source_kind=kind)


def of_last(model: Any) -> Any:
    return model.objects.filter(revaluation=Revaluation.objects.latest("pk"))


FAULTS: list[tuple[str, Callable[[], Any], str]] = [
    ("another day", lambda: Revaluation.objects.update(valued_on=date(2026, 2, 27)), "G14a"),
    (
        "a reversal on another day",
        lambda: vouchers("revaluation_reversal").update(date=date(2026, 3, 2)),
        "G14a",
    ),
    (
        "a reversal of another one",
        lambda: vouchers("revaluation_reversal").update(source_id=F("source_id") + 90),
        "G14a",
    ),
    ("a source that is gone", lambda: vouchers("revaluation").update(source_id=F("source_id") + 90), "G14b"),
    ("another rate", lambda: of_last(RevaluationLine).update(rate=Decimal("0.9")), "G14c"),
    ("another difference", lambda: of_last(RevaluationLine).update(difference=31), "G14d"),
    ("a line less", lambda: cut(of_last(RevaluationLine)), "G14d"),
    (
        "a voucher doubled",
        lambda: VoucherLine.objects.filter(voucher__source_kind="revaluation").update(
            base_amount=F("base_amount") * 2
        ),
        "G14f",
    ),
    ("two that stand", lambda: Revaluation.objects.update(reverses=None), "G14e"),
]


@pytest.mark.parametrize(("plant", "code"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(company: Company, plant: Callable[[], Any], code: str):
    plant()
    named = {finding.proof.code: finding.examples for finding in prove() if finding.count}
    assert code in named
    assert all(named[code])
