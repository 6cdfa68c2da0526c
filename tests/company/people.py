"""People of tests: users with roles who may see legal entities, and browsers in which they are signed in."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from projects.models import LegalEntity, LegalEntityMembership
from projects.roles import sync_staff_flag
from tests.company import rows


def person(*roles: str, entities: Iterable[LegalEntity] = ()) -> Any:
    """A new user with these roles who may see these legal entities."""
    name = roles[0].lower().replace(" ", "-") if roles else ""
    return admit(rows.user(name or "person"), *roles, entities=entities)


def admit(user: Any, *roles: str, entities: Iterable[LegalEntity]) -> Any:
    """Give a user these roles and no others, and let them see these legal entities too; returns the user."""
    user.groups.set(Group.objects.filter(name__in=roles))
    show(user, entities)
    sync_staff_flag(user)
    return user


def superuser(*entities: LegalEntity, password: str | None = None) -> Any:
    """Somebody to whom every page of these legal entities is open."""
    user = get_user_model().objects.create_superuser("root", password=password)
    show(user, entities)
    return user


def show(user: Any, entities: Iterable[LegalEntity]) -> None:
    """Let a user see these legal entities."""
    for entity in entities:
        LegalEntityMembership.objects.get_or_create(user=user, legal_entity=entity)


def signed_in(user: Any, **options: Any) -> Client:
    """A browser in which this user is signed in."""
    client = Client(**options)
    client.force_login(user)
    return client
