"""People of the admin: one company in the middle of its month, and somebody of each role in front of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from projects.models import LegalEntity, LegalEntityMembership
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, sync_staff_flag
from tests.factories import world
from tests.trade import Trade


def person(role: str, *entities: LegalEntity) -> Any:
    """Somebody with a role who may see these legal entities."""
    user = world.user(role.lower().replace(" ", "-"))
    user.groups.add(Group.objects.get(name=role))
    for entity in entities:
        LegalEntityMembership.objects.create(user=user, legal_entity=entity)
    sync_staff_flag(user)
    return user


class Desk(Client):
    """A browser in which somebody has signed in to the admin."""

    def __init__(self, user: Any):
        super().__init__()
        self.user = user
        self.force_login(user)

    def shown(self, name: str, *args: Any, **query: Any) -> Any:
        return self.get(reverse(f"admin:{name}", args=args), query)

    def sent(self, name: str, *args: Any, data: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.post(reverse(f"admin:{name}", args=args), data or {}, **options)

    def chosen(self, model: str, action: str, *rows: Any, query: str = "", **data: Any) -> Any:
        """What the list's menu sends for a selection; with `confirmed`, what the page of the action sends."""
        keys = [row.pk for row in rows]
        form = (
            {"action": action, "_selected_action": keys}
            | ({} if "confirmed" in data else {"index": 0})
            | data
        )
        return self.post(reverse(f"admin:{model}_changelist") + query, form)

    def confirms(self, page: Any, **data: Any) -> Any:
        """Send the form of a page that shows what an action will do, as it is."""
        form = {"confirmed": "1", "expect": page.context["preview"].expect, **data}
        for name, value in page.context["selection"]:
            form.setdefault(name, []).append(value) if name == "_selected_action" else form.update(
                {name: value}
            )
        return self.post(page.wsgi_request.get_full_path(), form)


def messages_of(response: Any) -> list[str]:
    """What the page that follows says."""
    return [str(message) for message in response.wsgi_request._messages]


@pytest.fixture
def trade(db: None) -> Trade:
    return Trade()


@pytest.fixture
def desk_of(trade: Trade) -> Callable[[str], Desk]:
    return lambda role: Desk(person(role, trade.entity))


@pytest.fixture
def accountant(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of(PROJECT_ACCOUNTANT)


@pytest.fixture
def controller(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of(FINANCE_CONTROLLER)


@pytest.fixture
def administrator(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of(ADMINISTRATOR)
