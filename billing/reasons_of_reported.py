"""Why an entry is not in the backlog: it is not approved, or no line bills it; every reason in words (X2)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from billing.reason_ways import APPROVE, SEE_CONTRACT, SUBMIT, WRITE_CONTRACT, Reason, Way, to
from billing.states import NotInvoiced
from core.money import HUNDRED, ZERO
from core.people import person_name
from core.templatetags.display import day, percent
from projects.models import Approval, ApprovalReason, Entry
from projects.states import ApprovalStatus, EntryStatus, RuleEffect, TransactionClass
from projects.work_coverage import WorkCoverage, coverage_of


@dataclass(frozen=True)
class ReportedFacts:
    """What the sentences about one entry need: its last submission, and what would cover it."""

    entry: Entry
    approval: Approval | None
    held: tuple[str, ...]
    coverage: WorkCoverage

    @property
    def line_paid(self) -> str:
        """How much of its contract line is paid by somebody, where that is not all of it; else empty."""
        line = self.approval.contract_line if self.approval else None
        if line is None or not line.is_time_and_material:
            return ""
        shares = sum((one.split_percent for one in line.customers.all()), ZERO)
        return "" if shares == HUNDRED else percent(shares)


def facts_of_entry(entry: Entry) -> ReportedFacts:
    """Read the last submission, what holds it, and the lines of its project; six statements at most.

    Project with customer and manager, and the person are loaded.
    """
    related = ("contract_line__contract__manager", "submitted_by", "decided_by")
    approvals = Approval.objects.filter(entry=entry).select_related(*related)
    approval = approvals.prefetch_related("contract_line__customers").order_by("-pk").first()
    held: tuple[str, ...] = ()
    if approval is not None and approval.status == ApprovalStatus.SUBMITTED:
        of_policy = ApprovalReason.objects.filter(approval=approval, effect=RuleEffect.HOLD).order_by("pk")
        held = tuple(one.sentence for one in of_policy)
    return ReportedFacts(entry, approval, held, coverage_of([entry]))


def reasons_of_entry(facts: ReportedFacts) -> list[Reason]:
    """Every reason before the backlog, in the order to clear them; none where it is in the backlog or billed.

    What nobody would pay for is said from the draft on, so that it is mended before it is approved (A3).
    """
    entry = facts.entry
    reasons = []
    if entry.status in BEFORE_APPROVAL:
        reasons.append(BEFORE_APPROVAL[entry.status](facts))
    if facts.line_paid and entry.status == EntryStatus.SUBMITTED:
        reasons.append(_payer_missing(facts))
    if entry.project.customer_id is None:
        title = _("Internal project: no customer pays for it")
        return [*reasons, Reason(NotInvoiced.INTERNAL, title)]
    line = facts.approval.contract_line if facts.approval and _counts(facts.approval) else None
    if line is None:
        line = facts.coverage.line_of(entry) if not _counts(facts.approval) else None
    if line is None:
        reasons.append(_not_covered(facts))
    elif not line.is_time_and_material:
        title = _("Paid by the milestones of “%(line)s”") % {"line": line}
        detail = _("The line has a fixed price: what was worked costs money and is not billed by itself.")
        number = line.contract.number
        way = to(_("Open milestones"), "contract", SEE_CONTRACT, number, query="?show=milestones")
        reasons.append(
            Reason(NotInvoiced.FIXED_PRICE, title, detail, "", (way,), line.contract.manager, line.contract)
        )
    return reasons


def _counts(approval: Approval | None) -> bool:
    """Whether the terms of a submission still hold, rather than those of a new one."""
    return approval is not None and approval.status in (ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED)


def _not_submitted(facts: ReportedFacts) -> Reason:
    entry = facts.entry
    title = _("Not submitted: it is a draft")
    detail = _("Whoever recorded it submits it; then it is approved.")
    return Reason(NotInvoiced.NOT_SUBMITTED, title, detail, SUBMIT, (_own_way(entry),), _worker(entry))


def _returned(facts: ReportedFacts) -> Reason:
    entry, approval = facts.entry, facts.approval
    title, detail = _("Sent back"), _("Change it and submit it again.")
    if approval is not None and approval.comment:
        title = _("Sent back: %(comment)s") % {"comment": approval.comment}
    return Reason(NotInvoiced.RETURNED, title, detail, SUBMIT, (_own_way(entry),), _worker(entry))


def _waits_for_approval(facts: ReportedFacts) -> Reason:
    entry, approval = facts.entry, facts.approval
    title, detail = _("Waits for approval"), ""
    ways: tuple[Way, ...] = ()
    if approval is not None:
        words = {
            "day": day(entry.legal_entity.day_of(approval.submitted_at)),
            "name": person_name(approval.submitted_by),
            "reasons": ", ".join(facts.held),
        }
        detail = _("Submitted on %(day)s by %(name)s.") % words
        if facts.held:
            detail = _("Held by the approval policy: %(reasons)s. It is decided with a comment.") % words
        ways = (to(_("Decide"), "decide-approval", APPROVE, approval.pk),)
    owner = entry.project.manager
    return Reason(NotInvoiced.WAITS_FOR_APPROVAL, title, detail, APPROVE, ways, owner, entry.project)


BEFORE_APPROVAL: dict[str, Callable[[ReportedFacts], Reason]] = {
    EntryStatus.DRAFT: _not_submitted,
    EntryStatus.RETURNED: _returned,
    EntryStatus.SUBMITTED: _waits_for_approval,
}


def _payer_missing(facts: ReportedFacts) -> Reason:
    line = facts.approval.contract_line
    title = _("Customers pay %(share)s of “%(line)s”, not all of it") % {
        "share": facts.line_paid,
        "line": line,
    }
    detail = _("It cannot be approved before their shares add up to 100 percent.")
    way = to(_("Change the shares"), "contract-edit", WRITE_CONTRACT, line.contract.number)
    contract = line.contract
    return Reason(
        NotInvoiced.PAYER_MISSING, title, detail, WRITE_CONTRACT, (way,), contract.manager, contract
    )


def _not_covered(facts: ReportedFacts) -> Reason:
    entry = facts.entry
    contract = facts.coverage.contract_of(entry.project_id)
    if contract is None:
        query = urlencode({"project": entry.project.number})
        way = Way(_("New contract"), f"{reverse('contract-add')}?{query}", "projects.add_projectcontract")
    else:
        way = to(
            _("Edit contract %(contract)s") % {"contract": contract.number},
            "contract-edit",
            WRITE_CONTRACT,
            contract.number,
        )
    why = facts.coverage.sentence_of(entry) or _("A line covers it now: save its contract again.")
    owner = contract.manager if contract and contract.manager else entry.project.manager
    return Reason(
        NotInvoiced.NOT_COVERED,
        _("No contract covers it"),
        why,
        way.permission,
        (way,),
        owner,
        contract or entry.project,
    )


def _own_way(entry: Entry) -> Way:
    """To the page on which its person changes and submits it."""
    if entry.transaction_class == TransactionClass.TIME:
        return to(_("Open my entries"), "entries", SUBMIT, query=f"?status={entry.status}")
    return to(_("Open my expenses"), "expenses", SUBMIT)


def _worker(entry: Entry) -> User | None:
    return entry.resource.user if entry.resource and entry.resource.user else entry.recorded_by
