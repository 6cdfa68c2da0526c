"""Vouchers: numbered per year in the order of their sources, balanced, sealed (C6, G1, G2, decision 12)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounting.booking import open_vouchers, seal_vouchers, write_lines, write_lines_from
from accounting.models import Account, IntegrationJournalLine, Voucher, VoucherLine, VoucherSeal
from accounting.pulling import pull_journals
from accounting.setting_up import create_fiscal_periods
from accounting.states import VoucherSource
from billing.states import SeriesKind
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Iterator[Company]:
    """A company with two lines in a journal; what a test leaves without a seal could never be committed."""
    company = Company()
    company.approved(8)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    with transaction.atomic():
        yield company
        transaction.set_rollback(True)


def opened(company: Company, *sources: tuple[int, date]) -> list[Voucher]:
    return open_vouchers(
        company.entity,
        SeriesKind.PROJECT_VOUCHER,
        sources,
        source_kind=VoucherSource.JOURNAL_LINE,
        actor=company.accountant,
        at=NOW,
    )


def account(company: Company, number: str) -> Account:
    return Account.objects.get(legal_entity=company.entity, number=number)


def line(
    company: Company, voucher: Voucher, number: str, amount: str, base: str | None = None
) -> VoucherLine:
    return VoucherLine(
        voucher=voucher,
        account=account(company, number),
        currency="EUR",
        amount=Decimal(amount),
        base_amount=Decimal(base or amount),
    )


def test_numbers_are_taken_per_year_in_the_order_of_the_sources(company: Company):
    create_fiscal_periods(company.entity, date(2025, 1, 1), date(2025, 12, 31))
    vouchers = opened(company, (7, date(2026, 3, 2)), (3, date(2025, 12, 31)), (5, date(2026, 1, 1)))
    assert [(one.source_id, one.number, one.date) for one in vouchers] == [
        (3, "PV-2025-00001", date(2025, 12, 31)),
        (7, "PV-2026-00001", date(2026, 3, 2)),
        (5, "PV-2026-00002", date(2026, 1, 1)),
    ]
    assert {(one.posted_by, one.posted_at, one.source_kind) for one in vouchers} == {
        (company.accountant, NOW, "journal_line")
    }


def test_a_source_has_one_voucher(company: Company):
    opened(company, (7, date(2026, 3, 2)))
    with pytest.raises(IntegrityError), transaction.atomic():
        opened(company, (7, date(2026, 3, 2)))
    assert Voucher.objects.count() == 1


def test_a_balanced_voucher_is_sealed_with_its_own_key(company: Company):
    (voucher,) = opened(company, (7, date(2026, 3, 2)))
    write_lines([line(company, voucher, "4100", "100"), line(company, voucher, "4199", "-100")])
    seal_vouchers([voucher])
    seal = VoucherSeal.objects.get()
    assert (seal.key, seal.voucher) == (voucher.seal_id, voucher)


@pytest.mark.parametrize(
    ("debit", "credit"),
    [(("100", "100"), ("-99.99", "-99.99")), (("100", "100"), ("-100", "-99.99"))],
    ids=["in its currency", "in the entity's currency"],
)
def test_a_voucher_that_does_not_balance_is_not_sealed(
    company: Company, debit: tuple[str, str], credit: tuple[str, str]
):
    (voucher,) = opened(company, (7, date(2026, 3, 2)))
    write_lines([line(company, voucher, "4100", *debit), line(company, voucher, "4199", *credit)])
    with pytest.raises(IntegrityError, match="debit and credit differ"), transaction.atomic():
        seal_vouchers([voucher])
    assert not VoucherSeal.objects.exists()


def test_a_line_of_nothing_in_both_currencies_is_left_out(company: Company):
    (voucher,) = opened(company, (7, date(2026, 3, 2)))
    write_lines(
        [
            line(company, voucher, "4100", "0", "0"),
            line(company, voucher, "8990", "0", "0.01"),
            line(company, voucher, "4199", "0", "-0.01"),
        ]
    )
    written = VoucherLine.objects.order_by("pk").values_list("account__number", "amount", "base_amount")
    assert list(written) == [("8990", 0, Decimal("0.01")), ("4199", 0, Decimal("-0.01"))]


def test_rows_become_a_debit_and_a_credit_of_the_same_amount(company: Company):
    rows = IntegrationJournalLine.objects.order_by("pk")
    vouchers = opened(company, *[(row.pk, row.accounting_date) for row in rows])
    for row, voucher in zip(rows, vouchers, strict=True):
        IntegrationJournalLine.objects.filter(pk=row.pk).update(voucher=voucher)
    debit, credit = account(company, "4100"), account(company, "4199")
    write_lines_from(rows, debit_account=debit.pk, credit_account=credit.pk)
    written = VoucherLine.objects.order_by("voucher_id", "-amount")
    assert [(one.voucher, one.account, one.amount, one.base_amount, one.project) for one in written] == [
        (vouchers[0], debit, 800, 800, company.project),
        (vouchers[0], credit, -800, -800, company.project),
        (vouchers[1], debit, 1600, 1600, company.project),
        (vouchers[1], credit, -1600, -1600, company.project),
    ]
