"""The number that follows: suggested for a new row, and free to be replaced."""

import re
from typing import Any

from django.db.models import QuerySet

LAST_DIGITS = re.compile(r"(\d+)(\D*)$")


def next_number(rows: QuerySet[Any], field: str = "number") -> str:
    """The last number in order counted on by one, with as many digits; empty where there is none."""
    newest = rows.order_by(f"-{field}").values_list(field, flat=True).first() or ""
    return LAST_DIGITS.sub(lambda match: f"{int(match[1]) + 1:0{len(match[1])}d}{match[2]}", newest)
