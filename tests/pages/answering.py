"""What a page says after somebody sent a form, and forms to send."""

import re

from projects.models import Entry
from tests.company import Company

PASSWORD = "a long way home 31"


def time_form(at: Company, **fields) -> dict:
    form = {"project": at.project.pk, "role": at.role.pk, "day": "2026-03-02", "hours": "7:30"}
    return {**form, "external_description": "Workshop with Mia", "token": "0a1b", **fields}


def selection(*entries: Entry, **fields) -> dict:
    keys = [entry.pk for entry in entries]
    return {
        "row": keys,
        "scope": "page",
        "filter": "status=draft",
        "query": "status=draft&sort=-date",
        **fields,
    }


def text_of(response) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def ticked(response) -> set[int]:
    """Keys of the rows whose boxes are ticked on a list."""
    boxes = re.findall(
        r'<input type="checkbox" name="row" value="(\d+)"[^>]*? checked', response.content.decode()
    )
    return {int(key) for key in boxes}
