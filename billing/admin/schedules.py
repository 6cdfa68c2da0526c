"""When to invoice: frequencies, and schedules generated from them for time-and-material lines (B4)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import InvoiceFrequency, InvoiceSchedule
from billing.scheduling import generate_schedule
from core.admin_kit import Cell, DayInput, Panel, Plan, Shown, VerbAction, Window, link_to, listed
from core.templatetags import display
from projects.models import ContractLine
from projects.states import BillingMethod

A_YEAR = timedelta(days=365)
LONGEST_SCHEDULE = timedelta(days=3660)


@admin.register(InvoiceFrequency)
class FrequencyWindow(Window):
    adds = changes = True
    editable = ("name", "period", "day_of_month", "weekday", "occurrence")
    list_display = ("name", "period", "day_of_month", "weekday", "occurrence")
    list_filter = ("period",)
    search_fields = ("name",)
    fields = ("name", "period", "day_of_month", "weekday", "occurrence")


@admin.register(InvoiceSchedule)
class ScheduleWindow(Window):
    list_display = (
        Shown.day("run_date", _("run date")),
        Shown.day("cut_off_date", _("cut-off date")),
        Shown.text("contract_line__contract", _("contract"), "contract_line__contract__number"),
        "contract_line",
        Shown.state(_("status")),
    )
    list_filter = ("status", ("contract_line__contract", RelatedOnlyFieldListFilter))
    list_select_related = ("contract_line__contract",)
    search_fields = ("contract_line__contract__number", "contract_line__name")
    date_hierarchy = "run_date"
    also_filtered = ("contract_line",)
    fields = ("contract_line", "run_date", "cut_off_date", "status")


class ScheduleForm(forms.Form):
    frequency = forms.ModelChoiceField(InvoiceFrequency.objects.all(), label=_("Frequency"))
    starts_on = forms.DateField(label=_("From"), widget=DayInput)
    ends_on = forms.DateField(label=_("To"), widget=DayInput)

    def clean(self) -> dict[str, Any]:
        """Ten years are enough for one schedule."""
        said = super().clean()
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and last and last - first > LONGEST_SCHEDULE:
            self.add_error("ends_on", _("A schedule covers ten years at most."))
        return said


class GenerateSchedule(VerbAction):
    name, label, permission = "schedule", _("Generate schedule"), "billing.add_invoiceschedule"
    asks = is_primary = True
    on_many = False
    form_class = ScheduleForm

    def offered_on(self, thing: ContractLine) -> bool:
        """Fixed-price lines are invoiced by their milestones."""
        return thing.billing_method == BillingMethod.TIME_AND_MATERIAL

    def initial(self, request: HttpRequest, targets: Any) -> dict[str, Any]:
        """A year from today, or the span of the contract."""
        line = targets.select_related("contract__legal_entity").get()
        today = line.contract.legal_entity.day_of(timezone.now())
        starts_on = line.billing_starts_on or today
        return {"starts_on": starts_on, "ends_on": line.contract.ends_on or starts_on + A_YEAR}

    def plan(self, request: HttpRequest, targets: Any, said: dict[str, Any]) -> Plan:
        """One line at a time."""
        line = targets.select_related("contract").get()
        return Plan(
            targets,
            str(line.pk),
            lead=f"{line.contract} · {line}",
            effects=(
                _("Each run invoices what is dated up to the day before it."),
                _("Runs that exist already stay as they are."),
            ),
            button=self.label,
        )

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> int:
        """Call the verb."""
        days = {"starts_on": said["starts_on"], "ends_on": said["ends_on"]}
        return generate_schedule(targets.get(), said["frequency"], **days, actor=actor, at=at)

    def sentence(self, result: int) -> str:
        """How many days of the schedule fall into the span."""
        return ngettext("The schedule has %(count)s run.", "The schedule has %(count)s runs.", result) % {
            "count": result
        }


@admin.register(ContractLine)
class ContractLineWindow(Window):
    """How a project is billed; its schedule is made here."""

    list_display = ("name", "contract", "billing_method", "project", "billing_starts_on")
    list_filter = ("billing_method", ("contract", RelatedOnlyFieldListFilter))
    list_select_related = ("contract", "project")
    search_fields = ("name", "contract__number", "contract__name", "project__number")
    fieldsets = (
        (None, {"fields": ("contract", "number", "name", "billing_method", "project", "tasks")}),
        (
            _("Includes"),
            {"fields": ("includes_time", "includes_expense", "includes_material", "includes_fee")},
        ),
        (_("Amounts"), {"fields": ("contracted_amount", "not_to_exceed_amount", "billing_starts_on")}),
    )
    tools: ClassVar = (GenerateSchedule,)
    currencies: ClassVar = {
        "contracted_amount": "contract__currency",
        "not_to_exceed_amount": "contract__currency",
    }

    def panels(self, request: HttpRequest, thing: ContractLine) -> Iterable[Panel]:
        """Who pays, and the runs that come."""
        payers = [
            (link_to(one.customer), Cell(display.percent(one.split_percent), is_figure=True))
            for one in thing.customers.select_related("customer")
        ]
        yield Panel(_("Customers"), (_("Customer"), _("Share")), payers, _("Nobody pays yet."))
        runs = [
            (Cell(display.day(row.run_date)), Cell(display.day(row.cut_off_date)), Cell(display.state(row)))
            for row in InvoiceSchedule.objects.filter(contract_line=thing).order_by("-run_date")[:24]
        ]
        heads = (_("Run date"), _("Cut-off date"), _("Status"))
        url = listed(InvoiceSchedule, contract_line__id__exact=thing.pk)
        yield Panel(_("Schedule"), heads, runs, _("No schedule yet."), more=_("All runs"), more_url=url)
