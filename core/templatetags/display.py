"""The only formatting code of the pages: money, quantities, dates, icons, badges and links.

Everything is written in the language of the page by the rules of CLDR. Nothing here rounds: digits
beyond a currency's usual places are shown, so that a page never hides a cent.
"""

import datetime as dt
import re
import uuid
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.badges import action_label_of, badge_of
from core.kept_forms import OWNER_FIELD, owner_mark
from core.money import minor_places
from core.units import unit_word

register = template.Library()

NOTHING = "–"
MINUS = "\u2212"
NO_BREAK = "\u00a0"
THEMES = ("light", "dark")
SHORT_SKELETONS = {"short": "MMMd", "weekday": "MMMEd", "month": "yMMM", "whole_month": "yMMMM", "year": "y"}
PATTERNS = {"month_alone": "LLL"}

Number = Decimal | int | str | None


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def locale() -> Locale:
    """Locale of the page's language; English as written in Britain where no language is active."""
    return _locale(get_language() or "en-gb")


def _fraction(least: int, most: int) -> str:
    digits = "0" * least + "#" * max(most - least, 0)
    return f".{digits}" if digits else ""


def _written(text: str) -> str:
    return text.replace("-", MINUS)


def _exact(value: Decimal | int | str) -> Decimal:
    """The figure itself, without the sign of a negative zero."""
    return Decimal(value) + 0


def _decimal(value: Number, least: int, most: int) -> str:
    if value is None or value == "":
        return NOTHING
    pattern = "#,##0" + _fraction(least, most)
    return _written(format_decimal(_exact(value), format=pattern, locale=locale()))


@register.filter
def amount(value: Number, currency: str = "") -> str:
    """Amount without its currency, with the currency's usual places: `1,140.00`, for columns that name it."""
    least = minor_places(currency)
    return _decimal(value, least, max(least, 4))


@register.filter
def money(value: Number, currency: str = "") -> str:
    """Amount with its currency as the reader's language places it: `€1,140.00`, `1.140,00 €`."""
    if value is None or value == "":
        return NOTHING
    least, current = minor_places(currency), locale()
    pattern = current.currency_formats["standard"].pattern.replace(".00", _fraction(least, max(least, 4)))
    text = format_currency(_exact(value), currency, pattern, locale=current, currency_digits=False)
    return _written(_apart(text, currency))


def _apart(text: str, currency: str) -> str:
    """Keep a currency code and the digits that follow it apart: `IDR 1,000` but `Rp1.000`."""
    return re.sub(rf"({re.escape(currency)})(?=\d)", rf"\1{NO_BREAK}", text) if currency else text


@register.filter
def quantity(value: Number, unit: object = "") -> str:
    """Quantity with two places at least and its unit last, in the reader's language: `8.00 h`."""
    written = _decimal(value, 2, 4)
    if not unit or value is None or value == "":
        return written
    return f"{written}{NO_BREAK}{unit_word(unit, _exact(value))}"


@register.filter(name="unit_word")
def word_of_unit(code: object) -> str:
    """A unit that stands alone, as in the price of one day."""
    return unit_word(code)


@register.filter
def rate(value: Number) -> str:
    """Price of one unit or an exchange rate, two places at least and six at most, without currency."""
    return _decimal(value, 2, 6)


@register.filter
def rate_per(value: Number, unit: object = "") -> str:
    """Price of one unit with the unit that it is the price of: `200.00/h`; of a lump sum there is one."""
    written = rate(value)
    if value is None or value == "" or not unit or str(unit) == "ls":
        return written
    return f"{written}/{unit_word(unit)}"


@register.filter
def percent(value: Number) -> str:
    """Percentage points as stored (19 is nineteen percent), written as `19%` or `19 %`."""
    if value is None or value == "":
        return NOTHING
    pattern = locale().percent_formats[None].pattern.replace("0", "0.##")
    return _written(format_percent(_exact(value).scaleb(-2), pattern, locale=locale()))


@register.filter
def action_label(verb: str) -> str:
    """What a verb of the activity log did, in words."""
    return action_label_of(verb)


@register.filter
def word(state: str) -> str:
    """The word of a state without its icon; nothing for none."""
    return str(badge_of(state).word) if state else ""


@register.filter
def number(value: Number) -> str:
    """Count of things, grouped: `12,299`."""
    return _decimal(value, 0, 0)


@register.filter
def compact(value: Number) -> str:
    """Figure written short, for charts: `118K`, `42.2K`; the exact one is in the table below."""
    if value is None or value == "":
        return NOTHING
    exact = _exact(value)
    places = 1 if 1000 <= abs(exact) < 100_000 else 0
    short = format_compact_decimal(exact, fraction_digits=places, locale=locale())
    # German has no short word for a thousand: such a figure is written out, in groups of three.
    return _written(short) if any(map(str.isalpha, short)) else number(exact)


@register.filter
def day(value: dt.date | None, form: str = "medium") -> str:
    """Date in a form of CLDR (medium, long, full), of SHORT_SKELETONS (3 Nov) or of PATTERNS."""
    return _day(value, form, get_language() or "en-gb") if value else NOTHING


@lru_cache(maxsize=4096)
def _day(value: dt.date, form: str, language: str) -> str:
    # Kept: rows name themselves by their day, thousands of them in one line of the log each.
    if form in SHORT_SKELETONS:
        return format_skeleton(SHORT_SKELETONS[form], value, locale=_locale(language))
    return format_date(value, PATTERNS.get(form, form), locale=_locale(language))


def days(first: dt.date | None, last: dt.date | None) -> str:
    """Span of days without its year, as short as the language has it: `3–27 Aug`."""
    if not first or not last:
        return NOTHING
    return day(first, "short") if first == last else format_interval(first, last, "MMMd", locale=locale())


@register.filter
def moment(value: dt.datetime | None, form: str = "medium") -> str:
    """Moment in the reader's time zone, to the minute; `clock` leaves the date out."""
    if not value:
        return NOTHING
    local = timezone.localtime(value)
    clock = format_time(local, "short", locale=locale())
    return clock if form == "clock" else f"{format_date(local, form, locale=locale())}, {clock}"


@register.filter
def duration(value: dt.timedelta | None) -> str:
    """Time something took, in hours, minutes and whole seconds: `1 min 52 s`."""
    if value is None:
        return NOTHING
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    written = [f"{count}{NO_BREAK}{unit}" for count, unit in parts if count]
    return " ".join(written) or f"0{NO_BREAK}s"


@register.filter
def initials(name: object) -> str:
    """First letters of the first and the last word of a name, for the round picture of a person."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def plain(value: Number) -> str:
    """Number for machines: ungrouped, full stop as decimal sign, no exponent; empty for nothing."""
    return "" if value is None else f"{Decimal(value):f}"


@register.simple_tag
def icon(name: str, tone: str = "", label: str = "") -> SafeString:
    """Icon of the sprite `icons.svg`; decoration unless `label` names it. Tones: ok, warn, bad."""
    tone_class = f" text-{tone}" if tone else ""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>', tone_class, spoken, static("icons.svg"), name
    )


@register.simple_tag
def badge(state: Any, kind: str = "", word: object = "") -> SafeString:
    """State as word, icon and tone; `kind` tells apart states that share a value."""
    shown = badge_of(state, kind)
    tone = f" {shown.tone}" if shown.tone else ""
    return format_html(
        '<span class="badge{}"><svg aria-hidden="true"><use href="{}#b-{}"></use></svg>{}</span>',
        tone,
        static("icons.svg"),
        shown.icon,
        word or shown.word,
    )


@register.simple_tag
def state(thing: Any, field: str = "status", kind: str = "") -> SafeString:
    """Badge of a record's state, in the words of the record's own choices: `{% state proforma %}`."""
    return badge(getattr(thing, field), kind, getattr(thing, f"get_{field}_display")())


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """Query string of this page with some parameters replaced; an empty value removes one.

    Any change but that of `page` leads back to the first page. Read from `params` where a list page
    set it (its default filters included), else from the address.
    """
    asked = context.get("params")
    if asked is None and "request" in context:
        asked = context["request"].GET
    replaced = QueryDict(mutable=True) if asked is None else asked.copy()
    if "page" not in changes:
        replaced.pop("page", None)
    for name, value in changes.items():
        replaced.pop(name, None)
        if value is not None and value != "":
            replaced[name] = str(value)
    return f"?{replaced.urlencode()}" if replaced else "?"


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """Theme the reader chose, from the cookie `theme`: light, dark, or empty to follow the system."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def form_token(context: template.Context) -> SafeString:
    """Hidden fields that make a form count once, however often it is sent, and say who it was shown to."""
    request = context.get("request")
    fields = {"token": uuid.uuid4().hex, OWNER_FIELD: owner_mark(request.user) if request else ""}
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields.items())


@register.simple_tag(takes_context=True)
def undo(context: template.Context) -> dict[str, object] | None:
    """The inverse of what was just done, once: where to post and which rows; None when there is none."""
    request = context.get("request")
    return request.session.pop("undo", None) if request is not None else None
