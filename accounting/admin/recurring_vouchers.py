"""Recurring journal vouchers: repeated from a posted one, proposed by the clock, stopped by a person (C6)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import JournalVoucher, RecurringVoucher
from accounting.querysets import JournalVoucherQuerySet
from accounting.recurring_vouchers import MonthlyTerms, repeat_journal_vouchers, stop_recurring_vouchers
from accounting.states import JournalVoucherKind, JournalVoucherStatus
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    changelist_url,
    columns,
    link_to,
)
from core.day_inputs import DayField
from core.templatetags import display

PERMISSION = "accounting.write_journal_voucher"
SHOWN = 60


class RepeatForm(forms.Form):
    """The months, and the day of each."""

    first = DayField(label=_("First month"), help_text=_("Any day of it."))
    last = DayField(
        label=_("Last month"), required=False, help_text=_("Any day of it. Empty: until it is stopped.")
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        initial=31,
        help_text=_("31 is the last day of any month."),
    )
    is_reversed = forms.BooleanField(label=_("Reverse it on the first day of the next month"), required=False)


class RepeatVouchers(AdminAction):
    """Has posted journal vouchers proposed again every month."""

    name, label, permission = "repeat", _("Repeat every month"), PERMISSION
    confirms = True
    on_many = False
    form_class = RepeatForm

    def is_available(self, obj: JournalVoucher) -> bool:
        """Once it is posted, where it is an ordinary one."""
        is_own = obj.kind == JournalVoucherKind.ORDINARY and obj.reverses_id is None
        return is_own and obj.status == JournalVoucherStatus.POSTED

    def preview(
        self, request: HttpRequest, targets: JournalVoucherQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The voucher."""
        chosen = list(targets.order_by("pk"))
        rows = [(Cell(display.day(one.date)), link_to(one)) for one in chosen]
        return ActionPreview(
            targets,
            ",".join(str(one.pk) for one in chosen),
            effects=(
                _("On its day each month is proposed as a draft with these lines; another person posts it."),
            ),
            panels=(Panel(_("Journal vouchers"), (_("Date"), _("Text")), rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: JournalVoucherQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[RecurringVoucher]:
        """Call the verb."""
        return repeat_journal_vouchers(targets, MonthlyTerms(**cleaned_data), actor=actor, at=at)

    def get_success_message(self, result: list[RecurringVoucher]) -> str:
        """That it will come."""
        words = ngettext(
            "%(count)s journal voucher is proposed every month from now on.",
            "%(count)s journal vouchers are proposed every month from now on.",
            len(result),
        )
        return words % {"count": len(result)}

    def get_success_url(self, result: list[RecurringVoucher], cancel_url: str) -> str:
        """To what was made."""
        if len(result) == 1:
            return change_url(RecurringVoucher, result[0].pk)
        return changelist_url(RecurringVoucher)


class StopRecurring(AdminAction):
    """Nothing more of it is proposed."""

    name, label, permission = "stop", _("Stop"), PERMISSION

    def is_available(self, obj: RecurringVoucher) -> bool:
        """While something is proposed of it."""
        return obj.stopped_at is None and obj.next_month is not None

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb."""
        return stop_recurring_vouchers(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        words = ngettext(
            "%(count)s recurring voucher stopped.", "%(count)s recurring vouchers stopped.", result
        )
        return words % {"count": result}


@admin.register(RecurringVoucher)
class RecurringVoucherAdmin(ReadOnlyAdmin):
    """What is proposed every month, and what was."""

    list_display = (
        columns.text("source__text", _("text")),
        "legal_entity",
        columns.day("first_month", _("first month")),
        columns.day("last_month", _("last month")),
        columns.day("next_month", _("next month")),
        "is_reversed",
        columns.moment("stopped_at", _("stopped at")),
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "is_reversed")
    list_select_related = ("legal_entity", "source")
    search_fields = ("source__text",)
    fields = (
        *("legal_entity", "source", "first_month", "last_month", "next_month", "day", "is_reversed"),
        *("entered_by", "entered_at", "stopped_at"),
    )
    action_classes: ClassVar = (StopRecurring,)

    def get_panels(self, request: HttpRequest, obj: RecurringVoucher) -> Iterable[Panel]:
        """Every month that was proposed."""
        proposed = obj.proposed.order_by("-month")[:SHOWN]
        rows = [[Cell(display.day(one.date)), link_to(one), Cell(display.state(one))] for one in proposed]
        heads = (_("Date"), _("Text"), _("Status"))
        yield Panel(_("Proposed so far"), heads, rows, _("Nothing is proposed yet."))
