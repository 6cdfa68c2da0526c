"""Why one piece of approved work is on no invoice: every reason in words, and what is in order (X2).

Read for one row at a time, in a number of statements that does not depend on its reasons; nothing is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from billing.models import BatchOutcome, InvoiceLineDetail, InvoiceSchedule, Proforma
from billing.not_invoiced import all_reasons, item_conditions
from billing.reason_ways import (
    CANCEL,
    CHANGE_CATEGORY,
    CHANGE_PRICES,
    DRAFT,
    MARK,
    RERATE,
    RETYPE,
    SEE_RUN,
    WRITE_CONTRACT,
    Reason,
    agreement_reason,
    draft_way,
    on_draft,
    schedule_way,
    send,
    to,
)
from billing.states import DueOutcome, NotInvoiced, ScheduleStatus
from core.people import person_name
from core.templatetags.display import day, money
from projects.models import BacklogItem
from projects.states import BillingStatus, BillingType, HoldReason, LimitLevel


@dataclass(frozen=True)
class Run:
    """A row of the schedule that is still to come, and what the last attempt said about it."""

    row: InvoiceSchedule
    failure: BatchOutcome | None = None


@dataclass(frozen=True)
class ItemFacts:
    """What the sentences about one backlog item need; the item has everything loaded."""

    item: BacklogItem
    codes: list[NotInvoiced]
    next_run: Run | None
    taken_by: InvoiceSchedule | None
    proforma: Proforma | None

    @property
    def run_date(self) -> date | None:
        """When the clock would invoice it once nothing keeps it back; none where nothing is scheduled."""
        return self.taken_by.run_date if self.taken_by else None


def facts_of_item(key: int, today: date) -> ItemFacts:
    """Read everything about one open item, by its actual: six statements at most."""
    rows = BacklogItem.objects.filter(pk=key)
    related = ("contract__manager", "contract__legal_entity", "work_item__category", "held_by")
    item = rows.with_everything().select_related(*related).get()
    codes = all_reasons(rows, item_conditions(today))[key]
    to_come = InvoiceSchedule.objects.filter(contract_line=item.contract_line_id)
    waiting = [ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED]
    runs = list(to_come.filter(status__in=waiting).order_by("run_date", "pk"))
    next_run = _with_failure(runs[0]) if runs else None
    taken_by = next((one for one in runs if one.cut_off_date >= item.transaction_date), None)
    if item.status == BillingStatus.READY:
        codes.append(_late_reason(item, runs))
    proforma: Proforma | None = None
    if item.proforma_number:
        holding = Proforma.objects.filter(number=item.proforma_number)
        proforma = holding.select_related("contract__manager", "legal_entity").get()
    return ItemFacts(item, codes, next_run, taken_by, proforma)


def _late_reason(item: BacklogItem, runs: Sequence[InvoiceSchedule]) -> NotInvoiced:
    """What a ready item waits for; the same as the database says of all of them."""
    if not runs:
        return NotInvoiced.NOT_SCHEDULED
    if runs[0].status == ScheduleStatus.FAILED:
        return NotInvoiced.RUN_FAILED
    if runs[0].cut_off_date < item.transaction_date:
        return NotInvoiced.AFTER_CUT_OFF
    return NotInvoiced.WAITS_FOR_RUN


def _with_failure(row: InvoiceSchedule) -> Run:
    if row.status != ScheduleStatus.FAILED:
        return Run(row)
    failed = row.outcomes.filter(outcome=DueOutcome.FAILED).select_related("run").order_by("-pk")
    return Run(row, failed.first())


def reasons_of_item(facts: ItemFacts) -> list[Reason]:
    """Every reason, in the order to clear them; what is missing for the tax comes last (X2)."""
    item = facts.item
    reasons = [_reason(code, facts) for code in facts.codes]
    group = item.work_item.category.item_sales_tax_group_id if item.work_item.category else None
    # What is on a draft is judged there.
    is_charged = item.billing_type == BillingType.CHARGEABLE and not item.proforma_number
    if group is None and is_charged and not _was_taxed(item):
        reasons.append(_tax_group_missing(item))
    return reasons


def _was_taxed(item: BacklogItem) -> bool:
    """Whether it was billed with a tax group of its own before; billed again, it keeps that one."""
    billed = InvoiceLineDetail.objects.filter(work_item=item.work_item_id)
    return billed.filter(item_sales_tax_group__isnull=False).exists()


def _reason(code: NotInvoiced, facts: ItemFacts) -> Reason:
    item = facts.item
    if facts.proforma is not None:
        return on_draft(code, facts.proforma)
    return agreement_reason(code, item.contract, item.customer) or WORDS[code](facts)


# --- Reasons of work ------------------------------------------------------------------------------


def _no_price(facts: ItemFacts) -> Reason:
    title = _("No price list has a price for it")
    detail = _("Add the price, then price unbilled work again.")
    ways = (
        to(_("Open price lists"), "price-lists", CHANGE_PRICES),
        to(_("Price unbilled work again"), "rerate-work", RERATE),
    )
    contract = facts.item.contract
    return Reason(NotInvoiced.NO_PRICE, title, detail, CHANGE_PRICES, ways, contract.manager, contract)


def _over_limit(facts: ItemFacts) -> Reason:
    item = facts.item
    title = _("Over the limit of the %(level)s by %(amount)s") % {
        "level": LimitLevel(item.exceeded_limit).label,
        "amount": money(item.exceeded_by, item.currency),
    }
    detail = _("Raise the limit, then check it again.")
    ways = (
        to(_("Raise the limit"), "contract-edit", WRITE_CONTRACT, item.contract.number),
        send(_("Check the limit again"), "backlog-check-limits", MARK, item.pk),
    )
    return Reason(
        NotInvoiced.OVER_LIMIT, title, detail, WRITE_CONTRACT, ways, item.contract.manager, item.contract
    )


def _on_hold(facts: ItemFacts) -> Reason:
    item, owner = facts.item, facts.item.held_by
    words = {
        "reason": HoldReason(item.hold_reason).label,
        "name": person_name(owner),
        "day": day(item.contract.legal_entity.day_of(item.held_at)) if item.held_at else "",
        "review": day(item.review_on),
    }
    said = _("Put on hold by %(name)s on %(day)s.") % words if owner else ""
    again = _("To be looked at again on %(review)s.") % words if item.review_on else ""
    ways = (
        send(_("Release"), "backlog-release", MARK, item.pk),
        send(_("Release and mark ready"), "backlog-ready", MARK, item.pk),
    )
    title = _("On hold: %(reason)s") % words
    detail = " ".join(filter(None, (said, again)))
    return Reason(
        NotInvoiced.ON_HOLD, title, detail, MARK, ways, owner or item.contract.manager, item.contract
    )


def _in_process(facts: ItemFacts) -> Reason:
    title, detail = _("On a cancellation journal"), _("Confirm or discard that journal first.")
    way = to(_("Open cancellations"), "cancellations", CANCEL)
    return Reason(NotInvoiced.IN_PROCESS, title, detail, CANCEL, (way,))


def _not_charged(facts: ItemFacts) -> Reason:
    item = facts.item
    code = (
        NotInvoiced.NON_CHARGEABLE if NotInvoiced.NON_CHARGEABLE in facts.codes else NotInvoiced.COMPLIMENTARY
    )
    title = _("%(type)s: the customer is not charged for it") % {"type": item.get_billing_type_display()}
    detail = _("Marked ready, it is named on the invoice without an amount.")
    way = send(_("Change the billing type"), "backlog-billing-type", RETYPE, item.pk)
    return Reason(code, title, detail, RETYPE, (way,), item.contract.manager, item.contract)


def _not_ready(facts: ItemFacts) -> Reason:
    item = facts.item
    held = {NotInvoiced.ON_HOLD, NotInvoiced.OVER_LIMIT, NotInvoiced.NO_PRICE, NotInvoiced.IN_PROCESS}
    blocked = held & set(facts.codes)
    detail = _("Only what is marked ready is invoiced.")
    if blocked:
        detail = _("Possible as soon as what stands above is cleared.")
    ways = () if blocked else (send(_("Mark ready"), "backlog-ready", MARK, item.pk),)
    return Reason(
        NotInvoiced.NOT_READY,
        _("Not marked ready to invoice"),
        detail,
        MARK,
        ways,
        item.contract.manager,
        item.contract,
    )


def _run_failed(facts: ItemFacts) -> Reason:
    run, contract = facts.next_run, facts.item.contract
    if run is None or run.failure is None:
        return _not_scheduled(facts)
    title = _("Its run of %(day)s failed") % {"day": day(run.row.run_date)}
    ways = (to(_("Open the run"), "run", SEE_RUN, run.failure.run_id), draft_way(contract))
    return Reason(NotInvoiced.RUN_FAILED, title, run.failure.message, DRAFT, ways, contract.manager, contract)


def _after_cut_off(facts: ItemFacts) -> Reason:
    run, contract = facts.next_run, facts.item.contract
    if run is None:
        return _not_scheduled(facts)
    title = _("Dated after the cut-off %(cut_off)s of the next run") % {"cut_off": day(run.row.cut_off_date)}
    detail = _("No later run is scheduled.")
    if facts.run_date:
        detail = _("It is taken by the run of %(day)s.") % {"day": day(facts.run_date)}
    ways = (schedule_way(contract), draft_way(contract))
    return Reason(NotInvoiced.AFTER_CUT_OFF, title, detail, DRAFT, ways, contract.manager, contract)


def _waits_for_run(facts: ItemFacts) -> Reason:
    contract = facts.item.contract
    run = facts.taken_by or (facts.next_run and facts.next_run.row)
    if run is None:
        return _not_scheduled(facts)
    words = {"day": day(run.run_date), "cut_off": day(run.cut_off_date)}
    title = _("Ready, waits for the run of %(day)s") % words
    detail = _("The run takes work up to %(cut_off)s. Nobody has to do anything.") % words
    ways = (schedule_way(contract), draft_way(contract))
    return Reason(NotInvoiced.WAITS_FOR_RUN, title, detail, "", ways, contract.manager, contract)


def _not_scheduled(facts: ItemFacts) -> Reason:
    contract = facts.item.contract
    title = _("Ready, and no run is scheduled")
    detail = _("Nothing invoices it by itself: create the proforma, or give the line a schedule.")
    ways = (draft_way(contract), schedule_way(contract))
    return Reason(NotInvoiced.NOT_SCHEDULED, title, detail, DRAFT, ways, contract.manager, contract)


def _tax_group_missing(item: BacklogItem) -> Reason:
    title = _("No item tax group")
    detail = _("No tax would be taken on it; the draft warns of it.")
    category, needs = item.work_item.category, CHANGE_CATEGORY
    way = (
        to(_("Give the category a tax group"), "category", needs, category.pk)
        if category
        else to(_("Open categories"), "categories", needs)
    )
    return Reason(NotInvoiced.TAX_GROUP_MISSING, title, detail, needs, (way,))


WORDS: dict[NotInvoiced, Callable[[ItemFacts], Reason]] = {
    NotInvoiced.NO_PRICE: _no_price,
    NotInvoiced.OVER_LIMIT: _over_limit,
    NotInvoiced.ON_HOLD: _on_hold,
    NotInvoiced.IN_PROCESS: _in_process,
    NotInvoiced.NON_CHARGEABLE: _not_charged,
    NotInvoiced.COMPLIMENTARY: _not_charged,
    NotInvoiced.NOT_READY: _not_ready,
    NotInvoiced.RUN_FAILED: _run_failed,
    NotInvoiced.AFTER_CUT_OFF: _after_cut_off,
    NotInvoiced.WAITS_FOR_RUN: _waits_for_run,
    NotInvoiced.NOT_SCHEDULED: _not_scheduled,
}
