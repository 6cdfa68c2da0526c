"""Why a milestone share or a whole contract is not invoiced, in words (X2)."""

from datetime import date

from django.utils.translation import gettext as _

from billing.models import BatchOutcome, MilestoneShare, Proforma
from billing.not_invoiced import all_reasons, share_conditions
from billing.reason_ways import (
    DRAFT,
    MARK,
    SEE_RUN,
    Reason,
    Way,
    agreement_reason,
    closed_period,
    contract_reason,
    draft_way,
    of_confirmed,
    on_draft,
    payer_on_hold,
    send,
    to,
)
from billing.states import DueOutcome, MilestoneStatus, NotInvoiced
from core.templatetags.display import day
from projects.models import Customer, ProjectContract
from projects.querysets import CustomerQuerySet
from projects.states import ContractStatus


def reasons_of_share(share: MilestoneShare, today: date) -> list[Reason]:
    """Every reason, in the order to clear them; four statements at most.

    Milestone, line, contract with manager and entity, and customer are loaded.
    """
    rows = MilestoneShare.objects.filter(pk=share.pk)
    codes = all_reasons(rows, share_conditions(today))[share.pk]
    if share.status == MilestoneStatus.READY and not {*codes} & DATED:
        codes.append(NotInvoiced.WAITS_FOR_RUN)
    return [_reason(code, share, today) for code in codes]


DATED = {NotInvoiced.RUN_FAILED, NotInvoiced.AFTER_CUT_OFF}


def _reason(code: NotInvoiced, share: MilestoneShare, today: date) -> Reason:
    contract = share.milestone.contract_line.contract
    agreed = agreement_reason(code, contract, share.customer)
    if agreed is not None:
        return agreed
    if code in (NotInvoiced.ON_DRAFT, NotInvoiced.IN_REVIEW):
        return on_draft(code, proforma_of_share(share))
    if code in (NotInvoiced.NOT_POSTED, NotInvoiced.INVOICED):
        return of_confirmed(proforma_of_share(share))
    if code == NotInvoiced.NOT_READY:
        return _not_ready(share, today)
    return _waits(code, share)


def proforma_of_share(share: MilestoneShare) -> Proforma:
    """The proforma that holds or billed a share, by its latest claim."""
    held = Proforma.objects.filter(lines__details__milestone_share=share)
    return (
        held.select_related("contract__manager", "legal_entity")
        .order_by("-lines__details__claim_number", "-pk")[:1]
        .get()
    )


def _not_ready(share: MilestoneShare, today: date) -> Reason:
    contract, due = share.milestone.contract_line.contract, share.milestone.due_on
    words = {"day": day(due)}
    title = _("Due on %(day)s, not marked ready") % words
    detail = _("Nobody has said that it was reached.")
    if due > today:
        detail = _("It is invoiced from that day on, once it is marked ready.")
    way = send(_("Mark ready"), "milestones-ready", MARK, share.pk)
    return Reason(NotInvoiced.NOT_READY, title, detail, MARK, (way,), contract.manager, contract)


def _waits(code: NotInvoiced, share: MilestoneShare) -> Reason:
    contract = share.milestone.contract_line.contract
    words = {"day": day(share.milestone.due_on)}
    ways: tuple[Way, ...] = (draft_way(contract),)
    if code == NotInvoiced.AFTER_CUT_OFF:
        title = _("Ready, due on %(day)s") % words
        detail = _("The run of that day invoices it; nobody has to do anything.")
        return Reason(code, title, detail, "", ways, contract.manager, contract)
    if code == NotInvoiced.RUN_FAILED:
        failed = BatchOutcome.objects.filter(milestone_share=share, outcome=DueOutcome.FAILED)
        last = failed.select_related("run").order_by("-pk")[:1].get()
        title = _("The run of %(day)s failed") % {"day": day(last.run.business_date)}
        ways = (to(_("Open the run"), "run", SEE_RUN, last.run_id), *ways)
        return Reason(code, title, last.message, DRAFT, ways, contract.manager, contract)
    title = _("Ready, due since %(day)s") % words
    detail = _("The next run invoices it; a proforma can be created at once.")
    return Reason(NotInvoiced.WAITS_FOR_RUN, title, detail, "", ways, contract.manager, contract)


CONTRACT_STATES: dict[str, NotInvoiced] = {
    ContractStatus.DRAFT: NotInvoiced.CONTRACT_DRAFT,
    ContractStatus.ON_HOLD: NotInvoiced.CONTRACT_ON_HOLD,
    ContractStatus.COMPLETED: NotInvoiced.CONTRACT_ENDED,
    ContractStatus.LOST: NotInvoiced.CONTRACT_ENDED,
}


def reasons_of_contract(contract: ProjectContract, today: date) -> list[Reason]:
    """What keeps all of a contract off invoices; manager, entity and customer are loaded, one statement."""
    reasons = []
    if contract.status in CONTRACT_STATES:
        reasons.append(contract_reason(CONTRACT_STATES[contract.status], contract))
    reasons += [payer_on_hold(customer, contract) for customer in _held_payers(contract)]
    if contract.legal_entity.is_locked_on(today):
        reasons.append(closed_period(contract, contract.legal_entity))
    return reasons


def _held_payers(contract: ProjectContract) -> CustomerQuerySet:
    payers = Customer.objects.filter(contract_line_shares__contract_line__contract=contract)
    return payers.filter(is_on_hold=True).order_by("name").distinct()
