"""Why billed sales cannot be corrected as somebody asks, or not on the draft that was chosen (B9)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.billed_texts import text_of
from billing.closed_periods import period_locked
from billing.correction_rows import BilledCorrection, payer_of
from billing.models import InvoiceLineDetail, Proforma, Retainer, Retention
from billing.payers import on_hold
from billing.who_confirmed import who_confirmed
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.entry_rules import TOO_LARGE
from projects.models import Actual, Customer, ProjectContract
from projects.states import BillingType, ContractStatus, TransactionClass, TransactionType


def reasons_of_rows(asked: Sequence[BilledCorrection]) -> Iterable[Refusal]:
    """Why the rows cannot be corrected like this; six statements at most, whatever their number."""
    if not asked:
        yield Refusal(
            "nothing-corrected",
            _("No line is changed."),
            "",
            _("Change the quantity, the price or the amount of a line, or take all of it back."),
        )
    rows = [one.billed.pk for one in asked]
    taken_back = dict(
        Actual.objects.filter(reverses__in=rows).values_list("reverses", "event__proforma__number")
    )
    held = dict(
        InvoiceLineDetail.objects.corrections()
        .filter(corrects__in=rows, line__proforma__event__isnull=True)
        .values_list("corrects", "line__proforma__number")
    )
    yield from reasons_of_retainers(asked)
    for one in asked:
        yield from _reasons_of_row(one, taken_back.get(one.billed.pk), held.get(one.billed.pk))
    yield from _discounts_above(asked)
    yield from _retentions_released(asked)


def _reasons_of_row(
    one: BilledCorrection, corrected_by: str | None, held_by: str | None
) -> Iterable[Refusal]:
    row, subject = one.billed, _subject(one)
    if row.type != TransactionType.BILLED_SALES or row.reverses_id is not None:
        yield Refusal(
            "not-billed", _("It is not billed."), subject, _("Correct a line of a confirmed proforma.")
        )
        return
    if corrected_by is not None:
        yield Refusal(
            "corrected-already",
            _("It was corrected by %(number)s.") % {"number": corrected_by},
            subject,
            _("Correct what %(number)s bills.") % {"number": corrected_by},
        )
    elif held_by is not None:
        yield Refusal(
            "being-corrected",
            _("The draft %(number)s corrects it already.") % {"number": held_by},
            subject,
            _("Change that draft, or delete it."),
        )
    yield from _reasons_of_terms(one, subject)


def _reasons_of_terms(one: BilledCorrection, subject: str) -> Iterable[Refusal]:
    """Why what shall stay billed cannot stay like this."""
    row = one.billed
    if not one.changes_something:
        yield Refusal(
            "changes-nothing",
            _("It stays billed as it was."),
            subject,
            _("Change what stays billed, or leave the line out."),
        )
    elif one.remaining.quantity * row.quantity < 0 or one.remaining.amount * row.amount < 0:
        yield Refusal(
            "wrong-sign",
            _("What stays billed must not change between positive and negative."),
            subject,
            _("Type 0 to take all of it back."),
        )
    remaining = one.remaining
    if max(abs(remaining.quantity), abs(remaining.price), abs(remaining.amount)) >= TOO_LARGE:
        yield Refusal(
            "amount-too-large",
            _("Quantity times price is too large to be stored."),
            subject,
            _("Check both, or record it in parts."),
        )
    is_milestone = row.work_item.transaction_class == TransactionClass.MILESTONE
    if is_milestone and abs(one.remaining.amount) > abs(row.amount):
        yield Refusal(
            "above-agreed",
            _("A milestone is billed up to the amount that was agreed."),
            subject,
            _("Add a milestone to the contract for the additional amount."),
        )


def reasons_of_retainers(asked: Sequence[BilledCorrection]) -> Iterable[Refusal]:
    """Why retainers cannot be corrected like this: they are mirrored as a whole, while unused (R10)."""
    corrected = [one for one in asked if one.billed.work_item.transaction_class == TransactionClass.RETAINER]
    if not corrected:
        return
    items = [one.billed.work_item_id for one in corrected]
    by_item = {one.work_item_id: one for one in Retainer.objects.filter(work_item__in=items)}
    for one in corrected:
        retainer = by_item[one.billed.work_item_id]
        if not one.takes_all:
            yield Refusal(
                "retainer-in-part",
                _("What was invoiced, applied or refunded of an advance is taken back as a whole."),
                _subject(one),
                _("Type 0 to take all of it back."),
            )
        # What was invoiced has a positive amount; what was applied gives the balance back.
        elif one.billed.amount > retainer.available_amount:
            yield Refusal(
                "retainer-held",
                _("A part of this advance is applied, or held by a draft."),
                _subject(one),
                _("Take it off the draft, or correct the invoice that applies it first."),
            )


def _retentions_released(asked: Sequence[BilledCorrection]) -> Iterable[Refusal]:
    """What was released of a retention cannot be kept back less (B12)."""
    lowered = [
        one
        for one in asked
        if one.billed.work_item.transaction_class == TransactionClass.RETENTION
        and one.billed.amount < one.remaining.amount
    ]
    if not lowered:
        return
    items = [one.billed.work_item_id for one in lowered]
    by_item = {one.work_item_id: one for one in Retention.objects.filter(work_item__in=items).with_amounts()}
    for one in lowered:
        retention = by_item[one.billed.work_item_id]
        if one.remaining.amount - one.billed.amount > retention.open_amount - retention.drafted:
            yield Refusal(
                "retention-released",
                _("A part of what was kept back is released, or held by a draft."),
                _subject(one),
                _("Take the release back first."),
            )


def _discounts_above(asked: Sequence[BilledCorrection]) -> Iterable[Refusal]:
    """A discount that is raised takes no more than what else was billed of its line (B12)."""
    raised = [
        one
        for one in asked
        if one.billed.work_item.transaction_class == TransactionClass.DISCOUNT
        and one.remaining.amount < one.billed.amount
    ]
    if not raised:
        return
    standing = (
        Actual.objects.billed_sales()
        .originals()
        .filter(
            event__in={one.billed.event_id for one in raised},
            billing_type=BillingType.CHARGEABLE,
            mirror__isnull=True,
        )
    )
    sums = standing.order_by().values_list("event", "work_item__contract_line").annotate(sum=Sum("amount"))
    billed = {(event, line): amount for event, line, amount in sums}
    for one in asked:
        place = one.billed.event_id, one.billed.work_item.contract_line_id
        if place in billed and one not in raised and one.billed.billing_type == BillingType.CHARGEABLE:
            billed[place] += one.remaining.amount - one.original.amount
    for one in raised:
        row = one.billed
        # With the discount itself taken out again.
        if billed[row.event_id, row.work_item.contract_line_id] - row.amount + one.remaining.amount < 0:
            yield Refusal(
                "above-agreed",
                _("The discount would be more than its line charges."),
                _subject(one),
                _("Take the work of the line back instead."),
            )


def _subject(one: BilledCorrection) -> str:
    item = one.billed.work_item
    return f"{written(item.transaction_date)}: {text_of(item)}"


def reasons_of_payers(
    asked: Sequence[BilledCorrection],
    contracts: Mapping[int, ProjectContract],
    invoice_date: date,
    *,
    is_new: bool,
) -> Iterable[Refusal]:
    """Why their contracts and customers cannot get an invoice; one statement.

    The date is that of a new draft; an open one has a date of its own, see `reasons_of_draft`.
    """
    customers = Customer.objects.in_bulk({payer_of(one)[1] for one in asked})
    for contract_id, customer_id in sorted({payer_of(one) for one in asked}):
        contract, customer = contracts[contract_id], customers[customer_id]
        if contract.status != ContractStatus.CONFIRMED:
            yield Refusal(
                "contract-not-confirmed",
                _("The contract is “%(status)s”.") % {"status": contract.get_status_display()},
                str(contract),
                _("Resume or reopen the contract first."),
            )
        if customer.is_on_hold:
            yield on_hold(customer, str(contract))
        if is_new and contract.legal_entity.is_locked_on(invoice_date):
            yield period_locked(contract.legal_entity, invoice_date, str(contract))


def reasons_of_draft(
    drafts: Sequence[Proforma],
    asked: Sequence[BilledCorrection],
    *,
    taxed_as: set[int | None],
    is_asked: bool,
) -> Iterable[Refusal]:
    """Why the corrections cannot be added to the draft that was chosen, where one was.

    `taxed_as` are the sales tax groups of what is corrected.
    """
    # Somebody deleted it since it was chosen; the corrections must not go to a new one instead.
    if is_asked and not drafts:
        raise Proforma.DoesNotExist("the draft that corrections are added to is not there")
    if is_asked and len(drafts) != 1:
        raise ValueError("corrections are added to one draft")
    for draft in drafts:
        if not draft.is_open:
            yield Refusal(
                "frozen",
                who_confirmed([draft])[draft.pk],
                draft.number,
                _("Start a new draft for the correction."),
            )
        elif draft.legal_entity.is_locked_on(draft.invoice_date):
            yield period_locked(draft.legal_entity, draft.invoice_date, draft.number, is_draft=True)
        if {payer_of(one) for one in asked} - {(draft.contract_id, draft.customer_id)}:
            yield Refusal(
                "other-payer",
                _("It is for another customer or contract."),
                draft.number,
                _("Choose a draft of the same contract and customer, or start a new one."),
            )
        elif taxed_as - {draft.sales_tax_group_id}:
            yield Refusal(
                # The customer gets back the tax that was paid, whatever new invoices are taxed by.
                "other-tax-group",
                _("It is taxed by another sales tax group than the invoice that is corrected."),
                draft.number,
                _("Start a new draft for the correction."),
            )
