"""Work that waits to be invoiced for every reason there is, and what clears each (X2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.asking_reviews import submit_for_review
from billing.ending import lose_contracts
from billing.marking_ready import hold, mark_ready
from billing.models import InvoiceSchedule, MilestoneShare, Proforma
from billing.states import NotInvoiced
from billing.why_not_invoiced import Answer, why_contract, why_entry, why_share
from projects.approving import approve_entries, reject_entries
from projects.contracting import confirm_contracts, hold_contracts, resume_contracts
from projects.limiting import check_limits
from projects.locking import lock_through
from projects.maintaining import hold_customers, release_customers
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    ProjectContract,
    RolePrice,
    TransactionCategory,
)
from projects.price_setting import set_prices
from projects.rerating import rerate_work
from projects.rerating_preview import rerating_of
from projects.rerating_scope import Scope
from projects.retyping import change_billing_type
from projects.states import BillingType
from projects.submitting import submit_entries
from tests.company import Company, only, rows
from tests.company.batch import Batch
from tests.company.rows import DAY, NOW

TODAY = NOW.date()
Made = Callable[[Company], Any]


@dataclass(frozen=True)
class Case:
    """How a reason comes about, and what clears it; both take what the first returned."""

    code: NotInvoiced
    make: Made
    clear: Callable[[Company, Any], Any] | None
    says: str = ""


def answer(thing: Any) -> list[Answer]:
    """Why this thing is on no invoice, as it stands now."""
    now = type(thing)._default_manager.get(pk=thing.pk)
    if isinstance(now, Entry):
        return why_entry(now, TODAY)
    if isinstance(now, MilestoneShare):
        return [why_share(now, TODAY)]
    return [why_contract(now, TODAY)]


def codes(thing: Any) -> list[NotInvoiced]:
    return [reason.code for one in answer(thing) for reason in one.reasons]


def entry_of(at: Company, *args: Any, **columns: Any) -> Entry:
    return at.approved(*args, **columns).entry


def item_of(entry: Entry) -> Any:
    return BacklogItem.objects.filter(work_item__approval__entry=entry)


# --- Before the backlog ---------------------------------------------------------------------------


def submit(at: Company, entry: Entry) -> None:
    submit_entries(only(entry), actor=at.worker, at=NOW)


def sent_back(at: Company) -> Entry:
    approval = at.submitted()
    reject_entries(only(approval), actor=at.manager, comment="Which customer?", at=NOW)
    return approval.entry


def approve(at: Company, entry: Entry) -> None:
    approve_entries(Approval.objects.filter(entry=entry), actor=at.manager, on=DAY, at=NOW)


def half_paid(at: Company) -> Entry:
    ContractLineCustomer.objects.filter(contract_line=at.line).update(split_percent=50)
    return at.submitted().entry


def pay_all(at: Company, entry: Entry) -> None:
    ContractLineCustomer.objects.filter(contract_line=at.line).update(split_percent=100)


def uncovered(at: Company) -> Entry:
    return entry_of(at, project=rows.project(at))


def cover(at: Company, entry: Entry) -> None:
    confirm_contracts(only(rows.draft_contract(at, entry.project)), actor=at.manager, on=DAY, at=NOW)


def at_a_fixed_price(at: Company) -> Entry:
    at.works_at_a_fixed_price()
    return entry_of(at)


# --- The agreement --------------------------------------------------------------------------------


def of_a_draft_contract(at: Company) -> Entry:
    deal = rows.draft_contract(at)
    return entry_of(at, project=deal.lines.get().project)


def confirm(at: Company, entry: Entry) -> None:
    confirm_contracts(
        ProjectContract.objects.filter(lines__project=entry.project), actor=at.manager, on=DAY, at=NOW
    )


def of_a_held_contract(at: Company) -> Entry:
    made = entry_of(at)
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    return made


def resume(at: Company, entry: Entry) -> None:
    resume_contracts(only(at.contract), actor=at.manager, at=NOW)


def of_a_lost_contract(at: Company) -> Entry:
    made = entry_of(at)
    lose_contracts(only(at.contract), actor=at.manager, on=DAY, at=NOW)
    return made


def of_a_held_customer(at: Company) -> Entry:
    made = entry_of(at)
    hold_customers(only(at.customer), reason="Does not pay", on=DAY, actor=at.manager, at=NOW)
    return made


def release(at: Company, entry: Entry) -> None:
    release_customers(only(at.customer), actor=at.manager, at=NOW)


# --- The row itself -------------------------------------------------------------------------------


def unpriced(at: Company) -> Entry:
    RolePrice.objects.filter(price_list=at.sales).delete()
    return entry_of(at)


def price(at: Company, entry: Entry) -> None:
    set_prices(at.sales, [RolePrice(role=at.role, price=Decimal(200))], actor=at.accountant, at=NOW)
    scope = Scope(contract=at.contract)
    expected = rerating_of(scope.approvals(), prices=scope.prices).digest
    rerate_work(
        scope.approvals(),
        expected=expected,
        prices=scope.prices,
        reason="Price added",
        actor=at.accountant,
        on=DAY,
        at=NOW,
    )


def over_its_limit(at: Company) -> Entry:
    ContractLine.objects.filter(pk=at.line.pk).update(not_to_exceed_amount=Decimal(1000))
    return entry_of(at)


def raise_limit(at: Company, entry: Entry) -> None:
    ContractLine.objects.filter(pk=at.line.pk).update(not_to_exceed_amount=Decimal(1600))
    check_limits(item_of(entry), actor=at.manager, at=NOW)


def held(at: Company) -> Entry:
    made = entry_of(at)
    hold(item_of(made), reason="disputed", on=DAY, actor=at.manager, at=NOW)
    return made


def mark(at: Company, entry: Entry) -> None:
    mark_ready(item_of(entry), actor=at.manager, at=NOW)


def given_away(billing_type: BillingType) -> Made:
    return lambda at: entry_of(at, billing_type=billing_type)


def charge(at: Company, entry: Entry) -> None:
    change_billing_type(
        item_of(entry), BillingType.CHARGEABLE, reason="Agreed", actor=at.manager, on=DAY, at=NOW
    )


def ready_in_a_closed_period(at: Company) -> Entry:
    made = ready(at)
    lock_through(at.entity, TODAY, actor=at.accountant, at=NOW)
    return made


def reopen_period(at: Company, entry: Entry) -> None:
    lock_through(at.entity, DAY, actor=at.accountant, at=NOW)


def without_tax_group(at: Company) -> Entry:
    TransactionCategory.objects.filter(pk=at.categories["time"].pk).update(item_sales_tax_group=None)
    return entry_of(at)


def give_tax_group(at: Company, entry: Entry) -> None:
    TransactionCategory.objects.filter(pk=entry.category_id).update(item_sales_tax_group=at.item_group)


# --- What is ready --------------------------------------------------------------------------------


def ready(at: Company) -> Entry:
    made = entry_of(at)
    at.ready()
    return made


def scheduled(run: date, cut_off: date) -> Made:
    def make(at: Company) -> Entry:
        InvoiceSchedule.objects.create(contract_line=at.line, run_date=run, cut_off_date=cut_off)
        return ready(at)

    return make


def draft_it(at: Company, entry: Entry) -> None:
    at.drafts(TODAY)


def whose_run_failed(at: Company) -> Entry:
    made = scheduled(TODAY, DAY)(at)
    batch = Batch(at)
    Customer.objects.filter(pk=at.customer.pk).update(is_on_hold=True)
    batch.by_hand(TODAY)
    Customer.objects.filter(pk=at.customer.pk).update(is_on_hold=False)
    return made


def run_again(at: Company, entry: Entry) -> None:
    Batch(at).by_hand(TODAY)


def drafted(at: Company) -> Entry:
    made = entry_of(at)
    at.draft(TODAY)
    return made


def confirm_draft(at: Company, entry: Entry) -> None:
    at.confirm(*Proforma.objects.filter(contract__legal_entity=at.entity))


def in_review(at: Company) -> Entry:
    made = drafted(at)
    drafts, felix = Proforma.objects.filter(contract=at.contract), at.second_person()
    submit_for_review(drafts, reviewer=felix, actor=at.manager, at=NOW)
    return made


def confirmed(at: Company) -> Entry:
    made = drafted(at)
    confirm_draft(at, made)
    return made


def post(at: Company, entry: Entry) -> None:
    at.invoices()


def invoiced(at: Company) -> Entry:
    made = confirmed(at)
    post(at, made)
    return made


AFTER = TODAY + timedelta(days=29)
WHY = NotInvoiced
CASES = [
    Case(WHY.NOT_SUBMITTED, Company.entry, submit, "Not submitted: it is a draft"),
    Case(WHY.RETURNED, sent_back, submit, "Sent back: Which customer?"),
    Case(WHY.WAITS_FOR_APPROVAL, lambda at: at.submitted().entry, approve, "Waits for approval"),
    Case(WHY.PAYER_MISSING, half_paid, pay_all, "Customers pay 50% of “Hours”, not all of it"),
    Case(WHY.INTERNAL, lambda at: entry_of(at, project=rows.project(at, customer=None)), None),
    Case(WHY.NOT_COVERED, uncovered, cover, "No contract covers it"),
    Case(WHY.FIXED_PRICE, at_a_fixed_price, None, "Paid by the milestones of “Fixed”"),
    Case(WHY.CONTRACT_DRAFT, of_a_draft_contract, confirm, "is a draft"),
    Case(WHY.CONTRACT_ON_HOLD, of_a_held_contract, resume, "is on hold"),
    Case(WHY.CONTRACT_ENDED, of_a_lost_contract, None, "has ended"),
    Case(WHY.PAYER_ON_HOLD, of_a_held_customer, release, "is on hold"),
    Case(WHY.NO_PRICE, unpriced, price, "No price list has a price for it"),
    Case(WHY.OVER_LIMIT, over_its_limit, raise_limit, "Over the limit of the contract line by €600.00"),
    Case(WHY.ON_HOLD, held, mark, "On hold: Disputed"),
    Case(WHY.NON_CHARGEABLE, given_away(BillingType.NON_CHARGEABLE), charge, "Non-chargeable: the customer"),
    Case(WHY.COMPLIMENTARY, given_away(BillingType.COMPLIMENTARY), charge, "Complimentary: the customer"),
    Case(WHY.CLOSED_PERIOD, ready_in_a_closed_period, reopen_period, "closed through 1 Apr 2026"),
    Case(WHY.NOT_READY, entry_of, mark, "Not marked ready to invoice"),
    Case(WHY.RUN_FAILED, whose_run_failed, run_again, "Its run of 1 Apr 2026 failed"),
    Case(WHY.AFTER_CUT_OFF, scheduled(TODAY, date(2026, 3, 1)), draft_it, "after the cut-off 1 Mar 2026"),
    Case(WHY.WAITS_FOR_RUN, scheduled(AFTER, AFTER), draft_it, "waits for the run of 30 Apr 2026"),
    Case(WHY.NOT_SCHEDULED, ready, draft_it, "Ready, and no run is scheduled"),
    Case(WHY.TAX_GROUP_MISSING, without_tax_group, give_tax_group, "No item tax group"),
    Case(WHY.ON_DRAFT, drafted, confirm_draft, "On draft PF-"),
    Case(WHY.IN_REVIEW, in_review, confirm_draft, "In review: PF-"),
    Case(WHY.NOT_POSTED, confirmed, post, "not posted yet"),
    Case(WHY.INVOICED, invoiced, None, "Invoiced: "),
]
