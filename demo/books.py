"""What the books of the demo hold beside its invoices: opening balances, a closed year, a revaluation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounting.balances import Span
from accounting.closing import close_periods
from accounting.closing_years import close_years
from accounting.exporting import ExportOrder, export_vouchers
from accounting.journal_voucher_checks import NewVoucher, NewVoucherLine
from accounting.models import Account, BankAccount, FiscalPeriod, JournalVoucher, PostingAccount
from accounting.opening_checks import NewOpeningItem
from accounting.opening_items import enter_opening_items
from accounting.posting_vouchers import post_journal_vouchers
from accounting.querysets import JournalVoucherQuerySet
from accounting.recurring_vouchers import MonthlyTerms, propose_recurring_vouchers, repeat_journal_vouchers
from accounting.revaluing import revalue_balances
from accounting.states import AccountKind, ExportTarget, PostingType
from accounting.writing_vouchers import write_journal_vouchers
from demo.days import MONTHS, Days, month_end, months_after
from demo.people import People
from projects.entering_agreed_rates import NewRate, agree_rate
from projects.models import Customer, LegalEntity, ProjectContract

RENT, AUDIT, OWED = "Office rent", "Audit and advice", "Accrued liabilities"
OWN_ACCOUNTS = ((RENT, AccountKind.EXPENSE), (AUDIT, AccountKind.EXPENSE), (OWED, AccountKind.LIABILITY))
OPEN_ITEMS = (("K-1003", "A-0412", "7140"), ("K-1005", "A-0419", "3900"))
AGREED = Decimal("1.17")
Line = tuple[Account, str]
"""An account, and a debit or a credit below zero, in the currency of the company."""


@dataclass
class BooksOfTheDemo:
    """The accountant writes, the controller posts and closes; a manager agrees on a rate."""

    entity: LegalEntity
    people: People
    contracts: dict[int, ProjectContract]
    days: Days

    def begin(self) -> None:
        """The year before: opening balances on its first day, one result at its end, and its close."""
        numbers = Account.objects.filter(legal_entity=self.entity).values_list("number", flat=True)
        free = max(int(number) for number in numbers) + 1
        for number, (name, kind) in enumerate(OWN_ACCOUNTS, start=free):
            Account.objects.create(legal_entity=self.entity, number=str(number), name=name, kind=kind)
        first = self.days.books_begin
        last = month_end(months_after(first, MONTHS - 1))
        self._bring_in(first)
        result = (
            (self.bank, "22600"),
            (self._own(RENT), "38400"),
            (self._role("INVOICED_REVENUE"), "-61000"),
        )
        self._post("The year as the books before had it", last, result)
        self._close_year(first, last)

    def events(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        """Moments with what happens then: rent month by month, and what the end of a month asks for."""
        yield self.days.at(self.days.billed[0], "10:10"), self.pay_rent
        month = self.days.billed[1]
        while month <= self.days.this_month:
            yield self.days.at(month, "06:30"), self.propose_rent
            if month < self.days.this_month:
                yield self.days.at(month + timedelta(days=1), "16:00"), self.post_rent
            month = months_after(month, 1)
        yield self.days.at(self.days.last_month, "09:30"), self.agree_on_a_rate
        yield self.days.at(self.days.last_month, "11:45"), self.export
        yield self.days.at(month_end(self.days.last_month), "16:00"), self.accrue_audit
        yield self.days.at(self.days.this_month + timedelta(days=1), "11:30"), self.revalue

    @property
    def bank(self) -> Account:
        """The account of the bank."""
        return BankAccount.objects.get(legal_entity=self.entity, currency=self.entity.currency).account

    def pay_rent(self, at: datetime) -> None:
        """The rent of the first month, which is proposed again every month."""
        rent = ((self._own(RENT), "3200"), (self.bank, "-3200"))
        (voucher,) = self._post("Office rent, Kaispeicher", self.days.billed[0], rent, at)
        terms = MonthlyTerms(self.days.billed[1], day=1)
        repeat_journal_vouchers(self._voucher(voucher.pk), terms, actor=self.people["hanna"], at=at)

    def propose_rent(self, at: datetime) -> None:
        """A draft, automatically."""
        propose_recurring_vouchers(at=at)

    def post_rent(self, at: datetime) -> None:
        """The controller posts what was proposed; that of this month waits."""
        drafts = JournalVoucher.objects.filter(legal_entity=self.entity, status="draft", date__lte=at.date())
        post_journal_vouchers(drafts, actor=self.people["felix"], at=at)

    def agree_on_a_rate(self, at: datetime) -> None:
        """Pounds of one contract are worth the same until the year is over."""
        contract = ProjectContract.objects.filter(pk=self.contracts[7].pk)
        last = date(self.days.last_month.year, MONTHS, 31)
        agree_rate(contract, NewRate(AGREED, self.days.last_month, last), actor=self.people["felix"], at=at)

    def accrue_audit(self, at: datetime) -> None:
        """An accrual, reversed on the first day of the next month."""
        accrual = ((self._own(AUDIT), "1500"), (self._own(OWED), "-1500"))
        end = month_end(self.days.last_month)
        self._post("Audit of the year, a share", end, accrual, at, reversed_on=end + timedelta(days=1))

    def revalue(self, at: datetime) -> None:
        """What is owed in pounds, at the rate of the last day of the month."""
        entities = LegalEntity.objects.filter(pk=self.entity.pk)
        end = month_end(self.days.last_month)
        revalue_balances(entities, on=end, actor=self.people["felix"], at=at)

    def export(self, at: datetime) -> None:
        """The vouchers of the closed month, as a file for those who read them elsewhere."""
        month = self.days.billed[0]
        order = ExportOrder(self.entity, Span(month, month_end(month)), ExportTarget.CSV)
        export_vouchers(order, actor=self.people["felix"], at=at)

    def _bring_in(self, first: date) -> None:
        """The trial balance of the books before, and what customers owed there."""
        owed = sum(Decimal(amount) for _customer, _number, amount in OPEN_ITEMS)
        opening = self._role("OPENING_BALANCE")
        capital = -(Decimal(84_000) + owed)
        balances = (
            (self.bank, "84000"),
            (opening, str(owed)),
            (self._role("RETAINED_EARNINGS"), str(capital)),
        )
        self._post("Opening trial balance", first, balances)
        customers = {one.number: one for one in Customer.objects.filter(legal_entity=self.entity)}
        items = [
            NewOpeningItem(
                row=row,
                customer=customers[customer],
                number=number,
                document_date=first - timedelta(days=20),
                due_date=first + timedelta(days=10),
                currency=self.entity.currency,
                amount=Decimal(amount),
            )
            for row, (customer, number, amount) in enumerate(OPEN_ITEMS, start=1)
        ]
        hanna = self.people["hanna"]
        enter_opening_items(self.entity, items, on=first, actor=hanna, at=self.days.at(first, "10:00"))

    def _close_year(self, first: date, last: date) -> None:
        """Its periods are closed, then its results go to retained earnings."""
        at, felix, hanna = self.days.at(last + timedelta(days=7)), self.people["felix"], self.people["hanna"]
        periods = FiscalPeriod.objects.filter(
            legal_entity=self.entity, starts_on__gte=first, starts_on__lte=last
        )
        close_periods(periods, actor=felix, at=at)
        drafts = close_years(periods.filter(ends_on=last), actor=hanna, at=at)
        post_journal_vouchers(self._voucher(drafts[0].pk), actor=felix, at=at)

    def _post(
        self,
        text: str,
        on: date,
        lines: tuple[Line, ...],
        at: datetime | None = None,
        *,
        reversed_on: date | None = None,
    ) -> list[JournalVoucher]:
        """One writes, the other posts."""
        at = at or self.days.at(on)
        rows = [
            NewVoucherLine(row, account, self.entity.currency, Decimal(amount))
            for row, (account, amount) in enumerate(lines, start=1)
        ]
        new = NewVoucher(self.entity, on, text, rows, reversed_on)
        written = write_journal_vouchers([new], actor=self.people["hanna"], at=at)
        post_journal_vouchers(self._voucher(written[0].pk), actor=self.people["felix"], at=at)
        return written

    def _voucher(self, key: int) -> JournalVoucherQuerySet:
        return JournalVoucher.objects.filter(pk=key)

    def _own(self, name: str) -> Account:
        return Account.objects.get(legal_entity=self.entity, name=name)

    def _role(self, name: str) -> Account:
        rows = PostingAccount.objects.filter(legal_entity=self.entity, project=None)
        return rows.get(posting_type=PostingType[name]).account
