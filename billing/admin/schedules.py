"""When to invoice: frequencies, and schedules generated from them for time-and-material lines (B4)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import InvoiceFrequency, InvoiceSchedule
from billing.planning_runs import generate_schedule
from billing.schedule_words import reasons_against_recurrence, words_of_recurrence
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    changelist_url,
    columns,
    delete_unused_action,
)
from core.day_inputs import DayField
from core.templatetags import display
from projects.admin.contract_lines import LineAdmin
from projects.models import ContractLine
from projects.states import BillingMethod

A_YEAR = timedelta(days=365)
LONGEST_SCHEDULE = timedelta(days=3660)


RECURRENCE = (
    "period",
    "day_of_month",
    "second_day_of_month",
    "third_day_of_month",
    "weekday",
    "occurrence",
    "second_occurrence",
)


class FrequencyForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """What is wrong with the recurrence, in the sentences of the contract form."""
        cleaned = super().clean() or {}
        if not self.errors:
            for reason in reasons_against_recurrence(InvoiceFrequency(**_columns(cleaned)).recurrence, ""):
                self.add_error(None, str(reason))
        return cleaned


def _columns(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cleaned.get(name) for name in RECURRENCE}


@admin.register(InvoiceFrequency)
class FrequencyAdmin(ReadOnlyAdmin):
    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(InvoiceFrequency),)
    editable_fields = ("name", *RECURRENCE)
    list_display = ("name", "in_words")
    list_filter = ("period",)
    search_fields = ("name",)
    fields = ("name", *RECURRENCE)
    form = FrequencyForm

    @admin.display(description=_("schedule"))
    def in_words(self, row: InvoiceFrequency) -> str:
        """When it falls."""
        return words_of_recurrence(row.recurrence)


@admin.register(InvoiceSchedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = (
        columns.day("run_date", _("run date")),
        columns.day("cut_off_date", _("cut-off date")),
        columns.text("contract_line__contract", _("contract"), "contract_line__contract__number"),
        "contract_line",
        columns.state(_("status")),
    )
    list_filter = ("status", ("contract_line__contract", RelatedOnlyFieldListFilter))
    list_select_related = ("contract_line__contract",)
    search_fields = ("contract_line__contract__number", "contract_line__name")
    date_hierarchy = "run_date"
    extra_lookups = ("contract_line",)
    fields = ("contract_line", "run_date", "cut_off_date", "status")


class GenerateForm(forms.Form):
    frequency = forms.ModelChoiceField(InvoiceFrequency.objects.all(), label=_("Frequency"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        """Ten years are enough for one schedule."""
        cleaned_data = super().clean() or {}
        first, last = cleaned_data.get("starts_on"), cleaned_data.get("ends_on")
        if first and last and last - first > LONGEST_SCHEDULE:
            self.add_error("ends_on", _("A schedule covers ten years at most."))
        return cleaned_data


class GenerateSchedule(AdminAction):
    name, label, permission = "schedule", _("Generate schedule"), "billing.add_invoiceschedule"
    confirms = is_primary = True
    on_many = False
    form_class = GenerateForm

    def is_available(self, obj: ContractLine) -> bool:
        """Fixed-price lines are invoiced by their milestones."""
        return obj.billing_method == BillingMethod.TIME_AND_MATERIAL

    def get_initial(self, request: HttpRequest, targets: QuerySet[ContractLine]) -> dict[str, Any]:
        """A year from today, or the span of the contract."""
        line = targets.select_related("contract__legal_entity").get()
        today = line.contract.legal_entity.day_of(timezone.now())
        starts_on = line.billing_starts_on or today
        return {"starts_on": starts_on, "ends_on": line.contract.ends_on or starts_on + A_YEAR}

    def preview(
        self, request: HttpRequest, targets: QuerySet[ContractLine], cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """One line at a time."""
        line = targets.select_related("contract").get()
        return ActionPreview(
            targets,
            str(line.pk),
            summary=f"{line.contract} · {line}",
            effects=(
                _("Each run invoices what is dated up to the day before it."),
                _("Runs that exist already stay as they are."),
            ),
            submit_label=self.label,
        )

    def run(
        self, targets: QuerySet[ContractLine], *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        days = {"starts_on": cleaned_data["starts_on"], "ends_on": cleaned_data["ends_on"]}
        return generate_schedule(targets.get(), cleaned_data["frequency"], **days, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many days of the schedule fall into the span."""
        return ngettext("The schedule has %(count)s run.", "The schedule has %(count)s runs.", result) % {
            "count": result
        }


@admin.register(ContractLine)
class ContractLineAdmin(LineAdmin):
    """A contract line; its schedule is generated here."""

    action_classes: ClassVar = (GenerateSchedule, *LineAdmin.action_classes)

    def get_panels(self, request: HttpRequest, obj: ContractLine) -> Iterable[Panel]:
        """The runs that come."""
        runs = [
            (Cell(display.day(row.run_date)), Cell(display.day(row.cut_off_date)), Cell(display.state(row)))
            for row in InvoiceSchedule.objects.filter(contract_line=obj).order_by("-run_date")[:24]
        ]
        heads = (_("Run date"), _("Cut-off date"), _("Status"))
        url = changelist_url(InvoiceSchedule, contract_line__id__exact=obj.pk)
        yield Panel(_("Schedule"), heads, runs, _("No schedule yet."), more=_("All runs"), more_url=url)
