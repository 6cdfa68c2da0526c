"""Whose work a page is about: one's own, or that of a colleague, which takes a permission of its own."""

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from core.access import may
from core.missing_permissions import denied
from projects.models import Entry, Resource
from projects.querysets import EntryQuerySet

RECORD_FOR_OTHERS = "projects.record_for_others"


def person_of(user: User) -> Resource:
    """The team member who signs in as this user. Raises PermissionDenied for others, who record nothing."""
    person = Resource.objects.filter(user=user).select_related("role", "legal_entity").first()
    if person is None:
        raise PermissionDenied(
            gettext("You are not a team member of any company, so there are no hours to record.")
        )
    return person


def person_of_request(request: HttpRequest) -> Resource:
    """The person whom `?person=` names by their code, else oneself.

    Raises PermissionDenied without the permission to record for others, Http404 where nobody is called so.
    """
    user, code = cast(User, request.user), request.GET.get("person", "")
    if not code:
        return person_of(user)
    if not may(user, RECORD_FOR_OTHERS):
        raise denied(RECORD_FOR_OTHERS)
    person = colleagues_of(user).filter(code=code).first() if "\x00" not in code else None
    if person is None:
        raise Http404("nobody is called so")
    return person


def colleagues_of(user: User) -> QuerySet[Resource]:
    """Those whose work this user may record: the people of the user's legal entities."""
    return Resource.objects.visible_to(user).filter(is_closed=False).select_related("role", "legal_entity")


def changeable_entries(user: User) -> EntryQuerySet:
    """Work this user may report: their own, and that of colleagues with the permission for it.

    To approve the work of a project is not enough to change what somebody reported there.
    """
    entries: EntryQuerySet = Entry.objects.kept().visible_to(user)
    return entries if may(user, RECORD_FOR_OTHERS) else entries.of_person(user)
