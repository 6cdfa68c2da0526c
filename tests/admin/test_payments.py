"""Payments in the admin: entered with what they settle, settled later, undone, reversed (C11)."""

from datetime import date
from typing import Any

import pytest

from accounting.models import CustomerPayment, CustomerTransaction, Settlement
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.receivables import bank_of, open_of, open_rows, owed, pays, row_of

pytestmark = pytest.mark.django_db

PAYMENT, ROW, SETTLEMENT = (
    "accounting_customerpayment",
    "accounting_customertransaction",
    "accounting_settlement",
)


def typed(company: Company, amount: str = "1920.00", **columns: Any) -> dict[str, Any]:
    return {
        "customer": company.customer.pk,
        "bank_account": bank_of(company).pk,
        "date": "2026-04-01",
        "amount": amount,
        "reference": "",
    } | columns


def test_a_payment_is_entered_with_what_it_is_proposed_to_settle(company: Company, accountant: AdminClient):
    invoice = company.billed(8)
    (older,) = owed(company, "50", on=date(2026, 1, 5))
    row = CustomerTransaction.objects.get(invoice=invoice)
    assert accountant.shown(f"{PAYMENT}_enter").status_code == 200
    form = typed(company, reference="Rechnung RE 2026 00001")
    shown = accountant.sent(f"{PAYMENT}_enter", data=form | {"again": "1"})
    assert shown.status_code == 200
    assert [(one["name"], one["field"].value()) for one in shown.context["rows"]] == [
        (str(older.voucher), None),
        (invoice.number, "1920.00"),
    ]
    assert CustomerPayment.objects.count() == 0
    answer = accountant.sent(f"{PAYMENT}_enter", data=form | {f"share-{row.pk}": "1,920.00"})
    payment = CustomerPayment.objects.get()
    assert answer.url == f"/admin/accounting/customerpayment/{payment.pk}/change/"
    assert messages_of(answer) == [f"€1,920.00 of {company.customer} entered."]
    assert open_rows(company) == [50]
    page = accountant.get(answer.url).content.decode()
    assert invoice.number in page
    assert row_of(payment).voucher.number in page
    listed = accountant.shown(f"{PAYMENT}_changelist").content.decode()
    assert "Settled" in listed
    invoices = accountant.shown("accounting_customerinvoice_changelist").content.decode()
    assert "Paid" in invoices
    assert_proven()


def test_what_is_typed_wrongly_or_was_settled_meanwhile_keeps_the_form(
    company: Company, accountant: AdminClient
):
    (row,) = owed(company, "100")
    wrong = accountant.sent(f"{PAYMENT}_enter", data=typed(company, amount="1e5"))
    assert wrong.status_code == 422
    form = typed(company, "120.00") | {f"share-{row.pk}": "110"}
    refused = accountant.sent(f"{PAYMENT}_enter", data=form)
    assert refused.status_code == 422
    assert [one.code for one in refused.context["refusals"]] == ["more-than-open"]
    pays(company, "100", row)
    late = accountant.sent(f"{PAYMENT}_enter", data=typed(company, "100") | {f"share-{row.pk}": "100"})
    assert [one.code for one in late.context["refusals"]] == ["not-open"]
    foreign = accountant.sent(f"{PAYMENT}_enter", data=typed(company, currency="USD"))
    assert foreign.status_code == 422
    assert CustomerPayment.objects.count() == 1


def test_a_form_sent_twice_enters_one_payment(company: Company, accountant: AdminClient):
    form = typed(company, "10") | {"token": "0" * 31 + "7"}
    first = accountant.sent(f"{PAYMENT}_enter", data=form)
    again = accountant.sent(f"{PAYMENT}_enter", data=form)
    assert (first.status_code, again.url) == (302, first.url)
    assert CustomerPayment.objects.count() == 1


def test_a_foreign_invoice_is_paid_in_euros(company: Company, accountant: AdminClient):
    company.rate("USD", "0.80")
    (row,) = owed(company, "1000", currency="USD")
    form = typed(company, "790", currency="usd", settled_amount="1000")
    accountant.sent(f"{PAYMENT}_enter", data=form | {f"share-{row.pk}": "1000"})
    assert open_rows(company) == []
    assert_proven()


def test_open_rows_are_settled_with_one_another_and_undone(company: Company, accountant: AdminClient):
    first, second, credit = owed(company, "100", "50", "-120")
    shown = accountant.chosen(ROW, "settle", first, second, credit)
    assert shown.status_code == 200
    answer = accountant.confirms(shown)
    assert messages_of(answer) == ["2 settlements written."]
    assert open_rows(company) == [30]
    settlement = Settlement.objects.order_by("pk").first()
    assert accountant.shown(f"{SETTLEMENT}_changelist").status_code == 200
    shown = accountant.shown(f"{SETTLEMENT}_action", settlement.pk, "undo")
    answer = accountant.confirms(shown, reason="wrong credit")
    assert messages_of(answer) == ["1 settlement undone."]
    assert [open_of(one) for one in (first, second, credit)] == [100, 30, -100]
    assert accountant.shown(f"{SETTLEMENT}_change", settlement.pk).status_code == 200
    assert_proven()


def test_a_payment_is_reversed_with_the_reason_of_the_bank(company: Company, accountant: AdminClient):
    (row,) = owed(company, "100")
    payment = pays(company, "100", row)
    shown = accountant.shown(f"{PAYMENT}_action", payment.pk, "reverse")
    answer = accountant.confirms(shown, on="2026-03-20", reason="AM04")
    assert messages_of(answer) == ["1 payment reversed."]
    assert open_rows(company) == [100]
    listed = accountant.shown(f"{PAYMENT}_changelist").content.decode()
    assert "Reversed" in listed
    assert "Reversal" in listed


def test_lists_are_filtered_by_what_is_open(company: Company, accountant: AdminClient):
    owed(company, "100", "-20")
    pays(company, "10")

    def count(model: str, **query: str) -> int:
        return accountant.shown(f"{model}_changelist", **query).context["cl"].result_count

    assert [count(ROW, open=one) for one in ("yes", "owed", "credit", "nonsense")] == [3, 1, 2, 3]
    company.billed(8)
    counts = [count("accounting_customerinvoice", payment=one) for one in ("open", "overdue", "x")]
    assert counts == [1, 1, 1]


def test_controllers_look_and_enter_nothing(company: Company, controller: AdminClient):
    payment = pays(company, "10")
    assert controller.shown(f"{PAYMENT}_change", payment.pk).status_code == 200
    assert controller.shown(f"{PAYMENT}_enter").status_code == 403
    assert controller.sent(f"{PAYMENT}_enter", data=typed(company)).status_code == 403
    assert controller.sent(f"{PAYMENT}_action", payment.pk, "reverse").status_code == 403
    assert row_of(payment).amount == -10
