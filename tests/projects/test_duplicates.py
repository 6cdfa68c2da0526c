"""Expenses that may be there twice: named on the form and to the approver, unticked, never refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.duplicates import duplicates_of
from projects.models import ApprovalDelegation, Entry, Project, Receipt, Resource, TeamMember
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import EntryStatus
from tests.company import Company, rows
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW
from tests.projects.receipts import pdf, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass
class Desk:
    """A company with a manager, and the expenses of its people."""

    at: Company
    manager: Any

    def expense(self, price="206", quantity="2", **columns):
        """A submitted expense of the company's worker."""
        columns = {"transaction_class": "expense", "role": None, "currency": "EUR", "unit": "pcs"} | columns
        figures = {"price": Decimal(price), "quantity": Decimal(quantity)}
        return rows.entry(self.at, category=self.at.categories["expense"], **figures, **columns)

    def waiting(self, entry):
        return rows.approval(self.at, entry=entry, unit="pcs", sales_amount=entry.quantity * entry.price)

    def receipt(self, entry, name="hotel.pdf", content=b"%PDF-1.7 hotel", kind="application/pdf"):
        return Receipt.objects.create(
            entry=entry,
            name=name,
            content_type=kind,
            content=content,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            added_by=self.at.worker,
            added_at=NOW,
        )

    def elsewhere(self):
        """Another project of the company, whose manager is somebody else."""
        return Project.objects.create(
            legal_entity=self.at.entity, number=f"X{Project.objects.count()}", name="Elsewhere"
        )

    def said(self, *entries, user=None):
        """What is said of each of these entries."""
        pairs = duplicates_of(entries, user or self.manager)
        return [[str(one) for one in pairs.get(entry.pk, [])] for entry in entries]


@pytest.fixture
def desk():
    at = Company()
    at.project.manager = at.person(PROJECT_MANAGER)
    at.project.save()
    return Desk(at, at.project.manager)


def test_the_same_person_day_amount_and_currency_is_said_of_both(desk):
    first, second = desk.expense(), desk.expense(price="412", quantity="1")
    name, what = desk.at.resource.name, desk.at.categories["expense"]
    sentence = f"Same day and amount as {what} of 2 Mar 2026, {name}"
    assert desk.said(first, second) == [[sentence], [sentence]]


@pytest.mark.parametrize(
    "other",
    [
        {"date": date(2026, 3, 3)},
        {"currency": "CHF"},
        {"price": "206.01"},
        {"status": EntryStatus.WITHDRAWN},
        {"status": EntryStatus.CORRECTED},
        {"transaction_class": "material", "product": "Cable"},
        {"resource": None},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_another_day_currency_amount_or_kind_or_what_is_over_is_no_duplicate(desk, other):
    assert desk.said(desk.expense(), desk.expense(**other)) == [[], []]


def test_amounts_are_compared_to_the_cent_and_not_as_quantity_and_price(desk):
    first, second = desk.expense("0.3333", "3"), desk.expense("1", "1")
    assert [len(said) for said in desk.said(first, second)] == [1, 1]


def test_the_same_receipt_is_said_whoever_reported_it_and_of_whatever_amount(desk):
    nina = Resource.objects.create(legal_entity=desk.at.entity, code="R9", name="Nina", role=desk.at.role)
    mine = desk.expense("10", "1")
    theirs = desk.expense("99", "1", resource=nina, date=date(2026, 2, 1))
    for entry in (mine, theirs):
        desk.receipt(entry)
    desk.receipt(desk.expense("5", "1"), content=b"%PDF-1.7 another")
    assert desk.said(mine) == [[f"Same receipt as {theirs.category} of 1 Feb 2026, Nina"]]


def test_a_receipt_of_another_company_is_no_duplicate(desk):
    entry, stranger = desk.expense(), Desk(Company(), None)
    desk.receipt(entry)
    stranger.receipt(stranger.expense("1", "1"))
    assert desk.said(entry) == [[]]


def test_an_entry_that_is_both_is_said_once_by_its_receipt(desk):
    first, second = desk.expense(), desk.expense()
    for entry in (first, second):
        desk.receipt(entry)
    [[sentence], _same] = desk.said(first, second)
    assert sentence.startswith("Same receipt as")


def test_of_entries_that_somebody_may_not_see_nothing_is_said_but_that_they_are_there(desk):
    entry = desk.expense()
    for _nth in range(2):
        hidden = desk.expense(project=desk.elsewhere())
    desk.receipt(hidden)
    desk.receipt(entry)
    assert desk.said(entry) == [
        [
            "The same receipt is on an entry that you may not see.",
            "An entry that you may not see has the same person, day and amount.",
        ]
    ]
    assert "of 2 Mar 2026" in desk.said(entry, user=desk.at.person(FINANCE_CONTROLLER))[0][0]


def test_asking_takes_as_many_statements_for_many_entries_as_for_two(desk):
    some = [desk.expense() for _nth in range(2)]
    # What the user may do is read once and kept.
    duplicates_of(some, desk.manager)
    few = statements(lambda: duplicates_of(some, desk.manager))
    many = some + [desk.expense(price=str(nth % 3 + 1)) for nth in range(20)]
    for entry in many:
        desk.receipt(entry)
    assert statements(lambda: duplicates_of(many, desk.manager)) == few
    hours = rows.entry(desk.at)
    assert statements(lambda: duplicates_of([hours], desk.manager)) == 0


# --- On the form ------------------------------------------------------------------------------------


@pytest.fixture
def worker(desk):
    desk.at.resource.user = desk.at.worker = desk.at.person(TEAM_MEMBER)
    desk.at.resource.save()
    TeamMember.objects.create(project=desk.at.project, resource=desk.at.resource, role=desk.at.role)
    return signed_in(desk.at.worker)


def sent(desk, **fields):
    category = desk.at.categories["expense"].pk
    place = {"day": f"{DAY}", "project": desk.at.project.pk, "category": category}
    return place | {"quantity": "2", "price": "206", "currency": "EUR", "save": "1"} | fields


def test_an_expense_that_may_be_twice_is_saved_and_its_form_says_so(desk, worker):
    address = reverse("record-cost", args=["expense"])
    assert worker.post(address, sent(desk))["Location"] == reverse("expenses")
    answer = worker.post(address, sent(desk, price="412", quantity="1"))
    first, second = Entry.objects.order_by("pk")
    assert answer["Location"] == reverse("change-expense", args=[second.pk])
    page = worker.get(answer["Location"]).content.decode()
    assert "Same day and amount as" in page
    assert reverse("trace-entry", args=[first.pk]) in page
    # It is a warning: both are there, and the second one is submitted like any other.
    assert worker.post(answer["Location"], sent(desk, submit="1")).status_code == 302
    assert Entry.objects.get(pk=second.pk).status == EntryStatus.SUBMITTED


def test_an_expense_that_is_submitted_at_once_says_it_on_the_list(desk, worker):
    address = reverse("record-cost", args=["expense"])
    worker.post(address, sent(desk))
    answer = worker.post(address, sent(desk, submit="1"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("expenses")
    assert "The approver sees this too." in answer.content.decode()


def test_the_same_file_sent_for_another_expense_is_recognised(desk, worker):
    address = reverse("record-cost", args=["expense"])
    for nth, price in enumerate(("10", "20")):
        file = SimpleUploadedFile(f"photo{nth}.jpg", picture())
        answer = worker.post(address, sent(desk, price=price, receipts=[file]))
    assert "Same receipt as" in worker.get(answer["Location"]).content.decode()


# --- Before the approver -----------------------------------------------------------------------------


def test_the_approver_opens_the_receipt_and_sees_the_possible_duplicate_unticked(desk):
    first, second, other = desk.expense(), desk.expense(), desk.expense("7", "1")
    waiting = [desk.waiting(entry) for entry in (first, second, other)]
    receipt = desk.receipt(first)
    client = signed_in(desk.manager)
    page = client.get(reverse("approvals"))
    body, table = page.content.decode(), page.context["table"]
    assert (body.count("Possible duplicate"), body.count("Same day and amount as")) == (2, 2)
    assert [table.tick(one).ticked for one in waiting] == [False, False, True]
    assert [(total.count, total.amount) for total in page.context["inbox"].flagged] == [(2, 824)]
    assert f'href="{reverse("receipt", args=[receipt.pk])}"' in body
    assert "hotel.pdf" in body
    # Ticked all the same, it is approved: a warning, not a rule.
    chosen = {"row": [one.pk for one in waiting], "scope": "page"}
    assert client.post(reverse("approve-entries"), chosen).status_code == 302
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.APPROVED}


def test_the_page_of_one_entry_shows_both_receipts_side_by_side(desk):
    first, second = desk.expense(), desk.expense()
    desk.receipt(first)
    photo = desk.receipt(second, "photo.jpg", picture(), "image/jpeg")
    approval = desk.waiting(first)
    body = signed_in(desk.manager).get(reverse("decide-approval", args=[approval.pk])).content.decode()
    assert "hotel.pdf" in body
    assert f'<img src="{reverse("receipt", args=[photo.pk])}" alt=""' in body
    assert reverse("trace-entry", args=[second.pk]) in body


def test_the_file_of_the_inbox_names_receipts_and_duplicates_as_the_page_does(desk):
    for name in ("a.pdf", "b.pdf"):
        entry = desk.expense()
        desk.waiting(entry)
        desk.receipt(entry, name, name.encode())
    lines = b"".join(signed_in(desk.manager).get(reverse("approvals"), {"export": "csv"})).decode()
    assert ("a.pdf" in lines, lines.count("Possible duplicate")) == (True, 2)


def test_receipts_of_what_waits_are_opened_by_approver_stand_in_and_controller_and_by_nobody_else(desk):
    entry = desk.expense()
    desk.waiting(entry)
    address = reverse("receipt", args=[desk.receipt(entry, content=pdf()).pk])
    stand_in, colleague = desk.at.person(PROJECT_MANAGER), desk.at.person(TEAM_MEMBER)

    def status(person):
        return signed_in(person).get(address).status_code

    assert [status(one) for one in (desk.manager, desk.at.person(FINANCE_CONTROLLER))] == [200, 200]
    assert [status(one) for one in (stand_in, colleague, desk.at.person())] == [404, 404, 403]
    rows.delegation(desk.manager, stand_in, starts_on=NOW.date(), ends_on=NOW.date())
    assert (status(stand_in), status(colleague)) == (200, 404)
    assert signed_in(stand_in).get(reverse("approvals")).content.decode().count(address) == 1
    assert signed_in(colleague).get(reverse("approvals")).status_code == 403
    ApprovalDelegation.objects.update(is_withdrawn=True)
    assert status(stand_in) == 404


def test_the_inbox_asks_as_many_questions_for_many_expenses_as_for_one(desk):
    def shown():
        assert client.get(reverse("approvals")).status_code == 200

    client = signed_in(desk.manager)
    for nth in range(2):
        desk.receipt(desk.waiting(desk.expense()).entry, f"{nth}.pdf")
    few = statements(shown)
    for nth in range(12):
        desk.receipt(desk.waiting(desk.expense(price=str(nth % 4))).entry, f"{nth}.pdf")
    assert statements(shown) == few
