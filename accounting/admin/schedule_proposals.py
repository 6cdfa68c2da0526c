"""Checking proposals before they are posted, and scheduling when the clock posts them (C5)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.models import InvoiceProposal
from accounting.querysets import ProposalQuerySet
from accounting.scheduling_invoices import mark_checked, schedule_posting
from accounting.states import ProposalStatus
from core.admin_kit import AdminAction
from core.day_inputs import DayField
from core.templatetags import display


class PostingDayForm(forms.Form):
    post_on = DayField(
        label=_("Posted on"), required=False, help_text=_("Empty: never automatically, somebody posts it.")
    )


class MarkChecked(AdminAction):
    """Says that a proposal is right as it stands."""

    name, label, permission = "check", _("Mark as checked"), "accounting.post_invoice"

    def is_available(self, obj: InvoiceProposal) -> bool:
        """Where the company asks for it, until it is posted."""
        is_draft = obj.status == ProposalStatus.DRAFT
        return is_draft and obj.checked_at is None and obj.legal_entity.checks_proposals

    def run(
        self, targets: ProposalQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return mark_checked(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        words = {"count": display.number(result)}
        return ngettext("%(count)s proposal checked.", "%(count)s proposals checked.", result) % words


class SchedulePosting(AdminAction):
    """Lets the clock post a proposal on a day."""

    name, label, permission = "schedule", _("Schedule posting"), "accounting.post_invoice"
    confirms = True
    form_class = PostingDayForm

    def is_available(self, obj: InvoiceProposal) -> bool:
        """Until it is posted."""
        return obj.status == ProposalStatus.DRAFT

    def get_initial(self, request: HttpRequest, targets: ProposalQuerySet) -> dict[str, Any]:
        """The day that was chosen before, where all have the same."""
        days = set(targets.order_by().values_list("post_on", flat=True))
        return {"post_on": days.pop()} if len(days) == 1 else {}

    def run(
        self, targets: ProposalQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> tuple[int, Any]:
        """Call the verb."""
        on = cleaned_data["post_on"]
        return schedule_posting(targets, on, actor=actor, at=at), on

    def get_success_message(self, result: tuple[int, Any]) -> str:
        """How many, and when."""
        count, on = result
        words = {"count": display.number(count), "day": display.day(on) if on else ""}
        if on is None:
            said = ngettext(
                "%(count)s proposal is not posted automatically.",
                "%(count)s proposals are not posted automatically.",
                count,
            )
        else:
            said = ngettext(
                "%(count)s proposal is posted on %(day)s.",
                "%(count)s proposals are posted on %(day)s.",
                count,
            )
        return said % words


class ScheduledFilter(admin.SimpleListFilter):
    """Whether the clock posts a proposal, and whether it could not."""

    title, parameter_name = _("posted automatically"), "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("scheduled", _("Scheduled")), ("refused", _("Could not be posted"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Every proposal where nothing is chosen, or something that nobody offers."""
        if self.value() == "refused":
            return queryset.unposted().exclude(not_posted_because="")
        return queryset.unposted().filter(post_on__isnull=False) if self.value() == "scheduled" else queryset


def schedule_lines(proposal: InvoiceProposal) -> list[str]:
    """What is said about checking and the clock on the page of a proposal."""
    said = []
    if proposal.checked_at is not None:
        said.append(gettext("Checked on %(moment)s.") % {"moment": display.moment(proposal.checked_at)})
    if proposal.post_on is not None:
        said.append(
            gettext("It is posted automatically on %(day)s.") % {"day": display.day(proposal.post_on)}
        )
    if proposal.not_posted_because:
        reasons = {"reasons": proposal.not_posted_because}
        said.append(gettext("It could not be posted automatically: %(reasons)s") % reasons)
    return said
