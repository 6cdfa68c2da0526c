"""A person's own entries: record hours, change and delete drafts, submit, recall (A8)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, Button, FormPage, ListPage, SavedView
from projects.entering import TimeReport, change_time, delete_entries, enter_time
from projects.filters.entries import EntryFilter
from projects.forms.entries import TimeForm
from projects.models import Entry, Project, Resource
from projects.submitting import recall_entries, submit_entries
from projects.tables.entries import EntryTable
from projects.views.page_defaults import Housed, today_of

PERMISSION = "projects.submit_entry"


def own_entries(user: Any) -> QuerySet:
    """The person's own work, with what a page shows of it."""
    rows = Entry.objects.visible_to(user).of_person(user).with_comment()
    return rows.select_related("project", "task", "legal_entity")


class Entries(Housed, ListPage):
    """All of a person's own entries."""

    permission, title, url_name = PERMISSION, _("My entries"), "entries"
    purpose, template_name = _("Hours you recorded, and where they stand"), "projects/entries.html"
    filterset_class, table_class = EntryFilter, EntryTable
    views = [
        SavedView(_("All")),
        SavedView(_("To submit"), "status=draft&status=returned"),
        SavedView(_("Waiting"), "status=submitted"),
        SavedView(_("Approved"), "status=approved"),
    ]
    buttons = [
        Button(_("Delete"), "delete-entries", PERMISSION),
        Button(_("Recall"), "recall-entries", PERMISSION),
        Button(_("Submit"), "submit-entries", PERMISSION, key="s", primary=True),
    ]

    def rows(self) -> QuerySet:
        return own_entries(self.request.user)


class OnOwn(Housed, ActionPage):
    """Share of what is done with ticked entries of one's own."""

    permission, list_page = PERMISSION, Entries

    def arguments(self) -> dict[str, Any]:
        return {"actor": self.request.user, "at": timezone.now()}


class Submit(OnOwn):
    """Lay entries before their approver."""

    title, verb, success = _("Submit"), submit_entries, _("%(count)s submitted")
    inverse = "recall-entries"


class Recall(OnOwn):
    """Take submitted entries back."""

    title, verb, success = _("Recall"), recall_entries, _("%(count)s recalled")
    inverse = "submit-entries"


class Delete(OnOwn):
    """Delete drafts."""

    title, verb, success = _("Delete"), delete_entries, _("%(count)s deleted")


class WritingTime:
    """Share of the two forms: the person's projects, usual role and today's date."""

    permission, form_class, template_name = PERMISSION, TimeForm, "projects/time.html"

    def form_arguments(self) -> dict[str, Any]:
        projects = Project.objects.visible_to(self.request.user).order_by("number")
        return {"projects": projects, "initial": self.initial()}

    def initial(self) -> dict[str, Any]:
        user = self.request.user
        return {"role": person_of(user).role, "day": today_of(user)}

    def back(self) -> str:
        return reverse("entries")


class RecordTime(WritingTime, Housed, FormPage):
    """Record hours."""

    title, success, submit_label = _("Record time"), _("Recorded as a draft"), _("Record")

    def act(self, form: BaseForm) -> Entry:
        user = self.request.user
        return enter_time(person_of(user), TimeReport(**form.cleaned_data), actor=user, at=timezone.now())


class ChangeTime(WritingTime, Housed, ActionPage):
    """Change a draft, or an entry that was sent back."""

    title, success = _("Change time"), _("Changed")

    def rows(self) -> QuerySet:
        return own_entries(self.request.user).submittable()

    def initial(self) -> dict[str, Any]:
        return written(self.found())

    def act(self, targets: Any, form: BaseForm) -> int:
        return change_time(
            targets, TimeReport(**form.cleaned_data), actor=self.request.user, at=timezone.now()
        )


def person_of(user: Any) -> Resource:
    """The team member who signs in as this user; others have no hours to record."""
    person = Resource.objects.filter(user=user).select_related("role").first()
    if person is None:
        raise PermissionDenied(
            gettext("You are not a team member of any company, so there are no hours to record.")
        )
    return person


def written(entry: Entry) -> dict[str, Any]:
    """An entry as its form holds it."""
    names = ("project", "task", "role", "quantity", "description", "external_description")
    return {name: getattr(entry, name) for name in names} | {"day": entry.date}
