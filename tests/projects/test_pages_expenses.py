"""Expenses in the browser: typed, with receipts, shown to nobody else."""

from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.models import ContractLine, Entry, Project, Receipt, Resource, TeamMember, TransactionCategory
from projects.roles import PROJECT_MANAGER, TEAM_MEMBER
from projects.states import EntryStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.company.rows import NOW
from tests.projects.receipts import pdf, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def at():
    made = Company()
    made.worker = made.resource.user = made.person(TEAM_MEMBER)
    made.resource.save()
    TeamMember.objects.create(project=made.project, resource=made.resource, role=made.role)
    return made


@pytest.fixture
def worker(at):
    return signed_in(at.worker)


def form(at, **fields):
    return {
        "day": "2026-03-02",
        "project": at.project.pk,
        "category": at.categories["expense"].pk,
        "quantity": "2",
        "price": "206",
        "currency": "EUR",
        "external_description": "Hotel Basel",
        "save": "1",
    } | fields


def sent(name="hotel.pdf", data=None):
    return SimpleUploadedFile(name, pdf() if data is None else data)


def record(client, fields, kind="expense", **headers):
    return client.post(reverse("record-cost", args=[kind]), fields, **headers)


def test_an_expense_is_recorded_with_its_receipts(at, worker):
    answer = record(worker, form(at, receipts=[sent(), sent("photo.jpg", picture())]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("expenses"))
    entry = Entry.objects.get()
    assert (entry.quantity, entry.price, entry.unit, entry.recorded_by) == (2, 206, "pcs", at.worker)
    assert entry.receipts.count() == 2
    page = worker.get(reverse("expenses")).content.decode()
    assert "2 Mar 2026" in page
    assert "€206.00" in page


def test_amounts_are_read_as_the_language_writes_them(at, worker):
    german = {"headers": {"accept-language": "de"}}
    answer = record(worker, form(at, price="1.234"), **german)
    assert answer.status_code == 422
    assert "1234" in str(answer.context["form"].errors["price"])
    assert record(worker, form(at, price="1.234,50"), **german).status_code == 302
    entry = Entry.objects.get()
    assert entry.price == Decimal("1234.5")
    page = worker.get(reverse("change-expense", args=[entry.pk]), **german).content.decode()
    assert 'value="1234,50"' in page


def test_a_file_that_is_no_receipt_is_named_and_what_was_typed_stays(at, worker):
    answer = record(worker, form(at, receipts=[sent("evil.pdf", b"<script>")]))
    page = answer.content.decode()
    assert (answer.status_code, "evil.pdf" in page, "Hotel Basel" in page) == (422, True, True)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("kind", ["material", "fee"])
def test_material_and_fees_have_forms_of_their_own(at, worker, kind):
    page = worker.get(reverse("record-cost", args=[kind]))
    assert ("product" in page.context["form"].fields) == (kind == "material")
    category = TransactionCategory.objects.get(pk=at.categories[kind].pk)
    fields = form(at, category=category.pk, product="Cable", unit="m")
    assert record(worker, fields, kind).status_code == 302
    assert Entry.objects.get().transaction_class == kind


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"billing_method": "fixed_price"}, "has a fixed price, and fees are not billed on it"),
        ({"includes_fee": False}, "No contract line includes fees of project"),
    ],
)
def test_a_fee_that_no_line_bills_is_refused_with_a_sentence_when_it_is_submitted(
    at, worker, columns, sentence
):
    fields = form(at, category=at.categories["fee"].pk)
    assert record(worker, fields, "fee").status_code == 302
    ContractLine.objects.update(**columns)
    address = reverse("change-expense", args=[Entry.objects.get().pk])
    answer = worker.post(address, fields | {"submit": "1"}, follow=True)
    assert sentence in answer.content.decode()
    assert Entry.objects.get().status == EntryStatus.DRAFT


def test_time_has_no_such_form(worker):
    assert worker.get(reverse("record-cost", args=["time"])).status_code == 404


def test_a_draft_is_changed_shows_its_price_and_is_submitted(at, worker):
    at.sells_expenses_at_cost_plus("5")
    record(worker, form(at))
    entry = Entry.objects.get()
    address = reverse("change-expense", args=[entry.pk])
    page = worker.get(address).content.decode()
    # 412.00 at cost plus 5 %.
    assert "€432.60" in page
    answer = worker.post(address, form(at, price="200", submit="1"))
    assert answer.status_code == 302
    entry = Entry.objects.get()
    assert (entry.price, entry.status) == (200, EntryStatus.SUBMITTED)
    assert worker.get(address).status_code == 200


def test_a_receipt_is_a_private_download(at, worker):
    record(worker, form(at, receipts=[sent("Hôtel, Basel.pdf")]))
    receipt = Receipt.objects.get()
    answer = worker.get(reverse("receipt", args=[receipt.pk]))
    assert answer.content == pdf()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''H%C3%B4tel%2C%20Basel.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_only_who_may_see_the_entry_sees_its_receipt(at, worker):
    record(worker, form(at, receipts=[sent()]))
    address = reverse("receipt", args=[Receipt.objects.get().pk])
    colleague = signed_in(at.person(TEAM_MEMBER))
    stranger = signed_in(Company.bare().person(PROJECT_MANAGER))
    manager = at.person(PROJECT_MANAGER)
    assert [one.get(address).status_code for one in (colleague, stranger, signed_in(manager))] == [404] * 3
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    assert signed_in(manager).get(address).status_code == 200


def test_a_receipt_is_removed_from_a_draft(at, worker):
    record(worker, form(at, receipts=[sent()]))
    receipt = Receipt.objects.get()
    answer = worker.post(reverse("remove-receipt", args=[receipt.pk]))
    assert answer["Location"] == reverse("change-expense", args=[receipt.entry_id])
    assert not Receipt.objects.exists()


def test_the_list_is_filtered_by_kind_and_receipt(at, worker):
    record(worker, form(at, receipts=[sent()]))
    rows.entry(at, status=EntryStatus.DRAFT)
    rows.entry(at, status=EntryStatus.DRAFT, transaction_class="fee", role=None)

    def listed(page, **query):
        return len(worker.get(reverse(page), query).context["table"].rows)

    assert (listed("expenses"), listed("expenses", receipt="true"), listed("expenses", kind="fee")) == (
        2,
        1,
        1,
    )
    assert (listed("entries"), listed("entries", kind=["time", "fee"])) == (3, 2)


def test_expenses_are_submitted_recalled_and_deleted_from_their_list(at, worker):
    record(worker, form(at))
    row = {"row": Entry.objects.get().pk, "scope": "page"}
    for action, status in (("submit", "submitted"), ("recall", "draft"), ("delete", "withdrawn")):
        assert worker.post(reverse(f"{action}-expenses"), row).status_code == 302
        assert Entry.objects.get().status == status
    assert len(worker.get(reverse("expenses")).context["table"].rows) == 0


def test_a_manager_records_an_expense_for_a_colleague(at):
    manager = at.person(PROJECT_MANAGER)
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    address = reverse("record-cost", args=["expense"]) + f"?person={at.resource.code}"
    assert signed_in(manager).post(address, form(at)).status_code == 302
    assert (Entry.objects.get().resource, Entry.objects.get().recorded_by) == (at.resource, manager)


def test_who_approves_a_project_changes_no_expense_of_a_colleague(at, worker):
    record(worker, form(at, receipts=[sent()]))
    entry, receipt = Entry.objects.get(), Receipt.objects.get()
    approver = at.person(TEAM_MEMBER)
    person = Resource.objects.create(legal_entity=at.entity, code="R9", name="Nina", user=approver)
    TeamMember.objects.create(project=at.project, resource=person, role=at.role, is_approver=True)
    change, remove = reverse("change-expense", args=[entry.pk]), reverse("remove-receipt", args=[receipt.pk])
    client = signed_in(approver)
    assert client.get(reverse("receipt", args=[receipt.pk])).status_code == 200
    assert [client.get(change).status_code, client.post(change, form(at, price="9")).status_code] == [
        404,
        404,
    ]
    assert client.post(remove).status_code == 404
    assert (Entry.objects.get().price, Receipt.objects.count()) == (206, 1)
    # A manager may record for others, on the projects that are theirs.
    manager = at.person(PROJECT_MANAGER)
    assert signed_in(manager).get(change).status_code == 404
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    assert signed_in(manager).post(change, form(at, price="207")).status_code == 302
    assert signed_in(manager).post(remove).status_code == 302
    assert (Entry.objects.get().price, Receipt.objects.count()) == (207, 0)


def test_an_expense_that_cannot_be_submitted_yet_is_saved_once(at, worker):
    at.line.includes_fee = False
    at.line.save()
    fee = form(at, category=at.categories["fee"].pk, submit="1")
    answer = record(worker, fee, "fee", follow=True)
    entry = Entry.objects.get()
    assert entry.status == EntryStatus.DRAFT
    assert answer.redirect_chain[-1][0] == reverse("change-expense", args=[entry.pk])
    assert "saved as a draft and not submitted" in answer.content.decode()


def test_an_expense_that_no_contract_covers_says_so_after_saving_and_on_its_draft(at, worker):
    ContractLine.objects.filter(pk=at.line.pk).update(includes_expense=False)
    answer = record(worker, form(at))
    reason = "No contract line of the project includes this class"
    assert f"No contract covers it: {reason}" in [str(one) for one in answer.wsgi_request._messages]
    page = worker.get(reverse("change-expense", args=[Entry.objects.get().pk]))
    assert page.context["uncovered"] == reason
    assert reason in page.content.decode()
    assert reason in worker.get(reverse("expenses")).content.decode()
