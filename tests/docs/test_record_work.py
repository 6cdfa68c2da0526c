"""What the page about recording work says is what happens: durations, labels, and the way of an entry."""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from core.durations import Unreadable, read_duration
from projects.approving import reject_entries
from projects.entering_costs import MOST_RECEIPTS
from projects.forms.week_rows import LATELY
from projects.models import Approval, Entry, TeamMember
from projects.receipt_files import LARGEST_FILE, MOST_PAGES
from projects.roles import PROJECT_MANAGER, TEAM_MEMBER
from projects.states import EntryStatus
from tests.architecture.source_tree import ROOT
from tests.company import Company, only
from tests.company.people import signed_in
from tests.projects.receipts import pdf

PAGE = (ROOT / "docs/how-to/record-work.md").read_text(encoding="utf-8")
TYPED = re.findall(r"\| `([^`]+)` \| (.+?) \|", PAGE)
TERM = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)


@pytest.mark.parametrize("language", ["en-gb", "de", "id"])
@pytest.mark.parametrize(("text", "meaning"), TYPED, ids=[text for text, _meaning in TYPED])
def test_durations_are_read_as_the_page_says(text: str, meaning: str, language: str) -> None:
    read = read_duration(text, language=language)
    said = f"{read.quantity:.2f} h", f"{(read.seconds or 0) // 60} minutes exactly"
    assert meaning in said


@pytest.mark.parametrize(("text", "language"), [("1,234", "en-gb"), ("1.234", "de"), ("1.234", "id")])
def test_what_can_be_two_numbers_is_asked(text: str, language: str) -> None:
    assert f"`{text}`" in PAGE
    with pytest.raises(Unreadable, match="ambiguous"):
        read_duration(text, language=language)


def test_the_limits_of_the_page_are_those_of_the_product() -> None:
    megabytes = LARGEST_FILE // 1024**2
    text = " ".join(PAGE.split())
    assert f"at most {megabytes} MB and {MOST_PAGES} pages each and {MOST_RECEIPTS} for an entry" in text
    assert LATELY.days == 21
    assert "in the last three weeks" in text


@pytest.fixture
def at():
    with time_machine.travel(NOON, tick=False):
        made = Company()
        made.worker = made.resource.user = made.person(TEAM_MEMBER)
        made.resource.save()
        made.project.manager = made.manager = made.person(PROJECT_MANAGER)
        made.project.save()
        yield made


def words(answer) -> str:
    """The words of a page, and of what its controls are called."""
    html = answer.content.decode()
    called = " ".join(re.findall(r'aria-label="([^"]*)"', html))
    return " ".join(f"{strip_tags(html)} {called}".split()).replace("\u00a0", " ")


def week(client, **query):
    return client.get(reverse("week", args=["2026-W10"]), query)


def cells(at, answer, **hours):
    """What a browser sends of a week, with hours typed into days of the company's project."""
    sent = {}
    for row in answer.context["form"].rows:
        sent |= {f"seen-{row.text}": row.seen}
        sent |= {cell.field_name: cell.bound.value() or "" for cell in row.cells if cell.bound}
    key = f"{at.project.pk}.0.{at.role.pk}.0"
    return sent | {"row": key} | {f"h-{key}-202603{day[1:]}": text for day, text in hours.items()}


@pytest.mark.django_db
def test_the_words_of_the_page_stand_on_the_pages(at):
    at.entry(8, date=date(2026, 2, 25), task=at.task("Survey"))
    at.entry(8, date=WEDNESDAY)
    worker, manager = signed_in(at.worker), signed_in(at.manager)
    entry = Entry.objects.get(date=WEDNESDAY)
    waiting = at.submitted(2, date=TUESDAY)
    reject_entries(only(at.submitted(1, date=TUESDAY)), comment="Which?", actor=at.manager, at=NOON)
    pages = [week(worker), worker.get(reverse("expenses")), worker.get(reverse("entries"))]
    pages += [week(manager, person=at.resource.code)]
    seen = " ".join(map(words, pages))
    seen += " ".join(str(name) for _code, name in Entry._meta.permissions)
    assert (entry.status, waiting.status) == (EntryStatus.DRAFT, "submitted")
    terms = set(TERM.findall(PAGE))
    assert len(terms) > 12
    assert [term for term in sorted(terms) if term not in seen] == []


@pytest.mark.django_db
def test_a_week_goes_the_way_that_the_page_describes(at):
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    worker = signed_in(at.worker)
    address = reverse("week", args=["2026-W10"])
    added = {"add_project": at.project.pk, "add_role": at.role.pk, "add": "1"}
    page = worker.post(address, cells(at, week(worker)) | added)
    answer = worker.post(address, cells(at, page, d02="7:30", d03="75", d05="4") | {"save": "1"})
    assert "the daily maximum is 24.00 h" in words(answer)
    assert 'value="75"' in answer.content.decode()
    quantities = Entry.objects.order_by("date").values_list("quantity", flat=True)
    assert list(quantities) == [Decimal("7.5"), 4]
    again = cells(at, answer) | {"submit": "1"}
    assert "Nothing is submitted before that." in words(worker.post(address, again))
    mended = cells(at, answer, d03="8") | {"submit": "1"}
    assert worker.post(address, mended).status_code == 302
    assert list(Entry.objects.order_by("date").values_list("status", flat=True)) == [
        EntryStatus.SUBMITTED,
        EntryStatus.SUBMITTED,
        EntryStatus.DRAFT,
    ]
    assert worker.post(address, cells(at, week(worker)) | {"recall": "1"}).status_code == 302
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.DRAFT}
    worker.post(address, cells(at, week(worker)) | {"submit": "1"})
    reject_entries(Approval.objects.waiting(), comment="Which ship?", actor=at.manager, at=NOON)
    page = week(worker)
    assert "Which ship?" in words(page)
    assert reverse("change-time", args=[Entry.objects.earliest("date").pk]) in page.content.decode()
    worker.post(address, cells(at, page) | {"submit": "1"})
    assert Approval.objects.waiting().count() == 2


@pytest.mark.django_db
def test_an_expense_with_its_receipt_goes_the_way_that_the_page_describes(at):
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    worker, address = signed_in(at.worker), reverse("record-cost", args=["expense"])
    fields = {"day": "2026-03-02", "project": at.project.pk, "category": at.categories["expense"].pk}
    fields |= {"quantity": "1", "price": "412", "currency": "CHF"}
    for _nth in range(2):
        file = SimpleUploadedFile("hotel.pdf", pdf())
        answer = worker.post(address, fields | {"receipts": [file], "save": "1"}, follow=True)
    assert "Same receipt as" in words(answer)
    assert Entry.objects.filter(status=EntryStatus.DRAFT).count() == 2
