"""Who opens the pages of billing in tests."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from billing.models import Proforma
from projects.models import LegalEntityMembership, ProjectContract
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.factories import world
from tests.factories.world import World
from tests.trade import Trade


@pytest.fixture
def at() -> World:
    """A world with one contract that its manager manages."""
    made = world.world()
    made.contract.manager = made.manager
    made.contract.save()
    return made


def person(at: World, user: Any, role: str) -> Client:
    """A browser in the hands of a member of the legal entity."""
    user.groups.set(Group.objects.filter(name=role))
    LegalEntityMembership.objects.get_or_create(user=user, legal_entity=at.entity)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(at: World) -> Client:
    """The manager of the world's contract."""
    return person(at, at.manager, PROJECT_MANAGER)


@pytest.fixture
def stranger(at: World) -> Client:
    """A project manager of another contract."""
    return person(at, world.user("stranger"), PROJECT_MANAGER)


@pytest.fixture
def team_member(at: World) -> Client:
    """Somebody who submits hours and does no more."""
    return person(at, at.worker, TEAM_MEMBER)


@pytest.fixture
def trade() -> Trade:
    """A company whose contract is managed by its manager; `at` is its world where a test asks for it."""
    made = Trade()
    ProjectContract.objects.filter(pk=made.contract.pk).update(manager=made.manager)
    return made


@pytest.fixture
def draft(trade: Trade) -> Proforma:
    """Eight hours at 200: 1,600.00 net, 320.00 tax."""
    trade.approved(8)
    return trade.draft()


@pytest.fixture
def accountant(at: World) -> Client:
    """Who runs the batch and posts, and confirms nothing."""
    return person(at, at.accountant, PROJECT_ACCOUNTANT)
