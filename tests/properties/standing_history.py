"""A random history of a company on several days, where what is recorded is often dated earlier (X3)."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounting.models import (
    CostRevenueProfile,
    CustomerPayment,
    CustomerTransaction,
    IntegrationJournalLine,
    Settlement,
)
from accounting.moving_costs import move_costs
from accounting.reversing_payments import reverse_payments
from accounting.unsettling import unsettle
from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection
from billing.models import Proforma
from core.refusals import Refused
from projects.cancelling import cancel_approvals
from projects.models import Actual, Approval
from projects.states import BillingMethod, TransactionClass
from tests.company import Company, bookkeeping, builder, only, receivables, retainers, rows
from tests.company.receivables import pays

NOTHING = "nothing to do"
FIRST = date(2026, 4, 1)
STEPS = (
    ["approve"] * 6
    + ["journalise"] * 4
    + ["bill", "bill", "bill", "post", "post", "post", "pay", "pay", "pay"]
    + ["cancel", "draft", "correct", "undo", "take_back", "advance", "milestone", "move"]
)


class History:
    """What people of one company do, a step at a time, by a clock that the steps move on."""

    def __init__(self, seed: int, currency: str, monkeypatch: Any):
        self.dice, self.monkeypatch, self.today = random.Random(seed), monkeypatch, FIRST
        self.currency = currency
        self.go_to(FIRST)
        self.company = Company(on_account="balance", currency=currency)
        if currency != "EUR":
            for month, rate in enumerate(("0.91", "0.87", "0.953", "0.8999"), start=3):
                self.company.rate(currency, rate, date(2026, month, 1))
        profiles = CostRevenueProfile.objects.filter(
            legal_entity=self.company.entity, billing_method=BillingMethod.TIME_AND_MATERIAL
        )
        # Hours accrue revenue; what expenses cost waits in the balance.
        profiles.update(accrues_expense=False, post_expense_cost="balance")
        self.line = self.company.fixed_price_line()
        self.done: dict[str, int] = {}

    @property
    def at(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    def go_to(self, day: date) -> None:
        """Everything that the helpers of the company record is recorded on this day."""
        self.today = day
        for module in (builder, bookkeeping, receivables, retainers, rows):
            self.monkeypatch.setattr(module, "NOW", self.at)

    def day(self, back: int = 9) -> date:
        """Today or some days before."""
        return self.today - timedelta(days=self.dice.randrange(back))

    def play(self) -> None:
        """Every step twice, in any order."""
        for name in self.dice.sample(STEPS * 2, len(STEPS) * 2):
            self.go_to(self.today + timedelta(days=self.dice.randrange(4)))
            self.try_to(name)

    def try_to(self, name: str) -> None:
        """A step; one that the rules refuse changes nothing, and one that finds nothing does nothing."""
        step: Callable[[], Any] = getattr(self, name)
        try:
            if step() == NOTHING:
                return
        except Refused:
            return
        self.done[name] = self.done.get(name, 0) + 1

    # --- Steps ----------------------------------------------------------------------------------

    def approve(self) -> None:
        if self.dice.random() < 0.3:
            self.company.approved(1, "expense", date=self.day(), price=Decimal("120.15"))
        else:
            self.company.approved(self.dice.randrange(1, 9), date=self.day())

    def journalise(self) -> None:
        self.company.journalise()

    def draft(self) -> None:
        self.company.ready()
        self.company.drafts(self.day(4))

    def bill(self) -> None:
        self.company.ready()
        self.company.drafts(self.day(4))
        self.company.confirm(*Proforma.objects.open())

    def post(self) -> None:
        self.company.invoices()

    def cancel(self) -> Any:
        one = self._one_of(Approval.objects.filter(status="approved"))
        if one is None:
            return NOTHING
        words = {"comment": "Wrong task", "actor": self.company.manager}
        return cancel_approvals(only(one), on=self.today, at=self.at, **words)

    def correct(self) -> Any:
        billed = Actual.objects.billed_sales().unreversed().filter(quantity__gt=0)
        row = self._one_of(billed.filter(work_item__transaction_class=TransactionClass.TIME))
        if row is None:
            return NOTHING
        asked = [BilledCorrection(row, quantity=row.quantity / 2)]
        (draft,) = correct_billed(asked, invoice_date=self.day(3), actor=self.company.manager, at=self.at)
        return self.company.confirm(draft)

    def pay(self) -> Any:
        owing = CustomerTransaction.objects.filter(amount__gt=0).open()
        chosen = self._one_of(owing)
        if chosen is None:
            return NOTHING
        part = chosen.open_amount if self.dice.random() < 0.5 else Decimal(self.dice.randrange(1, 50))
        part = min(part, chosen.open_amount)
        over = self.dice.choice([Decimal(0), Decimal(0), Decimal("12.34")])
        on = max(self.day(5), chosen.date)
        return pays(self.company, str(part + over), chosen, parts=(str(part),), on=on, currency=self.currency)

    def undo(self) -> Any:
        chosen = self._one_of(Settlement.objects.standing())
        if chosen is None:
            return NOTHING
        return unsettle(only(chosen), reason="dice", actor=self.company.accountant, at=self.at)

    def take_back(self) -> Any:
        chosen = self._one_of(CustomerPayment.objects.standing())
        if chosen is None:
            return NOTHING
        return reverse_payments(
            only(chosen), on=self.today, reason="dice", actor=self.company.accountant, at=self.at
        )

    def advance(self) -> None:
        retainers.ready(self.company, "300", on=self.day(3), name=f"Advance {self.today}")

    def milestone(self) -> None:
        self.company.milestone("1000.10", line=self.line, due_on=self.day())

    def move(self) -> None:
        held = IntegrationJournalLine.objects.filter(is_held=True)
        move_costs(held, on=self.today, actor=self.company.accountant, at=self.at)

    def _one_of(self, choices: Any) -> Any:
        listed = list(choices.order_by("pk"))
        return self.dice.choice(listed) if listed else None
