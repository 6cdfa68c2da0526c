"""Whose rows somebody sees: the legal entities of a user, and whether all of their rows or only their own.

The querysets of each model turn this into `visible_to(user)`.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from core.querysets import AnyUser

WHOLE_ENTITY = "projects.see_whole_entity"
VIEW_COST = "projects.view_cost"


def sees_whole_entity(user: AnyUser) -> bool:
    """Accountants and controllers see all rows of their legal entities; managers see what they manage."""
    return user.has_perm(WHOLE_ENTITY)


def sees_cost(user: AnyUser) -> bool:
    """Whether the user may see what work costs."""
    return user.has_perm(VIEW_COST)


def entities_of(user: AnyUser) -> QuerySet[Any, Any]:
    """The keys of the legal entities a user belongs to, as a subquery; none for anonymous users."""
    if isinstance(user, AnonymousUser):
        return User.objects.none().values("entity_memberships__legal_entity")
    return user.entity_memberships.order_by().values("legal_entity")


def people_visible_to(user: User) -> QuerySet[User]:
    """The people of the user's entities; everybody for those who administer people."""
    if user.has_perm("auth.change_user"):
        return User.objects.all()
    return User.objects.filter(entity_memberships__legal_entity__in=entities_of(user)).distinct()


def people_changeable_by(user: User) -> QuerySet[User]:
    """The people whose accounts a user may change: superusers are changed by superusers alone (S3)."""
    people = people_visible_to(user)
    return people if user.is_superuser else people.exclude(is_superuser=True)


def may_change_account(user: AnyUser, person: User) -> bool:
    """The same rule for one person who was read already (S3)."""
    return user.is_superuser or not person.is_superuser
