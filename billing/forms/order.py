"""Where lines or details stand: a place for each, counted from 1, and buttons that move one (B7)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.states import DetailOrder
from core.seen_values import read_seen, write_seen

FIGURES = re.compile(r"[0-9]{1,7}")
OFFERED = [one for one in DetailOrder if one != DetailOrder.HAND]


@dataclass(frozen=True)
class PlacedRow:
    """A row with the place it has, of how many."""

    key: int
    place: int
    last: int
    subject: str
    thing: Any
    who: str = ""

    @property
    def above(self) -> int:
        """The place before it; its own where it is the first."""
        return max(self.place - 1, 1)

    @property
    def below(self) -> int:
        """The place after it; its own where it is the last."""
        return min(self.place + 1, self.last)


class OrderForm(forms.Form):
    """The places of the rows of one page; what is typed, and what a button moves."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    move = forms.RegexField(r"^\d{1,10}:\d{1,7}$", required=False, widget=forms.HiddenInput)
    by = forms.ChoiceField(
        choices=[("", ""), *((one.value, one.label) for one in OFFERED)],
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(
        self,
        *args: Any,
        rows: Sequence[PlacedRow],
        mine: Mapping[int, int] | None = None,
        focus: int | None = None,
        **kwargs: Any,
    ):
        """`mine` was typed before somebody else was faster; `focus` is the row to go on at."""
        super().__init__(*args, **kwargs)
        self.rows, wanted = rows, mine or {}
        self.fields["seen"].initial = write_seen({str(row.key): str(row.place) for row in rows})
        for row in rows:
            field = forms.IntegerField(
                label=_("Place of %(what)s") % {"what": row.subject},
                min_value=1,
                max_value=row.last,
                initial=wanted.get(row.key, row.place),
            )
            field.widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "number place"})
            field.widget.attrs["aria-label"] = field.label
            if row.key == focus:
                field.widget.attrs["autofocus"] = True
            self.fields[name_of(row.key)] = field

    def seen_places(self) -> dict[int, int]:
        """Where the page showed its rows."""
        carried = read_seen(self.cleaned_data["seen"])
        places = {row.key: carried.get(str(row.key), "") for row in self.rows}
        # What was not carried along was seen nowhere.
        return {key: int(place) if FIGURES.fullmatch(place) else 0 for key, place in places.items()}

    def wanted(self) -> dict[int, int]:
        """The rows that go elsewhere than they were shown, by key."""
        seen = self.seen_places()
        typed = {row.key: self.cleaned_data[name_of(row.key)] for row in self.rows}
        wanted = {key: place for key, place in typed.items() if place != seen[key]}
        if self.cleaned_data["move"]:
            key, _colon, place = self.cleaned_data["move"].partition(":")
            wanted[int(key)] = int(place)
        return wanted


def name_of(key: int) -> str:
    """The name of the field of a row."""
    return f"place-{key}"
