"""Open drafts that are to take more: which can, who pays on them, and what came on top (B5)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Count, OuterRef, QuerySet
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen
from billing.closed_periods import period_locked
from billing.models import InvoiceLineDetail, Proforma
from billing.payers import Payer, sales_tax_groups
from billing.querysets import ProformaQuerySet
from core.activity_log import Changes, as_text
from core.days import DAYS_ALLOWED, is_possible
from core.refusals import Refusal
from projects.models import ProjectContract
from projects.states import ContractStatus

Size = tuple[int, str]
"""How many details a draft has, and its net amount as the log keeps it."""


def payer_asked_by(draft: Proforma) -> Payer:
    """Contract and customer of a draft."""
    return draft.contract_id, draft.customer_id


def drafts_of_item(drafts: ProformaQuerySet) -> QuerySet[Proforma]:
    """Of some drafts those of the contract and customer of a backlog item, as a subquery."""
    return drafts.order_by().filter(contract=OuterRef("contract"), customer=OuterRef("customer"))


def drafts_of_share(drafts: ProformaQuerySet) -> QuerySet[Proforma]:
    """Of some drafts those of the contract and customer of a milestone share, as a subquery."""
    contract = OuterRef("milestone__contract_line__contract")
    return drafts.order_by().filter(contract=contract, customer=OuterRef("customer"))


def without_draft(
    contracts: Sequence[ProjectContract], waiting: Collection[Payer], drafts: Sequence[Proforma]
) -> list[ProjectContract]:
    """The contracts that are drafted anew: all where no draft is named, else those with other payers."""
    named = {payer_asked_by(draft) for draft in drafts}
    others = {contract_id for contract_id, customer_id in waiting if (contract_id, customer_id) not in named}
    return [one for one in contracts if one.pk in others or not drafts]


def reasons_against(contracts: Iterable[ProjectContract], invoice_date: date) -> Iterable[Refusal]:
    """Every reason why these contracts cannot be invoiced on a day, whoever pays; their entities are loaded.

    No statement. Locks and raises nothing, so that the preview of a run can show the reasons. Codes:
    contract-not-confirmed, day-not-possible, period-locked (B5, X4).
    """
    for contract in contracts:
        yield from not_confirmed(contract)
        if not is_possible(invoice_date):
            message = _("The invoice date is not possible.")
            yield Refusal("day-not-possible", message, str(contract), DAYS_ALLOWED)
        elif contract.legal_entity.is_locked_on(invoice_date):
            yield period_locked(contract.legal_entity, invoice_date, str(contract))


def not_confirmed(contract: ProjectContract) -> Iterable[Refusal]:
    """That only confirmed contracts are invoiced (decision 11)."""
    if contract.status != ContractStatus.CONFIRMED:
        yield Refusal(
            "contract-not-confirmed",
            _("The contract is “%(status)s”.") % {"status": contract.get_status_display()},
            str(contract),
            _("Only confirmed contracts are invoiced: confirm or resume it."),
        )


def reasons_against_drafts(
    drafts: Sequence[Proforma], contracts: Sequence[ProjectContract], waiting: Collection[Payer]
) -> Iterable[Refusal]:
    """Why drafts cannot take what their customers pay; the contracts, with entities, are loaded.

    Two statements where there are drafts. Codes: frozen, contract-not-confirmed, period-locked,
    several-drafts, other-tax-group.
    """
    if not drafts:
        return
    contract_of, paying = {contract.pk: contract for contract in contracts}, set(waiting)
    yield from frozen(drafts)
    yield from _ambiguous(drafts)
    concerned = [draft for draft in drafts if payer_asked_by(draft) in paying]
    groups = sales_tax_groups(contracts, {payer_asked_by(draft) for draft in concerned})
    anew = {one.pk for one in without_draft(contracts, waiting, drafts)}
    for draft in concerned:
        contract = contract_of[draft.contract_id]
        # Contracts that are drafted anew as well are asked where that is checked.
        if draft.contract_id not in anew:
            yield from not_confirmed(contract)
        if draft.is_open and contract.legal_entity.is_locked_on(draft.invoice_date):
            yield period_locked(contract.legal_entity, draft.invoice_date, draft.number, is_draft=True)
        if draft.sales_tax_group_id != groups[payer_asked_by(draft)]:
            yield Refusal(
                "other-tax-group",
                _("It is taxed by another sales tax group than the customer is today."),
                draft.number,
                _("Refresh the draft, which takes the group of today, or start a new one."),
            )


def _ambiguous(drafts: Iterable[Proforma]) -> Iterable[Refusal]:
    numbers: dict[Payer, list[str]] = defaultdict(list)
    for draft in drafts:
        numbers[payer_asked_by(draft)].append(draft.number)
    for several in numbers.values():
        if len(several) > 1:
            yield Refusal(
                "several-drafts",
                _("These drafts are for the same contract and customer."),
                ", ".join(several),
                _("Choose one of them."),
            )


def sizes_of(drafts: Sequence[Proforma]) -> dict[int, Size]:
    """Number of details and net amount of each draft as they are now, by key; one statement."""
    if not drafts:
        return {}
    details = InvoiceLineDetail.objects.filter(line__proforma__in=drafts).order_by()
    counts = dict(details.values_list("line__proforma").annotate(count=Count("pk")))
    return {draft.pk: (counts.get(draft.pk, 0), as_text(draft.net_amount)) for draft in drafts}


def grown(drafts: Sequence[Proforma], before: Mapping[int, Size]) -> dict[int, Changes]:
    """What became of the sizes of drafts since `before`, for the activity log; one statement."""
    now = sizes_of(drafts)
    return {
        key: {
            name: [as_text(old), as_text(new)]
            for name, old, new in zip(("details", "net_amount"), before[key], now[key], strict=True)
        }
        for key in now
    }
