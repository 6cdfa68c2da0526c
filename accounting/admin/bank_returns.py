"""Taking a payment back because the bank did: the booking and the payment are named first (C11)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.bank_returns import returns_of
from accounting.models import BankBooking, CustomerPayment, Settlement
from accounting.receivable_querysets import BankBookingQuerySet
from accounting.reversing_payments import reverse_payments
from accounting.row_names import name_of
from accounting.states import VoucherSource
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, link_to
from core.templatetags import display


class BankReturnForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("As the bank says it."))


class ReverseByBooking(AdminAction):
    """Reverses the payment that a bank booking reverses, on the day of the booking."""

    name, label, permission = "reverse", _("Reverse the payment"), "accounting.post_payment"
    confirms = True
    on_many = False
    form_class = BankReturnForm

    def is_available(self, obj: BankBooking) -> bool:
        """Below zero, without a payment of its own, and with one that it fits."""
        is_open = BankBooking.objects.unmatched().filter(pk=obj.pk).exists()
        return is_open and obj.pk in returns_of([obj])

    def get_initial(self, request: HttpRequest, targets: BankBookingQuerySet) -> dict[str, Any]:
        """The text of the booking."""
        booking = targets.first()
        return {"reason": booking.text[:200]} if booking else {}

    def preview(
        self, request: HttpRequest, targets: BankBookingQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The payment, why it is this one, and what is open again."""
        payments = _payments_of(targets)
        rows = [
            (link_to(one.debit.customer), Cell(name_of(one.debit)), Cell(_amount(one), is_figure=True))
            for one in _settled_by(payments)
        ]
        suggested = returns_of(list(targets)) if payments else {}
        lines = next(iter(suggested.values())).reasons if suggested else ()
        heads = (_("Customer"), _("Open again"), _("Amount"))
        return ActionPreview(
            targets,
            f"{','.join(str(one.pk) for one in payments)}|{len(rows)}",
            summary="; ".join(str(one) for one in payments),
            effects=(
                _("The payment is reversed on the day of the bank booking; what it settled is open again."),
                _("Both bank bookings stay settled: nothing is entered for them once more."),
            ),
            panels=(Panel(_("What it settled"), heads, rows, _("It was on account."), lines=lines),),
            submit_label=self.label,
            is_possible=bool(payments),
        )

    def run(
        self, targets: BankBookingQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        booking, chosen = targets.get(), _payments_of(targets)
        payments = CustomerPayment.objects.filter(pk__in=[one.pk for one in chosen])
        reason = cleaned_data["reason"]
        made = reverse_payments(
            payments, on=booking.booked_on, reason=reason, booking=booking, actor=actor, at=at
        )
        return len(made)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s payment reversed.", "%(count)s payments reversed.", result) % {
            "count": result
        }


def _payments_of(targets: BankBookingQuerySet) -> tuple[CustomerPayment, ...]:
    entry = targets.select_related("bank_account").first()
    suggested = returns_of([entry]).get(entry.pk) if entry is not None else None
    return suggested.payments if suggested else ()


def _settled_by(payments: tuple[CustomerPayment, ...]) -> Any:
    rows = Settlement.objects.standing().filter(
        credit__voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT,
        credit__voucher__source_id__in=[one.pk for one in payments],
    )
    return rows.select_related("debit__invoice", "debit__voucher", "debit__customer").order_by("pk")


def _amount(settlement: Settlement) -> str:
    return display.money(settlement.amount, settlement.debit.currency)
