"""From any number to the life of what bears it: each kind of number, and who finds what (X5)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.models import BankBooking, CustomerInvoice, Voucher
from accounting.states import VoucherSource
from core.models import Activity
from projects.models import Entry, Project, ProjectContract, WorkItem
from projects.roles import (
    ADMINISTRATOR,
    FINANCE_CONTROLLER,
    PROJECT_ACCOUNTANT,
    PROJECT_MANAGER,
    TEAM_MEMBER,
)
from tests.company import Company, book_rows
from tests.company.checking import statements
from tests.company.corrections import corrected
from tests.company.people import signed_in
from tests.company.receivables import bank_of, pays
from tests.company.rows import CUT_OFF

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def led_to(client: Client, number: object, *, page: str = "find-number") -> str:
    """Where the one match leads; empty where there is none or several."""
    answer = client.get(reverse(page), {"q": str(number)})
    return answer.headers.get("Location", "")


def listed(client: Client, number: object) -> list[tuple[str, str]]:
    answer = client.get(reverse("find-number"), {"q": str(number)})
    assert answer.status_code == 200
    return [(one.kind, one.name) for one in answer.context["matches"]]


def document(invoice: CustomerInvoice) -> str:
    return reverse("trace-document", args=[invoice.proposal.proforma.number])


def of_work(work: WorkItem) -> str:
    return reverse("trace-work", args=[work.pk])


def test_an_invoice_a_proforma_and_a_credit_note_lead_to_their_documents(
    at: Company, accountant: Client
) -> None:
    invoice = at.billed(8)
    proforma = invoice.proposal.proforma
    for number in (invoice.number, f"  {invoice.number.lower()} ", proforma.number):
        assert led_to(accountant, number) == document(invoice)
    assert led_to(accountant, invoice.number, page="find-in-books") == document(invoice)
    corrected(at, proforma, quantity="6")
    (credit,) = at.invoices()
    assert credit.gross_amount == -480
    assert led_to(accountant, credit.number) == document(credit)


def test_vouchers_lead_to_what_they_were_posted_for(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    pays(at, "1920", invoice.customer_transaction, on=CUT_OFF)
    expected = {
        VoucherSource.JOURNAL_LINE: of_work(WorkItem.objects.get()),
        VoucherSource.CUSTOMER_INVOICE: document(invoice),
        VoucherSource.CUSTOMER_PAYMENT: document(invoice),
    }
    seen = set()
    for voucher in Voucher.objects.all():
        source = VoucherSource(voucher.source_kind)
        assert led_to(accountant, voucher.number) == expected[source]
        seen.add(source)
    assert seen == expected.keys()


def test_a_reference_of_a_payment_leads_to_what_it_paid(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    payment = pays(
        at, "1920", invoice.customer_transaction, on=CUT_OFF, reference="Transfer E2E-7781-A, thank you"
    )
    assert led_to(accountant, "E2E-7781-A") == document(invoice)
    assert led_to(accountant, payment.reference) == document(invoice)
    # A few letters are in any text.
    assert listed(accountant, "E2E") == []


def test_a_payment_of_several_invoices_is_a_short_list_of_them(at: Company, accountant: Client) -> None:
    first, second = at.billed(8), at.billed(2)
    rows = [one.customer_transaction for one in (first, second)]
    pays(at, "2400", *rows, on=CUT_OFF, reference="Both at once")
    assert listed(accountant, "both at once") == [
        ("Customer invoice", first.number),
        ("Customer invoice", second.number),
    ]


def test_a_payment_that_settles_nothing_leads_to_its_page(at: Company, accountant: Client) -> None:
    payment = pays(at, "50", on=CUT_OFF, reference="On account 4711")
    address = reverse("admin:accounting_customerpayment_change", args=[payment.pk])
    assert led_to(accountant, "On account 4711") == address


def test_a_booking_without_a_payment_leads_to_its_page(at: Company, accountant: Client) -> None:
    other = book_rows.bank_booking(bank_of(at), at.accountant)
    facts = {"bank_file": other.bank_file, "bank_account": other.bank_account, "booked_on": CUT_OFF}
    booking = BankBooking.objects.create(amount=5, key="k", reference="END-TO-END-1", **facts)
    address = reverse("admin:accounting_bankbooking_change", args=[booking.pk])
    assert led_to(accountant, "end-to-end-1") == address


def test_entries_and_work_items_are_found_by_their_keys(at: Company, accountant: Client) -> None:
    at.milestone("5000")
    at.confirm(at.draft())
    work = WorkItem.objects.get()
    assert led_to(accountant, f"#{work.pk}") == of_work(work)
    entry = at.entry(8)
    while entry.pk <= work.pk:
        entry = at.entry(1)
    assert led_to(accountant, entry.pk) == reverse("trace-entry", args=[entry.pk])


def test_one_number_of_several_things_is_a_list(at: Company, accountant: Client) -> None:
    at.approved(8)
    work = WorkItem.objects.get()
    Entry.objects.filter(pk=work.pk).exists() or at.entry(1, pk=work.pk)
    assert listed(accountant, work.pk) == [
        ("Entry", f"#{work.pk}"),
        ("Work item", f"#{work.pk}"),
    ]


@pytest.mark.parametrize("number", ["", "   ", "RE-NEVER", "\x00", "9" * 30, "#", "²", "x" * 200, "%", "'"])
def test_what_bears_no_number_is_said_and_nothing_breaks(
    at: Company, accountant: Client, number: str
) -> None:
    at.billed(8)
    assert listed(accountant, number) == []


def test_rows_of_another_company_are_never_found(accountant: Client) -> None:
    there = Company()
    invoice = there.billed(8)
    pays(there, "1920", invoice.customer_transaction, on=CUT_OFF, reference="Secret reference")
    numbers: list[Any] = [
        invoice.number,
        invoice.proposal.proforma.number,
        *Voucher.objects.values_list("number", flat=True),
        "Secret reference",
        WorkItem.objects.get().pk,
        Entry.objects.get().pk,
    ]
    for number in numbers:
        assert listed(accountant, number) == []
    assert accountant.get(document(invoice)).status_code == 404
    assert accountant.get(reverse("trace-invoice", args=[invoice.number])).status_code == 404


def test_a_manager_finds_documents_of_own_contracts_and_no_voucher(at: Company) -> None:
    invoice = at.billed(8)
    manager = signed_in(at.admit(at.manager, PROJECT_MANAGER))
    assert listed(manager, invoice.number) == []
    Project.objects.filter(pk=at.project.pk).update(manager=at.manager)
    ProjectContract.objects.filter(pk=at.contract.pk).update(manager=at.manager)
    assert led_to(manager, invoice.number) == document(invoice)
    voucher = Voucher.objects.filter(source_kind=VoucherSource.JOURNAL_LINE).first()
    assert voucher is not None
    assert listed(manager, voucher.number) == []


def test_a_team_member_finds_own_entries_alone(at: Company) -> None:
    invoice = at.billed(8)
    entry = Entry.objects.get()
    worker = signed_in(at.admit(at.worker, TEAM_MEMBER))
    assert led_to(worker, entry.pk) == reverse("trace-entry", args=[entry.pk])
    assert listed(worker, invoice.number) == []
    colleague = signed_in(at.person(TEAM_MEMBER))
    assert listed(colleague, entry.pk) == []


@pytest.mark.parametrize(
    ("role", "status"), [(FINANCE_CONTROLLER, 200), (TEAM_MEMBER, 200), (ADMINISTRATOR, 403), ("", 403)]
)
def test_the_box_is_where_something_may_be_found(at: Company, role: str, status: int) -> None:
    client = signed_in(at.person(*([role] if role else [])))
    assert client.get(reverse("find-number"), {"q": "1"}).status_code == status
    page = client.get("/", follow=True).content.decode()
    assert (f'action="{reverse("find-number")}"' in page) == (status == 200)


def test_the_books_have_the_box_on_every_page(accountant: Client) -> None:
    for address in (reverse("admin:index"), reverse("balances")):
        assert f'action="{reverse("find-in-books")}"' in accountant.get(address).content.decode()


def test_looking_writes_nothing_and_asks_a_fixed_number_of_times(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    before = Activity.objects.count()
    few = statements(lambda: listed(accountant, "nothing"))
    for _each in range(3):
        at.billed(1)
    assert statements(lambda: listed(accountant, "nothing")) == few
    assert led_to(accountant, invoice.number)
    assert Activity.objects.count() >= before
