"""Setting bank bookings aside that are no payments of customers, and bringing them back (C11)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import BankBooking
from accounting.receivable_querysets import BankBookingQuerySet
from accounting.setting_aside import bring_bookings_back, set_bookings_aside
from core.admin_kit import AdminAction

SETTLE = "accounting.post_payment"


class SetAsideForm(forms.Form):
    """Why a bank booking is no payment of a customer."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Such as: fee of the bank, with the number of its voucher."),
    )


class SetBookingAside(AdminAction):
    """Says of bank bookings that they are no payments of customers."""

    name, label, permission = "set-aside", _("No customer payment"), SETTLE
    confirms = True
    form_class = SetAsideForm

    def is_available(self, obj: BankBooking) -> bool:
        """While it waits."""
        return BankBooking.objects.unmatched().filter(pk=obj.pk).exists()

    def run(
        self, targets: BankBookingQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return len(set_bookings_aside(targets, reason=cleaned_data["reason"], actor=actor, at=at))

    def get_success_message(self, result: int) -> str:
        """How many."""
        said = ngettext("%(count)s bank booking set aside.", "%(count)s bank bookings set aside.", result)
        return said % {"count": result}


class BringBookingBack(AdminAction):
    """Lets bank bookings wait for their payments again."""

    name, label, permission = "bring-back", _("Bring back"), SETTLE

    def is_available(self, obj: BankBooking) -> bool:
        """While it is set aside."""
        return BankBooking.objects.set_aside().filter(pk=obj.pk).exists()

    def run(
        self, targets: BankBookingQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return bring_bookings_back(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        said = ngettext(
            "%(count)s bank booking brought back.", "%(count)s bank bookings brought back.", result
        )
        return said % {"count": result}
