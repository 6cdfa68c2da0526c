"""How a file was read, as its page shows it: layout, encoding, separator, numbers, dates, columns (X8)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.display import number
from projects.forms.import_mappings import FIELD_LABELS
from projects.forms.imports import ReadingForm
from projects.layouts import Mapping as Layout
from projects.models import ImportBatch


def reading_form(batch: ImportBatch, mappings: Iterable[Layout]) -> ReadingForm:
    """How the file was read, each choice with what shows it."""
    shown, chosen = batch.shown, batch.chosen
    form = ReadingForm(
        mappings=mappings, initial=chosen | {"mapping": shown.get("mapping", {}).get("name", "")}
    )
    seen = {
        "encoding": _encoding_seen(shown),
        "separator": "",
        "hours": shown.get("hours_seen", ""),
        "dates": shown.get("dates_seen", ""),
    }
    labels = {
        "encoding": shown.get("encoding"),
        "separator": shown.get("separator"),
        "hours": shown.get("hours"),
        "dates": shown.get("dates"),
    }
    for name, text in seen.items():
        words = dict(form.fields[name].choices).get(labels[name] or None, "")  # type: ignore[attr-defined]
        parts = [str(words), f"“{text}”" if text and name != "encoding" else text]
        if any(parts):
            form.fields[name].help_text = _("detected: %(what)s") % {"what": ", ".join(filter(None, parts))}
    return form


def _encoding_seen(shown: Mapping[str, Any]) -> str:
    count = shown.get("special_letters", 0)
    text = ngettext("%(count)s special letter read", "%(count)s special letters read", count)
    return text % {"count": number(count)} if count else ""


def tiles_of(batch: ImportBatch, mappings: Mapping[str, Layout]) -> list[dict[str, Any]]:
    """The layouts to choose from, with how many of the file's columns each knows."""
    used = batch.shown.get("mapping", {}).get("name", "")
    fits = batch.shown.get("fit", {})
    tiles = []
    for name, mapping in mappings.items():
        known, width = fits.get(name, (0, 0))
        title = _("Own mapping: %(name)s") % {"name": mapping.title} if mapping.is_own else mapping.title
        tiles.append({"name": name, "title": title, "known": known, "width": width, "checked": name == used})
    return tiles


def columns_shown(batch: ImportBatch) -> list[tuple[str, str, str]]:
    """What is read from which column, and its first value."""
    head, first = batch.shown.get("head", []), batch.shown.get("first", [])
    values = dict(zip(head, first, strict=False))
    return [
        (str(FIELD_LABELS[name]), " + ".join(names), " + ".join(values.get(one, "") for one in names))
        for name, names in batch.shown.get("columns", {}).items()
    ]


def unused_columns(batch: ImportBatch) -> int:
    """How many columns of the file are not needed."""
    used = {name for names in batch.shown.get("columns", {}).values() for name in names}
    return len([name for name in batch.shown.get("head", []) if name not in used])
