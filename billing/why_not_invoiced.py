"""Why is it not on an invoice? One answer for an entry, a work item, a milestone share or a contract (X2).

Advances have one as well. An answer has the reasons in the order to clear them, what is in order already, and
the next run that would take it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Retainer
from billing.reason_ways import Reason, contract_reason, of_confirmed
from billing.reasons_of_items import ItemFacts, facts_of_item, reasons_of_item
from billing.reasons_of_milestones import reasons_of_contract, reasons_of_share
from billing.reasons_of_reported import facts_of_entry, reasons_of_entry
from billing.reasons_of_retainers import reasons_of_retainer
from billing.states import MilestoneStatus, NotInvoiced, RetainerStatus
from core.templatetags.display import day
from projects.models import Actual, Approval, BacklogItem, Entry, ProjectContract, WorkItem
from projects.states import ENDED_CONTRACTS


@dataclass(frozen=True)
class Answer:
    """Why one thing is on no invoice; amounts are in its currency, none where it has no price yet.

    `run_date` is the next run that would take it once every reason is cleared.
    """

    reasons: Sequence[Reason]
    in_order: Sequence[str]
    quantity: Decimal | None = None
    unit: str = ""
    amount: Decimal | None = None
    currency: str = ""
    payer: str = ""
    run_date: date | None = None
    item: BacklogItem | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it is on an invoice."""
        return all(one.code in (NotInvoiced.INVOICED, NotInvoiced.NOT_POSTED) for one in self.reasons)


def why_item(key: int, today: date) -> Answer:
    """Of one open row of the backlog, by its actual."""
    facts = facts_of_item(key, today)
    item = facts.item
    return Answer(
        reasons_of_item(facts),
        _in_order(facts, today),
        item.quantity,
        item.work_item.unit,
        item.amount,
        item.currency,
        item.customer.name,
        facts.run_date,
        item,
    )


def why_work(work_items: Iterable[WorkItem], today: date) -> list[Answer]:
    """Of approved work, for each customer who pays for it: what is open, and what is confirmed or invoiced.

    What a correction took back is not invoiced any more. Work items have their contract with manager.
    """
    chosen = list(work_items)
    open_items = BacklogItem.objects.filter(work_item__in=chosen).order_by("work_item", "pk")
    answers = [why_item(key, today) for key in open_items.values_list("pk", flat=True)]
    taken_back = Actual.objects.filter(bills=OuterRef("actual"), mirror__isnull=False)
    details = InvoiceLineDetail.objects.filter(~Exists(taken_back), actual__work_item__in=chosen)
    billed = details.filter(line__proforma__in=Proforma.objects.confirmed()).order_by("pk")
    answers += [_billed(one) for one in billed.select_related("line__proforma__customer")]
    return answers or [_nothing_left(one) for one in chosen]


def _nothing_left(item: WorkItem) -> Answer:
    """Of work whose unbilled sales were taken back, as those of a lost contract are."""
    if item.contract is not None and item.contract.status in ENDED_CONTRACTS:
        return Answer([contract_reason(NotInvoiced.CONTRACT_ENDED, item.contract)], [])
    title = _("Nothing of it is to be billed any more")
    return Answer([Reason(NotInvoiced.NON_CHARGEABLE, title)], [])


def _billed(detail: InvoiceLineDetail) -> Answer:
    proforma = detail.line.proforma
    return Answer(
        [of_confirmed(proforma)],
        [],
        detail.quantity,
        detail.unit,
        detail.amount,
        proforma.currency,
        proforma.customer.name,
    )


def why_entry(entry: Entry, today: date) -> list[Answer]:
    """Of an entry in any state: before the backlog one answer, then one for each customer who pays.

    Its project with manager and customer, its person and its legal entity are loaded.
    """
    facts = facts_of_entry(entry)
    reasons = reasons_of_entry(facts)
    if not reasons:
        work = WorkItem.objects.filter(approval__entry=entry, approval__in=Approval.objects.living())
        return why_work(work.select_related("contract__manager").order_by("pk"), today)
    approval = facts.approval
    priced = approval is not None and approval.is_priced and bool(approval.sales_currency)
    return [
        Answer(
            reasons,
            [] if reasons[0].code in NOT_APPROVED else [_("Approved")],
            entry.quantity,
            entry.unit,
            approval.sales_amount if priced else None,
            approval.sales_currency if priced else "",
        )
    ]


NOT_APPROVED = (NotInvoiced.NOT_SUBMITTED, NotInvoiced.RETURNED, NotInvoiced.WAITS_FOR_APPROVAL)


def why_share(share: MilestoneShare, today: date) -> Answer:
    """Of one customer's share of a milestone; milestone, line, contract, entity and customer are loaded."""
    contract = share.milestone.contract_line.contract
    due = share.milestone.due_on
    is_open = share.status in (MilestoneStatus.NOT_READY, MilestoneStatus.READY)
    return Answer(
        reasons_of_share(share, today),
        [],
        amount=share.open_amount if is_open else share.amount,
        currency=contract.currency,
        payer=share.customer.name,
        run_date=max(due, today) if is_open else None,
    )


def why_retainer(retainer: Retainer, today: date) -> Answer:
    """Of an advance, up to its own invoice; contract with manager and entity, and customer are loaded."""
    is_waiting = retainer.status in (RetainerStatus.NOT_READY, RetainerStatus.READY)
    return Answer(
        reasons_of_retainer(retainer, today),
        [],
        amount=retainer.amount,
        currency=retainer.contract.currency,
        payer=retainer.customer.name,
        run_date=max(retainer.invoice_on, today) if is_waiting else None,
    )


def why_contract(contract: ProjectContract, today: date) -> Answer:
    """What keeps all of a contract off invoices; manager, entity and customer are loaded."""
    return Answer(reasons_of_contract(contract, today), [], currency=contract.currency)


def _in_order(facts: ItemFacts, today: date) -> list[str]:
    """What need not be looked at any more, in words."""
    item, codes = facts.item, set(facts.codes)
    entity = item.contract.legal_entity
    agreed = {
        NotInvoiced.CONTRACT_DRAFT,
        NotInvoiced.CONTRACT_ON_HOLD,
        NotInvoiced.CONTRACT_ENDED,
    }
    checked = [
        (not codes & agreed, _("Contract confirmed, in its dates")),
        (NotInvoiced.NO_PRICE not in codes, _("Has a price")),
        (NotInvoiced.PAYER_ON_HOLD not in codes, _("Customer is not on hold")),
        (NotInvoiced.OVER_LIMIT not in codes, _("Within the agreed limits")),
        (not entity.is_locked_on(today), _("The period of %(day)s is open") % {"day": day(today, "month")}),
        (not item.proforma_number, _("On no draft and no invoice")),
    ]
    return [_("Approved"), *(words for holds, words in checked if holds)]
