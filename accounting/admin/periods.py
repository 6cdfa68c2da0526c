"""Fiscal periods: created, closed and reopened by the controller; closing locks entries and billing (C8)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.accrued_revenue import accrued_revenue
from accounting.admin.exports import ExportVouchers
from accounting.admin.year_ends import CloseYear
from accounting.closing import close_periods
from accounting.closing_reasons import reasons_against_closing
from accounting.models import FiscalPeriod
from accounting.querysets import PeriodQuerySet
from accounting.reopening import reopen_period
from accounting.setting_up import add_fiscal_year
from accounting.states import PeriodStatus
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.refusal_pages import page_of
from core.refusals import Text
from core.templatetags import display
from projects.models import LegalEntity

MONTHS = 12


class PeriodAction(AdminAction):
    """Shared by closing and reopening: each takes the periods in one `state`."""

    permission = "accounting.close_period"
    confirms = True
    state: ClassVar[str]
    effects: ClassVar[tuple[Text, ...]] = ()

    def is_available(self, obj: FiscalPeriod) -> bool:
        """Closing an open one, reopening a closed one."""
        return obj.status == self.state

    def get_stops(self, periods: Sequence[FiscalPeriod]) -> Sequence[Panel]:
        """What is in the way; nothing unless a subclass knows."""
        return ()

    def preview(
        self, request: HttpRequest, targets: PeriodQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The periods by name, and what is in the way."""
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
            panels=(Panel(_("Periods"), heads, rows, _("None of these.")), *self.get_stops(periods)),
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

    def get_stops(self, periods: Sequence[FiscalPeriod]) -> Sequence[Panel]:
        """What of the periods is outside the books, and earlier ones that are open."""
        return (_stops_panel(periods),)

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


class NextYear(AdminAction):
    """Opens the twelve months after the last period, and their number series, of the companies chosen."""

    name, label, permission = "next-year", _("Open the next fiscal year"), "accounting.add_fiscalperiod"
    confirms = True

    def preview(
        self, request: HttpRequest, targets: PeriodQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The first and the last day of each company's next year."""
        years = list(_next_years(targets))
        rows = [
            (Cell(entity), Cell(display.day(first_day)), Cell(display.day(last_day)))
            for entity, first_day, last_day in years
        ]
        heads = (_("Legal entity"), _("From"), _("To"))
        effects = (_("A period is opened for each month, and the number series of the year."),)
        return ActionPreview(
            targets,
            ",".join(f"{entity.pk} {first_day}" for entity, first_day, _last in years),
            effects=effects,
            panels=(Panel(_("Fiscal years"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(years),
        )

    def run(self, targets: PeriodQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb, once for each company."""
        return sum(
            add_fiscal_year(entity, first_day=first_day, last_day=last_day, actor=actor, at=at)
            for entity, first_day, last_day in list(_next_years(targets))
        )

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s period opened.", "%(count)s periods opened.", result) % {"count": result}


def _next_years(periods: PeriodQuerySet) -> Iterable[tuple[LegalEntity, date, date]]:
    """Each company of the periods, with the twelve months after its last one."""
    chosen = LegalEntity.objects.filter(pk__in=periods.values("legal_entity"))
    for entity in chosen.annotate(last=Max("fiscal_periods__ends_on")).order_by("pk"):
        first_day = entity.last + timedelta(days=1)
        months = 12 * first_day.year + first_day.month - 1 + MONTHS
        yield entity, first_day, date(months // MONTHS, months % MONTHS + 1, 1) - timedelta(days=1)


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
        "period",
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
    action_classes: ClassVar = (Close, Reopen, CloseYear, NextYear, ExportVouchers)

    @admin.display(description=_("period"), ordering="starts_on")
    def period(self, row: FiscalPeriod) -> str:
        return str(row)

    def is_changeable(self, obj: FiscalPeriod) -> bool:
        """A closed period does not change."""
        return obj.status == PeriodStatus.OPEN

    def get_panels(self, request: HttpRequest, obj: FiscalPeriod) -> Iterable[Panel]:
        """What keeps it from being closed, and accrued revenue at its end beside the ledger."""
        if obj.status == PeriodStatus.OPEN:
            yield _stops_panel([obj])
        yield _accrued_panel(obj)


def _stops_panel(periods: Sequence[FiscalPeriod]) -> Panel:
    """The list to work through before a closing: each reason with the page that clears it."""
    rows = [
        (Cell(one.subject), Cell(one.message), Cell(one.way_out, url=_page_of(one.code)))
        for one in reasons_against_closing(periods)
    ]
    heads = (_("Period"), _("What stops it"), _("What clears it"))
    return Panel(_("Before it is closed"), heads, rows, _("Nothing stops it."))


def _page_of(code: str) -> str:
    page = page_of(code)
    return reverse(page.url_name) + page.query if page else ""


def _accrued_panel(period: FiscalPeriod) -> Panel:
    heads = (_("Project"), _("Contract"), _("Accrued, not invoiced"), _("In the ledger"), _("Difference"))
    rows = [
        (
            Cell(one.project or display.NOTHING),
            Cell(", ".join(sorted(one.contracts)) or display.NOTHING),
            Cell(display.money(one.accrued, one.currency), is_figure=True),
            Cell(display.money(one.booked, one.currency), is_figure=True),
            Cell(
                display.money(one.difference, one.currency) if one.difference else _("equal"), is_figure=True
            ),
        )
        for one in accrued_revenue(period.legal_entity, period.ends_on)
    ]
    title = _("Accrued revenue on %(day)s") % {"day": display.day(period.ends_on)}
    return Panel(title, heads, rows, _("Nothing is accrued."))
