"""Sending invoices by mail: what would go to whom is shown first; what went is shown with each (C14)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.mailing_invoices import (
    ASKED,
    ToSend,
    invoices_to_send,
    reasons_against_sending,
    send_invoices,
)
from accounting.models import CustomerInvoice, SentInvoice
from accounting.querysets import InvoiceQuerySet
from core.access import may
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, change_url, link_to
from core.models import OutboxEntry
from core.people import person_name
from core.sent_mails import MailState, mail_states
from core.states import OutboxStatus
from core.templatetags import display
from projects.models import Customer

SHOWN = 200
SENT_SHOWN = 20
HEADS = (_("Number"), _("Customer"), _("Goes to"), _("Language"), _("Attached"), _("Before"))
EFFECTS = (
    _("Each customer gets one mail for each invoice, with the document as it was printed."),
    _("What went to whom, when and by whom is kept; a mail that has left cannot be called back."),
)
BADGES = {
    OutboxStatus.DONE: ("done", _("Sent")),
    OutboxStatus.IN_DOUBT: ("error", _("Perhaps sent")),
    OutboxStatus.PARKED: ("error", _("Did not leave")),
}


class SendingForm(forms.Form):
    with_hours = forms.BooleanField(label=_("With the list of hours"), required=False, initial=True)
    with_receipts = forms.BooleanField(label=_("With receipts of expenses"), required=False, initial=True)
    again = forms.BooleanField(
        label=_("Send again what was sent before"),
        required=False,
        help_text=_("The customer gets it once more, at the address of today."),
    )


class SendInvoices(AdminAction):
    """Sends every selected invoice that has an address and is printed; names the others and why."""

    name, label, permission = "send", _("Send by e-mail"), "accounting.send_invoice"
    confirms = True
    form_class = SendingForm
    preview_again_label = _("Show the preview again")

    def preview(
        self, request: HttpRequest, targets: InvoiceQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """To whom each would go with what; what is refused is left out."""
        asked = {
            "again": cleaned_data.get("again", False),
            "with_hours": cleaned_data.get("with_hours", True),
            "with_receipts": cleaned_data.get("with_receipts", True),
        }
        chosen = invoices_to_send(targets)
        reasons = [reasons_against_sending([one], **asked) for one in chosen]
        refusals = [reason for of_one in reasons for reason in of_one]
        good = [one for one, of_one in zip(chosen, reasons, strict=True) if not of_one]
        words = {"count": display.number(len(good))}
        summary = ngettext("%(count)s invoice will be sent.", "%(count)s invoices will be sent.", len(good))
        label = ngettext("Send %(count)s invoice", "Send %(count)s invoices", len(good))
        return ActionPreview(
            CustomerInvoice.objects.filter(pk__in=[one.invoice.pk for one in good]),
            # Who confirms has seen these addresses; when one changes, the page is shown again.
            "|".join(f"{one.invoice.pk} {one.invoice.customer.email}" for one in good),
            summary=summary % words if good else gettext("Nothing can be sent yet."),
            effects=EFFECTS if good else (),
            panels=[_to_send_panel(good, cleaned_data)] if good else (),
            refusals=refusals,
            submit_label=label % words,
            is_possible=bool(good),
        )

    def run(
        self, targets: InvoiceQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[SentInvoice]:
        """Call the verb."""
        return send_invoices(targets, actor=actor, at=at, **cleaned_data)

    def get_success_message(self, result: list[SentInvoice]) -> str:
        """To whom, or how many."""
        if len(result) == 1:
            return gettext("On its way to %(address)s.") % {"address": result[0].address}
        words = {"count": display.number(len(result))}
        said = ngettext(
            "%(count)s invoice is on its way.", "%(count)s invoices are on their way.", len(result)
        )
        return said % words


class SentFilter(admin.SimpleListFilter):
    """Whether an invoice was sent by mail."""

    title, parameter_name = _("sent"), "sent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Sent, and not sent; of these, those whose customer gets invoices by mail."""
        return [("yes", _("Sent by e-mail")), ("no", _("Not sent")), ("due", _("Should have been sent"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Every invoice where nothing is chosen, or something that nobody offers."""
        was_sent = Exists(SentInvoice.objects.filter(invoice=OuterRef("pk")))
        if self.value() == "due":
            return queryset.to_send()
        chosen = {"yes": was_sent, "no": ~was_sent}.get(str(self.value()))
        return queryset if chosen is None else queryset.filter(chosen)


def load_sent(rows: Sequence[Any]) -> None:
    """Put the state of the latest mail of each invoice on its row; two statements."""
    latest: dict[int, int] = {}
    sent = SentInvoice.objects.filter(invoice__in=[row.pk for row in rows])
    for invoice, key in sent.order_by("pk").values_list("invoice", "pk"):
        latest[invoice] = key
    states = mail_states(ASKED, latest.values()) if latest else {}
    for row in rows:
        row.mail = states.get(latest.get(row.pk, 0))


def sent_badge(state: MailState | None) -> str:
    """Whether an invoice was sent, as a badge."""
    if state is None:
        return display.NOTHING
    key, word = BADGES.get(state.status, ("pending", _("On its way")))
    return display.badge(key, "", word)


def sent_panel(invoice: CustomerInvoice, user: Any) -> Panel:
    """To whom an invoice went, when, by whom and with what, and what became of the mail."""
    rows = invoice.sent.select_related("sent_by").prefetch_related("receipts").order_by("-pk")[:SENT_SHOWN]
    sent = list(rows)
    states = mail_states(ASKED, [one.pk for one in sent]) if sent else {}
    heads = (_("When"), _("To"), _("By"), _("Attached"), _("State"))
    return Panel(
        _("Sent by e-mail"),
        heads,
        [
            (
                Cell(display.moment(one.sent_at)),
                Cell(one.address),
                Cell(person_name(one.sent_by)),
                Cell(_attached(one.has_hours, [its.name for its in one.receipts.all()])),
                _state(states.get(one.pk), user),
            )
            for one in sent
        ],
        _("It was not sent."),
    )


def _state(state: MailState | None, user: Any) -> Cell:
    if state is None:
        return Cell(display.NOTHING)
    url = change_url(OutboxEntry, state.entry) if may(user, "core.view_outboxentry") else ""
    return Cell(state.sentence, url=url if state.status != OutboxStatus.DONE else "")


def _attached(has_hours: bool, receipts: Sequence[str]) -> str:
    """What goes with the mail, in words."""
    parts = [gettext("the document"), *([gettext("the list of hours")] if has_hours else []), *receipts]
    return ", ".join(parts)


def _language(invoice: CustomerInvoice) -> str:
    """The language of its document, which is that of the mail too, whatever the customer's is today."""
    return Customer(language=invoice.snapshot["language"]).get_language_display()


def _to_send_panel(good: Sequence[ToSend], cleaned_data: dict[str, Any]) -> Panel:
    with_hours = cleaned_data.get("with_hours", True)
    with_receipts = cleaned_data.get("with_receipts", True)
    rows = [
        (
            link_to(one.invoice),
            Cell(one.invoice.customer),
            Cell(one.invoice.customer.email),
            Cell(_language(one.invoice)),
            Cell(
                _attached(
                    with_hours and one.has_hours,
                    [its.name for its in one.receipts] if with_receipts else [],
                )
            ),
            Cell(_("Sent before") if one.was_sent else display.NOTHING),
        )
        for one in good[:SHOWN]
    ]
    further = len(good) - len(rows)
    lines: Iterable[str] = (
        [gettext("The first %(count)s are shown.") % {"count": display.number(len(rows))}] if further else []
    )
    return Panel(_("Mails"), HEADS, rows, lines=list(lines))
