"""Journal vouchers in tests: written as `account amount [currency]`, posted by a second person."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User

from accounting.journal_voucher_checks import NewVoucher, NewVoucherLine
from accounting.line_shares import read_shares
from accounting.models import Account, JournalVoucher, Voucher
from accounting.posting_vouchers import post_journal_vouchers
from accounting.writing_vouchers import write_journal_vouchers
from projects.roles import FINANCE_CONTROLLER
from tests.company.rows import DAY, NOW

if TYPE_CHECKING:
    from tests.company.builder import Company


def line(company: "Company", row: int, said: str, **columns: Any) -> NewVoucherLine:
    """`4100 80.00` or `4100 80.00 USD`; `4100 80.00: north 60; south 40` on two dimensions."""
    said, _colon, shares = said.partition(":")
    number, amount, *currency = said.split()
    account = Account.objects.get(legal_entity=company.entity, number=number)
    if shares:
        columns["shares"] = read_shares(shares, "en-gb")
    return NewVoucherLine(row, account, (currency or ["EUR"])[0], Decimal(amount), **columns)


def meant(
    company: "Company", *said: str, on: date = DAY, text: str = "Salaries", dimension: str = ""
) -> NewVoucher:
    """A voucher of these lines; the first one has the dimension."""
    lines = [
        line(company, row, one, dimension=dimension if row == 1 else "")
        for row, one in enumerate(said, start=1)
    ]
    return NewVoucher(company.entity, on, text, lines)


def written(company: "Company", *said: str, **facts: Any) -> JournalVoucher:
    """A draft that the accountant wrote."""
    (draft,) = write_journal_vouchers([meant(company, *said, **facts)], actor=company.accountant, at=NOW)
    return draft


def controller_of(company: "Company") -> Any:
    """The controller who posts what the accountant writes, always the same one."""
    known = User.objects.filter(
        groups__name=FINANCE_CONTROLLER, entity_memberships__legal_entity=company.entity
    )
    return known.order_by("pk").first() or company.second_person()


def posted(company: "Company", *drafts: JournalVoucher, by: Any = None) -> list[Voucher]:
    """Drafts posted by a controller."""
    chosen = JournalVoucher.objects.filter(pk__in=[one.pk for one in drafts])
    return post_journal_vouchers(chosen, actor=by or controller_of(company), at=NOW)
