"""Any order of all that is done from the approval to the books, against the ledger in plain Python.

Approving and cancelling, drafting, editing, confirming, journals and invoices;
advances in between (`advance_steps`), corrections of what was confirmed (`correction_steps`).
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounting.models import VoucherLine
from accounting.pulling import pull_journals
from billing.marking_ready import mark_ready
from billing.models import InvoiceLineDetail, Proforma
from billing.removing import delete_drafts, remove_details
from billing.states import Remainder
from core.refusals import Refused
from projects.models import Actual, Approval, BacklogItem
from projects.states import TransactionClass, TransactionType
from tests.company import Company
from tests.company.checking import refused, unbalanced
from tests.company.rows import DAY, NOW
from tests.projects.test_cancelling import cancel
from tests.properties.advance_steps import AdvanceSteps
from tests.properties.correction_steps import CorrectionSteps
from tests.properties.ledger import CHARGEABLE, NON_CHARGEABLE, Detail, Ledger, Total

pytestmark = pytest.mark.slow

HOURS = st.integers(1, 24).map(lambda quarters: Decimal(quarters) / 4)
PRICE = Decimal(200)


class Product(AdvanceSteps, CorrectionSteps):
    """The verbs in nobody's hands in particular; after every step the database says what the ledger says."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic: Any = transaction.atomic()
        self.atomic._from_testcase = True  # durable transactions may begin inside this one
        self.atomic.__enter__()
        self.company, self.ledger, self.day = Company(), Ledger(), DAY
        self.approvals: dict[int, set[int]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(
        is_shared=st.booleans(),
        hours=st.lists(HOURS, min_size=1, max_size=3),
        advances=st.lists(st.sampled_from([250, 800, 3000]), max_size=2),
        most=st.sampled_from([0, 50, 100, 3000]),
    )
    def agree_and_bill(self, is_shared: bool, hours: list[Decimal], advances: list[int], most: int) -> None:
        """Most of what can happen, happens to what is billed: so something is, from the beginning."""
        self.shares = {self.company.customer.pk: Decimal(1)}
        if is_shared:
            customers = self.company.is_shared_by("75", "25")
            self.shares = dict(
                zip([one.pk for one in customers], [Decimal("0.75"), Decimal("0.25")], strict=True)
            )
        for amount in advances:
            self.plan(self.company.customer.pk, amount)
        if advances:
            self.bill_all()
        for each in hours:
            self.approve(each, each, is_whole=True)
        self._mark(self._open("not_ready"))
        self.draft()
        for draft, key in self._applied():
            self.reduce(draft, key, most)
        self.bill_all()

    # --- Steps ----------------------------------------------------------------------------------

    @rule(hours=HOURS, billable=HOURS, is_whole=st.booleans())
    def approve(self, hours: Decimal, billable: Decimal, is_whole: bool) -> None:
        # Whole fours of hours share out without rounding.
        # An approver may make half as much again billable, and no more (X12).
        hours, billable = hours * 4, min((hours if is_whole else billable) * 4, hours * 6)
        # Each on a day of its own: nobody works more than a day has.
        self.day += timedelta(days=1)
        approval = self.company.approved(hours, billable=billable, date=self.day)
        rows = self.new_rows()
        self.approvals[approval.pk] = {row.work_item_id for row in rows}
        parts = [(CHARGEABLE, billable), (NON_CHARGEABLE, max(hours - billable, Decimal(0)))]
        expected = [
            (customer, billing_type, whole * share, whole * share * PRICE)
            for customer, share in self.shares.items()
            for billing_type, whole in parts
            if whole
        ]
        assert [(row.customer_id, row.billing_type, row.quantity, row.amount) for row in rows] == expected
        for row in rows:
            self.ledger.approves(row.pk, self.opened(row))

    @precondition(lambda self: self._open("not_ready"))
    @rule(data=st.data())
    def ready(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(self._open("not_ready")), min_size=1, unique=True))
        self._mark(keys)

    @precondition(lambda self: self.ledger.open or self.advances.entering())
    @rule()
    def bill_all(self) -> None:
        """What a month end does."""
        self._mark(self._open("not_ready"))
        if self._open("ready") or self.advances.entering():
            self.draft()
        for draft in sorted(self.ledger.drafts):
            self.confirm_draft(draft)

    @precondition(lambda self: self._open("ready") or self.advances.entering())
    @rule()
    def draft(self) -> None:
        customers = {self.ledger.open[key].customer for key in self._open("ready")}
        drafts = self.company.drafts()
        assert [draft.customer_id for draft in drafts] == sorted(customers | set(self.advances.entering()))
        for draft in drafts:
            self.ledger.drafts_ready(draft.pk, draft.customer_id)
            self.advances.drafts_all(draft.pk, draft.customer_id, self.ledger.net_of(draft.pk))
        self.is_touched = True

    @precondition(lambda self: self._held())
    @rule(data=st.data(), hours=HOURS, price=st.sampled_from([200, 180, 250]), keeps=st.booleans())
    def edit(self, data: st.DataObject, hours: Decimal, price: int, keeps: bool) -> None:
        draft, key = data.draw(st.sampled_from(self._held()))
        billing_type = data.draw(st.sampled_from([CHARGEABLE, CHARGEABLE, NON_CHARGEABLE]))
        self.company.edit_only(
            InvoiceLineDetail.objects.filter(actual=key),
            quantity=hours,
            price=Decimal(price),
            billing_type=billing_type,
            remainder=Remainder.KEEP if keeps else Remainder.WRITE_OFF,
        )
        self.ledger.drafts[draft][key] = Detail(hours, Decimal(price), billing_type, keeps)
        self.advances.lowers(draft, self.ledger.net_of(draft))

    @precondition(lambda self: self._held())
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        draft, key = data.draw(st.sampled_from(self._held()))
        details = InvoiceLineDetail.objects.filter(actual=key)
        assert remove_details(details, actor=self.company.manager, at=NOW) == 1
        self.ledger.releases(draft, key)
        self.advances.lowers(draft, self.ledger.net_of(draft))

    @precondition(lambda self: self.ledger.drafts)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(sorted(self.ledger.drafts)))
        assert delete_drafts(Proforma.objects.filter(pk=draft), actor=self.company.manager, at=NOW) == 1
        self.ledger.deletes(draft)
        self.advances.deletes(draft)
        self.is_touched = True

    @precondition(lambda self: self.ledger.drafts)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        self.confirm_draft(data.draw(st.sampled_from(sorted(self.ledger.drafts))))

    def confirm_draft(self, draft: int) -> None:
        if not self.ledger.drafts[draft] and not self.advances.drafts[draft]:
            with refused("nothing-on-it"):
                self.company.confirm(Proforma.objects.get(pk=draft))
            return
        (confirmed,) = self.company.confirm(Proforma.objects.get(pk=draft))
        kept = sorted(
            self.ledger.confirms(draft), key=lambda row: (row.work_item, row.quantity, row.billing_type)
        )
        rows = sorted(self.new_rows(), key=lambda row: (row.work_item_id, row.quantity, row.billing_type))
        assert [self.opened(row) for row in rows] == kept
        for row in rows:
            self.ledger.opens(row.pk, self.opened(row))
        self.stand(confirmed)
        self.stand_advances(confirmed)
        work, keys = self.ledger.confirmed[draft]
        self.ledger.confirmed[draft] = (work + self.advances.confirms(draft), keys)
        assert confirmed.net_amount == self.ledger.confirmed[draft][0]

    @precondition(lambda self: self.approvals)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        approval = data.draw(st.sampled_from(sorted(self.approvals)))
        items = self.approvals[approval]
        keys = [key for key, row in self.ledger.open.items() if row.work_item in items]
        states = {self.ledger.open[key].status for key in keys}
        is_billed = any(self.ledger.billed.get(item, Total()).quantity for item in items)
        asked = Approval.objects.get(pk=approval)
        if is_billed or "on_draft" in states:
            before = self.company.actuals()
            with pytest.raises(Refused):
                cancel(self.company, asked)
            assert self.company.actuals() == before
            return
        cancel(self.company, asked)
        self.ledger.cancels(keys)
        del self.approvals[approval]

    @precondition(lambda self: self.ledger.unposted or self.ledger.taken_back)
    @rule()
    def import_and_post_journals(self) -> None:
        self.company.journalise()
        self.ledger.posts_journals()
        assert pull_journals(self.company.entity, actor=self.company.accountant, at=NOW) == 0

    @precondition(lambda self: self.ledger.confirmed)
    @rule()
    def invoice(self) -> None:
        self.ledger.posts_journals()
        self.company.journalise()
        # All at once: what names an invoice comes after it.
        invoices = self.company.post(self.company.proposals())
        by_proforma = {invoice.proposal.proforma_id: invoice.net_amount for invoice in invoices}
        assert [net for _proforma, net in sorted(by_proforma.items())] == self.ledger.invoices()
        self.advances.invoices()
        self.is_touched = True
        numbers = len(self.ledger.invoiced)
        assert [invoice.series_number for invoice in invoices] == list(
            range(numbers - len(invoices) + 1, numbers + 1)
        )

    # --- What always holds ----------------------------------------------------------------------

    @invariant()
    def the_backlog_is_what_is_open(self) -> None:
        rows = BacklogItem.objects.filter(contract=self.company.contract)
        said = {row.pk: (row.quantity, row.amount, row.billing_type, row.status) for row in rows}
        assert said == {
            key: (row.quantity, row.amount, row.billing_type, row.status)
            for key, row in self.ledger.open.items()
        }

    @invariant()
    def unbilled_and_billed_are_what_was_brought_in(self) -> None:
        for kind, by_item in [
            (TransactionType.BILLED_SALES, self.ledger.billed),
            (None, self.ledger.brought_in),
        ]:
            kinds = [kind] if kind else [TransactionType.UNBILLED_SALES, TransactionType.BILLED_SALES]
            rows = Actual.objects.filter(work_item__legal_entity=self.company.entity, type__in=kinds)
            rows = rows.exclude(work_item__transaction_class=TransactionClass.RETAINER)
            sums = rows.order_by().values_list("work_item").annotate(q=Sum("quantity"), a=Sum("amount"))
            said = {item: (quantity, amount) for item, quantity, amount in sums}
            assert said == {item: (one.quantity, one.amount) for item, one in by_item.items()}

    @invariant()
    def drafts_add_up_and_tax_is_a_fifth(self) -> None:
        said = {
            draft.pk: (draft.net_amount, draft.tax_amount, draft.gross_amount)
            for draft in Proforma.objects.open().filter(contract=self.company.contract)
        }
        nets = {draft: self.ledger.net_of(draft) + self.advances.net(draft) for draft in self.ledger.drafts}
        nets |= {draft: self.ledger.net_of_correction(draft) for draft in self.ledger.corrections}
        assert said == {draft: (net, net * self._tax, net * (1 + self._tax)) for draft, net in nets.items()}

    @invariant()
    def the_books_balance_and_say_the_same(self) -> None:
        assert unbalanced() == []
        lines = VoucherLine.objects.filter(voucher__legal_entity=self.company.entity).order_by()
        sums = lines.values_list("account__number").annotate(sum=Sum("base_amount"))
        balances = {number: balance for number, balance in sums if balance}
        net = sum(self.ledger.invoiced, Decimal(0))
        expected = {
            "1400": net * (1 + self._tax),
            "1450": self.ledger.work_in_progress,
            "1776": -net * self._tax,
            "1710": -self.advances.in_books,
            "8400": self.advances.in_books - net,
            "8450": -self.ledger.work_in_progress,
        }
        shown = {number: balance for number, balance in balances.items() if number in expected}
        assert shown == {number: balance for number, balance in expected.items() if balance}

    # --- Reading --------------------------------------------------------------------------------

    _tax = Decimal("0.2")

    def _open(self, status: str) -> list[int]:
        return sorted(key for key, row in self.ledger.open.items() if row.status == status)

    def _held(self) -> list[tuple[int, int]]:
        return [(draft, key) for draft, details in sorted(self.ledger.drafts.items()) for key in details]

    def _mark(self, keys: list[int]) -> None:
        items = BacklogItem.objects.filter(pk__in=keys)
        if not keys:
            return
        assert mark_ready(items, actor=self.company.manager, at=NOW) == len(keys)
        for key in keys:
            self.ledger.open[key].status = "ready"


@pytest.mark.django_db
def test_whatever_is_done_in_whatever_order_nothing_is_lost_and_nothing_is_doubled():
    run_state_machine_as_test(
        Product,
        settings=settings(
            max_examples=settings.default.max_examples // 5,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
