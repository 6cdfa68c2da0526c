"""What is said to somebody who may not do something: which roles may, in words, and whom to ask for one."""

from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.people import person_name

GIVES_ROLES = "auth.change_user"
"""The permission of those who give roles to others."""
MOST_NAMES = 3


def denied(permission: str) -> PermissionDenied:
    """The exception to raise; its words name the roles that hold the permission, never its code."""
    sentences = [_roles_in_words(roles_with(permission)), _whom_to_ask(_who_gives_roles())]
    return PermissionDenied(" ".join(sentences))


def roles_with(permission: str) -> list[str]:
    """The names of the roles that hold a permission, in the user's language."""
    names = _holders(permission).order_by("name").values_list("name", flat=True)
    return [_(name) for name in names]


def _holders(permission: str) -> QuerySet[Group]:
    app, _dot, code = permission.partition(".")
    return Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=code)


def _who_gives_roles() -> list[str]:
    users = User.objects.filter(is_active=True, groups__in=_holders(GIVES_ROLES)).distinct()
    return [person_name(user) for user in users.order_by("pk")[:MOST_NAMES]]


def _roles_in_words(roles: list[str]) -> str:
    if not roles:
        return _("No role may do this.")
    words = ngettext("This role may do it: %(roles)s.", "These roles may do it: %(roles)s.", len(roles))
    return words % {"roles": ", ".join(roles)}


def _whom_to_ask(names: list[str]) -> str:
    if not names:
        return _("Roles are given by the administrator of this installation.")
    return _("Roles are given by %(names)s.") % {"names": ", ".join(names)}
