"""What a form saw when it was opened, so that nobody writes over what somebody else has saved since (B7).

A form carries the values of the row it was opened with. The verb compares them with the locked row, and
refuses where they differ: then the page shows both sides, and whoever comes second decides.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.activity_log import as_text
from core.models import Activity
from core.refusals import Refusal

Seen = Mapping[Any, Mapping[str, str]]
"""By the key of a row, the texts of its fields as they were seen."""

EDITED_MEANWHILE = "edited-meanwhile"


def seen_of(row: models.Model, names: Iterable[str]) -> dict[str, str]:
    """The values of fields as texts that can be compared; a foreign key by the key it points to."""
    return {name: _text(getattr(row, row._meta.get_field(name).attname)) for name in names}


def text_of(value: Any) -> str:
    """A value that a form has read, as `seen_of` writes the one of the row."""
    return _text(value.pk if isinstance(value, models.Model) else value)


def read_seen(text: str) -> dict[str, str]:
    """What a form carried along; nothing where it cannot be read."""
    try:
        values = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def write_seen(values: Mapping[str, str]) -> str:
    """What a form carries along."""
    return json.dumps(values, sort_keys=True)


def edited_since(rows: Sequence[models.Model], seen: Seen | None) -> Iterator[Refusal]:
    """That rows are no longer as they were seen; the rows are locked. Code: edited-meanwhile."""
    for row in rows:
        before = (seen or {}).get(row.pk, {})
        if before and seen_of(row, before) != dict(before):
            yield Refusal(
                EDITED_MEANWHILE,
                _("Somebody else has changed it since you opened it."),
                str(row),
                _("Look at both versions, and keep yours or take theirs."),
            )


def last_change_of(row: models.Model) -> Activity | None:
    """Who changed a row last, and when; None where nobody did."""
    of_row = Activity.objects.filter(subject_kind=row._meta.label_lower, subject_id=row.pk)
    return of_row.select_related("actor").order_by("-happened_at", "-pk").first()


def _text(value: Any) -> str:
    # A browser sends other line ends than it was given, and blanks around a text are not kept.
    return as_text(value).replace("\r\n", "\n").strip()
