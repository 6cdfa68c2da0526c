"""Correct what was confirmed: a draft that takes billed sales back and says what stays billed (B9).

Nothing is written about the work before that draft is confirmed; see `billing/taking_back.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from billing.billed_texts import details_before
from billing.corrected_discounts import with_discounts
from billing.correction_checks import reasons_of_draft, reasons_of_payers, reasons_of_rows
from billing.correction_rows import (
    WITH_WORK,
    BilledCorrection,
    payer_of,
    with_retentions,
)
from billing.line_order import order_like, ranks_like
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.numbering import number_proformas
from billing.querysets import ProformaQuerySet
from billing.states import Remainder
from billing.totalling import add_up
from core.activity_log import as_text, log_activity
from core.money import ZERO
from core.refusals import refuse_if
from projects.models import Actual, ProjectContract

BATCH = 500
DraftKey = tuple[int, int, int | None]
"""Contract, customer and sales tax group: one draft. A correction is taxed as what it corrects was."""
LineKey = tuple[DraftKey, int | None]
"""Draft and contract line: a line of a draft."""


def correct_billed(
    corrections: Sequence[BilledCorrection],
    *,
    invoice_date: date,
    into: ProformaQuerySet | None = None,
    keep_discounts: bool = False,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Draft corrections of billed sales: one new draft per contract and customer, or `into` an open one.

    What was invoiced under another sales tax group gets a draft of its own. Each correction becomes a
    detail that negates the billed row and, unless all is taken back, one that says what stays billed. What an
    invoice kept back takes its share of it, and so do percent discounts unless `keep_discounts`; where the
    draft corrects them already, they follow there. Amounts are in the currency of the contract and rounded
    once to its minor unit. Locks the contracts, then the draft `into`, then the number series; the unique
    claim of the billed row refuses whoever comes second. Raises Refused, all reasons at once:
    nothing-corrected, not-billed, corrected-already, being-corrected, changes-nothing, wrong-sign,
    above-agreed, contract-not-confirmed, customer-on-hold, period-locked, amount-too-large, retainer-in-part,
    retainer-held, retention-released, frozen, other-payer, other-tax-group (B9, B12, R10, decision 7).
    """
    with transaction.atomic(durable=True):
        own = _loaded(corrections)
        asked = with_retentions(own if keep_discounts else with_discounts(own))
        contracts = _locked_contracts(asked)
        open_draft = list(into.select_related("legal_entity").locked()) if into is not None else []
        asked, following = _apart(own, asked, open_draft)
        taxed_as = {one.sales_tax_group_id for one in _corrected(asked)}
        refuse_if(
            [
                *reasons_of_rows(asked),
                *reasons_of_payers(asked, contracts, invoice_date, is_new=into is None),
                *reasons_of_draft(open_draft, asked, taxed_as=taxed_as, is_asked=into is not None),
            ]
        )

        drafts = open_draft or _headers(asked, contracts, invoice_date, actor, at)
        nets = {one.pk: as_text(one.net_amount) for one in open_draft}
        before = details_before([one.billed for one in asked])
        lines, new = _lines(drafts, asked, before)
        _write_details(asked, lines, before, ordered=new)
        _follow(following)
        add_up(drafts, by=actor)
        verb = "correction added" if open_draft else "correction started"
        changes = {one.pk: {"net_amount": [nets.get(one.pk, ""), as_text(one.net_amount)]} for one in drafts}
        log_activity(verb, drafts, actor=actor, at=at, changes=changes, facts={"corrections": len(asked)})
        numbers = ", ".join(one.number for one in drafts)
        log_activity(
            "being corrected", _corrected(asked), actor=actor, at=at, facts={"corrected_by": numbers}
        )
    return drafts


def _apart(
    own: Sequence[BilledCorrection], asked: Sequence[BilledCorrection], drafts: Sequence[Proforma]
) -> tuple[list[BilledCorrection], list[tuple[BilledCorrection, InvoiceLineDetail]]]:
    """What is corrected anew, and what follows on a draft that corrects it already, with its detail there."""
    added = [one.billed.pk for one in asked[len(own) :]]
    held = {
        detail.corrects_id: detail
        for detail in InvoiceLineDetail.objects.filter(corrects__in=added, line__proforma__in=drafts)
    }
    following = [(one, held[one.billed.pk]) for one in asked[len(own) :] if one.billed.pk in held]
    return [one for one in asked if one.billed.pk not in held or one in own], following


def _follow(following: Sequence[tuple[BilledCorrection, InvoiceLineDetail]]) -> None:
    """Let what stays billed of discounts and retentions on a draft take its share of more corrections."""
    kept = {
        one.replaces_id: one
        for one in InvoiceLineDetail.objects.filter(replaces__in=[detail.pk for _one, detail in following])
    }
    gone: list[InvoiceLineDetail] = []
    changed: list[InvoiceLineDetail] = []
    for one, detail in following:
        replacement = kept.get(detail.pk)
        if replacement is None:
            continue
        amount = min(replacement.amount + one.remaining.amount - one.original.amount, ZERO)
        remaining = BilledCorrection(one.billed, amount=amount).remaining
        replacement.quantity, replacement.price = remaining.quantity, remaining.price
        replacement.amount = remaining.amount
        (changed if amount else gone).append(replacement)
    InvoiceLineDetail.objects.filter(pk__in=[one.pk for one in gone]).delete()
    InvoiceLineDetail.objects.bulk_update(changed, ["quantity", "price", "amount"], batch_size=BATCH)


def _loaded(corrections: Sequence[BilledCorrection]) -> list[BilledCorrection]:
    """The corrections in the order of their rows, each with its row as it is in the database."""
    by_key = {one.billed.pk: one for one in corrections}
    rows = Actual.objects.filter(pk__in=by_key).select_related(*WITH_WORK).order_by("pk")
    return [
        BilledCorrection(row, one.quantity, one.price, one.amount, one.reason)
        for row in rows
        for one in [by_key[row.pk]]
    ]


def _locked_contracts(asked: Sequence[BilledCorrection]) -> Mapping[int, ProjectContract]:
    keys = {one.billed.work_item.contract_id for one in asked}
    related = ("legal_entity", "customer")
    rows = ProjectContract.objects.filter(pk__in=keys).select_related(*related).locked()
    return {contract.pk: contract for contract in rows}


def _corrected(asked: Sequence[BilledCorrection]) -> list[Proforma]:
    """The proformas whose rows are corrected."""
    events = {one.billed.event_id for one in asked}
    return list(Proforma.objects.filter(event__in=events).order_by("pk"))


def _headers(
    asked: Sequence[BilledCorrection],
    contracts: Mapping[int, ProjectContract],
    invoice_date: date,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    drafts = [
        Proforma(
            legal_entity=contracts[contract_id].legal_entity,
            contract=contracts[contract_id],
            customer_id=customer_id,
            currency=contracts[contract_id].currency,
            sales_tax_group_id=sales_tax_group,
            invoice_date=invoice_date,
            cut_off_date=invoice_date,
            created_by=actor,
            created_at=at,
        )
        for contract_id, customer_id, sales_tax_group in _in_order({_draft_of(one) for one in asked})
    ]
    number_proformas(drafts, invoice_date.year)
    return Proforma.objects.bulk_create(drafts, batch_size=BATCH)


def _draft_of(one: BilledCorrection) -> DraftKey:
    return *payer_of(one), one.billed.event.proforma.sales_tax_group_id


def _in_order(keys: set[DraftKey]) -> list[DraftKey]:
    return sorted(keys, key=lambda key: (key[0], key[1], key[2] or 0))


def _line_of(one: BilledCorrection) -> LineKey:
    return _draft_of(one), one.billed.work_item.contract_line_id


def _lines(
    drafts: Sequence[Proforma],
    asked: Sequence[BilledCorrection],
    before: Mapping[int, InvoiceLineDetail],
) -> tuple[dict[LineKey, InvoiceLine], set[int]]:
    """The line of each draft and contract line, and the keys of those that the draft had not yet.

    The lines of a new draft are ordered as those that they correct.
    """
    draft_of: dict[DraftKey, Proforma] = {
        (draft.contract_id, draft.customer_id, draft.sales_tax_group_id): draft for draft in drafts
    }
    key_of = {draft.pk: key for key, draft in draft_of.items()}
    held = InvoiceLine.objects.filter(proforma__in=drafts)
    lines: dict[LineKey, InvoiceLine] = {
        (key_of[line.proforma_id], line.contract_line_id): line for line in held
    }
    missing = {
        _line_of(one): InvoiceLine(
            proforma=draft_of[_draft_of(one)],
            contract_line=one.billed.work_item.contract_line,
            name=one.billed.work_item.contract_line.name,
        )
        for one in asked
        if _line_of(one) not in lines
    }
    if not lines:
        order_like(list(missing.values()), {one.line.contract_line_id: one.line for one in before.values()})
    InvoiceLine.objects.bulk_create(missing.values(), batch_size=BATCH)
    return lines | missing, {line.pk for line in missing.values()}


def _write_details(
    asked: Sequence[BilledCorrection],
    lines: Mapping[LineKey, InvoiceLine],
    before: Mapping[int, InvoiceLineDetail],
    *,
    ordered: set[int],
) -> None:
    """What is taken back first, because what stays billed names it; on lines `ordered`, as it was."""
    taken_back = [_detail(one, lines[_line_of(one)], before.get(one.billed.pk)) for one in asked]
    for detail, rank in zip(taken_back, _ranks(asked, taken_back, before), strict=True):
        # Each is followed by what stays billed of it.
        detail.position = rank * 2 - 1 if rank and detail.line_id in ordered else None
    InvoiceLineDetail.objects.bulk_create(taken_back, batch_size=BATCH)
    InvoiceLineDetail.objects.bulk_create(
        [
            _replacement(one, detail)
            for one, detail in zip(asked, taken_back, strict=True)
            if not one.takes_all
        ],
        batch_size=BATCH,
    )


def _ranks(
    asked: Sequence[BilledCorrection],
    details: Sequence[InvoiceLineDetail],
    before: Mapping[int, InvoiceLineDetail],
) -> list[int | None]:
    """The place of each detail on its line: that of what it corrects, where somebody ordered it."""
    of_line: dict[int, list[int]] = defaultdict(list)
    for nth, detail in enumerate(details):
        of_line[detail.line_id].append(nth)
    ranks: list[int | None] = [None] * len(details)
    for members in of_line.values():
        places = ranks_like([before.get(asked[nth].billed.pk) for nth in members])
        for nth, rank in zip(members, places, strict=True):
            ranks[nth] = rank
    return ranks


def _detail(one: BilledCorrection, line: InvoiceLine, before: InvoiceLineDetail | None) -> InvoiceLineDetail:
    row, item = one.billed, one.billed.work_item
    category_group = item.category.item_sales_tax_group_id if item.category is not None else None
    text = before.external_description if before else item.external_description
    return InvoiceLineDetail(
        line=line,
        corrects=row,
        retainer_id=before.retainer_id if before else None,
        retainer_use=before.retainer_use if before else "",
        retention_id=before.retention_id if before else None,
        tax_date=_tax_day(one, before),
        work_item=item,
        transaction_class=item.transaction_class,
        transaction_date=item.transaction_date,
        quantity=-row.quantity,
        unit=item.unit,
        price=row.price,
        amount=-row.amount,
        billing_type=row.billing_type,
        remainder=Remainder.KEEP,
        # Taxed as it was: the customer gets back the tax that was paid.
        item_sales_tax_group_id=before.item_sales_tax_group_id if before else category_group,
        is_taxed_apart=before.is_taxed_apart if before else False,
        sales_tax_group_id=before.sales_tax_group_id if before else None,
        description=before.description if before else item.description,
        external_description=text,
        correction_reason=one.reason,
    )


def _tax_day(one: BilledCorrection, before: InvoiceLineDetail | None) -> date:
    """The day whose rate the customer paid: that of its invoice, or of its proforma before there is one."""
    billed_on = one.billed.event.proforma
    if before is None:
        before = InvoiceLineDetail(transaction_date=one.billed.work_item.transaction_date)
    invoice_date = billed_on.customer_invoice_date or billed_on.invoice_date
    return before.tax_day(billed_on.legal_entity.tax_date, invoice_date)


def _replacement(one: BilledCorrection, taken_back: InvoiceLineDetail) -> InvoiceLineDetail:
    remaining, item = one.remaining, one.billed.work_item
    return InvoiceLineDetail(
        line=taken_back.line,
        replaces=taken_back,
        position=taken_back.position + 1 if taken_back.position else None,
        retention_id=taken_back.retention_id,
        tax_date=taken_back.tax_date,
        work_item=item,
        transaction_class=item.transaction_class,
        transaction_date=item.transaction_date,
        quantity=remaining.quantity,
        unit=item.unit,
        price=remaining.price,
        amount=remaining.amount,
        billing_type=remaining.billing_type,
        remainder=Remainder.KEEP,
        item_sales_tax_group_id=taken_back.item_sales_tax_group_id,
        is_taxed_apart=taken_back.is_taxed_apart,
        sales_tax_group_id=taken_back.sales_tax_group_id,
        description=taken_back.description,
        external_description=taken_back.external_description,
    )
