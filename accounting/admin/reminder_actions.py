"""Stopping reminders from the list of invoices: of a disputed one, or of its customer (C11)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import CustomerInvoice, ReminderStop
from accounting.querysets import InvoiceQuerySet
from accounting.stopping_reminders import dispute_invoices, stop_reminders
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, link_to, shown_of
from core.day_inputs import DayField
from core.money import ZERO
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import day_for

SEND = "accounting.send_reminder"
SHOWN = 50


class StopForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    until = DayField(label=_("Until"), required=False, help_text=_("Empty: until it is lifted."))


class Dispute(AdminAction):
    """Keeps reminders of the selected invoices back while somebody disputes them."""

    name, label, permission = "dispute", _("Dispute"), SEND
    confirms = True
    form_class = StopForm

    def is_available(self, obj: CustomerInvoice) -> bool:
        """What asks for money, until it is disputed."""
        stopped = ReminderStop.objects.standing().filter(invoice=obj)
        return obj.gross_amount > ZERO and not stopped.exists()

    def preview(
        self, request: HttpRequest, targets: InvoiceQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The invoices, with what is open of each."""
        chosen = list(targets.with_open().select_related("customer").order_by("pk"))
        rows = [
            (
                link_to(one),
                link_to(one.customer),
                Cell(display.money(one.open_amount, one.currency), is_figure=True),
            )
            for one in chosen[:SHOWN]
        ]
        heads = (_("Invoice"), _("Customer"), _("Open"))
        panel = Panel(_("Disputed"), heads, rows, lines=shown_of(SHOWN, len(chosen)))
        return ActionPreview(
            targets,
            str(len(chosen)),
            effects=(_("No reminder is proposed of them; they stay open and due."),),
            panels=(panel,),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: InvoiceQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return len(dispute_invoices(targets, on=day_for(actor, at), actor=actor, at=at, **cleaned_data))

    def get_success_message(self, result: int) -> str:
        """How many."""
        said = ngettext("%(count)s invoice is disputed.", "%(count)s invoices are disputed.", result)
        return said % {"count": result}


class StopCustomer(AdminAction):
    """Keeps all reminders of the customers of the selected invoices back."""

    name, label, permission = "stop-reminders", _("Stop reminders to the customer"), SEND
    confirms = True
    form_class = StopForm

    def preview(
        self, request: HttpRequest, targets: InvoiceQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The customers."""
        chosen = list(_customers(targets).order_by("name", "pk"))
        rows = [(link_to(one), Cell(one.email or display.NOTHING)) for one in chosen[:SHOWN]]
        panel = Panel(
            _("Not reminded"), (_("Customer"), _("E-mail")), rows, lines=shown_of(SHOWN, len(chosen))
        )
        return ActionPreview(
            targets,
            str(len(chosen)),
            effects=(_("No reminder is proposed to them; what they owe stays open and due."),),
            panels=(panel,),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: InvoiceQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        today = day_for(actor, at)
        return len(stop_reminders(_customers(targets), on=today, actor=actor, at=at, **cleaned_data))

    def get_success_message(self, result: int) -> str:
        """How many."""
        said = ngettext(
            "%(count)s customer is not reminded.", "%(count)s customers are not reminded.", result
        )
        return said % {"count": result}


def _customers(targets: InvoiceQuerySet) -> Any:
    return Customer.objects.filter(pk__in=targets.order_by().values("customer"))
