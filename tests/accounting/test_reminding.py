"""Reminders in three levels: what is proposed and why not, what is sent, stopping on payment (C11)."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core import mail

from accounting.importing_bank_files import import_bank_file
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    Reminder,
    ReminderDocument,
    ReminderItem,
    ReminderLevel,
    ReminderStop,
)
from accounting.outbox_handlers import reminder_sent, sweep_outbox
from accounting.reminder_levels import reminded_words
from accounting.stopping_reminders import dispute_invoices, lift_stops
from core.documents.reminder_letter import reminder_data
from core.models import Activity
from projects.models import Customer, LegalEntity
from tests.company import Company, only, rows
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import bank_of, pays
from tests.company.reminders import ADDRESS, codes, proposed, reached, said, sent
from tests.company.rows import NOW, moment_for

pytestmark = pytest.mark.django_db

PAID = date(2026, 4, 1)
FIRST, SECOND, THIRD = date(2026, 5, 7), date(2026, 5, 21), date(2026, 6, 4)


@pytest.fixture
def at() -> Company:
    """1,920.00 invoiced on 31 March and due on 30 April, to a customer with an address."""
    company = Company()
    company.invoice = company.billed(8)
    reached(company)
    return company


def another(company: Company) -> Company:
    """The same company for another customer, who bears the same taxes."""
    made = company.with_another_customer()
    group = company.customer.sales_tax_group_id
    Customer.objects.filter(pk=made.customer.pk).update(sales_tax_group=group)
    return made


def row_of(invoice: CustomerInvoice) -> CustomerTransaction:
    return CustomerTransaction.objects.get(invoice=invoice)


def test_each_level_comes_on_its_day_and_no_earlier(at):
    number, name = at.invoice.number, at.customer.name
    assert proposed(at, date(2026, 5, 6)).reminders == ()
    for day, level in ((FIRST, 1), (SECOND, 2), (THIRD, 3)):
        assert said(proposed(at, day)) == [(name, level, "1920", [(number, level, "1920")])]
        (reminder,) = sent(at, day).sent
        assert (reminder.level, reminder.date, reminder.open_amount, reminder.fee) == (level, day, 1920, 0)
        assert proposed(at, day).reminders == ()
    assert codes(proposed(at, date(2026, 12, 31))) == ["last-level-sent"]
    assert list(ReminderItem.objects.values_list("level", flat=True).order_by("pk")) == [1, 2, 3]
    assert_proven()


def test_a_level_that_went_late_leaves_the_same_time_until_the_next_one(at):
    late = date(2026, 6, 10)
    assert said(proposed(at, late))[0][1] == 1
    sent(at, late)
    assert proposed(at, date(2026, 6, 23)).reminders == ()
    assert said(proposed(at, date(2026, 6, 24)))[0][1] == 2


def test_a_part_that_was_paid_leaves_the_rest_to_be_reminded_of(at):
    pays(at, "920", row_of(at.invoice), parts=("920",), on=PAID)
    (one,) = proposed(at, FIRST).reminders
    (item,) = one.items
    assert (item.whole, item.open_amount, item.is_partly_paid) == (1920, 1000, True)
    (reminder,) = sent(at, FIRST).sent
    assert reminder.open_amount == 1000


def test_payment_stops_reminders(at):
    sent(at, FIRST)
    pays(at, "1920", row_of(at.invoice), on=PAID)
    assert proposed(at, SECOND).reminders == ()
    assert proposed(at, SECOND).left_out == ()


def test_instalments_are_reminded_of_one_by_one():
    company = Company()
    terms = rows.terms(60, instalments="30 14\n70 60")
    Customer.objects.filter(pk=company.customer.pk).update(payment_terms=terms)
    number = company.billed(8).number
    reached(company)
    # 576.00 is due on 14 April, the other 1,344.00 on 30 May.
    assert said(proposed(company, date(2026, 4, 21))) == [
        (company.customer.name, 1, "576", [(number, 1, "576")])
    ]
    sent(company, date(2026, 4, 21))
    both = proposed(company, date(2026, 6, 6))
    assert said(both) == [(company.customer.name, 2, "1920", [(number, 2, "576"), (number, 1, "1344")])]
    assert [item.part for item in both.reminders[0].items] == [1, 2]
    sent(company, date(2026, 6, 6))
    assert ReminderItem.objects.count() == 3


def test_a_payment_that_waits_at_the_bank_keeps_the_reminder_back(at):
    content = camt(Booked("1920.00", at.invoice.number, payer="Anybody", on="2026-05-06"))
    import_bank_file(bank_of(at), name="may.xml", content=content, actor=at.accountant, at=NOW)
    assert codes(proposed(at, FIRST)) == ["payment-waits"]
    assert proposed(at, FIRST).reminders == ()


def test_what_is_on_account_keeps_back_what_it_covers_and_is_said_beside_the_rest(at):
    pays(at, "100", on=PAID)
    (one,) = proposed(at, FIRST).reminders
    assert (one.on_account, one.open_amount) == (100, 1920)
    pays(at, "1820", on=PAID)
    assert codes(proposed(at, FIRST)) == ["covered-on-account"]


def test_a_customer_without_an_address_is_left_out_with_the_way_out(at):
    reached(at, "")
    (why,) = proposed(at, FIRST).left_out
    assert (why.code, str(why.way_out)) == ("address-missing", "Enter it on the customer’s page.")


def test_days_fee_and_text_are_those_of_the_company(at):
    level = ReminderLevel.objects.create(legal_entity=at.entity, level=1, days=3, fee=Decimal("2.50"))
    level.texts.create(language="en-gb", text="Please pay, dear friends.")
    assert proposed(at, date(2026, 5, 2)).reminders == ()
    (reminder,) = sent(at, date(2026, 5, 3)).sent
    assert reminder.fee == Decimal("2.50")
    printed = reminder.snapshot
    assert printed["title"] == "Payment reminder"
    assert printed["intro"] == "Please pay, dear friends."
    assert [(row["label"], row["value"]) for row in printed["totals"]] == [
        ("Open", "1,920.00"),
        ("Reminder fee", "2.50"),
        ("To pay", "€1,922.50"),
    ]
    # The fee is asked for and not posted.
    assert_proven()


def test_the_letter_says_until_when_payments_are_known_and_when_to_pay(at):
    def said_by(reminder):
        printed = reminder.snapshot
        due = [one["value"] for one in printed["payment"]["columns"][0]][0]
        return [one.replace("\xa0", " ") for one in (*printed["notes"], due)]

    LegalEntity.objects.filter(pk=at.entity.pk).update(iban="DE89370400440532013000")
    (first,) = sent(at, FIRST).sent
    # No statement of a bank was imported yet.
    assert said_by(first) == ["at once"]
    content = camt(Booked("5.00", "x", on="2026-05-19"), Booked("6.00", "y", on="2026-05-22"))
    import_bank_file(bank_of(at), name="may.xml", content=content, actor=at.accountant, at=NOW)
    (second,) = sent(at, SECOND).sent
    assert said_by(second) == ["Payments until 19 May 2026 are taken into account.", "28 May 2026"]
    (third,) = sent(at, THIRD).sent
    assert said_by(third) == ["Payments until 22 May 2026 are taken into account.", "11 Jun 2026"]


def test_a_letter_composed_twice_is_printed_and_noted_once(at):
    (reminder,) = sent(at, FIRST).sent
    first, second = (list(reminder_sent([reminder.pk])) for _time in range(2))
    assert first[0][1].attachments == second[0][1].attachments
    assert ReminderDocument.objects.count() == 1
    assert Activity.objects.filter(verb="printed", subject_id=reminder.pk).count() == 1


def test_the_letter_names_invoice_due_date_and_what_is_open(at):
    reached(at, language="de")
    (reminder,) = sent(at, FIRST).sent
    printed = reminder.snapshot
    assert (printed["title"], printed["lang"]) == ("Zahlungserinnerung", "de")
    ((row,),) = [section["rows"] for section in printed["sections"]]
    assert (row["text"], row["rate"], row["amount"]) == (at.invoice.number, "1.920,00", "1.920,00")
    assert row["note"].replace("\xa0", " ") == "fällig am 30.04.2026, seit 7 Tagen überfällig; Mahnstufe 1"


def test_the_customer_gets_the_letter_and_it_is_kept_as_it_was_sent(at):
    at.accountant.first_name, at.accountant.last_name = "Hanna", "Brandt"
    at.accountant.email = "hanna@example.org"
    at.accountant.save()
    (reminder,) = sent(at, FIRST).sent
    assert not mail.outbox
    sweep_outbox(now=moment_for(FIRST))
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == ([ADDRESS], ["hanna@example.org"])
    assert letter.subject == f"Payment reminder: €1,920.00 to {at.entity.name}"
    ((name, content, kind),) = letter.attachments
    assert (name, kind) == (f"{reminder.number}.pdf", "application/pdf")
    kept = ReminderDocument.objects.get(reminder=reminder)
    assert content == bytes(kept.pdf)
    assert hashlib.sha256(content).hexdigest() == kept.sha256
    sweep_outbox(now=moment_for(FIRST))
    assert len(mail.outbox) == 1
    noted = Activity.objects.get(verb="reminder sent")
    assert noted.facts == {
        "to": ADDRESS,
        "amount": "1920",
        "currency": "EUR",
        "invoices": at.invoice.number,
    }
    item = ReminderItem.objects.select_related("reminder").get()
    assert reminded_words(item) == "First reminder, 7 May 2026"


def test_what_was_paid_since_it_was_shown_is_left_out_and_the_others_go(at):
    other_invoice = another(at).billed(4)
    Customer.objects.filter(pk=other_invoice.customer_id).update(email="other@example.org")
    shown = proposed(at, FIRST).reminders
    assert len(shown) == 2
    pays(at, "1920", row_of(at.invoice), on=PAID)
    result = sent(at, FIRST, *shown)
    assert [one.customer_id for one in result.sent] == [other_invoice.customer_id]
    assert [one.code for one in result.left_out] == ["changed-since-shown"]


def test_when_nothing_can_be_sent_the_reasons_are_named_and_nothing_changes(at):
    shown = proposed(at, FIRST).reminders
    pays(at, "20", row_of(at.invoice), parts=("20",), on=PAID)
    with refused("changed-since-shown") as why:
        sent(at, FIRST, *shown)
    (one,) = why.value.refusals
    assert one.message == "By now €1,900.00 is to be reminded of."
    pays(at, "1900", row_of(at.invoice), on=PAID)
    with refused("changed-since-shown"):
        sent(at, FIRST, *shown)
    with refused("nothing-chosen"):
        sent(at, FIRST)


def test_a_letter_that_cannot_be_printed_is_refused(at, monkeypatch):
    def fails(*_: object) -> None:
        raise ValueError("no such accent")

    monkeypatch.setattr("accounting.reminding.reminder_data", fails)
    with refused("not-printable"):
        sent(at, FIRST)
    monkeypatch.setattr("accounting.reminding.reminder_data", reminder_data)
    assert len(sent(at, FIRST).sent) == 1


def test_statements_do_not_depend_on_customers_or_invoices():
    counts = []
    for customers, invoices in ((1, 1), (4, 3)):
        company = Company()
        reached(company)
        for nth in range(customers):
            payer = another(company) if nth else company
            for _each in range(invoices):
                payer.billed(1)
        Customer.objects.filter(legal_entity=company.entity).update(email="a@example.org")
        counts.append(statements(lambda at=company: sent(at, FIRST, *proposed(at, FIRST).reminders)))
    assert counts[0] == counts[1]
    assert Reminder.objects.count() == 1 + 4
    assert ReminderItem.objects.count() == 1 + 12


def test_a_second_letter_on_one_day_waits_for_the_next_and_the_others_go(at):
    later = at.billed(4)
    dispute_invoices(only(later), until=None, reason="Hours", on=FIRST, actor=at.accountant, at=NOW)
    sent(at, FIRST)
    lift_stops(ReminderStop.objects.all(), actor=at.accountant, at=NOW)
    other_invoice = another(at).billed(4)
    Customer.objects.filter(pk=other_invoice.customer_id).update(email="other@example.org")
    assert codes(proposed(at, FIRST)) == ["sent-today"]
    (letter,) = proposed(at, FIRST).reminders
    assert letter.customer.pk == other_invoice.customer_id
    # Somebody whose page was older still ticks it.
    result = sent(at, FIRST, letter, replace(letter, customer=later.customer))
    assert [one.customer_id for one in result.sent] == [other_invoice.customer_id]
    (why,) = result.left_out
    assert (why.code, why.message, why.way_out) == (
        "sent-today",
        f"A reminder was sent to {later.customer} today.",
        "Send the next one tomorrow.",
    )
    with refused("sent-today"):
        sent(at, FIRST, replace(letter, customer=later.customer))
    assert [len(sent(at, date(2026, 5, 8)).sent), Reminder.objects.count()] == [1, 3]


def test_what_is_not_proposed_any_more_names_its_customer(at):
    shown = proposed(at, FIRST).reminders
    pays(at, "1920", row_of(at.invoice), on=PAID)
    with refused("changed-since-shown") as why:
        sent(at, FIRST, *shown)
    assert [one.subject for one in why.value.refusals] == [str(at.invoice.customer)]
