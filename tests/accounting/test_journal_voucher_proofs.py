"""Every fault that somebody plants in journal vouchers behind the back of verbs and guards is named (G13)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from accounting.models import JournalVoucher, JournalVoucherLine, Voucher, VoucherLine
from accounting.proving import prove
from accounting.writing_vouchers import reverse_journal_vouchers
from core import guarding
from tests.accounting.planting import cut
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.journal_vouchers import posted, written
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    """One posted journal voucher and another one with its reversal; guards lifted."""
    made = Company()
    one, other = written(made, "4100 80", "4199 -80"), written(made, "4100 30", "1590 -30", text="Rent")
    posted(made, one, other)
    (back,) = reverse_journal_vouchers(only(other), on=date(2026, 4, 1), actor=made.accountant, at=NOW)
    posted(made, back)
    assert_proven()
    guarding.lift(connection)
    return made


def gone(model: Any, **having: Any) -> None:
    cut(model.objects.filter(**having))


def first_lines(**more: Any) -> Any:
    return JournalVoucherLine.objects.filter(journal_voucher__text="Salaries", **more)


FAULTS: list[tuple[str, Callable[[Company], Any], str]] = [
    (
        "another day than its voucher",
        lambda c: JournalVoucher.objects.update(date=date(2026, 3, 9)),
        "G13a",
    ),
    (
        "a poster that the ledger does not know",
        lambda c: JournalVoucher.objects.filter(status="posted").update(posted_by=c.manager),
        "G13a",
    ),
    ("a source that is gone", lambda c: Voucher.objects.update(source_id=F("source_id") + 90), "G13b"),
    (
        "taken back to a draft",
        lambda c: JournalVoucher.objects.update(status="draft", posted_by=None, posted_at=None),
        "G13b",
    ),
    ("an amount written by hand", lambda c: first_lines(amount__gt=0).update(amount=81), "G13c"),
    ("a dimension of the ledger", lambda c: VoucherLine.objects.update(dimension="x"), "G13c"),
    ("a line less", lambda c: first_lines(amount__gt=0).delete(), "G13c"),
    (
        "two lines instead of one",
        lambda c: first_lines(amount__gt=0).update(base_amount=Decimal(79)),
        "G13c",
    ),
    (
        "an original with other lines than its reversal",
        lambda c: JournalVoucherLine.objects.filter(journal_voucher__text="Rent").update(dimension="y"),
        "G13e",
    ),
]


@pytest.mark.parametrize(("plant", "code"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(company: Company, plant: Callable[[Company], Any], code: str):
    plant(company)
    named = {finding.proof.code: finding.examples for finding in prove() if finding.count}
    assert code in named
    assert all(named[code])


def test_a_writer_who_posted_is_kept_out_by_the_table_as_well(company: Company):
    poster = JournalVoucher.objects.order_by("pk")[0].posted_by
    with pytest.raises(IntegrityError, match="(?i)journal_voucher_posted_by_another"):
        JournalVoucher.objects.update(written_by=poster)
