"""What is done with advances between all the rest: planned, reduced, refunded, kept, corrected (B3, R10)."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounting.proving import prove
from billing.applying import set_applied
from billing.correction_rows import BilledCorrection
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.retaining import ask_for_refund, keep_balance
from billing.states import RetainerUse
from projects.models import Actual, Customer
from projects.states import TransactionClass, TransactionType
from tests.company.checking import refused
from tests.company.corrections import correct
from tests.company.retainers import ready
from tests.company.rows import NOW
from tests.properties.advances import Advance, Advances

MOST_ADVANCES = 3


class AdvanceSteps(RuleBasedStateMachine):
    """Steps of a machine that has a company, the shares of its customers and a ledger of its work."""

    company: Any
    ledger: Any
    shares: dict[int, Decimal]

    def __init__(self) -> None:
        super().__init__()
        self.advances = Advances()
        self.billed_advances: dict[int, tuple[int, Decimal]] = {}
        self.is_touched = False

    @precondition(lambda self: len(self.advances.rows) < MOST_ADVANCES)
    @rule(data=st.data(), amount=st.sampled_from([100, 250, 800, 3000]))
    def plan_an_advance(self, data: st.DataObject, amount: int) -> None:
        self.plan(data.draw(st.sampled_from(sorted(self.shares))), amount)

    def plan(self, customer: int, amount: int) -> None:
        name = f"Advance {len(self.advances.rows)}"
        made = ready(self.company, str(amount), name=name, customer=Customer.objects.get(pk=customer))
        self.advances.rows[made.pk] = Advance(customer, Decimal(amount))
        self.is_touched = True

    @precondition(lambda self: self._applied())
    @rule(data=st.data(), most=st.sampled_from([0, 50, 100]))
    def reduce_an_advance(self, data: st.DataObject, most: int) -> None:
        self.reduce(*data.draw(st.sampled_from(self._applied())), most)

    def reduce(self, draft: int, key: int, most: int) -> None:
        amount = min(self.advances.drafts[draft].applies.pop(key), Decimal(most))
        details = InvoiceLineDetail.objects.filter(
            line__proforma=draft, retainer=key, retainer_use=RetainerUse.APPLY
        )
        set_applied(details, amount, actor=self.company.manager, at=NOW)
        if amount:
            self.advances.drafts[draft].applies[key] = amount
        self.is_touched = True

    @precondition(lambda self: self._with_status("available"))
    @rule(data=st.data())
    def refund_an_advance(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._with_status("available")))
        rows, who = Retainer.objects.filter(pk=key), self.company.manager
        if holding := self.advances.details_holding(key):
            with refused(*["held-by-draft"] * holding):
                ask_for_refund(rows, reason="Not needed", actor=who, at=NOW)
            return
        ask_for_refund(rows, reason="Not needed", actor=who, at=NOW)
        self.advances.rows[key].status = "to_refund"
        self.is_touched = True

    @precondition(lambda self: self._with_status("to_refund"))
    @rule(data=st.data())
    def keep_an_advance(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._with_status("to_refund")))
        rows = Retainer.objects.filter(pk=key)
        if holding := self.advances.details_holding(key):
            with refused(*["held-by-draft"] * holding):
                keep_balance(rows, actor=self.company.manager, at=NOW)
            return
        keep_balance(rows, actor=self.company.manager, at=NOW)
        self.advances.rows[key].status = "available"
        self.is_touched = True

    @precondition(lambda self: self.billed_advances)
    @rule(data=st.data())
    def take_back_what_billed_an_advance(self, data: st.DataObject) -> None:
        actual = data.draw(st.sampled_from(sorted(self.billed_advances)))
        key, amount = self.billed_advances[actual]
        asked = BilledCorrection(Actual.objects.get(pk=actual), amount=Decimal(0))
        one = self.advances.rows[key]
        if amount > 0 and (one.used or self.advances.held(key)):
            with refused("retainer-held"):
                correct(self.company, asked)
            return
        (confirmed,) = self.company.confirm(correct(self.company, asked))
        self.advances.takes_back(confirmed.pk, key, amount)
        self.ledger.confirmed[confirmed.pk] = (-amount, [])
        del self.billed_advances[actual]
        assert confirmed.net_amount == -amount
        self.is_touched = True

    def stand_advances(self, confirmed: Proforma) -> None:
        """What a proforma billed of advances can be corrected from now on."""
        rows = (
            Actual.objects.billed_sales()
            .originals()
            .filter(event=confirmed.event, work_item__transaction_class=TransactionClass.RETAINER)
        )
        keys = dict(Retainer.objects.values_list("work_item", "pk"))
        for row in rows:
            self.billed_advances[row.pk] = keys[row.work_item_id], row.amount
        self.is_touched = True

    @invariant()
    def advances_say_what_the_ledger_says(self) -> None:
        rows = Retainer.objects.filter(pk__in=self.advances.rows)
        said = {
            one.pk: (one.status, one.invoiced_amount, one.used_amount, one.drafted_amount) for one in rows
        }
        assert said == {
            key: (one.status, one.invoiced, one.used, self.advances.held(key))
            for key, one in self.advances.rows.items()
        }
        left = {one.work_item_id: one.invoiced_amount - one.used_amount for one in rows if one.work_item_id}
        for kind, sign in [(TransactionType.BILLED_SALES, 1), (TransactionType.UNBILLED_SALES, -1)]:
            sums = Actual.objects.filter(work_item__in=left, type=kind).order_by().values_list("work_item")
            assert dict(sums.annotate(sum=Sum("amount"))) == {key: sign * of for key, of in left.items()}

    @invariant()
    def the_books_prove_themselves(self) -> None:
        """After every step that changed an advance; it asks thirty questions."""
        if self.is_touched:
            assert [finding.proof.code for finding in prove() if finding.count] == []
        self.is_touched = False

    def _applied(self) -> list[tuple[int, int]]:
        on_drafts = sorted(self.advances.drafts.items())
        return [(draft, key) for draft, on in on_drafts for key in sorted(on.applies)]

    def _with_status(self, status: str) -> list[int]:
        return sorted(key for key, one in self.advances.rows.items() if one.status == status)
