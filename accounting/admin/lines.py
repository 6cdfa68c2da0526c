"""Lines of integration journals: review of their dimension until they are posted (C1)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.cost_moves import held_costs
from accounting.models import IntegrationJournalLine
from accounting.moving_costs import move_costs
from accounting.querysets import JournalLineQuerySet
from accounting.reviewing import LINE_FIELDS, review_lines
from accounting.states import JournalLineStatus
from core.admin_kit import ActionPreview, AdminAction, ReadOnlyAdmin, columns, signed_in_user
from core.day_inputs import DayField
from core.templatetags import display


class ReviewForm(forms.Form):
    """What to set on the selected lines."""

    dimension = forms.CharField(label=_("Financial dimension"), max_length=40)


class ReviewLines(AdminAction):
    name, label = "review", _("Set the dimension")
    permission = "accounting.change_integrationjournalline"
    confirms = True
    on_one = False
    form_class = ReviewForm

    def preview(
        self, request: HttpRequest, targets: JournalLineQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Posted lines are left out."""
        open_lines, count = targets.unposted(), targets.unposted().count()
        summary = ngettext("%(count)s line will be changed.", "%(count)s lines will be changed.", count)
        left = targets.count() - count
        return ActionPreview(
            IntegrationJournalLine.objects.filter(pk__in=open_lines.order_by().values("pk")),
            str(count),
            summary=summary % {"count": count},
            effects=(
                _("Tax groups are chosen on the lines of the proposal."),
                *([_left_out(left)] if left else []),
            ),
            submit_label=_("Set"),
            is_possible=count > 0,
        )

    def run(
        self, targets: JournalLineQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return review_lines(targets, cleaned_data, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s line changed.", "%(count)s lines changed.", result) % {"count": result}


class MoveCostForm(forms.Form):
    """The date of the vouchers."""

    day = DayField(label=_("Date of the voucher"))


class MoveCost(AdminAction):
    """For work that no invoice will recognise, such as internal work."""

    name, label = "move-cost", _("Move cost to profit and loss")
    permission = "accounting.post_journal"
    confirms = True
    form_class = MoveCostForm

    def is_available(self, obj: IntegrationJournalLine) -> bool:
        """Only a line that may hold cost in the balance."""
        return obj.is_held

    def preview(
        self, request: HttpRequest, targets: JournalLineQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Lines that hold nothing are left out."""
        held = held_costs(targets)
        count = held.count()
        summary = ngettext("The cost of %(count)s line moves.", "The cost of %(count)s lines moves.", count)
        return ActionPreview(
            IntegrationJournalLine.objects.filter(pk__in=held.values("pk")),
            str(count),
            summary=summary % {"count": count},
            effects=(_("The cost of invoiced work moves by itself, on the day of its invoice."),),
            submit_label=_("Move"),
            is_possible=count > 0,
        )

    def run(
        self, targets: JournalLineQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return move_costs(targets, on=cleaned_data["day"], actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext(
            "The cost of %(count)s line is moved.", "The cost of %(count)s lines is moved.", result
        ) % {"count": result}


@admin.register(IntegrationJournalLine)
class JournalLineAdmin(ReadOnlyAdmin):
    """One actual to be posted; its dimension may change until then."""

    changes = True
    editable_fields = tuple(sorted(LINE_FIELDS))
    list_display = (
        columns.day("accounting_date", _("accounting date")),
        columns.text("project__number", _("project")),
        "work",
        columns.text("actual__get_type_display", _("type"), "actual__type"),
        columns.quantity("actual__quantity", _("quantity"), unit="actual__work_item__unit"),
        columns.amount("amount", _("amount")),
        "dimension",
        columns.state(_("status")),
        "error",
        columns.text("actual_id", _("source")),
    )
    list_filter = (
        "status",
        "is_held",
        ("actual__type", admin.ChoicesFieldListFilter),
        ("journal", RelatedOnlyFieldListFilter),
        ("project", RelatedOnlyFieldListFilter),
        "currency",
    )
    list_select_related = (
        "project",
        "actual__work_item__resource",
    )
    search_fields = ("journal__number", "project__number", "actual__work_item__resource__name", "error")
    date_hierarchy = "accounting_date"
    fieldsets = (
        (_("Set by accounting"), {"fields": ("dimension",)}),
        (_("Status"), {"fields": ("journal", "status", "error", "voucher", "is_accrued", "is_held")}),
        (_("Work"), {"fields": ("project", "actual", "accounting_date", "currency", "amount")}),
        (_("In the entity's currency"), {"fields": ("base_amount",)}),
    )
    action_classes: ClassVar = (ReviewLines, MoveCost)
    currency_paths: ClassVar = {"base_amount": "journal__legal_entity__currency"}

    def get_links(self, request: HttpRequest, obj: IntegrationJournalLine) -> Iterable[tuple[Any, str]]:
        """Where its work came from and what came of it."""
        yield _("Trace"), reverse("trace-work", args=[obj.actual.work_item_id])

    def is_changeable(self, obj: IntegrationJournalLine) -> bool:
        """Until it is posted."""
        return obj.status != JournalLineStatus.POSTED

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and refuses what was posted meanwhile."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            user = signed_in_user(request)
            lines = IntegrationJournalLine.objects.visible_to(user).filter(pk=obj.pk)
            review_lines(lines, changes, actor=user, at=timezone.now())

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""

    @admin.display(description=_("work"))
    def work(self, line: IntegrationJournalLine) -> str:
        item = line.actual.work_item
        return str(item.resource or item.external_description or item.description or display.NOTHING)


def _left_out(count: int) -> str:
    words = ngettext("%(count)s posted line is left out.", "%(count)s posted lines are left out.", count)
    return words % {"count": count}
