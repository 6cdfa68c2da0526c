"""Estimates of fixed prices per project and period: created, posted, eliminated and reversed (C10)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin, RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.estimating import Estimated, create_estimates
from accounting.models import EstimateEvent, FiscalPeriod, RevenueEstimate, Voucher
from accounting.querysets import EstimateQuerySet
from accounting.recognising import eliminate_estimates, post_estimates, restore_estimates, withdraw_estimates
from accounting.states import EstimateStatus, VoucherSource
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    columns,
    link_to,
    signed_in_user,
    waiting_rows,
)
from core.day_inputs import DayField
from core.number_inputs import NumberField
from core.people import person_name
from core.refusals import Refusal, Refused
from core.templatetags import display
from projects.models import LegalEntity, Project

TO_POST = ngettext_lazy("%(count)s estimate to post", "%(count)s estimates to post", "count")
PERMISSION = "accounting.recognise_revenue"
HEADS = (_("Project"), _("Period"), pgettext_lazy("share of the work", "Complete"), _("Amount"), _("Status"))


class EstimateForm(forms.Form):
    """One project in one period, and how far it is."""

    project = forms.CharField(label=_("Project number"), max_length=40)
    day = DayField(label=_("A day of the period"))
    total_cost = NumberField(
        label=_("Estimated total cost"),
        required=False,
        help_text=_("Of completed percentage: cost to date against it is how far the project is."),
    )
    percent = NumberField(
        label=_("Complete in percent"), required=False, help_text=_("Instead of the total cost.")
    )


class Estimate(AdminAction):
    """A project is estimated at the end of a period; what is not posted yet is made anew."""

    name, label, permission = "estimate", _("Estimate a project"), PERMISSION
    on_all = confirms = is_primary = True
    on_one = on_many = False
    form_class = EstimateForm

    def get_queryset(self, model_admin: ModelAdmin, request: HttpRequest) -> Any:
        """The user's legal entities."""
        return LegalEntity.objects.visible_to(signed_in_user(request)).order_by("pk")

    def preview(self, request: HttpRequest, targets: Any, cleaned_data: dict[str, Any]) -> ActionPreview:
        """Nothing is posted by estimating."""
        return ActionPreview(
            targets,
            ",".join(str(one.pk) for one in targets),
            effects=(
                _("Cost to date is what journals have posted through the last day of the period."),
                _("Nothing is posted: the estimate can be made anew until then."),
            ),
            submit_label=_("Estimate"),
        )

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb, for a project of the user's legal entities."""
        number, day = cleaned_data["project"].strip(), cleaned_data["day"]
        project = Project.objects.filter(legal_entity__in=targets, number=number).first()
        if project is None:
            raise Refused([_no_such_project(number)])
        spans = FiscalPeriod.objects.filter(starts_on__lte=day, ends_on__gte=day)
        period = spans.filter(legal_entity=project.legal_entity_id).first()
        if period is None:
            raise Refused([_no_period(project)])
        total, percent = cleaned_data["total_cost"], cleaned_data["percent"]
        return len(create_estimates([Estimated(project, total, percent)], period, actor=actor, at=at))

    def get_success_message(self, result: int) -> str:
        """That it is there."""
        return str(_("The project is estimated; review the estimate, then post it."))


def _no_such_project(number: str) -> Refusal:
    message, way_out = gettext("There is no project of this number."), gettext("Enter its number.")
    return Refusal("no-such-project", message, number, way_out)


def _no_period(project: Project) -> Refusal:
    message = gettext("No fiscal period holds this day.")
    return Refusal("period-missing", message, str(project), gettext("Choose a day of a fiscal year."))


class DayForm(forms.Form):
    """The date of the vouchers."""

    day = DayField(label=_("Date of the voucher"))


class EstimateAction(AdminAction):
    """Shared by what moves estimates: each takes those in one `state`."""

    permission = PERMISSION
    confirms = True
    state: ClassVar[str]
    verb: ClassVar[Callable[..., int]]

    def is_available(self, obj: RevenueEstimate) -> bool:
        """Only where the estimate stands where the verb begins."""
        return obj.status == self.state

    def preview(
        self, request: HttpRequest, targets: EstimateQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The estimates by project and period, and their sum."""
        chosen = targets.in_status(self.state)
        estimates = list(chosen.select_related("project", "period", "legal_entity"))
        rows = [
            (
                link_to(one),
                Cell(one.period),
                Cell(display.percent(one.percent), is_figure=True),
                Cell(display.money(one.amount, one.legal_entity.currency), is_figure=True),
                Cell(display.state(one)),
            )
            for one in estimates
        ]
        total = chosen.aggregate(total=Sum("amount"))["total"]
        return ActionPreview(
            RevenueEstimate.objects.filter(pk__in=[one.pk for one in estimates]),
            f"{len(estimates)}:{total}",
            panels=(Panel(_("Estimates"), HEADS, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(estimates),
        )

    def run(
        self, targets: EstimateQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        day: date | None = cleaned_data.get("day")
        dated = {} if day is None else {"on": day}
        return type(self).verb(targets, actor=actor, at=at, **dated)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("Done for %(count)s estimate.", "Done for %(count)s estimates.", result) % {
            "count": result
        }


class Post(EstimateAction):
    name, label, state = "post", _("Post"), EstimateStatus.CREATED
    verb = staticmethod(post_estimates)
    is_primary = True


class Eliminate(EstimateAction):
    name, label, state = "eliminate", _("Eliminate"), EstimateStatus.POSTED
    verb = staticmethod(eliminate_estimates)
    form_class = DayForm


class ReversePosting(EstimateAction):
    name, label, state = "withdraw", _("Reverse the posting"), EstimateStatus.POSTED
    verb = staticmethod(withdraw_estimates)
    form_class = DayForm


class ReverseElimination(EstimateAction):
    name, label, state = "restore", _("Reverse the elimination"), EstimateStatus.ELIMINATED
    verb = staticmethod(restore_estimates)
    form_class = DayForm


@admin.register(RevenueEstimate)
class EstimateAdmin(ReadOnlyAdmin):
    """What of a fixed price is recognised in each period, and what became of it."""

    list_display = (
        columns.text("project__number", _("project")),
        columns.text("period", _("period"), "period__starts_on"),
        "method",
        columns.amount("contract_amount", _("contracted amount")),
        columns.amount("cost_to_date", _("cost to date")),
        columns.quantity("percent", _("complete in percent")),
        columns.amount("amount", _("amount of the period")),
        columns.state(_("status")),
    )
    list_filter = (
        "status",
        "method",
        ("period", RelatedOnlyFieldListFilter),
        ("legal_entity", RelatedOnlyFieldListFilter),
    )
    list_select_related = ("project", "period", "legal_entity")
    search_fields = ("project__number", "project__name")
    fields = (
        *("legal_entity", "project", "period", "method", "status"),
        *("contract_amount", "cost_to_date", "total_cost", "percent", "amount"),
    )
    currency_paths: ClassVar = dict.fromkeys(
        ("contract_amount", "cost_to_date", "total_cost", "amount"), "legal_entity__currency"
    )
    action_classes: ClassVar = (Estimate, Post, Eliminate, ReversePosting, ReverseElimination)

    def get_panels(self, request: HttpRequest, obj: RevenueEstimate) -> list[Panel]:
        """What was posted of it, with the vouchers."""
        events = list(EstimateEvent.objects.filter(estimate=obj).select_related("actor"))
        vouchers = {
            one.source_id: one
            for one in Voucher.objects.filter(
                source_kind=VoucherSource.ESTIMATE, source_id__in=[event.pk for event in events]
            )
        }
        rows = [
            (
                Cell(event.get_step_display()),
                Cell(display.day(event.day)),
                link_to(vouchers[event.pk]) if event.pk in vouchers else Cell(display.NOTHING),
                Cell(person_name(event.actor)),
            )
            for event in events
        ]
        heads = (_("Step"), _("Date"), _("Voucher"), _("By"))
        return [Panel(_("Postings"), heads, rows, _("Nothing is posted yet."))]

    def get_waiting(self, request: HttpRequest) -> Any:
        """Estimates that are not posted yet."""
        estimates = RevenueEstimate.objects.visible_to(signed_in_user(request))
        yield waiting_rows(estimates.in_status("created"), TO_POST, status__exact="created")
