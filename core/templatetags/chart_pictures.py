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

from core.templatetags.display import compact, money, percent, quantity

register = template.Library()

Text = str | Promise
HUNDRED = Decimal(100)
GAP = Decimal("0.35")
ROW_HEIGHT = 58
HALF = Decimal("0.5")
WIDTH_PER_LETTER = Decimal("1.4")
"""Percent of a narrow chart that one letter of a figure takes."""
AXIS = 9
"""Percent of the width on the left that the figures of an axis take."""
MOST_LINES = 4


@dataclass(frozen=True)
class Slice:
    """Part of a bar: its label and its size."""

    label: Text
    value: Decimal


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its label, its slices from young to old, all in one currency."""

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


def places(share: Decimal) -> str:
    """Coordinate with two decimals."""
    return f"{share:.2f}"


def gridlines(top: Decimal, base: Decimal, scale: Decimal) -> SafeString:
    """Up to four lines at round amounts above the base, each with its figure at the start."""
    step = _round_step(top)
    heights = [step * nth for nth in range(1, MOST_LINES + 1) if step and step * nth <= top]
    return format_html_join(
        "",
        '<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>'
        '<text class="chart-small apart" x="0" y="{1}">{2}</text>',
        ((places(base - one * scale), places(base - one * scale - 3), compact(one)) for one in heights),
    )


def _round_step(top: Decimal) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20, 50 and so on of which at most four reach the top; zero for nothing."""
    if top <= 0:
        return Decimal(0)
    power = Decimal(10) ** ((top / MOST_LINES).adjusted())
    return next(power * nth for nth in (1, 2, 5, 10) if power * nth * (MOST_LINES + 1) > top)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * HUNDRED if whole else Decimal(0)


def _hatch(name: str, fill: str = "age-4") -> SafeString:
    return format_html(
        '<defs><pattern id="{}" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="5" height="5" class="{}"/>'
        '<path d="M0 0v5" class="hatching"/></pattern></defs>',
        name,
        fill,
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
def meter(value: Decimal, near: int = 90) -> SafeString:
    """Percentage with a small bar beside it; from `near` it warns, from 100 it alarms."""
    tone = "over" if value >= HUNDRED else "near" if value >= near else ""
    return format_html(
        '<svg class="meter" aria-hidden="true"><rect class="{}" width="{}%" height="6" rx="3"/></svg>'
        '<span class="percent{}">{}</span>',
        tone,
        places(min(max(value, Decimal(0)), HUNDRED)),
        " over" if tone == "over" else "",
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
        ((places(x), places(width), _fill(nth, key)) for nth, x, width in _slices(shares, HUNDRED)),
    )
    legend = format_html_join(
        "",
        '<span><svg class="swatch" aria-hidden="true"><rect width="8" height="8" {}/></svg>{} {}</span>',
        (
            (_fill(nth, key), piece.label, percent(share))
            for nth, (piece, share) in enumerate(zip(slices, shares, strict=True), start=1)
        ),
    )
    return format_html(
        '<svg class="chart age-bar" height="8" role="img" aria-label="{}">{}{}</svg>'
        '<span class="legend age-legend">{}</span>',
        spoken,
        _hatch(key),
        rects,
        legend,
    )


@register.simple_tag
def block_bar(pieces: Sequence[Slice], summary: Text = "") -> SafeString:
    """Bar of what was used of a block: rolled over, of the block, and over, which is hatched."""
    whole = sum((piece.value for piece in pieces), Decimal(0))
    fills = [*map(SafeString, ('class="series-mid"', 'class="series-1"')), SafeString('fill="url(#block)"')]
    rects = format_html_join(
        "",
        '<rect x="{}%" width="{}%" height="12" {}/>',
        (
            (places(x), places(width), fills[nth - 1])
            for nth, x, width in _slices([piece.value for piece in pieces], whole)
        ),
    )
    legend = format_html_join(
        "",
        '<span><svg class="swatch" aria-hidden="true"><rect width="9" height="9" {}/></svg>{} {}</span>',
        (
            (fill, piece.label, quantity(piece.value, "h"))
            for fill, piece in zip(fills, pieces, strict=True)
            if piece.value
        ),
    )
    return format_html(
        '<svg class="chart block-bar" height="12" role="img" aria-label="{}">{}{}</svg>'
        '<p class="legend">{}</p>',
        summary,
        _hatch("block", "age-3"),
        rects,
        legend,
    )


def _fill(nth: int, key: str) -> SafeString:
    return format_html('fill="url(#{})"', key) if nth == 4 else format_html('class="age-{}"', nth)


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
        '<text class="chart-strong" x="0" y="{}">{}</text>'
        '<text class="chart-strong at-end" x="100%" y="{}">{}</text>{}',
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
    """One slice; its figure stands below where it fits, and always in the table."""
    figure = compact(value)
    shown = figure if width > len(figure) * WIDTH_PER_LETTER else ""
    return format_html(
        '<rect x="{}%" y="{}" width="{}%" height="12" rx="1.5" {}/>'
        '<text class="chart-small" x="{}%" y="{}">{}</text>',
        places(x),
        top + 19,
        places(width),
        fill,
        places(x),
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
    step = (HUNDRED - AXIS) / max(len(columns), 1)
    pieces = [
        _column(column, AXIS + step * nth, step, base, scale)
        + under(column.label, AXIS + step * nth + step / 2, height)
        for nth, column in enumerate(columns)
    ]
    return format_html(
        '<svg class="chart" height="{}" role="img" aria-label="{}">{}'
        '<line class="axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>',
        height,
        summary or _("Amounts in %(currency)s per period") % {"currency": currency},
        gridlines(top, base, scale),
        places(base + HALF),
        places(base + HALF),
        SafeString("".join(pieces)),
    )


def under(label: Text, middle: Decimal, height: int, extra: str = "") -> SafeString:
    """Label of a period under the line."""
    return format_html(
        '<text class="centered chart-small {}" x="{}%" y="{}">{}</text>', extra, places(middle), height, label
    )


def _column(column: Column, start: Decimal, step: Decimal, base: Decimal, scale: Decimal) -> SafeString:
    left, wide = start + step / 6, step * 2 / 3
    tall, deep = column.value * scale, -column.below * scale
    above = _block("series-1", "added", (left, wide, base - tall, tall), base - tall - 5, column.value)
    return above + _block(
        "series-2", "taken-back", (left, wide, base + 1, deep), base + deep + 13, column.below
    )


def _block(
    tone: str, ink: str, box: tuple[Decimal, Decimal, Decimal, Decimal], caption: Decimal, value: Decimal
) -> SafeString:
    if not value:
        return SafeString("")
    left, wide, top, tall = box
    return format_html(
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}" rx="2"/>'
        '<text class="centered {}" x="{}%" y="{}">{}</text>',
        tone,
        places(left),
        places(top),
        places(wide),
        places(max(tall, Decimal(1))),
        ink,
        places(left + wide / 2),
        places(caption),
        compact(value),
    )
