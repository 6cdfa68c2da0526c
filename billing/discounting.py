"""Grant discounts on lines of drafts, and charge fees (B12, decision 21).

Nothing is written about the work: a discount is billed by itself when the draft is confirmed, and a fee like
any detail added by hand (N6, N7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen
from billing.discounts import charged_by
from billing.models import Discount, InvoiceLine, InvoiceLineDetail, Proforma
from billing.totalling import add_up
from core.activity_log import came_with, changes_of, log_activity
from core.money import ZERO, is_share, percent_of, quantise
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money
from projects.entry_rules import TOO_LARGE
from projects.models import ItemSalesTaxGroup
from projects.states import TransactionClass


@dataclass(frozen=True)
class Allowance:
    """What a discount grants: a percentage of the line or an amount of it, and why; the reason is printed."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""


def grant_discount(line: InvoiceLine, allowance: Allowance, *, actor: User, at: datetime) -> Discount:
    """Lower a line of an open draft by a percentage of what it charges, or by an amount of its currency.

    A percentage is rounded once to the minor unit and follows the line while the draft is edited; totals and
    estimated tax are added up again. Locks the proforma. Raises Refused: frozen, reason-missing,
    percent-or-amount, percent-out-of-range, amount-not-positive, too-many-places, discount-above-line (B12).
    """
    with transaction.atomic(durable=True):
        proforma = Proforma.objects.locked().get(pk=line.proforma_id)
        refuse_if(_reasons_against(proforma, line, allowance, others=Discount.objects.filter(line=line)))

        discount = Discount.objects.create(
            line=line, percent=allowance.percent, amount=allowance.amount, reason=allowance.reason.strip()
        )
        add_up([proforma], by=actor)
        details = list(discount.details.all())
        log_activity("added", details, actor=actor, at=at, changes=came_with(details, "amount"))
    return discount


def change_discount(discount: Discount, allowance: Allowance, *, actor: User, at: datetime) -> Discount:
    """Change a discount of an open draft, also one that the contract grants.

    Locks the proforma. Raises Refused as `grant_discount` (B12).
    """
    with transaction.atomic(durable=True):
        line = discount.line
        proforma = Proforma.objects.locked().get(pk=line.proforma_id)
        others = Discount.objects.filter(line=line).exclude(pk=discount.pk)
        refuse_if(_reasons_against(proforma, line, allowance, others=others))

        values = {
            "percent": allowance.percent,
            "amount": allowance.amount,
            "reason": allowance.reason.strip(),
        }
        before_and_after = changes_of([discount], values).get(discount.pk, {})
        for name, value in values.items():
            setattr(discount, name, value)
        discount.save(update_fields=list(values))
        add_up([proforma], by=actor)
        details = list(discount.details.all())
        changes = {detail.pk: before_and_after for detail in details}
        log_activity("edited", details, actor=actor, at=at, changes=changes)
    return discount


def charge_fee(
    line: InvoiceLine,
    amount: Decimal,
    text: str,
    *,
    item_sales_tax_group: ItemSalesTaxGroup | None = None,
    actor: User,
    at: datetime,
) -> InvoiceLineDetail:
    """Add a fee to a line of an open draft: one amount in its currency, with the text that is printed.

    Locks the proforma. Raises Refused: frozen, text-missing, amount-not-positive, too-many-places,
    project-missing (B12, N6, N7).
    """
    with transaction.atomic(durable=True):
        proforma = Proforma.objects.locked().get(pk=line.proforma_id)
        refuse_if(
            [
                *frozen([proforma]),
                *_nothing_said(text, "text-missing", _("Write what the fee is for; it is printed."), line),
                *_amount(amount, proforma, line.name),
                *_without_project(line),
            ]
        )

        detail = InvoiceLineDetail.objects.create(
            line=line,
            transaction_class=TransactionClass.FEE,
            transaction_date=min(proforma.invoice_date, proforma.cut_off_date),
            quantity=Decimal(1),
            unit="ls",
            price=amount,
            amount=amount,
            item_sales_tax_group=item_sales_tax_group,
            external_description=text.strip(),
        )
        add_up([proforma], by=actor)
        log_activity("added", [detail], actor=actor, at=at, changes=came_with([detail], "amount"))
    return detail


def _reasons_against(
    proforma: Proforma, line: InvoiceLine, allowance: Allowance, *, others: QuerySet[Discount]
) -> Iterable[Refusal]:
    yield from frozen([proforma])
    way_out = _("Write why it is granted; it is printed.")
    yield from _nothing_said(allowance.reason, "reason-missing", way_out, line)
    percent, amount = allowance.percent, allowance.amount
    if (percent is None) == (amount is None):
        message = _("A discount is a percentage or an amount.")
        yield Refusal("percent-or-amount", message, line.name, _("Fill in one of the two."))
        return
    if percent is not None and not is_share(percent):
        message = _("A discount is more than 0 and at most 100 percent.")
        way_out = _("Type a percentage between them, with at most four decimals.")
        yield Refusal("percent-out-of-range", message, line.name, way_out)
        return
    if amount is not None:
        wrong = list(_amount(amount, proforma, line.name))
        yield from wrong
        if wrong:
            return
    yield from _above(proforma, line, allowance, others)


def _above(
    proforma: Proforma, line: InvoiceLine, allowance: Allowance, others: QuerySet[Discount]
) -> Iterable[Refusal]:
    """All discounts together never take more than the line charges."""
    base = charged_by(line)
    granted = sum((_taken(one.percent, one.amount, base, proforma) for one in others), ZERO)
    left = max(base - granted, ZERO)
    asked = _taken(allowance.percent, allowance.amount, base, proforma)
    if asked > left or not base > 0:
        yield Refusal(
            "discount-above-line",
            _("The line charges %(left)s; a discount cannot take more off it.")
            % {"left": money(left, proforma.currency)},
            line.name,
            _("Lower the discount, or correct the details."),
        )


def _taken(percent: Decimal | None, amount: Decimal | None, base: Decimal, proforma: Proforma) -> Decimal:
    if percent is not None:
        return percent_of(base, percent, proforma.currency)
    return amount or ZERO


def _amount(amount: Decimal, proforma: Proforma, subject: str) -> Iterable[Refusal]:
    if not amount.is_finite() or not ZERO < amount < TOO_LARGE:
        message = _("The amount must be above zero, and small enough to be stored.")
        yield Refusal("amount-not-positive", message, subject, _("Type it without a sign."))
    elif quantise(amount, proforma.currency) != amount:
        message = _("The amount has more places than %(currency)s has.") % {"currency": proforma.currency}
        yield Refusal("too-many-places", message, subject, _("Round it to the smallest unit."))


def _nothing_said(text: str, code: str, way_out: str, line: InvoiceLine) -> Iterable[Refusal]:
    if not text.strip():
        yield Refusal(code, _("Nothing says what it is."), line.name, way_out)


def _without_project(line: InvoiceLine) -> Iterable[Refusal]:
    """By time and material a fee is recorded too, and unbilled sales name a project (K3)."""
    if line.contract_line.is_time_and_material and line.contract_line.project_id is None:
        message = _("The contract line has no project.")
        yield Refusal("project-missing", message, line.name, _("Add it to a line that has one."))
