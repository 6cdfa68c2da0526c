"""A person's own entries: record hours, change and delete drafts, submit, recall (A8)."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.durations import Duration
from core.pages import ActionPage, Button, FormPage, ListPage, SavedView, SelectionAction
from projects.entering import TimeReport, change_time, delete_entries, enter_time
from projects.filters.entries import EntryFilter
from projects.forms.entries import TimeForm
from projects.models import Entry, Project
from projects.querysets import EntryQuerySet
from projects.states import EntryStatus
from projects.submitting import recall_entries, submit_entries
from projects.tables.entries import EntryTable
from projects.views.page_defaults import PageDefaults
from projects.views.submitting_saved import SubmitSaved
from projects.views.uncovered_warning import warn_of_uncovered
from projects.views.whose_work import person_of
from projects.work_coverage import coverage_of

PERMISSION = "projects.submit_entry"
OPEN = (EntryStatus.DRAFT, EntryStatus.RETURNED)


def own_entries(user: User) -> Any:
    """The person's own work, with what a page shows of it."""
    rows = Entry.objects.kept().visible_to(user).of_person(user).with_comment().with_team()
    return rows.select_related("project", "task", "legal_entity")


class Entries(ListPage):
    """All of a person's own entries."""

    permission, title, url_name = PERMISSION, _("My entries"), "entries"
    purpose, template_name = _("Hours you recorded, and where they stand"), "projects/entries.html"
    filterset_class, table_class = EntryFilter, EntryTable
    saved_views = [
        SavedView(_("All")),
        SavedView(_("To submit"), "status=draft&status=returned"),
        SavedView(_("Waiting"), "status=submitted"),
        SavedView(_("Approved"), "status=approved"),
    ]
    buttons = [
        Button(_("Delete"), "delete-entries", PERMISSION),
        Button(_("Recall"), "recall-entries", PERMISSION),
        Button(_("Ask back"), "request-recall", PERMISSION),
        Button(_("Submit"), "submit-entries", PERMISSION, key="s", primary=True),
    ]

    def get_queryset(self) -> QuerySet[Entry]:
        return own_entries(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what covers the entries that may still be changed."""
        context = super().get_context_data(**kwargs)
        table = context["table"]
        shown = [row.record for row in table.paginated_rows]
        table.coverage = coverage_of([one for one in shown if one.status in OPEN])
        table.may_write_contracts = self.may("projects.change_projectcontract")
        return context


class Submit(SelectionAction):
    """Submit entries to their approver."""

    permission, list_page, inverse = PERMISSION, Entries, "recall-entries"
    title, verb, success_message = _("Submit"), submit_entries, _("%(count)s submitted")


class Recall(SelectionAction):
    """Take submitted entries back."""

    permission, list_page, inverse = PERMISSION, Entries, "submit-entries"
    title, verb, success_message = _("Recall"), recall_entries, _("%(count)s recalled")


class Delete(SelectionAction):
    """Delete drafts."""

    permission, list_page = PERMISSION, Entries
    title, verb, success_message = _("Delete"), delete_entries, _("%(count)s deleted")


class TimePage(SubmitSaved, PageDefaults):
    """The form of recorded time, with the projects the person may work on; it saves, or submits as well."""

    permission, form_class, template_name = PERMISSION, TimeForm, "projects/time.html"
    cancel_url = reverse_lazy("entries")

    def get_form_kwargs(self) -> dict[str, Any]:
        projects = Project.objects.visible_to(self.user).order_by("number")
        return {**super().get_form_kwargs(), "projects": projects}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(Entries.title, reverse("entries")), (self.title, "")]
        return super().get_context_data(crumbs=crumbs, **kwargs)

    def submit_written(self, entries: EntryQuerySet) -> None:
        """Submit what was written where that was asked for, and say that it is done."""
        if self.submit_saved(entries):
            self.success_message = _("Submitted")


class RecordTime(TimePage, FormPage):
    """Record hours."""

    title, success_message, submit_label = _("Record time"), _("Recorded as a draft"), _("Record")

    def get_initial(self) -> dict[str, Any]:
        """The person's usual role, and today."""
        return {"role": person_of(self.user).role, "day": self.today}

    def form_valid(self, form: TimeForm) -> HttpResponse:
        return self.answer(lambda: self.save(report_of(form)), form)

    def save(self, report: TimeReport) -> Entry:
        """The new draft; whoever records it reads at once that nobody would pay for it."""
        entry = enter_time(person_of(self.user), report, actor=self.user, at=timezone.now())
        warn_of_uncovered(self.request, [entry])
        self.submit_written(Entry.objects.filter(pk=entry.pk))
        return entry


class ChangeTime(TimePage, ActionPage):
    """Change a draft, or an entry that was sent back."""

    title, success_message, verb = _("Change time"), _("Changed"), change_time

    def get_queryset(self) -> QuerySet[Entry]:
        return own_entries(self.user).submittable()

    def get_initial(self) -> dict[str, Any]:
        """The entry as its form holds it."""
        names = ("project", "task", "role", "description", "external_description")
        hours = Duration(self.object.quantity, self.object.seconds)
        values = {name: getattr(self.object, name) for name in names}
        return values | {"day": self.object.date, "hours": hours}

    def get_verb_kwargs(self, form: TimeForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"report": report_of(form)}

    def call_verb(self, form: TimeForm) -> Any:
        """Change it; whoever does reads at once that nobody would pay for it."""
        result = super().call_verb(form)
        warn_of_uncovered(self.request, list(self.targets.select_related("project")))
        self.submit_written(self.targets)
        return result


def report_of(form: TimeForm) -> TimeReport:
    """What the form says; hours that were typed as minutes are kept in exact seconds."""
    values = dict(form.cleaned_data)
    hours: Duration = values.pop("hours")
    return TimeReport(**values, quantity=hours.quantity, seconds=hours.seconds)
