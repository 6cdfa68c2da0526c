"""What stood on past days, as known today and as known then, against plain Python and the ledger (X3)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from accounting.as_of import AsOf
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    InvoiceProposalLine,
    ProjectTransaction,
    Settlement,
    Voucher,
)
from accounting.standing import BEFORE, ROWS, Stood, what_stood
from accounting.states import StandingKind, VoucherSource
from projects.models import Actual
from projects.states import BillingType, TransactionClass, TransactionType
from tests.company.checking import assert_proven, unbalanced
from tests.properties.standing_history import FIRST, STEPS, History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAYS = 10
"""Random days of each history: twenty together."""
BALANCES = ("retainer", "retention")


class Paper:
    """Every fact of the books with its date and when it was recorded, read once; the sums are our own."""

    def __init__(self) -> None:
        self.movements: dict[str, list[tuple[date, datetime, str, Decimal, Decimal]]] = defaultdict(list)
        self.opened: dict[int, tuple[date, datetime, str, Decimal]] = {}
        self.closed: dict[int, tuple[date, datetime]] = {}
        self._read_actuals()
        self._read_journal()
        self._read_invoices()
        self._read_receivables()

    def _read_actuals(self) -> None:
        for one in Actual.objects.select_related("work_item", "event"):
            when = (one.accounting_date, one.event.recorded_at)
            if one.type != TransactionType.UNBILLED_SALES or one.work_item.transaction_class in BALANCES:
                continue
            if one.reverses_id is not None:
                self.closed[one.reverses_id] = when
            elif one.billing_type == BillingType.CHARGEABLE:
                self.opened[one.pk] = (*when, one.work_item.currency, one.amount)

    def _read_journal(self) -> None:
        lines = {one.pk: one for one in IntegrationJournalLine.objects.posted().select_related("voucher")}
        invoiced = dict(
            InvoiceProposalLine.objects.filter(
                proposal__status="posted", detail__actual__isnull=False
            ).values_list("detail__actual", "proposal__customer_invoice")
        )
        invoices = CustomerInvoice.objects.in_bulk()
        for line in lines.values():
            when = (line.accounting_date, line.voucher.posted_at) if line.voucher else None
            for kind, is_in in (("accrued", line.is_accrued), ("held", line.is_held)):
                if is_in:
                    self.add(kind, *when, line.currency, line.amount, line.base_amount)
            invoice = invoices.get(invoiced.get(line.actual_id))
            if line.is_accrued and invoice is not None:
                taken = (invoice.invoice_date, invoice.posted_at)
                self.add("accrued", *taken, line.currency, -line.amount, -line.base_amount)
        for move in Voucher.objects.filter(source_kind=VoucherSource.COST_MOVE):
            line = lines[move.source_id]
            self.add("held", move.date, move.posted_at, line.currency, -line.amount, -line.base_amount)

    def _read_invoices(self) -> None:
        names = {TransactionClass.RETAINER: "advances"}
        rows = ProjectTransaction.objects.filter(base_amount__isnull=False).select_related(
            "actual__work_item", "voucher"
        )
        for row in rows:
            name = names[row.actual.work_item.transaction_class]
            when = (row.accounting_date, row.voucher.posted_at)
            self.add(name, *when, row.currency, row.amount, row.base_amount)
        for line in InvoiceProposalLine.objects.filter(
            proposal__status="posted", detail__transaction_class=TransactionClass.MILESTONE
        ).select_related("proposal__customer_invoice"):
            invoice = line.proposal.customer_invoice
            when = (invoice.invoice_date, invoice.posted_at)
            self.add("on_account", *when, invoice.currency, line.amount, Decimal(0))

    def _read_receivables(self) -> None:
        for row in CustomerTransaction.objects.select_related("voucher"):
            self.add(
                "receivables", row.date, row.voucher.posted_at, row.currency, row.amount, row.base_amount
            )
        for one in Settlement.objects.select_related("debit"):
            # Both sides lose the same amount; in the company's currency what is left over is booked.
            self.add("receivables", one.date, one.settled_at, one.debit.currency, Decimal(0), Decimal(0))

    def add(self, kind: str, day: date, at: datetime, currency: str, amount: Decimal, base: Decimal) -> None:
        self.movements[kind].append((day, at, currency, amount, base))

    def sums(self, kind: str, at: AsOf) -> dict[str, tuple[Decimal, Decimal]]:
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for day, recorded, currency, amount, base in self.movements[kind]:
            if counts(day, recorded, at):
                sums[currency][0] += amount
                sums[currency][1] += base
        return {currency: (amount, base) for currency, (amount, base) in sums.items() if amount or base}

    def backlog(self, at: AsOf) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for key, (day, recorded, currency, amount) in self.opened.items():
            is_open = counts(day, recorded, at)
            if is_open and not (key in self.closed and counts(*self.closed[key], at)):
                sums[currency] += amount
        return {currency: amount for currency, amount in sums.items() if amount}


def counts(day: date, recorded: datetime, at: AsOf) -> bool:
    """By the clock on the wall of the company."""
    end = datetime.combine(at.day + timedelta(days=1), time(0), ZoneInfo("Europe/Berlin"))
    return day <= at.day and (not at.is_known or recorded < end)


def shown(stood: Stood, kind: StandingKind) -> dict[str, tuple[Decimal, Decimal]]:
    (one,) = (each for each in stood.kinds if each.kind == kind)
    return {each.currency: (each.amount, each.base) for each in one.sums if each.amount or each.base}


def views(history: History) -> Iterator[AsOf]:
    span = (history.today - FIRST).days + 12
    for _each in range(DAYS):
        day = FIRST - timedelta(days=9) + timedelta(days=history.dice.randrange(span))
        yield from (AsOf(history.company.entity, day, is_known) for is_known in (False, True))


def added(kind: StandingKind, at: AsOf) -> dict[str, Decimal]:
    """The rows of a kind, added up one by one."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    parts = [ROWS[kind], *([BEFORE[kind]] if kind in BEFORE else [])]
    for row in chain.from_iterable(part(at) for part in parts):
        is_group = isinstance(row, dict)
        currency, amount = (
            (row["its_currency"], row["standing_amount"])
            if is_group
            else (row.its_currency, row.standing_amount)
        )
        sums[currency] += amount
    return {currency: amount for currency, amount in sums.items() if amount}


@pytest.mark.parametrize(("seed", "currency"), [(2, "EUR"), (5, "USD")])
def test_what_stood_is_what_plain_python_and_the_ledger_say(
    seed: int, currency: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(seed, currency, monkeypatch)
    history.play()
    paper, differ = Paper(), 0
    assert set(history.done) == set(STEPS)
    for at in views(history):
        stood = what_stood(at)
        assert stood.is_equal, (at, [one for one in stood.kinds if not one.is_equal])
        backlog = {one.currency: one.amount for one in stood.backlog if one.amount}
        assert backlog == paper.backlog(at) == added(StandingKind.BACKLOG, at)
        for kind in ("accrued", "held", "advances", "receivables"):
            assert shown(stood, StandingKind(kind)) == paper.sums(kind, at), (kind, at)
        on_account = {one: figures[0] for one, figures in shown(stood, StandingKind.ON_ACCOUNT).items()}
        assert on_account == {one: each[0] for one, each in paper.sums("on_account", at).items()}
        for one in stood.kinds:
            assert added(one.kind, at) == {each.currency: each.amount for each in one.sums if each.amount}
        differ += at.is_known and backlog != paper.backlog(AsOf(at.legal_entity, at.day))
    assert differ
    assert unbalanced() == []
    assert_proven()
