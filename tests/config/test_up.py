"""Mails link to the address that `up` prints, whatever port it found, and are not printed after it."""

import io

import pytest
from django.core.mail import get_connection, send_mail

from config.management.commands.up import Command, address_of, keep_mails_in, link_to
from core.mailing import address_of as page_address


@pytest.fixture
def environment(monkeypatch, settings):
    for name in ("BASE_URL", "MAIL_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    settings.PRODUCTION = False
    yield monkeypatch
    for name in ("BASE_URL", "MAIL_FOLDER"):
        monkeypatch.delenv(name, raising=False)


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


def test_mails_go_to_files_and_the_greeting_says_where(environment, settings, tmp_path, capsys):
    settings.EMAIL_HOST = ""
    keep_mails_in(tmp_path / "mails")
    send_mail("Reminder", "Please pay.", None, ["someone@example.org"], connection=get_connection())
    (mail,) = (tmp_path / "mails").iterdir()
    assert "Subject: Reminder" in mail.read_text()
    assert "Reminder" not in capsys.readouterr().out
    out = io.StringIO()
    Command(stdout=out).greet(8742)
    assert f"Mails are written to {tmp_path / 'mails'}" in out.getvalue()
    assert out.getvalue().rstrip().endswith("Ctrl-C stops everything.")


def test_a_mail_server_keeps_its_mails(environment, settings, tmp_path):
    settings.EMAIL_HOST = "mail.example.org"
    keep_mails_in(tmp_path / "mails")
    assert (settings.EMAIL_FILE_PATH, (tmp_path / "mails").exists()) == (None, False)
