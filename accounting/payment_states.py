"""How far an invoice is paid, in words: derived from its settlements, never typed (C11)."""

from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerInvoice
from accounting.states import PaymentState
from core.money import ZERO
from core.refusals import Text
from core.templatetags import display


def payment_state(invoice: CustomerInvoice, today: date) -> tuple[str, Text]:
    """The state of an invoice asked for with what is open of it, and its word; late where it is overdue.

    A credit note is settled instead of paid. An invoice over nothing is paid from the start.
    """
    left, whole = invoice.open_amount, invoice.gross_amount
    if left == ZERO:
        return PaymentState.PAID, _("Settled") if whole < ZERO else PaymentState.PAID.label
    state = PaymentState.OPEN if left == whole else PaymentState.PART_PAID
    if whole > ZERO and invoice.open_due < today:
        late = _("Partly paid, overdue") if state == PaymentState.PART_PAID else _("Overdue")
        return "overdue", late
    return state, state.label


def payment_badge(invoice: CustomerInvoice, today: date) -> SafeString:
    """The state as word, icon and colour."""
    state, words = payment_state(invoice, today)
    return display.badge(state, "payment", words)
