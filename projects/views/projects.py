"""Projects: the list, the page of one, and what is done to it."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.pages import Button, DetailPage, ListPage, SavedView
from projects.filters.records import ProjectFilter
from projects.forms.records import ProjectChangeForm, ProjectForm
from projects.models import Project
from projects.tables.records import ProjectTable
from projects.views.page_defaults import today_of
from projects.views.project_parts import parts_of
from projects.views.record_numbers import next_number
from projects.views.records import (
    AddRecord,
    ChangeRecord,
    CloseRecord,
    DeleteRecord,
    RecordMixin,
    ReopenRecord,
)

CHANGE = "projects.change_project"


class Projects(ListPage):
    """Projects the user may see, with what is used of their budgets."""

    permission, url_name = "projects.view_project", "projects"
    title, purpose = _("Projects"), _("Who works for whom, and how much of the budget is used")
    template_name = "projects/projects.html"
    filterset_class, table_class = ProjectFilter, ProjectTable
    default_filter = "state=open"
    saved_views = [
        SavedView(_("Open"), "state=open"),
        SavedView(_("Mine"), "state=open&manager=me"),
        SavedView(_("Closed"), "state=closed"),
        SavedView(_("All"), "all=1"),
    ]
    buttons: list[Button] = []

    def get_queryset(self) -> QuerySet[Project]:
        rows = Project.objects.visible_to(self.user)
        return rows.select_related("customer", "manager", "legal_entity")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With whether the user may add one."""
        return super().get_context_data(may_add=self.may("projects.add_project"), **kwargs)


class ProjectPages:
    """How projects are named in the addresses of their pages."""

    model, list_name, list_title, page_name = Project, "projects", _("Projects"), "project"


class ProjectPage(ProjectPages, RecordMixin, DetailPage):
    """Budgets by task, team and mails of one project; billing adds what its contract lines have used."""

    permission, template_name = "projects.view_project", "projects/project.html"

    def get_queryset(self) -> QuerySet[Project]:
        return super().get_queryset().select_related("customer", "manager", "legal_entity")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        """The way from the list."""
        return [*super().get_crumbs()[:1], (self.object.number, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_changeable = Project.objects.changeable_by(self.user).filter(pk=self.object.pk).exists()
        rights = {
            "may_change": is_changeable and self.may(CHANGE),
            "may_delete": is_changeable and self.may("projects.delete_project"),
            "may_add_contract": self.may("projects.add_projectcontract"),
            "may_see_contracts": self.may("projects.view_projectcontract"),
            "may_approve": self.may("projects.approve_entry"),
        }
        return super().get_context_data(**rights, **parts_of(self.object, today_of(self.request)), **kwargs)


class AddProject(ProjectPages, AddRecord):
    """A new project; whoever adds it manages it unless somebody else is named."""

    permission, title, form_class = "projects.add_project", _("New project"), ProjectForm

    def get_initial(self) -> dict[str, Any]:
        """The next number, oneself as manager, and the customer that the address names."""
        named = self.request.GET.get("customer", "")
        customer = {"customer": named} if named.isdecimal() else {}
        return {"number": next_number(self.get_queryset()), "manager": self.user, **customer}


class ChangeProject(ProjectPages, ChangeRecord):
    permission, title, form_class = CHANGE, _("Edit project"), ProjectChangeForm


class CloseProject(ProjectPages, CloseRecord):
    permission, title = CHANGE, _("Close project")
    consequences = (
        _("Nothing is recorded on it any more."),
        _("What was approved stays, and can still be invoiced and corrected."),
        _("It can be opened again."),
    )


class ReopenProject(ProjectPages, ReopenRecord):
    permission, title = CHANGE, _("Reopen project")


class DeleteProject(ProjectPages, DeleteRecord):
    permission, title = "projects.delete_project", _("Delete project")
