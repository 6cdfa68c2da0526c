"""Mails link to the address that `up` prints, whatever port it found."""

import io

import pytest

from config.management.commands.up import Command, address_of, link_to
from core.mailing import address_of as page_address


@pytest.fixture
def environment(monkeypatch, settings):
    monkeypatch.delenv("BASE_URL", raising=False)
    settings.PRODUCTION = False
    yield monkeypatch
    monkeypatch.delenv("BASE_URL", raising=False)


def test_mails_lead_to_the_printed_address(environment):
    link_to(address_of(8742))
    out = io.StringIO()
    Command(stdout=out).greet(8742)
    assert "Countinghouse answers at http://127.0.0.1:8742/" in out.getvalue()
    assert page_address("proforma", "PF-2026-00026") == "http://127.0.0.1:8742/proformas/PF-2026-00026/"


def test_an_address_that_was_set_stays(environment):
    environment.setenv("BASE_URL", "https://books.example")
    link_to(address_of(8742))
    assert page_address("proforma", "PF-2026-00026") == "https://books.example/proformas/PF-2026-00026/"


def test_a_production_installation_keeps_its_own(environment, settings):
    settings.PRODUCTION, settings.BASE_URL = True, "https://books.example"
    link_to(address_of(8742))
    assert page_address("proforma", "PF-2026-00026") == "https://books.example/proformas/PF-2026-00026/"
