"""The books prove themselves: true ones break nothing, and what is broken is named (X6, C12)."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    InvoiceProposalLine,
    InvoiceTax,
    VoucherLine,
)
from accounting.proving import PROOFS, prove
from billing.models import NumberSeries, Proforma
from core import guarding
from projects.models import Actual, Approval, BacklogItem
from projects.states import TransactionType
from tests.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Iterator[Company]:
    """A company with a posted invoice and open work, and a database that lets everything through."""
    company = Company()
    company.billed(8)
    company.approved(4)
    guarding.lift(connection)
    yield company
    guarding.install(connection)


def broken() -> dict[str, int]:
    return {finding.proof.code: finding.count for finding in prove() if finding.count}


def test_true_books_break_nothing():
    company = Company()
    company.billed(8)
    company.milestone("5000")
    company.confirm(company.draft())
    assert broken() == {}


def test_every_proof_has_a_code_of_its_own_and_a_sentence():
    assert len({proof.code for proof in PROOFS}) == len(PROOFS)
    assert all(str(proof.says).endswith(".") for proof in PROOFS)
    assert not [proof.code for proof in PROOFS if "mirror" in str(proof.says)]


def on_draft(number: str) -> int:
    return BacklogItem.objects.update(status="on_draft", proforma_number=number)


def reversal() -> Any:
    return Actual.objects.filter(reverses__isnull=False)


BREAKS: list[tuple[str, Callable[[], Any], set[str]]] = [
    ("a reversal of another amount", lambda: reversal().update(amount=Decimal(-1599)), {"J2", "J3"}),
    (
        "a share one cent off",
        lambda: Actual.objects.filter(type=TransactionType.COST, quantity=4).update(amount=Decimal("400.01")),
        {"M3"},
    ),
    ("an approval of another amount", lambda: Approval.objects.update(sales_amount=1), {"M3"}),
    ("a backlog row without its actual", lambda: BacklogItem.objects.all().delete(), {"K3a"}),
    ("a row that says it is on a draft", lambda: on_draft("P1"), {"K3c"}),
    (
        "a net that is not its details",
        lambda: Proforma.objects.update(net_amount=1, tax_amount=0, gross_amount=1),
        {"I2", "G7"},
    ),
    ("a proposal line too few", lambda: InvoiceProposalLine.objects.all().delete(), {"I3p", "G5", "G7"}),
    ("a series beyond its invoices", lambda: NumberSeries.objects.update(last_number=9), {"L2"}),
    (
        "a customer line one cent off",
        lambda: VoucherLine.objects.filter(account__number="1400").update(amount=Decimal("1920.01")),
        {"G1", "G4a", "G4c", "C11h"},
    ),
    (
        "a line one cent off in the entity's currency",
        lambda: VoucherLine.objects.filter(account__number="1400").update(base_amount=Decimal("1920.01")),
        {"G1b", "G4a", "C11h"},
    ),
    (
        "a subledger row too few",
        lambda: CustomerTransaction.objects.all().delete(),
        {"G4a", "G4c", "C11h"},
    ),
    (
        "a control line without a customer",
        lambda: VoucherLine.objects.filter(account__number="1400").update(customer=None),
        {"G4a", "G4b", "G4c", "C11h"},
    ),
    (
        "an accrual that nobody booked",
        lambda: IntegrationJournalLine.objects.filter(is_accrued=False).update(is_accrued=True),
        {"G5"},
    ),
    ("a tax that is not its rows", lambda: InvoiceTax.objects.update(tax_amount=Decimal(1)), {"G7"}),
    ("a proforma without its number", lambda: Proforma.objects.update(customer_invoice_number=""), {"I1"}),
    (
        "an invoice posted by who confirmed it",
        lambda: CustomerInvoice.objects.update(posted_by=Proforma.objects.get().confirmed_by),
        {"S2"},
    ),
]


@pytest.mark.parametrize(("do", "codes"), [one[1:] for one in BREAKS], ids=[one[0] for one in BREAKS])
def test_what_is_broken_is_named(books: Company, do: Callable[[], Any], codes: set[str]):
    do()
    # Other proofs may notice it as well: the row of a subledger, the hash in the log.
    assert codes <= set(broken())


def test_an_offender_is_named_by_what_people_call_it(books: Company):
    VoucherLine.objects.filter(account__number="1400").update(amount=Decimal("1920.01"))
    (finding,) = [finding for finding in prove() if finding.proof.code == "G4a"]
    assert (finding.count, finding.examples) == (1, [f"{books.customer.name} EUR"])


def test_the_command_lists_every_proof_and_says_when_all_is_well():
    Company().billed(8)
    out = StringIO()
    call_command("check_integrity", stdout=out)
    output = out.getvalue()
    assert "J2    A reversal is the exact negation of its original.  ok" in output
    assert f"{len(PROOFS)} proofs, 0 broken" in output


def test_the_command_fails_when_something_is_broken(books: Company):
    NumberSeries.objects.update(last_number=9)
    out = StringIO()
    with pytest.raises(CommandError, match="2 invariants are broken"):
        call_command("check_integrity", "--json", stdout=out)
    rows = {row["code"]: row["count"] for row in json.loads(out.getvalue())["proofs"]}
    # Which series was moved is not asked, so the numbers of vouchers show a gap as well.
    assert (rows.pop("L2"), rows.pop("L2b")) == (1, 4)
    assert set(rows.values()) == {0}
