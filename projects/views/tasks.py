"""The parts of a project: its tasks, and the people who work on it."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage
from projects.forms.records import RecordForm, TaskForm, TeamChangeForm, TeamForm
from projects.maintaining import add_records, remove_team_members
from projects.models import Project, Task, TeamMember
from projects.views.page_defaults import PageDefaults
from projects.views.projects import CHANGE
from projects.views.record_numbers import next_number
from projects.views.records import AddRecord, ChangeRecord, CloseRecord, Crumbs, DeleteRecord, ReopenRecord


class ProjectPart:
    """A page about a part of a project; it leads back to the project."""

    list_name, list_title, page_name = "projects", _("Projects"), "project"
    permission = CHANGE

    @property
    def cancel_url(self) -> str:
        """The project."""
        return reverse("project", args=[self.project.pk])  # type: ignore[attr-defined]

    def get_success_url(self) -> str:
        """The project."""
        return self.cancel_url

    def get_crumbs(self) -> Crumbs:
        """From the list over the project."""
        project = self.project  # type: ignore[attr-defined]
        return [
            (_("Projects"), reverse("projects")),
            (project.number, reverse("project", args=[project.pk])),
            (self.title, ""),  # type: ignore[attr-defined]
        ]


class AddPart(ProjectPart, AddRecord):
    """A new part of the project that the address names."""

    @cached_property
    def project(self) -> Project:
        """The project, among those the user may change."""
        return get_object_or_404(Project.objects.changeable_by(self.user), pk=self.kwargs["pk"])

    def add(self, form: RecordForm) -> Any:
        form.instance.project = self.project
        return add_records([form.instance], actor=self.user, at=timezone.now())


class AddTask(AddPart):
    title, form_class, model = _("New task"), TaskForm, Task

    def get_initial(self) -> dict[str, Any]:
        return {"code": next_number(self.project.tasks.all(), "code")}


class AddTeamMember(PageDefaults, AddPart):
    title, form_class, model = _("Add somebody to the team"), TeamForm, TeamMember

    def get_initial(self) -> dict[str, Any]:
        """Today, and the person whom the address names."""
        named = self.request.GET.get("person", "")
        return {"starts_on": self.today, **({"resource": named} if named.isdecimal() else {})}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}


class TaskPart(ProjectPart):
    """What is done to a task; its project is that of the row."""

    model = Task

    @property
    def project(self) -> Project:
        """The project of the task."""
        project: Project = self.object.project  # type: ignore[attr-defined]
        return project


class ChangeTask(TaskPart, ChangeRecord):
    title, form_class = _("Edit task"), TaskForm


class CloseTask(TaskPart, CloseRecord):
    title = _("Close task")
    consequences = (
        _("Nothing is recorded on it any more."),
        _("What was approved stays, and can still be invoiced and corrected."),
    )


class ReopenTask(TaskPart, ReopenRecord):
    title = _("Reopen task")


class DeleteTask(TaskPart, DeleteRecord):
    title, permission = _("Delete task"), "projects.delete_task"

    def get_success_url(self) -> str:
        return self.cancel_url


class TeamPart(ProjectPart):
    """What is done to a place in a team; its project is that of the row."""

    @property
    def project(self) -> Project:
        """The project of the team."""
        project: Project = self.object.project  # type: ignore[attr-defined]
        return project


class ChangeTeamMember(TeamPart, ChangeRecord):
    """Another role, the right to approve, another first day; what was recorded keeps its role."""

    title, form_class, model = _("Edit place in the team"), TeamChangeForm, TeamMember


class RemoveTeamMember(TeamPart, ActionPage):
    """Take somebody off the team; what they recorded stays."""

    title, verb, success_message = _("Take off the team"), remove_team_members, _("Taken off the team")

    def get_queryset(self) -> QuerySet[TeamMember]:
        return TeamMember.objects.changeable_by(self.user)
