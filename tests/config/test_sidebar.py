"""The sidebar leads to what is open: own work stands there for those who record any."""

import pytest
from django.urls import reverse

from projects.roles import PROJECT_ACCOUNTANT, TEAM_MEMBER
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

OWN = ("my-time", "expenses", "entries")


def links_of(client) -> set[str]:
    return {entry["url"] for part in client.get("/").context["navigation"] for entry in part["entries"]}


def test_a_resource_finds_own_work_and_others_are_not_led_to_closed_pages():
    at = Company.bare()
    at.resource.user = at.person(TEAM_MEMBER)
    at.resource.save()
    own = {reverse(name) for name in OWN}
    member, accountant = signed_in(at.resource.user), signed_in(at.person(PROJECT_ACCOUNTANT, TEAM_MEMBER))
    assert own <= links_of(member)
    assert not own & links_of(accountant)
    for client in (member, accountant):
        assert [url for url in links_of(client) if client.get(url, follow=True).status_code != 200] == []
