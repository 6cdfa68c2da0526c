"""People, their roles and what they may see: the work of the administrator, who keeps no books."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin_kit import Cell, Panel, Rows, Shown, Window
from projects.access import people_visible_to
from projects.models import LegalEntityMembership, Resource, Role
from projects.roles import clashing_roles, sync_staff_flag

admin.site.unregister(User)
admin.site.unregister(Group)


class Memberships(Rows):
    model = LegalEntityMembership
    adds = changes = deletes = True
    fields = ("legal_entity",)
    verbose_name_plural = _("sees these legal entities")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Whoever administers people gives access to every legal entity, also to a new one."""
        if db_field.name == "legal_entity":
            kwargs["queryset"] = db_field.remote_field.model.objects.order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


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
                _("Nobody holds these roles together: %(roles)s."), "clash", {"roles": names}
            )
        return groups


@admin.register(User)
class PersonWindow(Window, UserAdmin):
    """A person's own row is somebody else's to change."""

    adds = changes = True
    editable = ("username", "first_name", "last_name", "email", "is_active", "groups")
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
    inlines: ClassVar = [Memberships]

    def rows_for(self, user: Any) -> Any:
        """Users are no model of ours: who sees whom is said in projects.access."""
        return people_visible_to(user)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With roles, in two queries."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never one's own row (RELIABILITY 6.2)."""
        return super().has_change_permission(request, obj) and obj != request.user

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The admin opens to those whose roles work there."""
        super().save_related(request, form, formsets, change)
        sync_staff_flag(form.instance)

    def links(self, request: HttpRequest, thing: User) -> Iterable[tuple[Any, str]]:
        """A forgotten password is replaced here, and ends every session of the person."""
        if self.has_change_permission(request, thing):
            yield _("Set password"), reverse("admin:auth_user_password_change", args=[thing.pk])

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())


@admin.register(Group)
class RoleGroupWindow(Window):
    """The roles and what they may do stand in the code; here they are shown."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)

    def rows_for(self, user: Any) -> Any:
        """The same for everybody."""
        return Group.objects.all()

    def panels(self, request: HttpRequest, thing: Group) -> Iterable[Panel]:
        """What the role may do, and who has it."""
        allowed = thing.permissions.select_related("content_type").order_by("content_type__app_label", "name")
        rights = [(Cell(one.name), Cell(f"{one.content_type.app_label}.{one.codename}")) for one in allowed]
        yield Panel(_("Permissions"), (_("What"), _("Code")), rights, _("Nothing."))
        people = [(Cell(one.get_full_name() or one.username),) for one in thing.user_set.order_by("username")]
        yield Panel(_("People"), (_("Name"),), people, _("Nobody."))


@admin.register(Role)
class BillingRoleWindow(Window):
    adds = changes = True
    editable = ("name", "is_chargeable")
    list_display = ("name", "is_chargeable")
    search_fields = ("name",)
    fields = ("name", "is_chargeable")


@admin.register(Resource)
class ResourceWindow(Window):
    adds = changes = True
    editable = ("name", "user", "role")
    list_display = ("code", "name", "role", Shown.text("user", _("signs in as"), "user__username"))
    list_display_links = ("code", "name")
    list_select_related = ("role", "user")
    search_fields = ("code", "name", "user__username")
    fields = ("legal_entity", "code", "name", "user", "role")
    choices: ClassVar = {"user": people_visible_to}
