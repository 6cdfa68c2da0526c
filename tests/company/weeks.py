"""The weekly grid in tests: somebody whose week it is, and what a browser sends of the page."""

from datetime import date

from django.urls import reverse

from projects.models import Entry, TeamMember
from projects.roles import TEAM_MEMBER
from projects.states import EntryStatus
from tests.company import Company, rows

WEEK = ["2026-W10"]


def team_of_one():
    """A company without books whose worker is on the team of its project."""
    made = Company.bare()
    made.worker = made.resource.user = made.person(TEAM_MEMBER)
    made.resource.save()
    TeamMember.objects.create(project=made.project, resource=made.resource, role=made.role)
    return made


def draft(at, day=date(2026, 3, 2), **columns):
    return rows.entry(
        at, **{"status": EntryStatus.DRAFT, "date": day, "external_description": "Work"} | columns
    )


def form_of(answer):
    """What a browser would send of the page as it is shown."""
    form = answer.context["form"]
    sent = {"row": [row.text for row in form.week_rows]}
    for row in form.rows:
        sent[f"seen-{row.text}"] = row.seen
        for cell in row.cells:
            if cell.bound:
                sent[cell.field_name] = cell.bound.value() or ""
    return sent


def shown(client, week=WEEK, **query):
    return client.get(reverse("week", args=week), query)


def cell(at, day, task=None):
    return f"h-{at.project.pk}.{task.pk if task else 0}.{at.role.pk}.0-{day:%Y%m%d}"


def save(client, sent, **button):
    return client.post(reverse("week", args=WEEK), {**sent, **(button or {"save": "1"})})


def hours():
    return list(Entry.objects.order_by("date", "pk").values_list("date", "quantity", "status"))


def with_row(at, client):
    """The page with an empty row for the company's project."""
    asked = {"add_project": at.project.pk, "add_role": at.role.pk, "add": "1"}
    return client.post(reverse("week", args=WEEK), {**form_of(shown(client)), **asked})
