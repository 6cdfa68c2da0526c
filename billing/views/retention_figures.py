"""Key figures of retentions: what is kept back per currency, and what of it may be released (B12)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Retention
from core.money import ZERO
from core.templatetags.display import money

SHOWN_DUE = 3


def retention_kpi(rows: Any, today: date) -> dict[str, Any]:
    """What is open of confirmed retentions, and how much of it is due; per currency, one statement.

    `rows` carry their amounts (`with_amounts`).
    """
    kept: dict[str, Decimal] = defaultdict(lambda: ZERO)
    due: dict[str, Decimal] = defaultdict(lambda: ZERO)
    open_ones = rows.filter(open_amount__gt=0).values_list(
        "line__proforma__currency", "release_on", "open_amount", "drafted"
    )
    for currency, release_on, left, drafted in open_ones.order_by():
        kept[currency] += left
        if release_on is not None and release_on <= today:
            due[currency] += max(left - drafted, ZERO)
    address = reverse("retentions")
    return {
        "label": _("Retention kept back"),
        "amounts": [(kept[currency], currency) for currency in sorted(kept)],
        "detail": [
            _("%(amount)s due for release") % {"amount": money(due[currency], currency)}
            for currency in sorted(due)
            if due[currency]
        ],
        "url": f"{address}?kind=due" if any(due.values()) else address,
    }


def due_ones(rows: Any, today: date) -> Sequence[Retention]:
    """The first retentions that may be released today, the oldest first; one statement."""
    open_ones = rows.filter(open_amount__gt=0, release_on__lte=today)
    named = open_ones.select_related("line__proforma").order_by("release_on", "pk")
    return [one for one in named[: SHOWN_DUE * 2] if one.open_amount > one.drafted][:SHOWN_DUE]
