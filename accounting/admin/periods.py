"""Fiscal periods: made, closed and reopened by the controller; closing locks the floors below (C8)."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.closing import close_periods, reopen_period
from accounting.models import FiscalPeriod
from accounting.states import PeriodStatus
from core.admin_kit import Cell, Panel, Plan, Shown, VerbAction, Window, link_to
from core.templatetags import display


class _Step(VerbAction):
    permission = "accounting.close_period"
    asks = True
    state: ClassVar[str]

    def offered_on(self, thing: FiscalPeriod) -> bool:
        return thing.status == self.state

    def plan(self, request: HttpRequest, targets: Any, said: dict[str, Any]) -> Plan:
        """The periods by name."""
        periods = list(targets.filter(status=self.state).select_related("legal_entity").order_by("starts_on"))
        rows = [
            (
                link_to(one),
                Cell(one.legal_entity),
                Cell(display.day(one.starts_on)),
                Cell(display.day(one.ends_on)),
                Cell(display.state(one)),
            )
            for one in periods
        ]
        heads = (_("Period"), _("Legal entity"), _("From"), _("To"), _("Status"))
        return Plan(
            FiscalPeriod.objects.filter(pk__in=[one.pk for one in periods]),
            ",".join(str(one.pk) for one in periods),
            effects=self.effects,
            panels=(Panel(_("Periods"), heads, rows, _("None of these.")),),
            button=self.label,
            is_possible=bool(periods),
        )

    effects: ClassVar[tuple[Any, ...]] = ()


class Close(_Step):
    name, label, state = "close", _("Close"), PeriodStatus.OPEN
    is_primary = True
    effects = (
        _("Nothing dated in a closed period can be entered, approved, confirmed or posted any more."),
        _("Journal lines and proposals dated in it must be posted before."),
    )

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> int:
        """Call the verb."""
        return close_periods(targets, actor=actor, at=at)

    def sentence(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s period closed.", "%(count)s periods closed.", result) % {"count": result}


class Reopen(_Step):
    name, label, state = "reopen", _("Reopen"), PeriodStatus.CLOSED
    effects = (_("The lock date moves back; the activity log keeps who reopened it and when."),)

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> int:
        """Call the verb."""
        return reopen_period(targets, actor=actor, at=at)

    def sentence(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s period reopened.", "%(count)s periods reopened.", result) % {
            "count": result
        }


class PeriodForm(forms.ModelForm):
    """A span of days that no other period of the legal entity has."""

    class Meta:
        model = FiscalPeriod
        fields = ("legal_entity", "name", "starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        """Two periods share no day."""
        said = super().clean()
        entity = said.get("legal_entity") or getattr(self.instance, "legal_entity", None)
        starts_on, ends_on = said.get("starts_on"), said.get("ends_on")
        if entity and starts_on and ends_on:
            others = FiscalPeriod.objects.filter(
                legal_entity=entity, starts_on__lte=ends_on, ends_on__gte=starts_on
            ).exclude(pk=self.instance.pk)
            if others.exists():
                raise ValidationError(
                    _("It shares days with %(other)s."), "overlap", {"other": others.first()}
                )
        return said


@admin.register(FiscalPeriod)
class PeriodWindow(Window):
    """Open or closed; the state is moved by verbs alone."""

    adds = changes = True
    form = PeriodForm
    editable = ("name", "starts_on", "ends_on")
    list_display = (
        "name",
        "legal_entity",
        Shown.day("starts_on", _("from")),
        Shown.day("ends_on", _("to")),
        Shown.state(_("status")),
        "closed_by",
    )
    list_filter = ("status", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "closed_by")
    search_fields = ("name",)
    date_hierarchy = "starts_on"
    fields = ("legal_entity", "name", "starts_on", "ends_on", "status", "closed_by")
    readonly_fields = ("status", "closed_by")
    tools: ClassVar = (Close, Reopen)

    def is_open(self, thing: FiscalPeriod) -> bool:
        """A closed period does not change."""
        return thing.status == PeriodStatus.OPEN
