"""No page offers a link that is closed to its reader, or leads nowhere."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from projects.models import Resource, TeamMember
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company
from tests.company.people import signed_in
from tests.machine_words import machine_words_of

pytestmark = pytest.mark.django_db

SPOKEN = re.compile(r"(?s)<(script|style|code|template)\b.*?</\1>|<option\b.*?</option>|<[^>]+>")
"""What of a page nobody reads: scripts, what is typed as an example, choices of a form, and tags."""
FILE = re.compile(r'<a\b(?![^>]*target="_blank")[^>]*\shref="([^"]*(?:\.pdf|/receipts/\d+/))"')
"""A link to a file that would take the place of the page."""
LINK = re.compile(r'<a\b[^>]*\shref="([^"#][^"]*)"')


@pytest.fixture
def at() -> Company:
    """A company in which every page has rows: work in each state, a draft, and a posted invoice."""
    made = Company()
    made.admit(made.worker, TEAM_MEMBER)
    made.is_managed_by(made.person(PROJECT_MANAGER))
    made.project.manager = made.manager
    made.project.save()
    # Project managers record hours as well; without a code for them their own pages have nothing to show.
    Resource.objects.create(
        legal_entity=made.entity, code="pm", name="Manager", role=made.role, user=made.manager
    )
    TeamMember.objects.create(project=made.project, resource=made.resource, role=made.role)
    made.billed()
    made.approved(4)
    made.draft()
    made.approved(3)
    made.submitted(2)
    return made


def reader(at: Company, role: str) -> Client:
    known = {TEAM_MEMBER: at.worker, PROJECT_MANAGER: at.manager}
    return signed_in(known.get(role) or at.person(role))


def links_of(page: str, address: str) -> Iterator[str]:
    for written in LINK.findall(page):
        target = urljoin(address, unescape(written))
        if target.startswith("/") and not target.startswith("/static/"):
            yield target


def kind_of(address: str) -> str:
    """The name of the page, so that one of each kind is looked at."""
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        return address
    return f"{match.view_name} {match.kwargs.get('kind', '')} {match.kwargs.get('name', '')}"


@pytest.mark.parametrize(
    "role", [TEAM_MEMBER, PROJECT_MANAGER, PROJECT_ACCOUNTANT, FINANCE_CONTROLLER, ADMINISTRATOR]
)
def test_every_link_of_every_page_is_open_to_its_reader(at: Company, role: str):
    client, seen, waiting = reader(at, role), {"overview  "}, [(reverse("overview"), "")]
    closed, unspoken = [], []
    while waiting:
        address, origin = waiting.pop()
        answer = client.get(address)
        if answer.status_code >= 400:
            closed.append(f"{answer.status_code} {address} on {origin}")
        # The admin says by itself what each may see; it is entered, and not walked through.
        is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if not is_page or address.startswith("/admin/"):
            continue
        page = answer.content.decode()
        words = unescape(SPOKEN.sub("\n", page))
        unspoken += [f"{one} on {address}" for line in words.split("\n") for one in machine_words_of(line)]
        unspoken += [f"{one} takes the place of {address}" for one in FILE.findall(page)]
        for target in links_of(page, address):
            if kind_of(target) not in seen:
                seen.add(kind_of(target))
                waiting.append((target, address))
    assert closed == []
    # Dates of machines and names of columns are for nobody to read; files open beside their page.
    assert unspoken == []
    assert len(seen) > 5


def test_words_of_machines_are_heard_and_quotations_left_alone() -> None:
    assert machine_words_of("Dated 2026-03-02, after starts_on of %(line)s") == [
        "2026-03-02",
        "starts_on",
        "%(line)s",
    ]
    assert machine_words_of("“2026-03-02” is no day; choose 2 Mar 2026 on C-2026-014.") == []
