"""Random payments, settlements and reversals against plain Python: what is open, to the cent (C11)."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounting.models import CustomerTransaction, Settlement, VoucherLine
from accounting.offsetting import settle_open
from accounting.reversing_payments import reverse_payments
from accounting.settlement_plans import OpenSide, pairs_of, shares_together
from accounting.states import ControlKind
from accounting.unsettling import unsettle
from tests.company import Company, only
from tests.company.checking import assert_proven, unbalanced
from tests.company.receivables import owed, pays, row_of
from tests.company.rows import NOW

STEPS = ["invoice", "invoice", "credit", "pay", "pay", "pay", "join", "undo", "back"]
FIRST, LAST = date(2026, 1, 5), date(2026, 4, 1)


class Twin:
    """A customer's account on paper: rows with a day, and who settled how much of which when."""

    def __init__(self):
        self.rows: dict[int, tuple[date, Decimal]] = {}
        self.taken: list[tuple[date, int, int, Decimal]] = []

    def read(self, since: int) -> int:
        """Take over what the verb has settled, as its rows say; the sums are our own."""
        new = Settlement.objects.filter(pk__gt=since).order_by("pk")
        for one in new:
            self.taken.append((one.date, one.debit_id, one.credit_id, one.amount))
        return new.last().pk if new else since

    def open_on(self, day: date) -> dict[int, Decimal]:
        left = {key: amount for key, (on, amount) in self.rows.items() if on <= day}
        for on, debit, credit, amount in self.taken:
            if on <= day:
                left[debit] -= amount
                left[credit] += amount
        return {key: amount for key, amount in left.items() if amount}


class Play:
    """One random life of a customer in one currency, played on the books and on paper."""

    def __init__(self, seed: int, currency: str):
        self.dice, self.currency = random.Random(seed), currency
        self.company = Company()
        if currency != "EUR":
            for month, rate in enumerate(("0.80", "0.77", "0.85", "0.791234567"), start=1):
                self.company.rate(currency, rate, date(2026, month, 1))
        self.twin, self.seen, self.payments = Twin(), 0, []

    def day(self) -> date:
        return FIRST + timedelta(days=self.dice.randrange((LAST - FIRST).days))

    def amount(self) -> Decimal:
        whole = Decimal(self.dice.choice([1, 7, 99, 1000, 12345]))
        return whole if self.currency == "JPY" else whole + Decimal(self.dice.randrange(100)) / 100

    def note(self) -> None:
        """Every new row of the subledger that has an amount is a row on paper."""
        for row in CustomerTransaction.objects.exclude(amount=0).exclude(pk__in=self.twin.rows):
            self.twin.rows[row.pk] = (row.date, row.amount)
        self.seen = self.twin.read(self.seen)

    def step(self) -> None:
        getattr(
            self,
            self.dice.choice(["invoice", "invoice", "credit", "pay", "pay", "pay", "join", "undo", "back"]),
        )()
        self.note()

    def invoice(self) -> None:
        owed(self.company, str(self.amount()), on=self.day(), currency=self.currency)

    def credit(self) -> None:
        owed(self.company, str(-self.amount()), on=self.day(), currency=self.currency)

    def pay(self) -> None:
        left = [one for one in self.twin.open_on(LAST).items() if one[1] > 0]
        chosen = self.dice.sample(left, min(len(left), self.dice.randrange(4)))
        parts = [self.part(amount) for _key, amount in chosen]
        amount = sum(parts, Decimal(0)) + self.dice.choice([Decimal(0), Decimal(0), self.amount()])
        if not amount:
            return
        rows = [CustomerTransaction.objects.get(pk=key) for key, _amount in chosen]
        texts = tuple(str(one) for one in parts)
        self.payments.append(
            pays(self.company, str(amount), *rows, parts=texts, on=self.day(), currency=self.currency)
        )

    def part(self, amount: Decimal) -> Decimal:
        if self.dice.random() < 0.5:
            return amount
        places = 0 if self.currency == "JPY" else 2
        part = (amount * self.dice.randrange(1, 100) / 100).quantize(Decimal(1).scaleb(-places))
        return part or amount

    def join(self) -> None:
        left = self.twin.open_on(LAST)
        owes, owns = ([one for one in left.items() if (one[1] > 0) == side] for side in (True, False))
        if owes and owns:
            (debit, much), (credit, little) = self.dice.choice(owes), self.dice.choice(owns)
            part = self.part(min(much, -little))
            settle_open({debit: part, credit: -part}, actor=self.company.accountant, at=NOW)

    def undo(self) -> None:
        standing = list(Settlement.objects.standing())
        if standing:
            chosen = self.dice.sample(standing, min(2, len(standing)))
            unsettle(only(*chosen), reason="dice", actor=self.company.accountant, at=NOW)

    def back(self) -> None:
        if self.payments:
            payment = self.payments.pop(self.dice.randrange(len(self.payments)))
            reverse_payments(only(payment), on=LAST, reason="dice", actor=self.company.accountant, at=NOW)
            assert row_of(payment).pk in self.twin.rows


def open_of_books(day: date | None) -> dict[int, Decimal]:
    rows = CustomerTransaction.objects.exclude(amount=0).open(day)
    return dict(rows.values_list("pk", "open_amount"))


@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "currency"), [(1, "EUR"), (2, "EUR"), (3, "USD"), (4, "JPY"), (5, "USD")])
def test_what_is_open_is_what_plain_python_says_on_every_day(seed: int, currency: str):
    play = Play(seed, currency)
    for _each in range(40):
        play.step()
    assert open_of_books(None) == play.twin.open_on(LAST + timedelta(days=400))
    assert Settlement.objects.count() > 5
    for _each in range(20):
        day = play.day()
        assert open_of_books(day) == play.twin.open_on(day)
        # The ledger of that day says the same, in both currencies.
        lines = VoucherLine.objects.filter(account__control=ControlKind.CUSTOMER, voucher__date__lte=day)
        control = lines.aggregate(amount=Sum("amount", default=0), base=Sum("base_amount", default=0))
        rows = CustomerTransaction.objects.filter(date__lte=day).exclude(amount=0).with_open(day)
        left = rows.aggregate(amount=Sum("open_amount", default=0), base=Sum("open_base", default=0))
        assert left == control
    assert unbalanced() == []
    assert_proven()


@pytest.mark.parametrize("seed", range(20))
def test_parts_of_any_side_leave_nothing_of_its_base(seed: int):
    dice = random.Random(seed)
    amount, base = Decimal(dice.randrange(1, 10**6)) / 100, Decimal(dice.randrange(0, 10**6)) / 100
    side = OpenSide(-amount, -base, "EUR")
    worth = Decimal(0)
    while side.amount:
        part = min(-side.amount, Decimal(dice.randrange(1, 10**5)) / 100)
        worth += side.take(part)
        assert side.amount <= 0
        assert side.base <= 0
    assert (worth, side.base) == (base, 0)
    with pytest.raises(ValueError, match="more is taken"):
        side.take(Decimal(1))


def test_pairs_take_the_order_given_and_leave_what_is_over():
    parts = [(1, Decimal(100)), (2, Decimal(-30)), (3, Decimal(50)), (4, Decimal(-90))]
    pairs = [(one.debit, one.credit, one.amount) for one in pairs_of(parts)]
    assert pairs == [(1, 2, 30), (1, 4, 70), (3, 4, 20)]
    assert pairs_of([(1, Decimal(5))]) == []


def test_rows_settled_together_take_no_more_than_the_smaller_side_unless_the_rest_is_written_off():
    rows = [(1, Decimal(60)), (2, Decimal(-50)), (3, Decimal(30)), (4, Decimal(-20))]
    assert shares_together(rows, writes_off=False) == {1: 60, 2: -50, 3: 10, 4: -20}
    assert shares_together(rows, writes_off=True) == {1: 60, 2: -50, 3: 30, 4: -20}
    assert shares_together(rows[:1], writes_off=False) == {}
