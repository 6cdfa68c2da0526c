"""Formatting: every language writes the same figure, nothing is rounded, nothing is hidden."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from accounting import states as accounting_states
from billing import states as billing_states
from core import states as core_states
from core.badges import ACTION_LABELS, BADGES, badge_of
from core.templatetags import display
from projects import states

THOUSAND = Decimal("-1234.5000")


@pytest.mark.parametrize(
    ("language", "amount", "money"),
    [
        ("en-gb", "−1,234.50", "−€1,234.50"),
        ("de", "−1.234,50", "−1.234,50\u00a0€"),
        ("id", "−1.234,50", "−€1.234,50"),
    ],
)
def test_amounts_follow_the_language_and_keep_a_true_minus(language, amount, money):
    with override(language):
        assert (display.amount(THOUSAND, "EUR"), display.money(THOUSAND, "EUR")) == (amount, money)


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        ("1284500000.0000", "IDR", "IDR\u00a01,284,500,000"),
        ("0.5", "IDR", "IDR\u00a00.5"),
        ("1.2345", "EUR", "€1.2345"),
        ("-0.0000", "EUR", "€0.00"),
        ("12.3456", "KWD", "KWD\u00a012.3456"),
        # As somebody may type it; a pattern to nobody.
        ("1.5", "?!(", "?!(\u00a01.50"),
        ("12.3", "KWD", "KWD\u00a012.300"),
    ],
)
def test_places_are_the_currencys_and_further_digits_are_never_hidden(value, currency, written):
    assert display.money(Decimal(value), currency) == written


def test_nothing_is_a_dash_and_zero_is_a_figure():
    assert [display.money(None, "EUR"), display.quantity(None, "h"), display.day(None)] == ["–", "–", "–"]
    assert display.amount(0, "EUR") == "0.00"


def test_quantities_rates_and_percentages():
    assert display.quantity(Decimal("7.5000"), "h") == "7.50\u00a0h"
    assert display.rate(Decimal("0.123456")) == "0.123456"
    assert [display.percent(Decimal(text)) for text in ("19.00", "59.34", "-2.5")] == [
        "19%",
        "59.34%",
        "−2.5%",
    ]
    with override("de"):
        assert display.percent(Decimal("19")) == "19\u00a0%"


def test_days_and_moments_are_written_for_the_reader():
    assert display.day(date(2026, 11, 30)) == "30 Nov 2026"
    assert display.day(date(2026, 11, 3), "short") == "3 Nov"
    assert display.day(date(2026, 11, 3), "month") == "Nov 2026"
    assert display.moment(datetime(2026, 11, 30, 6, 4, tzinfo=UTC)) == "30 Nov 2026, 06:04"
    assert display.moment(datetime(2026, 11, 30, 6, 4, tzinfo=UTC), "clock") == "06:04"
    assert display.duration(timedelta(seconds=3712)) == "1\u00a0h 1\u00a0min 52\u00a0s"
    with override("de"):
        assert display.day(date(2026, 11, 30)) == "30.11.2026"


def test_figures_for_charts_and_for_machines():
    assert [display.compact(Decimal(text)) for text in ("42180", "118400", "-4200", "12")] == [
        "42.2K",
        "118K",
        "−4.2K",
        "12",
    ]
    with override("de"):
        assert [display.compact(Decimal(text)) for text in ("69911.06", "1250000")] == [
            "69.911",
            "1\u00a0Mio.",
        ]
    assert display.plain(Decimal("1E+3")) == "1000"
    assert display.initials("Katrin Anna Moser") == "KM"


def test_a_query_replaces_one_parameter_and_goes_back_to_the_first_page():
    request = RequestFactory().get("/", {"status": "ready", "page": "3", "sort": "-date"})
    context = Context({"request": request})
    assert display.query(context, sort="date") == "?status=ready&sort=date"
    assert display.query(context, page=4) == "?status=ready&sort=-date&page=4"
    assert display.query(context, status="") == "?sort=-date"
    assert display.query(Context({"params": QueryDict("a=1")}), a="") == "?"


def test_a_theme_is_taken_from_the_cookie_only_when_it_is_one():
    request = RequestFactory().get("/")
    for cookie, theme in (("dark", "dark"), ("light", "light"), ("system", ""), ('"><script>', "")):
        request.COOKIES["theme"] = cookie
        assert display.theme(Context({"request": request})) == theme


def test_a_badge_is_word_icon_and_tone_and_escapes_the_word():
    shown = Template('{% load display %}{% badge "ready" "" word %}').render(Context({"word": "<b>"}))
    assert 'class="badge ok"' in shown
    assert "#b-check" in shown
    assert "&lt;b&gt;" in shown


ENUMERATIONS = [
    ("billing", states.BillingStatus),
    ("limit", states.NotToExceedStatus),
    ("", states.ContractStatus),
    ("", states.EntryStatus),
    ("", states.ApprovalStatus),
    ("", core_states.OutboxStatus),
    ("", billing_states.ProformaStatus),
    ("billing", billing_states.MilestoneStatus),
    ("schedule", billing_states.ScheduleStatus),
    ("run", billing_states.RunStatus),
    ("due", billing_states.DueOutcome),
    ("", accounting_states.JournalStatus),
    ("", accounting_states.JournalLineStatus),
    ("", accounting_states.ProposalStatus),
    ("", accounting_states.PeriodStatus),
]


@pytest.mark.parametrize(("kind", "enumeration"), ENUMERATIONS)
def test_every_state_has_a_badge_whose_word_is_its_label(kind, enumeration):
    words = {value: str(badge_of(value, kind).word) for value in enumeration.values if value}
    assert words == {member.value: str(member.label) for member in enumeration if member.value}
    assert [value for value in words if f"{kind}:{value}" not in BADGES and value not in BADGES] == []


def test_an_unknown_state_shows_itself():
    assert (badge_of("half_done").word, badge_of("half_done").tone) == ("Half done", "")


def test_what_was_done_is_said_in_the_readers_language():
    assert (
        display.action_label("in review"),
        display.action_label("tried-again"),
        display.word("in_review"),
        display.word(""),
    ) == (
        "in review",
        "tried again",
        "In review",
        "",
    )
    with override("de"):
        assert (display.action_label("posted"), display.word("in_review")) == ("gebucht", "In Prüfung")


def test_every_verb_of_the_activity_log_has_words():
    written = set()
    for app in ("accounting", "billing", "core", "projects"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            written |= set(re.findall(r'\blog_activity\(\s*"([^"]+)"', path.read_text()))
    assert len(written) > 20
    assert written - ACTION_LABELS.keys() == set()
