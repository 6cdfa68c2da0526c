"""Fiscal periods: created, closed and reopened by the controller; closing locks entries and billing (C8)."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.closing import close_periods, reopen_period
from accounting.models import FiscalPeriod
from accounting.querysets import PeriodQuerySet
from accounting.states import PeriodStatus
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.refusals import Text
from core.templatetags import display


class PeriodAction(AdminAction):
    """Shared by closing and reopening: each takes the periods in one `state`."""

    permission = "accounting.close_period"
    confirms = True
    state: ClassVar[str]
    effects: ClassVar[tuple[Text, ...]] = ()

    def is_available(self, obj: FiscalPeriod) -> bool:
        """Closing an open one, reopening a closed one."""
        return obj.status == self.state

    def preview(
        self, request: HttpRequest, targets: PeriodQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
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
        return ActionPreview(
            FiscalPeriod.objects.filter(pk__in=[one.pk for one in periods]),
            ",".join(str(one.pk) for one in periods),
            effects=self.effects,
            panels=(Panel(_("Periods"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(periods),
        )


class Close(PeriodAction):
    name, label, state = "close", _("Close"), PeriodStatus.OPEN
    is_primary = True
    effects = (
        _("Nothing dated in a closed period can be entered, approved, confirmed or posted any more."),
        _("Journal lines and proposals dated in it must be posted before."),
    )

    def run(self, targets: PeriodQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb."""
        return close_periods(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s period closed.", "%(count)s periods closed.", result) % {"count": result}


class Reopen(PeriodAction):
    name, label, state = "reopen", _("Reopen"), PeriodStatus.CLOSED
    effects = (_("The lock date moves back; the activity log keeps who reopened it and when."),)

    def run(self, targets: PeriodQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb."""
        return reopen_period(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
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
        cleaned_data = super().clean() or {}
        entity = cleaned_data.get("legal_entity") or getattr(self.instance, "legal_entity", None)
        starts_on, ends_on = cleaned_data.get("starts_on"), cleaned_data.get("ends_on")
        if entity and starts_on and ends_on:
            others = FiscalPeriod.objects.filter(
                legal_entity=entity, starts_on__lte=ends_on, ends_on__gte=starts_on
            ).exclude(pk=self.instance.pk)
            if others.exists():
                raise ValidationError(
                    _("It shares days with %(other)s."), "overlap", {"other": others.first()}
                )
        return cleaned_data


@admin.register(FiscalPeriod)
class PeriodAdmin(ReadOnlyAdmin):
    """Open or closed; only verbs change the state."""

    adds = changes = True
    form = PeriodForm
    editable_fields = ("name", "starts_on", "ends_on")
    list_display = (
        "name",
        "legal_entity",
        columns.day("starts_on", _("from")),
        columns.day("ends_on", _("to")),
        columns.state(_("status")),
        "closed_by",
    )
    list_filter = ("status", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "closed_by")
    search_fields = ("name",)
    date_hierarchy = "starts_on"
    fields = ("legal_entity", "name", "starts_on", "ends_on", "status", "closed_by")
    readonly_fields = ("status", "closed_by")
    action_classes: ClassVar = (Close, Reopen)

    def is_changeable(self, obj: FiscalPeriod) -> bool:
        """A closed period does not change."""
        return obj.status == PeriodStatus.OPEN
