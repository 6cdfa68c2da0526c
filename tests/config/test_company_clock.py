"""Moments are shown by the clock of the company, days are never moved (T1)."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import LegalEntity
from projects.roles import ADMINISTRATOR
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 10, 5, 18, 30, tzinfo=UTC)
"""Half past eight in the evening in Berlin, half past one of the next morning in Jakarta."""


@pytest.fixture
def at() -> Company:
    made = Company()
    made.worker.last_login = LATE
    made.worker.save()
    return made


def administrator(at: Company) -> Client:
    return signed_in(at.person(ADMINISTRATOR))


def people(client: Client) -> str:
    return client.get(reverse("people")).content.decode()


def move_to(zone: str) -> None:
    LegalEntity.objects.update(timezone=zone)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "5 Oct 2026, 20:30"),
        ("Asia/Jakarta", "6 Oct 2026, 01:30"),
        ("UTC", "5 Oct 2026, 18:30"),
    ],
)
def test_a_page_shows_moments_by_the_clock_of_the_company(at: Company, zone: str, shown: str):
    move_to(zone)
    assert shown in people(administrator(at))


def test_a_file_is_written_by_the_same_clock_though_it_is_sent_later(at: Company):
    move_to("Asia/Jakarta")
    answer = administrator(at).get(reverse("people"), {"export": "csv"})
    assert "2026-10-06T01:30:00+07:00" in b"".join(answer.streaming_content).decode()


def test_the_admin_shows_the_same_clock(at: Company):
    move_to("Asia/Jakarta")
    page = administrator(at).get(reverse("admin:auth_user_change", args=[at.worker.pk])).content.decode()
    assert "01:30" in page
    assert "18:30" not in page


def test_a_company_that_moves_moves_the_clock_of_those_who_are_signed_in(at: Company):
    client = administrator(at)
    assert "5 Oct 2026, 20:30" in people(client)
    move_to("Asia/Jakarta")
    client.get(reverse("overview"))
    assert "6 Oct 2026, 01:30" in people(client)
