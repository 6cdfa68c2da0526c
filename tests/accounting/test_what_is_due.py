"""What documents and pages say of when something is to be paid: every instalment, and nothing of a credit."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import CustomerTransaction
from accounting.snapshots import facts_of
from core.documents.document_data import document_data
from core.documents.rendering import render_document
from projects.models import Customer
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.accounting.printed import company_in, draft_facts, posted
from tests.company import Company, rows
from tests.company.checking import assert_proven
from tests.company.corrections import corrected
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


def agreed(company: Company, **terms: object) -> None:
    Customer.objects.filter(pk=company.customer.pk).update(payment_terms=rows.terms(**terms))
    company.customer.refresh_from_db()


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u200b", "")


def labels_of(data: dict, block: str) -> list[str]:
    fields = data["meta"] if block == "meta" else [one for each in data["payment"]["columns"] for one in each]
    return [one["label"] for one in fields]


def test_an_invoice_prints_every_instalment_with_its_day_and_its_amount():
    company = company_in("en-gb")
    agreed(company, net_days=60, instalments="25 10\n75 60")
    company.approved(8)
    data = document_data(facts_of(posted(company, company.draft())))
    parts = data["payment"]["parts"]
    assert parts["heads"] == ["Payable by", "Amount"]
    assert [[plain(cell) for cell in row] for row in parts["rows"]] == [
        ["10 Apr 2026", "€480.00"],
        ["30 May 2026", "€1,440.00"],
    ]
    # The last day alone would say that all of it may wait until then.
    assert ("Payable by" in labels_of(data, "payment"), "Due date" in labels_of(data, "meta")) == (
        False,
        False,
    )
    assert render_document(data).startswith(b"%PDF")


def test_an_invoice_that_is_due_as_a_whole_prints_its_day():
    company = company_in("en-gb")
    company.approved(8)
    data = document_data(facts_of(posted(company, company.draft())))
    assert ("Payable by" in labels_of(data, "payment"), "Due date" in labels_of(data, "meta")) == (True, True)
    assert "parts" not in data["payment"]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"net_days": 14}, "Payable without deduction within 14 days."),
        (
            {"net_days": 60, "instalments": "25 10\n75 60"},
            "Payable in 2 instalments: €480.00 by 10 Apr 2026; €1,440.00 by 30 May 2026.",
        ),
    ],
)
def test_a_proforma_says_how_its_invoice_will_be_payable(terms, said):
    company = company_in("en-gb")
    agreed(company, **terms)
    company.approved(8)
    draft = company.draft()
    notes = [plain(note) for note in document_data(draft_facts(draft))["notes"]]
    assert notes[0] == f"Terms of payment of the invoice: {said}"
    company.is_managed_by(company.manager)
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    page = " ".join(client.get(reverse("proforma", args=[draft.number])).content.decode().split())
    assert f"<dt>Payment terms</dt><dd>{company.customer.payment_terms}</dd>" in page


def test_a_credit_note_is_due_on_no_day():
    company = company_in("en-gb")
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    company.approved(8)
    (billed,) = company.confirm(company.draft())
    (invoice,) = company.invoices()
    corrected(company, billed, quantity="0")
    (credit,) = company.invoices()
    assert (invoice.due_on, credit.due_on) == (date(2026, 4, 30), None)
    owed = CustomerTransaction.objects.order_by("pk")
    assert [one.due_on for one in owed] == [date(2026, 4, 30), None]

    table = accountant.get(reverse("invoices")).context["table"]
    cells = {row.record.pk: row.get_cell("due_date") for row in table.rows}
    assert cells == {invoice.pk: "30 Apr 2026", credit.pk: "–"}
    data = document_data(facts_of(credit))
    assert (data["kind"], "Due date" in labels_of(data, "meta")) == ("credit", False)
    assert not any("Payable" in note for note in data["notes"])
    for address in ("admin:accounting_customerinvoice_change", "admin:accounting_customertransaction_change"):
        keys = [one.pk if "invoice" in address else one.customer_transaction.pk for one in (invoice, credit)]
        pages = [accountant.get(reverse(address, args=[key])).content.decode() for key in keys]
        assert ["30 Apr 2026" in page for page in pages] == [True, False]
    assert_proven()


def test_a_proforma_that_gives_money_back_names_no_terms():
    company = company_in("en-gb")
    company.approved(8)
    (billed,) = company.confirm(company.draft())
    facts = draft_facts(corrected(company, billed, quantity="6"))
    assert facts.amount_due == Decimal(-480)
    assert not any("Terms of payment" in note for note in document_data(facts)["notes"])
