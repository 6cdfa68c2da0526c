"""Charts as inline SVG: horizontal places in percent, heights in pixels, so that text keeps its size.

A chart draws numbers that are ready: it scales them for the eye and never changes a figure that is printed.
Colours are classes of the style sheets; one chart shows one currency. The component `chart.html` puts the
same figures below as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from projects.templatetags.house import compact, money, percent

register = template.Library()

Text = str | Promise
HUNDRED = Decimal(100)
GAP = Decimal("0.35")
ROW_HEIGHT = 58
HALF = Decimal("0.5")
ROOM_PER_LETTER = Decimal("1.4")
"""Percent of a narrow chart that one letter of a figure takes."""


@dataclass(frozen=True)
class Slice:
    """Part of a bar: its label and its size."""

    label: Text
    value: Decimal


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: what it stands for, its slices from young to old, all in one currency."""

    label: Text
    slices: Sequence[Slice]

    @property
    def total(self) -> Decimal:
        """Sum of the slices, exact."""
        return sum((piece.value for piece in self.slices), Decimal(0))


@dataclass(frozen=True)
class Column:
    """One period of a column chart: what was added and what was taken back (zero or negative)."""

    label: Text
    value: Decimal
    below: Decimal = Decimal(0)


@dataclass(frozen=True)
class Burn:
    """A contract over its months: billed to date, the same with drafts and unbilled, its value and limit.

    The two rows end with the present month; `labels` go on to the end of the contract.
    """

    labels: Sequence[Text]
    billed: Sequence[Decimal]
    with_unbilled: Sequence[Decimal]
    value: Decimal
    limit: Decimal | None = None


def _places(share: Decimal) -> str:
    return f"{share:.2f}"


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * HUNDRED if whole else Decimal(0)


def _hatch(name: str) -> SafeString:
    return format_html(
        '<defs><pattern id="{}" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="5" height="5" class="a4"/>'
        '<path d="M0 0v5" class="hatching"/></pattern></defs>',
        name,
    )


def _slices(values: Sequence[Decimal], whole: Decimal) -> list[tuple[int, Decimal, Decimal]]:
    """Place and width in percent of every slice that is not empty, with its number from one."""
    placed, start = [], Decimal(0)
    for nth, value in enumerate(values, start=1):
        width = _share(value, whole)
        if width > 0:
            placed.append((nth, start, max(width - GAP, Decimal("0.2"))))
        start += width
    return placed


@register.simple_tag
def meter(value: Decimal) -> SafeString:
    """Percentage with a small bar beside it; from 90 it warns, from 100 it alarms."""
    tone = "x" if value >= HUNDRED else "w" if value >= 90 else ""
    return format_html(
        '<svg class="meter" aria-hidden="true"><rect class="{}" width="{}%" height="6" rx="3"/></svg>'
        '<span class="pc{}">{}</span>',
        tone,
        _places(min(max(value, Decimal(0)), HUNDRED)),
        " over" if tone == "x" else "",
        percent(value.quantize(Decimal("0.1"))),
    )


@register.simple_tag
def age_bar(slices: Sequence[Slice], key: str = "age") -> SafeString:
    """Thin bar of up to four age buckets with their share of the whole printed below; the last is hatched."""
    whole = sum((piece.value for piece in slices), Decimal(0))
    shares = [_share(piece.value, whole).quantize(Decimal(1)) for piece in slices]
    spoken = ", ".join(f"{piece.label} {percent(share)}" for piece, share in zip(slices, shares, strict=True))
    rects = format_html_join(
        "",
        '<rect x="{}%" width="{}%" height="8" {}/>',
        ((_places(x), _places(width), _fill(nth, key)) for nth, x, width in _slices(shares, HUNDRED)),
    )
    legend = format_html_join(
        "",
        '<span><svg class="key" aria-hidden="true"><rect width="8" height="8" {}/></svg>{} {}</span>',
        (
            (_fill(nth, key), piece.label, percent(share))
            for nth, (piece, share) in enumerate(zip(slices, shares, strict=True), start=1)
        ),
    )
    return format_html(
        '<svg class="chart age" height="8" role="img" aria-label="{}">{}{}</svg>'
        '<span class="legend agel">{}</span>',
        spoken,
        _hatch(key),
        rects,
        legend,
    )


def _fill(nth: int, key: str) -> SafeString:
    return format_html('fill="url(#{})"', key) if nth == 4 else format_html('class="a{}"', nth)


@register.simple_tag
def stacked_bars(bars: Sequence[Bar], currency: str, key: str = "stack", summary: Text = "") -> SafeString:
    """Horizontal bars of one scale, one per row, each with its total and the figures of its slices."""
    longest = max((bar.total for bar in bars), default=Decimal(0))
    rows = [_stacked_row(bar, place * ROW_HEIGHT, longest, currency, key) for place, bar in enumerate(bars)]
    return format_html(
        '<svg class="chart" height="{}" role="img" aria-label="{}">{}{}</svg>',
        max(len(bars) * ROW_HEIGHT - 12, 20),
        summary or _("Amounts in %(currency)s by age, one bar per row") % {"currency": currency},
        _hatch(key),
        SafeString("".join(rows)),
    )


def _stacked_row(bar: Bar, top: int, longest: Decimal, currency: str, key: str) -> SafeString:
    values = [piece.value for piece in bar.slices]
    return format_html(
        '<text class="k" x="0" y="{}">{}</text><text class="k e" x="100%" y="{}">{}</text>{}',
        top + 12,
        bar.label,
        top + 12,
        money(bar.total, currency),
        SafeString(
            "".join(
                _piece(x, width, top, values[nth - 1], _fill(nth, key))
                for nth, x, width in _slices(values, longest)
            )
        ),
    )


def _piece(x: Decimal, width: Decimal, top: int, value: Decimal, fill: SafeString) -> SafeString:
    """One slice; its figure stands below where there is room, and always in the table."""
    figure = compact(value)
    shown = figure if width > len(figure) * ROOM_PER_LETTER else ""
    return format_html(
        '<rect x="{}%" y="{}" width="{}%" height="12" rx="1.5" {}/><text class="s" x="{}%" y="{}">{}</text>',
        _places(x),
        top + 19,
        _places(width),
        fill,
        _places(x),
        top + 44,
        shown,
    )


@register.simple_tag
def columns_chart(
    columns: Sequence[Column], currency: str, height: int = 220, summary: Text = ""
) -> SafeString:
    """Columns per period above a line and what was taken back below it; figures are written short."""
    top = max((column.value for column in columns), default=Decimal(0))
    low = -min((column.below for column in columns), default=Decimal(0))
    scale = Decimal(height - 66) / (top + low) if top + low else Decimal(0)
    base = Decimal(20) + top * scale
    step = HUNDRED / max(len(columns), 1)
    pieces = [
        _column(column, step * nth, step, base, scale) + _under(column.label, step * nth + step / 2, height)
        for nth, column in enumerate(columns)
    ]
    return format_html(
        '<svg class="chart" height="{}" role="img" aria-label="{}">'
        '<line class="ax" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>',
        height,
        summary or _("Amounts in %(currency)s per period") % {"currency": currency},
        _places(base + HALF),
        _places(base + HALF),
        SafeString("".join(pieces)),
    )


def _under(label: Text, middle: Decimal, height: int, extra: str = "") -> SafeString:
    return format_html('<text class="c s {}" x="{}%" y="{}">{}</text>', extra, _places(middle), height, label)


def _column(column: Column, start: Decimal, step: Decimal, base: Decimal, scale: Decimal) -> SafeString:
    left, wide = start + step / 6, step * 2 / 3
    tall, deep = column.value * scale, -column.below * scale
    above = _block("c1", "v", (left, wide, base - tall, tall), base - tall - 5, column.value)
    return above + _block("c2", "w", (left, wide, base + 1, deep), base + deep + 13, column.below)


def _block(
    tone: str, ink: str, box: tuple[Decimal, Decimal, Decimal, Decimal], caption: Decimal, value: Decimal
) -> SafeString:
    if not value:
        return SafeString("")
    left, wide, top, tall = box
    return format_html(
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}" rx="2"/>'
        '<text class="c {}" x="{}%" y="{}">{}</text>',
        tone,
        _places(left),
        _places(top),
        _places(wide),
        _places(max(tall, Decimal(1))),
        ink,
        _places(left + wide / 2),
        _places(caption),
        compact(value),
    )


@register.simple_tag
def burn_chart(burn: Burn, currency: str, height: int = 260, summary: Text = "") -> SafeString:
    """Cumulative billed, with drafts and unbilled on top, against straight lines for value and limit."""
    highest = max([burn.value, burn.limit or burn.value, *burn.billed, *burn.with_unbilled])
    frame = Decimal(height - 36)
    scale = frame / (highest * Decimal("1.12")) if highest else Decimal(0)
    step = HUNDRED / max(len(burn.labels), 1)
    areas = format_html(
        '<svg y="10" width="100%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none">{}{}</svg>',
        frame,
        _area("soft", burn.with_unbilled, step, scale, frame),
        _area("mid", burn.billed, step, scale, frame),
    )
    labels = [
        _under(label, step * nth + step / 2, height - 8, "opt" if nth % 2 else "")
        for nth, label in enumerate(burn.labels)
    ]
    ends = [
        _end(burn, values, label, frame + 10 - values[-1] * scale, currency)
        for values, label in ((burn.with_unbilled, _("with unbilled")), (burn.billed, _("billed")))
        if values
    ]
    lines = [_level("k", _("Contract value"), burn.value, frame + 10 - burn.value * scale, currency, 16)]
    if burn.limit is not None:
        lines.append(
            _level("x", _("Not to exceed"), burn.limit, frame + 10 - burn.limit * scale, currency, -7)
        )
    return format_html(
        '<svg class="chart" height="{}" role="img" aria-label="{}">'
        '<line class="ax" x1="0" x2="100%" y1="{}" y2="{}"/>{}{}{}</svg>',
        height,
        summary
        or _("Billed and unbilled in %(currency)s against the contract value") % {"currency": currency},
        frame + 10,
        frame + 10,
        areas,
        SafeString("".join(labels)),
        SafeString("".join(lines + ends)),
    )


def _end(burn: Burn, values: Sequence[Decimal], label: Text, y: Decimal, currency: str) -> SafeString:
    """Figure at the end of an area: beside it while the contract runs on, before it in its last months."""
    months, passed = len(burn.labels), len(values)
    inside = passed * 4 > months * 3
    place = HUNDRED * passed / months + (-1 if inside else 1) * Decimal("1.5")
    return format_html(
        '<text class="k {}" x="{}%" y="{}">{}</text><text class="{}" x="{}%" y="{}">{}</text>',
        "e" if inside else "",
        _places(place),
        _places(y + 12),
        money(values[-1], currency),
        "e" if inside else "",
        _places(place),
        _places(y + 27),
        label,
    )


def _area(tone: str, values: Sequence[Decimal], step: Decimal, scale: Decimal, frame: Decimal) -> SafeString:
    heights = [HUNDRED - value * scale / frame * HUNDRED for value in values]
    points = " ".join(f"{_places(step * (nth + 1))},{_places(y)}" for nth, y in enumerate(heights))
    end = _places(step * len(values))
    return format_html(
        '<polygon class="{}" points="0,100 {} {},100"/><polyline class="{}" points="0,100 {}"/>',
        tone,
        points,
        end,
        tone,
        points,
    )


def _level(ink: str, label: Text, value: Decimal, y: Decimal, currency: str, caption: int) -> SafeString:
    return format_html(
        '<line class="level {}" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<text class="e level {}" x="100%" y="{}">{} {}</text>',
        ink,
        _places(y),
        _places(y),
        ink,
        _places(y + caption),
        label,
        money(value, currency),
    )
