"""A company with rows of every kind, a second one beside it, and a browser for every role."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from projects.models import LegalEntityMembership
from tests.architecture.many_rows import reader_of, settle
from tests.factories import world
from tests.factories.world import World


def browser(user: Any) -> Client:
    """A browser in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    return client


def settled() -> World:
    """A company with one row of every kind."""
    at = world.world()
    settle(at, reader_of(at), 1)
    return at


@pytest.fixture
def here(db: None) -> World:
    """The company of those who sign in."""
    return settled()


@pytest.fixture
def there(db: None) -> World:
    """A company that none of them belongs to."""
    return settled()


@pytest.fixture
def superuser(here: World) -> Client:
    """Somebody to whom every page is open."""
    user = get_user_model().objects.create_superuser("root")
    LegalEntityMembership.objects.create(user=user, legal_entity=here.entity)
    return browser(user)
