"""People: who signs in, what they may do, and what their hours are billed as (the administrator's pages)."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, Button, FormPage, ListPage, SavedView
from projects.access import people_changeable_by, people_visible_to
from projects.filters.records import PersonFilter
from projects.forms.records import NewPersonForm, PersonChangeForm
from projects.staffing import admit_people, change_people, close_accounts, invite_again, reopen_accounts
from projects.tables.records import PersonTable

CHANGE = "auth.change_user"


class People(ListPage):
    """Everybody who signs in."""

    permission, url_name = "auth.view_user", "people"
    title, purpose = _("People"), _("Who signs in, and what each may do")
    template_name = "projects/people.html"
    filterset_class, table_class = PersonFilter, PersonTable
    default_filter = "state=open"
    saved_views = [
        SavedView(_("Open"), "state=open"),
        SavedView(_("Not used yet"), "state=invited"),
        SavedView(_("Closed"), "state=closed"),
        SavedView(_("All"), "all=1"),
    ]
    buttons: list[Button] = []

    def get_queryset(self) -> QuerySet[User]:
        changeable = people_changeable_by(self.user).filter(pk=OuterRef("pk"))
        rows = people_visible_to(self.user).annotate(is_changeable=Exists(changeable))
        return rows.select_related("resource__role").prefetch_related("groups")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With whether the user may add somebody."""
        return super().get_context_data(may_add=self.may("auth.add_user"), **kwargs)


class AddPerson(FormPage):
    """Somebody new, with roles and the company they work for."""

    permission, title, form_class = "auth.add_user", _("New person"), NewPersonForm
    template_name, submit_label = "projects/record_form.html", _("Add")
    cancel_url, success_message = reverse_lazy("people"), _("Added")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: NewPersonForm) -> HttpResponse:
        entity, person, user = form.cleaned_data["legal_entity"], form.person, self.user
        return self.answer(lambda: admit_people(entity, [person], actor=user, at=timezone.now()), form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(_("People"), reverse("people")), (self.title, "")]
        return super().get_context_data(crumbs=crumbs, **kwargs)


class OfPerson(ActionPage):
    """Something done to one person by somebody else."""

    permission = CHANGE
    # By its own name: as `user`, which Django would take, every page would be taken for that person's.
    context_object_name = "person"

    def has_permission(self, obj: Model | None = None) -> bool:
        """By the permission alone: users are a model of Django without a scope; rows are limited below."""
        return self.may(self.permission)

    def get_queryset(self) -> QuerySet[User]:
        return people_changeable_by(self.user)

    @property
    def cancel_url(self) -> str:
        """The person."""
        return reverse("person", args=[self.kwargs["pk"]])


class PersonPage(OfPerson):
    """Names, address and roles of one person, and their account."""

    title, form_class, template_name = _("Edit person"), PersonChangeForm, "projects/person.html"
    success_message = _("Saved")

    @property
    def cancel_url(self) -> str:
        """The list: this page is the person's own."""
        return reverse("people")

    def get_initial(self) -> dict[str, Any]:
        return {"roles": list(Group.objects.filter(user=self.object).values_list("name", flat=True))}

    def get_form_kwargs(self) -> dict[str, Any]:
        instance = User.objects.get(pk=self.object.pk)
        return {**super().get_form_kwargs(), "instance": instance}

    def call_verb(self, form: Any) -> Any:
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        return change_people(self.targets, values, form.cleaned_data["roles"], **self.get_verb_kwargs(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(_("People"), reverse("people")), (self.object.get_username(), "")]
        return super().get_context_data(crumbs=crumbs, **kwargs)


class CloseAccount(OfPerson):
    title, verb, success_message = _("Close the account"), close_accounts, _("Account closed")


class OpenAccount(OfPerson):
    title, verb, success_message = _("Open the account"), reopen_accounts, _("Account open again")


class InviteAgain(OfPerson):
    title, verb, success_message = _("Invite again"), invite_again, _("Invited again")
