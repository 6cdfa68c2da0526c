"""G1-G6, L1-L5, S2, J1: vouchers that balance, numbers without a gap, journal lines that stay as they are."""

import datetime
import re
import uuid
from decimal import Decimal

import pytest
from django.db import connection, models

from accounting.models import (
    Account,
    CustomerInvoice,
    FiscalPeriod,
    IntegrationJournalLine,
    Voucher,
    VoucherLine,
    VoucherSeal,
)
from accounting.states import JournalLineStatus, VoucherSource
from billing.models import NumberSeries
from billing.states import SeriesKind
from projects.models import Customer, LegalEntity
from tests.company import Company, book_rows, invoicing_rows, rows
from tests.guards.attacks import Attack, another, delete, each, insert, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

BALANCES = "debit and credit differ"
NEXT = "an invoice takes the next number of its series, without a gap"
REPEATS = "a journal line repeats its actual"
TAKEN = re.compile(r"(?i)unique|are never changed")


# --- Vouchers ---


def _sealed(guarded: GuardedRows, *lines: tuple[str, str, str]) -> None:
    """A voucher with lines of these amounts, currencies and amounts in the entity's currency, sealed."""
    made, on = book_rows.voucher(guarded.company), book_rows.account(guarded.company)
    for amount, currency, base in lines:
        book_rows.voucher_line(made, on, amount, currency=currency, base_amount=Decimal(base))
    book_rows.seal_voucher(made)


def _sealed_by_another_key(guarded: GuardedRows) -> None:
    made, on = book_rows.voucher(guarded.company), book_rows.account(guarded.company)
    book_rows.voucher_line(made, on, "1")
    book_rows.voucher_line(made, on, "-1")
    VoucherSeal.objects.create(key=uuid.uuid4(), voucher=made)


def _with_foreign_account(guarded: GuardedRows) -> None:
    made = book_rows.voucher(guarded.company)
    book_rows.voucher_line(made, book_rows.account(guarded.company), "1")
    book_rows.voucher_line(made, book_rows.account(Company.bare()), "-1")
    book_rows.seal_voucher(made)


def _never_sealed(guarded: GuardedRows) -> None:
    made, on = book_rows.voucher(guarded.company), book_rows.account(guarded.company)
    book_rows.voucher_line(made, on, "1")
    book_rows.voucher_line(made, on, "-1")
    connection.check_constraints()


def _line(guarded: GuardedRows, **columns: object) -> VoucherLine:
    usual = {
        "voucher": Voucher.objects.first(),
        "account": book_rows.account(guarded.company),
        "currency": "EUR",
        "amount": Decimal(1),
        "base_amount": Decimal(1),
    }
    return VoucherLine(**usual | columns)


def _voucher(guarded: GuardedRows, **columns: object) -> Voucher:
    usual = {
        "legal_entity": guarded.company.entity,
        "number": "V-forged",
        "date": rows.DAY,
        "source_kind": VoucherSource.JOURNAL_LINE,
        "source_id": 7_777_777,
        "posted_by": guarded.company.accountant,
        "posted_at": rows.NOW,
    }
    return Voucher(**usual | columns)


def _in_closed_period(guarded: GuardedRows) -> Voucher:
    FiscalPeriod.objects.update(status="closed", closed_by=guarded.company.accountant)
    return _voucher(guarded)


def _on_lock_date(guarded: GuardedRows) -> Voucher:
    LegalEntity.objects.update(locked_through=rows.DAY)
    return _voucher(guarded)


@each(
    steps("one-cent-off", BALANCES, lambda s: _sealed(s, ("100", "EUR", "100"), ("-99.99", "EUR", "-99.99"))),
    steps("off-in-base", BALANCES, lambda s: _sealed(s, ("100", "EUR", "100"), ("-100", "EUR", "-100.01"))),
    steps(
        "balances-across-currencies", BALANCES, lambda s: _sealed(s, ("1", "EUR", "1"), ("-1", "USD", "-1"))
    ),
    steps("one-line", "at least two lines", lambda s: _sealed(s, ("0", "EUR", "1"))),
    steps("no-line", "at least two lines", _sealed),
    steps("key-of-nothing", "a seal closes the voucher that names it", _sealed_by_another_key),
    steps("foreign-account", "accounts of its own legal entity alone", _with_foreign_account),
    steps("never-sealed", "seal", _never_sealed),
    insert("line-after-the-seal", "a sealed voucher takes no more lines", _line),
    insert(
        "control-account-without-customer",
        "a line on the control account of customers names its customer",
        lambda s: _line(
            s,
            voucher=book_rows.voucher(s.company),
            account=Account.objects.filter(control="customer").first(),
        ),
    ),
    insert(
        "line-of-nothing",
        re.compile("voucher_line_not_zero"),
        lambda s: _line(s, voucher=book_rows.voucher(s.company), amount=Decimal(0), base_amount=Decimal(0)),
    ),
    insert("closed-period", "nothing is posted into a closed period", _in_closed_period),
    insert("lock-date", "nothing is posted on or before the lock date", _on_lock_date),
    insert(
        "source-posted-already",
        TAKEN,
        lambda s: _voucher(s, source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=s.invoice.pk),
    ),
)
def test_a_voucher_is_refused(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_rounding_differences_balance_on_a_line_of_their_own(guarded: GuardedRows):
    before = VoucherSeal.objects.count()
    _sealed(guarded, ("100", "USD", "91.13"), ("-100", "USD", "-91.12"), ("0", "EUR", "-0.01"))
    assert VoucherSeal.objects.count() == before + 1


def test_the_day_after_the_lock_date_is_open(guarded: GuardedRows):
    LegalEntity.objects.update(locked_through=rows.DAY - datetime.timedelta(days=1))
    assert book_rows.balanced(guarded.company).date == rows.DAY


# --- Numbers ---


def _invoice(guarded: GuardedRows, **columns: object) -> CustomerInvoice:
    """The unsaved invoice of the draft once confirmed, right in everything but `columns`."""
    confirmed = invoicing_rows.confirm(guarded.draft, guarded.company)
    guarded.series.last_number += 1
    guarded.series.save()
    usual = {
        "proposal": book_rows.proposal(confirmed),
        "legal_entity": guarded.company.entity,
        "series": guarded.series,
        "series_number": guarded.series.last_number,
        "number": "RE-next",
        "customer": guarded.company.customer,
        "invoice_date": rows.CUT_OFF,
        "due_date": rows.CUT_OFF,
        "currency": "EUR",
        "net_amount": Decimal(800),
        "tax_amount": Decimal(0),
        "gross_amount": Decimal(800),
        "snapshot": {},
        "posted_by": guarded.company.accountant,
        "posted_at": rows.NOW,
    }
    return CustomerInvoice(**usual | columns)


def _next_taken_twice(guarded: GuardedRows) -> CustomerInvoice:
    made = _invoice(guarded)
    row(guarded.series).update(last_number=99)
    made.series_number = 99
    return made


def _untaken(guarded: GuardedRows) -> CustomerInvoice:
    made = _invoice(guarded, series=invoicing_rows.number_series(guarded.company, year=2027), series_number=1)
    assert NumberSeries.objects.get(pk=made.series_id).last_number == 0
    return made


def _on_hold(guarded: GuardedRows) -> CustomerInvoice:
    Customer.objects.update(is_on_hold=True)
    return _invoice(guarded)


def _of_a_draft(guarded: GuardedRows) -> CustomerInvoice:
    made = _invoice(guarded)
    made.proposal = book_rows.proposal(invoicing_rows.proforma(guarded.company))
    return made


@each(
    insert("a-gap", NEXT, _next_taken_twice),
    insert("a-number-again", NEXT, lambda s: _invoice(s, series_number=1)),
    insert("number-nought", NEXT, lambda s: _invoice(s, series_number=0)),
    insert("not-taken-from-the-series", "a number is taken from its series before", _untaken),
    insert(
        "a-series-of-something-else",
        "in a series of invoices of its own legal entity",
        lambda s: _invoice(
            s, series=invoicing_rows.number_series(s.company, SeriesKind.PROFORMA), series_number=1
        ),
    ),
    insert(
        "a-series-of-another-entity",
        "in a series of invoices of its own legal entity",
        lambda s: _invoice(s, series=invoicing_rows.number_series(Company.bare()), series_number=1),
    ),
    insert(
        "dated-before-the-last",
        "invoice dates never go back within a series",
        lambda s: _invoice(s, invoice_date=rows.CUT_OFF - datetime.timedelta(days=1)),
    ),
    insert("the-same-text", TAKEN, lambda s: _invoice(s, number=s.invoice.number)),
    insert("the-same-proposal", TAKEN, lambda s: _invoice(s, proposal=s.invoice.proposal)),
    insert(
        "posted-by-its-confirmer",
        "whoever confirmed a proforma does not post its invoice",
        lambda s: _invoice(s, posted_by=s.company.manager),
    ),
    insert("of-a-customer-on-hold", "a customer on hold is not invoiced", _on_hold),
    insert("of-a-draft", "only a confirmed proforma becomes an invoice", _of_a_draft),
    insert(
        "another-net",
        "for the net amount confirmed there",
        lambda s: _invoice(s, net_amount=Decimal(801), gross_amount=Decimal(801)),
    ),
    insert(
        "another-customer",
        "asks the customer of its proforma",
        lambda s: _invoice(s, customer=rows.customer(s.company.entity)),
    ),
    insert(
        "gross-is-not-net-plus-tax",
        re.compile("invoice_gross_is_net_plus_tax"),
        lambda s: _invoice(s, gross_amount=Decimal(799)),
    ),
)
def test_an_invoice_is_refused(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_the_next_invoice_is_taken(guarded: GuardedRows):
    made = _invoice(guarded)
    made.save()
    assert list(CustomerInvoice.objects.values_list("series_number", flat=True).order_by("pk")) == [1, 2]


# --- Integration journal ---

DECIDED = {
    "journal",
    "dimension",
    "status",
    "error",
    "voucher",
    "is_accrued",
    "is_held",
}
COLUMNS = list(IntegrationJournalLine._meta.concrete_fields)


# The columns of the actual are kept by two guards, and whichever comes first refuses the change.
POSTED = re.compile("a posted journal line is never changed|a journal line repeats its actual")


@pytest.mark.parametrize("field", COLUMNS, ids=[field.name for field in COLUMNS])
def test_no_column_of_a_posted_journal_line_changes(guarded: GuardedRows, field: models.Field):
    with refused(POSTED):
        row(guarded.posted_journal_line).update(**{field.attname: another(field)})


REPEATED = [field for field in COLUMNS if field.name not in DECIDED]


@pytest.mark.parametrize("field", REPEATED, ids=[field.name for field in REPEATED])
def test_an_open_journal_line_repeats_its_actual(guarded: GuardedRows, field: models.Field):
    with refused(REPEATS):
        row(guarded.open_journal_line).update(**{field.attname: another(field)})


def test_an_open_journal_line_takes_what_accounting_decides(guarded: GuardedRows):
    assert (
        row(guarded.open_journal_line).update(dimension="042", error="", is_accrued=True, is_held=True) == 1
    )
    assert row(guarded.open_journal_line).update(status=JournalLineStatus.ERROR) == 1
    assert row(guarded.open_journal_line).get().dimension == "042"


@each(
    delete("posted-line", "a posted journal line is never deleted", lambda s: row(s.posted_journal_line)),
    update(
        "back-to-draft",
        "a posted journal line is never changed",
        lambda s: (row(s.posted_journal_line), {"status": JournalLineStatus.DRAFT}),
    ),
    insert(
        "second-line-of-an-actual",
        re.compile(r"(?i)unique|not replaced"),
        lambda s: IntegrationJournalLine(
            journal=s.open_journal_line.journal,
            actual=s.billed,
            project=s.company.project,
            accounting_date=rows.DAY,
            currency="EUR",
            amount=Decimal(1),
            base_amount=Decimal(1),
        ),
    ),
)
def test_a_journal_line_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_an_open_journal_line_may_be_deleted(guarded: GuardedRows):
    assert row(guarded.open_journal_line)._raw_delete("default") == 1
