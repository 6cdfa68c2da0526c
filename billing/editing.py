"""Change drafts: details, lines, whole drafts; no fact is written until confirm (B7, decision 2)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen, lock_details
from billing.detail_amounts import amount_of, original_of
from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from billing.totalling import add_up
from core.activity_log import Changes as LoggedChanges
from core.activity_log import as_text, changes_of, log_activity
from core.money import HUNDRED, ONE, marked_up
from core.refusals import Refusal, refuse_if
from core.seen_values import Seen, edited_since
from projects.entry_rules import TOO_LARGE
from projects.models import ItemSalesTaxGroup
from projects.states import BillingType, TransactionClass

MOST_PERCENT = Decimal(1000)

RELATED = (
    "line__proforma",
    "actual__work_item__approval",
    "replaces__corrects__work_item__approval",
    "milestone_share",
    "item_sales_tax_group",
)


@dataclass(frozen=True)
class Changes:
    """What to change on a detail; None leaves a thing as it is."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    billing_type: int | None = None
    remainder: str | None = None
    item_sales_tax_group: ItemSalesTaxGroup | None = None
    description: str | None = None
    external_description: str | None = None

    def named(self) -> dict[str, Any]:
        """The new values by field, without the fields that stay as they are."""
        values = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in values if value is not None}


def edit_details(
    details: DetailQuerySet, changes: Changes, *, seen: Seen | None = None, actor: User, at: datetime
) -> list[InvoiceLineDetail]:
    """Change details of open drafts: quantity, price, billing type, item tax group, descriptions.

    The amount follows quantity and price, rounded once to the currency's minor unit; totals and estimated
    tax are added up again. `seen` is what whoever edits has seen of the details. Locks the proformas, then
    the details. Raises Refused: frozen, edited-meanwhile, milestone-fixed, retainer-fixed, wrong-sign,
    not-available, takes-back, corrected-type, follows-discount, retention-fixed, amount-too-large (B7, B9,
    B12, decision 3).
    """
    with transaction.atomic(durable=True):
        proformas, chosen = lock_details(details, *RELATED)
        reasons = [*_reasons_against(chosen, changes), *_retainers_are_fixed(chosen, changes)]
        meanwhile = [*frozen(proformas), *edited_since(chosen, seen)]
        refuse_if([*meanwhile, *reasons, *_all_too_large(chosen, changes)])

        before_and_after = _change(chosen, changes, None)
        # Totals are never adjusted by a difference: they are added up again.
        add_up(proformas, by=actor)
        log_activity("edited", chosen, actor=actor, at=at, changes=before_and_after)
    return chosen


def edit_in_bulk(
    details: DetailQuerySet,
    changes: Changes,
    *,
    percent: Decimal | None = None,
    seen: Seen | None = None,
    actor: User,
    at: datetime,
) -> list[InvoiceLineDetail]:
    """Change many details of open drafts at once; one row of the log per proforma, with old and new values.

    `percent` raises each price by so much, or lowers it; prices keep four places, amounts are rounded once
    to the currency's minor unit. Locks as `edit_details`, and raises Refused as it, with
    percent-not-possible, nothing-to-change (B7).
    """
    with transaction.atomic(durable=True):
        chosen, proformas, before_and_after = _edited_in_bulk(details, changes, percent, seen, actor)
        facts: dict[int, dict[str, Any]] = {one.pk: {"details": []} for one in proformas}
        for detail in chosen:
            if changed := before_and_after.get(detail.pk):
                own = {"detail": str(detail)[:80], "changes": changed}
                facts[detail.line.proforma_id]["details"].append(own)
        log_activity("edited in bulk", proformas, actor=actor, at=at, own_facts=facts)
    return chosen


def totals_after(
    details: DetailQuerySet, changes: Changes, *, percent: Decimal | None, actor: User
) -> list[Proforma]:
    """The proformas as `edit_in_bulk` would leave them: it is done and taken back in one transaction.

    So that what is shown is what comes of it, to the cent. Raises Refused as `edit_in_bulk` (B7).
    """
    with transaction.atomic(durable=True):
        _chosen, proformas, _changes = _edited_in_bulk(details, changes, percent, None, actor)
        edited = Proforma.objects.with_net().filter(pk__in=[one.pk for one in proformas])
        nets = dict(edited.values_list("pk", "net"))
        for proforma in proformas:
            # Said now: what is read later has been taken back.
            proforma.net = nets[proforma.pk]
        transaction.set_rollback(True)
    return proformas


def _edited_in_bulk(
    details: DetailQuerySet, changes: Changes, percent: Decimal | None, seen: Seen | None, actor: User
) -> tuple[list[InvoiceLineDetail], list[Proforma], dict[Any, LoggedChanges]]:
    proformas, chosen = lock_details(details, *RELATED)
    # Judged as any other change of the price: milestones and retainers keep theirs.
    judged = changes if percent is None else replace(changes, price=ONE)
    refuse_if(
        [
            *_nothing_asked(changes, percent),
            *frozen(proformas),
            *edited_since(chosen, seen),
            *_reasons_against(chosen, judged),
            *_retainers_are_fixed(chosen, judged),
            *_all_too_large(chosen, changes, percent),
        ]
    )

    before_and_after = _change(chosen, changes, percent)
    add_up(proformas, by=actor)
    return chosen, proformas, before_and_after


def _nothing_asked(changes: Changes, percent: Decimal | None) -> Iterable[Refusal]:
    if percent is None and not changes.named():
        yield Refusal("nothing-to-change", _("Nothing is to be changed."), "", _("Enter what shall change."))
    if percent is not None and not -HUNDRED < percent <= MOST_PERCENT:
        yield Refusal(
            "percent-not-possible",
            _("A rate is lowered by less than 100 % and raised by 1,000 % at most."),
            "",
            _("Enter another percentage, or set the rate."),
        )


def _change(
    chosen: list[InvoiceLineDetail], changes: Changes, percent: Decimal | None
) -> dict[Any, LoggedChanges]:
    """Write the changes; returns old and new values by detail."""
    values = changes.named()
    # Taken while the details still say what they said.
    before_and_after = changes_of(chosen, values)
    for detail in chosen:
        for name, value in values.items():
            setattr(detail, name, value)
        if percent is not None:
            price = marked_up(detail.price, percent)
            if price != detail.price:
                changed = before_and_after.setdefault(detail.pk, {})
                changed["price"] = [as_text(detail.price), as_text(price)]
            detail.price = price
        if percent is not None or "quantity" in values or "price" in values:
            currency = detail.line.proforma.currency
            detail.amount = amount_of(detail.quantity, detail.price, currency, original_of(detail))
    InvoiceLineDetail.objects.bulk_update(chosen, [*{*values, "price", "amount"}], batch_size=200)
    return before_and_after


def _all_too_large(
    details: Iterable[InvoiceLineDetail], changes: Changes, percent: Decimal | None = None
) -> Iterable[Refusal]:
    for detail in details:
        quantity = detail.quantity if changes.quantity is None else changes.quantity
        price = detail.price if changes.price is None else changes.price
        if percent is not None:
            price = marked_up(price, min(percent, MOST_PERCENT))
        yield from _too_large(quantity, price, str(detail))


def _too_large(quantity: Decimal, price: Decimal, subject: str) -> Iterable[Refusal]:
    if max(abs(quantity), abs(price), abs(quantity * price)) >= TOO_LARGE:
        yield Refusal(
            "amount-too-large",
            _("Quantity times price is too large to be stored."),
            subject,
            _("Check both, or record it in parts."),
        )


def _retainers_are_fixed(details: Iterable[InvoiceLineDetail], changes: Changes) -> Iterable[Refusal]:
    terms = (changes.quantity, changes.price, changes.billing_type, changes.item_sales_tax_group)
    if all(one is None for one in terms):
        return
    for detail in details:
        if detail.retainer_id is not None:
            yield Refusal(
                "retainer-fixed",
                _("What is invoiced, applied or refunded of an advance is set with the advance."),
                str(detail),
                _("Change how much is applied under “Advances”, or remove the line."),
            )


def _reasons_against(details: Iterable[InvoiceLineDetail], changes: Changes) -> Iterable[Refusal]:
    for detail in details:
        if detail.corrects_id is not None:
            yield Refusal(
                "takes-back",
                _("It takes back exactly what was billed."),
                str(detail),
                _("Change what stays billed instead, or remove the correction."),
            )
        if detail.replaces_id is not None and changes.billing_type is not None:
            yield Refusal(
                "corrected-type",
                _("A correction keeps the billing type of what was billed."),
                str(detail),
                _("Take all of it back, and bill it again with another type."),
            )
        yield from _of_class(detail, changes)
        original = original_of(detail)
        if original and changes.quantity is not None and changes.quantity * original.quantity < 0:
            yield Refusal(
                "wrong-sign",
                _("The quantity must not change between positive and negative."),
                str(detail),
                _("To bill nothing of it, remove it or set it to non-chargeable."),
            )
        if changes.billing_type == BillingType.NOT_AVAILABLE:
            yield Refusal(
                "not-available",
                _("What is not available for billing cannot be on an invoice."),
                str(detail),
                _("Choose chargeable, non-chargeable or complimentary."),
            )


def _of_class(detail: InvoiceLineDetail, changes: Changes) -> Iterable[Refusal]:
    """What milestones, retentions and discounts keep."""
    has_terms = any(one is not None for one in (changes.quantity, changes.price, changes.billing_type))
    # A milestone is billed as it was agreed (decision 3).
    is_milestone = detail.transaction_class == TransactionClass.MILESTONE
    if is_milestone and (changes.quantity is not None or changes.price is not None):
        yield Refusal(
            "milestone-fixed",
            _("Quantity and price of a milestone are agreed in the contract."),
            str(detail),
            _("Change the billing type or the description, or remove the milestone."),
        )
    if detail.retention_id is not None and (has_terms or not detail.is_correction):
        yield Refusal(
            "retention-fixed",
            _("A retention is changed as a whole."),
            str(detail),
            _("Change what is kept back, or remove it and release it anew."),
        )
    # A discount follows its line; of a corrected one the words alone may change (B12).
    is_discount = detail.transaction_class == TransactionClass.DISCOUNT
    if detail.discount_id is not None or (is_discount and has_terms):
        yield Refusal(
            "follows-discount",
            _("A discount is changed as a whole."),
            str(detail),
            _("Change the discount, or remove it and grant it anew."),
        )
