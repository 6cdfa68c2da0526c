"""Open items of another system as somebody means them, and why they cannot be brought in, in words (C13)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.journal_voucher_checks import reasons_against_posting_on
from accounting.models import OpeningItem
from accounting.posting_context import PostingContext
from accounting.receivable_checks import reasons_against_accounts
from accounting.states import PostingType
from core.money import has_places, minor_places
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import Customer

ROLES = (PostingType.CUSTOMER_BALANCE, PostingType.OPENING_BALANCE)


@dataclass(frozen=True)
class NewOpeningItem:
    """An open invoice (above zero), or a credit note or a payment on account (below), as it was elsewhere.

    `amount` is what is still open of it, in its currency; `base` what the other books had of it in the
    company's, which the rate of the opening date decides where it is not given. `row` is the number that
    people see.
    """

    row: int
    customer: Customer
    number: str
    document_date: date
    due_date: date
    currency: str
    amount: Decimal
    base: Decimal | None = None


def reasons_against_opening(
    items: Sequence[NewOpeningItem], context: PostingContext, on: date
) -> Iterator[Refusal]:
    """Every reason against open items, each naming its row; one statement, nothing is locked."""
    yield from reasons_against_posting_on(on, context, context.legal_entity.name)
    yield from reasons_against_accounts(ROLES, context, on, context.legal_entity.name)
    numbers = {one.number for one in items}
    standing = OpeningItem.objects.standing().filter(legal_entity=context.legal_entity, number__in=numbers)
    taken = set(standing.values_list("customer", "number"))
    for one in items:
        yield from _against_item(one, context, on)
        key = (one.customer.pk, one.number)
        if key in taken:
            message = _("Customer %(customer)s has an open item %(number)s already.") % {
                "customer": one.customer,
                "number": one.number,
            }
            yield Refusal("number-taken", message, _place(one), _("Leave it out, or reverse the other one."))
        taken.add(key)


def _against_item(one: NewOpeningItem, context: PostingContext, on: date) -> Iterator[Refusal]:
    subject, own = _place(one), context.legal_entity.currency
    if one.customer.legal_entity_id != context.legal_entity.pk:
        message = _("It names a customer of another company.")
        yield Refusal("other-company", message, subject, _("Choose a customer of this company."))
    if not one.number:
        message, way_out = _("It has no number."), _("Enter the number of the document.")
        yield Refusal("number-missing", message, subject, way_out)
    if not one.amount:
        message, way_out = _("Nothing is open of it."), _("Leave it out, or enter what is open.")
        yield Refusal("nothing-moved", message, subject, way_out)
    too_fine = [] if has_places(one.amount, minor_places(one.currency)) else [one.currency]
    if one.base is not None and not has_places(one.base, minor_places(own)):
        too_fine.append(own)
    for currency in dict.fromkeys(too_fine):
        message = _("%(currency)s has no such small amounts.") % {"currency": currency}
        yield Refusal("amount-too-fine", message, subject, _("Enter whole units of its smallest coin."))
    if one.document_date > on:
        message = _("It is dated after the opening date, %(day)s.") % {"day": written(on)}
        yield Refusal("date-after-start", message, subject, _("Invoice it here instead."))
    if one.due_date < one.document_date:
        message = _("It would be due before its invoice date.")
        yield Refusal("due-before-invoice", message, subject, _("Enter a later due date."))
    if one.base is None and context.rate_on(one.currency, on) is None:
        message = _("There is no exchange rate of %(name)s on that day.") % {"name": one.currency}
        way_out = _("Enter the rate, or the amount in the currency of the company.")
        yield Refusal("exchange-rate-missing", message, subject, way_out)
    is_wrong = one.base is not None and (
        one.base * one.amount < 0 or (one.currency == own and one.base != one.amount)
    )
    if is_wrong:
        message = _("Both of its amounts do not go together.")
        way_out = _("In the currency of the company they are equal; in another one they have the same sign.")
        yield Refusal("base-differs", message, subject, way_out)


def _place(one: NewOpeningItem) -> str:
    return _("Row %(row)s, %(number)s") % {"row": one.row, "number": one.number}
