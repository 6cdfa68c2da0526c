"""Users, their roles and the legal entities they see: the work of the administrator, who keeps no books."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin_kit import Cell, Panel, ReadOnlyAdmin, ReadOnlyInline, columns
from core.people import person_name
from projects.access import may_change_account, people_visible_to
from projects.admin.records import RecordAdmin, actions_of
from projects.models import LegalEntity, LegalEntityMembership, Resource, Role
from projects.roles import clashing_roles, sync_staff_flag

admin.site.unregister(User)
admin.site.unregister(Group)


def every_legal_entity(user: User) -> QuerySet[LegalEntity]:
    """Whoever administers people gives access to every legal entity, also to a new one."""
    return LegalEntity.objects.order_by("name")


def every_role(user: User) -> QuerySet[Group]:
    """The roles are the same for everybody."""
    return Group.objects.all()


class MembershipInline(ReadOnlyInline):
    model = LegalEntityMembership
    adds = changes = deletes = True
    fields = ("legal_entity",)
    verbose_name_plural = _("sees these legal entities")
    choice_querysets: ClassVar = {"legal_entity": every_legal_entity}


class PersonForm(forms.ModelForm):
    """Who somebody is and which roles they have."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active", "groups")

    def clean_groups(self) -> Any:
        """Roles that nobody may hold together are refused."""
        groups = self.cleaned_data["groups"]
        clash = clashing_roles({group.name for group in groups})
        if clash:
            names = ", ".join(sorted(str(_(name)) for name in clash))
            raise ValidationError(
                _("One person must not hold these roles together: %(roles)s."), "clash", {"roles": names}
            )
        return groups


@admin.register(User)
class PersonAdmin(ReadOnlyAdmin, UserAdmin):
    """Users; nobody changes their own row, and only a superuser that of a superuser."""

    adds = changes = True
    editable_fields = ("username", "first_name", "last_name", "email", "is_active", "groups")
    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("is_active", "groups")}),
        (_("Since"), {"fields": ("last_login", "date_joined")}),
    )
    inlines: ClassVar = [MembershipInline]
    choice_querysets: ClassVar = {"groups": every_role}
    add_form_template = "admin/add_person_form.html"

    def visible_rows(self, user: User) -> QuerySet[Any]:
        """Users are a model of Django, which has no `visible_to`."""
        return people_visible_to(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With roles, in two queries."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never one's own row, nor that of a superuser whose powers one does not have (S3)."""
        may_change = super().has_change_permission(request, obj) and obj != request.user
        return may_change and (obj is None or may_change_account(request.user, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The admin opens to those whose roles work there."""
        super().save_related(request, form, formsets, change)
        sync_staff_flag(form.instance)

    def get_links(self, request: HttpRequest, obj: User) -> Iterable[tuple[Any, str]]:
        """A forgotten password is replaced here, and ends every session of the person."""
        if self.has_change_permission(request, obj):
            yield _("Set password"), reverse("admin:auth_user_password_change", args=[obj.pk])

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())


@admin.register(Group)
class RoleGroupAdmin(ReadOnlyAdmin):
    """Roles and their permissions are defined in the code and only shown here."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)

    def visible_rows(self, user: User) -> QuerySet[Any]:
        """The same for everybody."""
        return every_role(user)

    def get_panels(self, request: HttpRequest, obj: Group) -> Iterable[Panel]:
        """What the role may do, and who has it."""
        allowed = obj.permissions.select_related("content_type").order_by("content_type__app_label", "name")
        rights = [(Cell(one.name), Cell(f"{one.content_type.app_label}.{one.codename}")) for one in allowed]
        yield Panel(_("Permissions"), (_("What"), _("Code")), rights, _("Nothing."))
        people = [(Cell(person_name(one)),) for one in obj.user_set.order_by("username")]
        yield Panel(_("People"), (_("Name"),), people, _("Nobody."))


@admin.register(Role)
class BillingRoleAdmin(RecordAdmin):
    editable_fields = ("name", "is_chargeable")
    readonly_fields = ("is_closed",)
    list_display = ("name", "is_chargeable", "is_closed")
    list_filter = ("is_closed",)
    search_fields = ("name",)
    fields = ("name", "is_chargeable", "is_closed")
    action_classes: ClassVar = actions_of(Role, _("Close it instead."))


@admin.register(Resource)
class ResourceAdmin(RecordAdmin):
    editable_fields = ("name", "user", "role")
    readonly_fields = ("is_closed",)
    list_filter = ("is_closed",)
    action_classes: ClassVar = actions_of(Resource, _("Close it instead: what was recorded stays."))
    list_display = ("code", "name", "role", columns.text("user", _("signs in as"), "user__username"))
    list_display_links = ("code", "name")
    list_select_related = ("role", "user")
    search_fields = ("code", "name", "user__username")
    fields = ("legal_entity", "code", "name", "user", "role", "is_closed")
    choice_querysets: ClassVar = {"user": people_visible_to}
