"""Reminders in the admin: what was sent, the levels of a company, and what is not reminded of (C11)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from accounting.admin.review_reminders import SEND, ReviewPages
from accounting.models import (
    CustomerInvoice,
    Reminder,
    ReminderDocument,
    ReminderItem,
    ReminderLevel,
    ReminderProposal,
    ReminderStop,
    ReminderText,
)
from accounting.receivable_querysets import ReminderStopQuerySet
from accounting.stopping_reminders import lift_stops
from core.access import may
from core.admin_kit import (
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    ReadOnlyInline,
    columns,
    link_to,
    signed_in_user,
)
from core.people import person_name
from core.templatetags import display
from projects.views.page_defaults import today_of

OF_ENTITY = ("legal_entity", RelatedOnlyFieldListFilter)
TO_SEND = ngettext_lazy(
    "%(count)s reminder to look at and send", "%(count)s reminders to look at and send", "count"
)


def reminders_panel(invoice: CustomerInvoice) -> Panel:
    """Which levels an invoice has been reminded at, when, to whom and by whom."""
    rows = ReminderItem.objects.filter(invoice=invoice).select_related("reminder__sent_by").order_by("-pk")
    cells = [
        [
            link_to(row.reminder, row.get_level_display()),
            Cell(display.day(row.reminder.date)),
            Cell(display.money(row.open_amount, invoice.currency), is_figure=True),
            Cell(row.reminder.address),
            Cell(person_name(row.reminder.sent_by)),
        ]
        for row in rows
    ]
    stop = ReminderStop.objects.filter(invoice=invoice).standing().first()
    lines = (_("Disputed: %(reason)s") % {"reason": stop.reason},) if stop else ()
    heads = (_("Level"), _("Date"), _("Open"), _("Sent to"), _("By"))
    return Panel(_("Reminders"), heads, cells, _("Nobody was reminded of it."), lines=lines)


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """Reminders as they were sent: to whom, when, by whom, and the letter itself."""

    change_list_template = "admin/reminders_list.html"
    list_display = (
        "customer",
        "level",
        columns.day("date", _("date")),
        columns.amount("open_amount", _("open")),
        columns.amount("fee", _("reminder fee")),
        "address",
        columns.person("sent_by", _("sent by")),
    )
    list_filter = (OF_ENTITY, "level", ("customer", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("customer", "sent_by")
    search_fields = ("customer__name", "customer__number", "items__invoice__number", "address")
    date_hierarchy = "date"
    fieldsets = (
        (None, {"fields": ("customer", "level", "date", "number", "open_amount", "fee")}),
        (_("Sent"), {"fields": ("address", "language", "sent_by", "sent_at")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The review and the letter have addresses of their own."""
        view = self.admin_site.admin_view(self.document)
        own = [path("<int:key>/reminder.pdf", view, name="accounting_reminder_document")]
        return [*ReviewPages(self.admin_site).urls, *own, *super().get_urls()]

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """What the clock has proposed and nobody has sent."""
        count = (
            ReminderProposal.objects.visible_to(signed_in_user(request)).letters(today_of(request)).count()
        )
        if count and may(signed_in_user(request), SEND):
            yield Cell(TO_SEND % {"count": count}, url=reverse("admin:accounting_reminder_review"))

    def get_links(self, request: HttpRequest, obj: Reminder) -> Iterable[tuple[Any, str]]:
        """The letter as it was sent."""
        if ReminderDocument.objects.filter(reminder=obj).exists():
            yield _("Open PDF"), reverse("admin:accounting_reminder_document", args=[obj.pk])

    def get_panels(self, request: HttpRequest, obj: Reminder) -> Iterable[Panel]:
        """Its invoices, each with its level and what was open of it."""
        items = obj.items.select_related("invoice").order_by("due_date", "pk")
        rows = [
            [
                link_to(item.invoice),
                Cell(item.get_level_display()),
                Cell(display.day(item.due_date)),
                Cell(display.money(item.open_amount, obj.currency), is_figure=True),
            ]
            for item in items
        ]
        yield Panel(_("Invoices"), (_("Invoice"), _("Level"), _("Due"), _("Open")), rows)

    def document(self, request: HttpRequest, key: int) -> HttpResponse:
        """The stored bytes, as they were sent."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reminder = get_object_or_404(self.get_queryset(request), pk=key)
        kept = ReminderDocument.objects.filter(reminder=reminder).first()
        if kept is None:
            raise Http404
        headers = {"Content-Disposition": f'inline; filename="{reminder.number}.pdf"'}
        return HttpResponse(bytes(kept.pdf), content_type="application/pdf", headers=headers)


class ReminderTextInline(ReadOnlyInline):
    model = ReminderText
    adds = changes = deletes = True
    fields = ("language", "text")

    def user_may(self, request: HttpRequest, verb: str) -> bool:
        """Texts are part of their level."""
        return may(signed_in_user(request), "accounting.change_reminderlevel")


@admin.register(ReminderLevel)
class ReminderLevelAdmin(ReadOnlyAdmin):
    """Days, fee and words of a level; without a row 7, 21 and 35 days, no fee and the usual words."""

    adds = changes = True
    editable_fields = ("days", "fee")
    list_display = (
        "level",
        "days",
        columns.amount("fee", _("reminder fee"), currency="legal_entity__currency"),
        "legal_entity",
    )
    list_filter = (OF_ENTITY,)
    list_select_related = ("legal_entity",)
    search_fields = ("legal_entity__name",)
    fields = ("legal_entity", "level", "days", "fee")
    inlines: ClassVar = [ReminderTextInline]
    currency_paths: ClassVar = {"fee": "legal_entity__currency"}


class LiftStop(AdminAction):
    """Lets reminders be proposed again."""

    name, label, permission = "lift", _("Lift"), SEND

    def is_available(self, obj: ReminderStop) -> bool:
        """Once."""
        return obj.lifted_at is None

    def run(
        self, targets: ReminderStopQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return lift_stops(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s stop lifted.", "%(count)s stops lifted.", result) % {"count": result}


@admin.register(ReminderStop)
class ReminderStopAdmin(ReadOnlyAdmin):
    """Customers who are not reminded for a time, and invoices that are disputed."""

    list_display = (
        "customer",
        "invoice",
        columns.day("until", _("until")),
        "reason",
        columns.person("stopped_by", _("stopped by")),
        columns.moment("lifted_at", _("lifted at")),
    )
    list_filter = (
        ("customer__legal_entity", RelatedOnlyFieldListFilter),
        ("lifted_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("customer", "invoice", "stopped_by")
    search_fields = ("customer__name", "invoice__number", "reason")
    fieldsets = (
        (None, {"fields": ("customer", "invoice", "until", "reason")}),
        (_("Stopped"), {"fields": ("stopped_by", "stopped_at", "lifted_by", "lifted_at")}),
    )
    action_classes: ClassVar = (LiftStop,)
