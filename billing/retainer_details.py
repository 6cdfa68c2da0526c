"""Details of drafts that invoice, apply or refund retainers (B3, decision 9).

Applying is net, in the tax groups of the retainer itself: the tax that was asked for with it is taken off
with it, by the same engine that taxes the rest. It never brings the net or the total with tax below zero, and
pays for work, milestones and fees alone, not for another retainer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F

from billing.applied_advances import (
    APPLYING,
    INVOICING,
    Taxed,
    block_of,
    capacities_of,
    count_blocks,
    forget_less,
    taxed_as,
)
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Retainer
from billing.payers import Payer
from billing.retainer_querysets import RetainerQuerySet
from billing.states import RetainerStatus, RetainerUse
from core.money import ONE, ZERO
from projects.models import ProjectContract
from projects.states import BillingType, TransactionClass

BATCH = 500


def retainers_of(contracts: Sequence[ProjectContract], wanted: RetainerQuerySet | None) -> list[Retainer]:
    """The retainers that make a proforma of locked contracts by themselves, locked, with their customers."""
    if wanted is None:
        return []
    return list(wanted.filter(contract__in=contracts).select_related("customer").locked())


def payers_of_retainers(retainers: Iterable[Retainer]) -> set[Payer]:
    """Contract and customer of each."""
    return {_payer(one) for one in retainers}


def claim_retainers(proformas: Sequence[Proforma], retainers: Sequence[Retainer]) -> None:
    """Put locked retainers that are ready on the drafts of their payers, and all that is to be refunded.

    A balance that goes back does so with whatever the customer gets next, asked for or not (N14).
    """
    by_payer = {(one.contract_id, one.customer_id): one for one in proformas}
    contracts = {contract for contract, _customer in by_payer}
    ready = [one for one in retainers if one.status == RetainerStatus.READY and _payer(one) in by_payer]
    to_refund = Retainer.objects.to_refund().filter(contract__in=contracts).locked()
    refunded = [one for one in to_refund if _payer(one) in by_payer]
    if not ready and not refunded:
        return
    taxed = taxed_when_invoiced(refunded)
    wanted = [(by_payer[_payer(one)], one) for one in [*ready, *refunded]]
    lines = _lines(wanted)
    details = [_invoicing(lines[draft.pk, one.contract_line_id], one) for draft, one in wanted[: len(ready)]]
    details += [
        _taking_off(
            lines[draft.pk, one.contract_line_id],
            one,
            one.available_amount,
            RetainerUse.REFUND,
            taxed[one.pk],
        )
        for draft, one in wanted[len(ready) :]
    ]
    InvoiceLineDetail.objects.bulk_create(details, batch_size=BATCH)
    Retainer.objects.walk(ready, Retainer.claim)


def apply_available(proformas: Sequence[Proforma]) -> list[InvoiceLineDetail]:
    """Apply what is available of the retainers of each draft's contract and customer, oldest first.

    The caller holds the contracts and the drafts, and adds up afterwards. A retainer that a draft applies or
    refunds already stays as it is there. Amounts are net, in the contract's currency. Locks the retainers;
    six statements for any number, two where no balance is available (decision 9).
    """
    payers = {(one.contract_id, one.customer_id) for one in proformas}
    rows = Retainer.objects.available().filter(contract__in={contract for contract, _customer in payers})
    available = rows.select_related("prepaid_month").locked()
    retainers = [one for one in available if (one.contract_id, one.customer_id) in payers]
    if not retainers:
        return []
    tax_expired(proformas, retainers)
    capacities = capacities_of(proformas)
    count_blocks(capacities, (one.block_id for one in retainers))
    held = set()
    for detail in InvoiceLineDetail.objects.filter(
        ~INVOICING, line__proforma__in=proformas, retainer__isnull=False
    ).select_related("line", "retainer__prepaid_month"):
        held.add((detail.line.proforma_id, detail.retainer_id))
        if detail.retainer_use == RetainerUse.APPLY and detail.corrects_id is None:
            capacities[detail.line.proforma_id].take(taxed_as(detail), -detail.amount, block_of(detail))
    balances = {one.pk: one.available_amount for one in retainers}
    taxed = taxed_when_invoiced(retainers)
    wanted: list[tuple[Proforma, Retainer, Decimal]] = []
    for proforma in proformas:
        capacity = capacities[proforma.pk]
        for one in sorted(retainers, key=_order):
            is_its = (one.contract_id, one.customer_id) == (proforma.contract_id, proforma.customer_id)
            if not is_its or (proforma.pk, one.pk) in held:
                continue
            amount = capacity.most_of(taxed[one.pk], balances[one.pk], one.block_id)
            if amount:
                capacity.take(taxed[one.pk], amount, one.block_id)
                balances[one.pk] -= amount
                wanted.append((proforma, one, amount))
                forget_less(proforma, [one.pk])
    return _apply(wanted, taxed)


def apply_again(proformas: Sequence[Proforma]) -> list[InvoiceLineDetail]:
    """Apply what drafts apply less of retainers since there was less to pay, as far as it is available.

    For work that comes back, or is billed in full again. The caller holds the contracts or the drafts, and
    adds up afterwards, which takes off again what still does not fit. Locks the retainers; no statement where
    nothing was lowered, otherwise six for any number. Returns the details that are new (decision 9).
    """
    wanted = [
        (one, int(key), Decimal(amount))
        for one in proformas
        for key, amount in sorted(one.lowered_advances.items())
    ]
    if not wanted:
        return []
    for one in proformas:
        one.lowered_advances = {}
    rows = Retainer.objects.available().filter(pk__in={key for _draft, key, _amount in wanted})
    retainers = {one.pk: one for one in rows.locked()}
    left = {key: one.available_amount for key, one in retainers.items()}
    there = {
        (detail.line.proforma_id, detail.retainer_id): detail
        for detail in InvoiceLineDetail.objects.filter(
            APPLYING, line__proforma__in=proformas, retainer__in=retainers
        ).select_related("line")
    }
    raised: list[InvoiceLineDetail] = []
    new: list[tuple[Proforma, Retainer, Decimal]] = []
    for draft, key, less in wanted:
        amount = min(less, left.get(key, ZERO))
        if not amount:
            continue
        left[key] -= amount
        detail = there.get((draft.pk, key))
        if detail is None:
            new.append((draft, retainers[key], amount))
        else:
            detail.amount = detail.quantity = detail.amount - amount
            raised.append(detail)
    InvoiceLineDetail.objects.bulk_update(raised, ["amount", "quantity"], batch_size=BATCH)
    return _apply(new, taxed_when_invoiced([one for _draft, one, _amount in new]))


def _apply(
    wanted: Sequence[tuple[Proforma, Retainer, Decimal]], taxed: Mapping[int, Taxed]
) -> list[InvoiceLineDetail]:
    lines = _lines([(draft, one) for draft, one, _amount in wanted])
    return InvoiceLineDetail.objects.bulk_create(
        [
            _taking_off(lines[draft.pk, one.contract_line_id], one, amount, RetainerUse.APPLY, taxed[one.pk])
            for draft, one, amount in wanted
        ],
        batch_size=BATCH,
    )


def _order(retainer: Retainer) -> tuple[bool, date, int]:
    """Money of prepaid hours first, because it pays for nothing else; then the oldest."""
    return (retainer.prepaid_month_id is None, retainer.invoice_on, retainer.pk)


def tax_expired(proformas: Sequence[Proforma], retainers: Sequence[Retainer]) -> None:
    """Tax hours that expired as the oldest of the retainers that pays for them was taxed (A12).

    Without it the customer would pay tax once more, or get some back. Retainers have their month loaded; no
    statement where none is of prepaid hours.
    """
    oldest = {one.block_id: one for one in sorted(retainers, key=_order, reverse=True) if one.block_id}
    if not oldest:
        return
    agreement = "actual__work_item__prepaid_expiry__prepaid_month__prepaid_hours"
    details = list(
        InvoiceLineDetail.objects.filter(
            line__proforma__in=proformas, **{f"{agreement}__in": list(oldest)}
        ).annotate(block=F(agreement))
    )
    if not details:
        return
    taxed = taxed_when_invoiced(list(oldest.values()))
    for detail in details:
        _tax_as(detail, taxed[oldest[detail.block].pk])
    columns = ["is_taxed_apart", "sales_tax_group", "item_sales_tax_group", "tax_date"]
    InvoiceLineDetail.objects.bulk_update(details, columns, batch_size=BATCH)


def release_retainers(details: Iterable[InvoiceLineDetail]) -> None:
    """Retainers whose invoicing detail leaves its draft are ready again; the database gives back the rest."""
    Retainer.objects.walk(_invoiced_by(details), Retainer.release)


def claim_again(details: Iterable[InvoiceLineDetail]) -> None:
    """Claim the retainers of invoicing details that were put back on their drafts."""
    Retainer.objects.walk(_invoiced_by(details), Retainer.claim)


def _invoiced_by(details: Iterable[InvoiceLineDetail]) -> list[Retainer]:
    invoicing = [one for one in details if one.retainer_use == RetainerUse.INVOICE]
    keys = [one.retainer_id for one in invoicing if one.corrects_id is None]
    return list(Retainer.objects.filter(pk__in=keys).locked())


def taxed_when_invoiced(retainers: Sequence[Retainer]) -> dict[int, Taxed]:
    """The groups and the day by which each retainer was taxed when it was invoiced; one statement.

    What is taken off later gives back that tax, whatever the rate is by then, and however the customer is
    taxed (decisions 9 and 17).
    """
    taxed: dict[int, Taxed] = {}
    invoicing = InvoiceLineDetail.objects.filter(INVOICING, retainer__in=retainers)
    for detail in invoicing.select_related("line__proforma__legal_entity").order_by("pk"):
        proforma = detail.line.proforma
        invoiced_on = proforma.customer_invoice_date or proforma.invoice_date
        day = detail.tax_day(proforma.legal_entity.tax_date, invoiced_on)
        # A later one replaces an earlier one, which a correction took back.
        if detail.retainer_id is not None:
            group = proforma.customer_invoice_tax_group_id or proforma.sales_tax_group_id
            taxed[detail.retainer_id] = (group, detail.item_sales_tax_group_id, day)
    return taxed


def _taking_off(
    line: InvoiceLine, retainer: Retainer, amount: Decimal, use: RetainerUse, taxed: Taxed
) -> InvoiceLineDetail:
    text = retainer.name
    if use == RetainerUse.REFUND and retainer.refund_reason:
        text = f"{retainer.name}: {retainer.refund_reason}"
    detail = _detail(line, retainer, -amount, use, text)
    _tax_as(detail, taxed)
    return detail


def _tax_as(detail: InvoiceLineDetail, taxed: Taxed) -> None:
    detail.is_taxed_apart = True
    detail.sales_tax_group_id, detail.item_sales_tax_group_id, detail.tax_date = taxed


def _payer(retainer: Retainer) -> Payer:
    return retainer.contract_id, retainer.customer_id


def _invoicing(line: InvoiceLine, retainer: Retainer) -> InvoiceLineDetail:
    detail = _detail(line, retainer, retainer.amount, RetainerUse.INVOICE, retainer.name)
    detail.claim_number = retainer.claim_number
    return detail


def _detail(
    line: InvoiceLine, retainer: Retainer, amount: Decimal, use: RetainerUse, text: str
) -> InvoiceLineDetail:
    return InvoiceLineDetail(
        line=line,
        retainer=retainer,
        retainer_use=use,
        transaction_class=TransactionClass.RETAINER,
        transaction_date=retainer.invoice_on,
        # A part of a retainer has no quantity of its own: units of money, at one each, always divide.
        quantity=amount,
        unit="",
        price=ONE,
        amount=amount,
        billing_type=BillingType.CHARGEABLE,
        item_sales_tax_group_id=retainer.item_sales_tax_group_id,
        description=retainer.name,
        external_description=text,
    )


def _lines(wanted: Sequence[tuple[Proforma, Retainer]]) -> dict[tuple[int, int], InvoiceLine]:
    """The line of each draft that a retainer belongs to, written where the draft has none yet."""
    drafts = {proforma.pk for proforma, _retainer in wanted}
    lines = {
        (line.proforma_id, line.contract_line_id): line
        for line in InvoiceLine.objects.filter(proforma__in=drafts)
    }
    keys = {(proforma.pk, one.contract_line_id) for proforma, one in wanted} - set(lines)
    names = dict(
        Retainer.objects.filter(contract_line__in={line for _draft, line in keys}).values_list(
            "contract_line", "contract_line__name"
        )
        if keys
        else ()
    )
    new = {
        (proforma_id, line_id): InvoiceLine(
            proforma_id=proforma_id, contract_line_id=line_id, name=names[line_id]
        )
        for proforma_id, line_id in sorted(keys)
    }
    InvoiceLine.objects.bulk_create(new.values(), batch_size=BATCH)
    return lines | new
