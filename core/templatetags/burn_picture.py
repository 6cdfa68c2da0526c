"""The burn of a contract: what was billed and what waits, against its value and its limit.

It shows managers the pace of work against a limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.chart_pictures import AXIS, HUNDRED, Text, gridlines, places, under
from core.templatetags.display import money

register = template.Library()

ROW_OF_TWO = 30


@dataclass(frozen=True)
class Burn:
    """A contract over its months: billed to date, the same with drafts and unbilled, its value and limit.

    The two rows end with the present month; `labels` go on to the end of the contract.
    """

    labels: Sequence[Text]
    billed: Sequence[Decimal]
    with_unbilled: Sequence[Decimal]
    value: Decimal | None
    limit: Decimal | None = None


@register.simple_tag
def burn_chart(burn: Burn, currency: str, height: int = 260, summary: Text = "") -> SafeString:
    """Cumulative billed, with drafts and unbilled on top, against straight lines for value and limit."""
    levels = [level for level in (burn.value, burn.limit) if level is not None]
    highest = max([*levels, *burn.billed, *burn.with_unbilled], default=Decimal(0))
    frame = Decimal(height - 36)
    scale = frame / (highest * Decimal("1.12")) if highest else Decimal(0)
    step = HUNDRED / max(len(burn.labels), 1)
    areas = format_html(
        '<svg y="10" width="100%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none">{}{}</svg>',
        frame,
        _area("series-soft", burn.with_unbilled, step, scale, frame),
        _area("series-mid", burn.billed, step, scale, frame),
    )
    labels = [
        under(label, step * nth + step / 2, height - 8, "wide-only" if nth % 2 else "")
        for nth, label in enumerate(burn.labels)
    ]
    base = frame + 10
    lines = [*_levels(burn, scale, base, currency), *_ends(burn, scale, base, currency)]
    return format_html(
        '<svg class="chart" height="{}" role="img" aria-label="{}">{}'
        '<line class="axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}{}{}</svg>',
        height,
        summary
        or _("Billed and unbilled in %(currency)s against the contract value") % {"currency": currency},
        gridlines(highest, base, scale),
        base,
        base,
        areas,
        SafeString("".join(labels)),
        SafeString("".join(lines)),
    )


def _levels(burn: Burn, scale: Decimal, base: Decimal, currency: str) -> list[SafeString]:
    """The straight lines of value and limit, where they are agreed; their words stand at the start.

    There the areas are at their lowest, because they add up month by month.
    """
    lines = []
    if burn.value is not None:
        y = base - burn.value * scale
        lines.append(_level("chart-strong", _("Contract value"), burn.value, y, currency, 16))
    if burn.limit is not None:
        y = base - burn.limit * scale
        lines.append(_level("limit", _("Not to exceed"), burn.limit, y, currency, -7))
    return lines


def _ends(burn: Burn, scale: Decimal, base: Decimal, currency: str) -> list[SafeString]:
    """Figures beside the ends of both areas, in the months to come; apart where they would touch."""
    if not burn.billed or not burn.with_unbilled:
        return []
    upper, lower = (base - values[-1] * scale for values in (burn.with_unbilled, burn.billed))
    # Neither below the line of the months nor over the other one.
    lower = min(max(lower, upper + ROW_OF_TWO), base - ROW_OF_TWO)
    upper = min(upper, lower - ROW_OF_TWO)
    return [
        _end(burn, burn.with_unbilled, _("with unbilled"), upper, currency),
        _end(burn, burn.billed, _("billed"), lower, currency),
    ]


def _end(burn: Burn, values: Sequence[Decimal], label: Text, y: Decimal, currency: str) -> SafeString:
    """Figure beside the end of an area, where months to come leave it its place."""
    place = HUNDRED * len(values) / len(burn.labels) + Decimal("1.5")
    return format_html(
        '<text class="chart-strong apart" x="{}%" y="{}">{}</text>'
        '<text class="apart" x="{}%" y="{}">{}</text>',
        places(place),
        places(y + 12),
        money(values[-1], currency),
        places(place),
        places(y + 27),
        label,
    )


def _area(tone: str, values: Sequence[Decimal], step: Decimal, scale: Decimal, frame: Decimal) -> SafeString:
    heights = [HUNDRED - value * scale / frame * HUNDRED for value in values]
    points = " ".join(f"{places(step * (nth + 1))},{places(y)}" for nth, y in enumerate(heights))
    end = places(step * len(values))
    return format_html(
        '<polygon class="{}" points="0,100 {} {},100"/><polyline class="{}" points="0,100 {}"/>',
        tone,
        points,
        end,
        tone,
        points,
    )


def _level(ink: str, label: Text, value: Decimal, y: Decimal, currency: str, caption: int) -> SafeString:
    """A straight line with its words at its start, behind the figures of the axis."""
    return format_html(
        '<line class="level {}" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<text class="{} level apart" x="{}%" y="{}">{} {}</text>',
        ink,
        places(y),
        places(y),
        ink,
        AXIS,
        places(y + caption),
        label,
        money(value, currency),
    )
