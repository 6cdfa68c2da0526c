"""Entry journals: typed facts, one actual for each line, written when confirmed (matrix 4.1 #11)."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.models import Activity
from projects.journalling import TypedLine, add_line, confirm_journals, remove_lines, start_journal
from projects.models import (
    Actual,
    BacklogItem,
    EntryJournal,
)
from projects.states import (
    BillingType,
    EntryJournalStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)
from tests.company import Company, only
from tests.company.checking import assert_proven, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

COST, UNBILLED, BILLED = TransactionType.COST, TransactionType.UNBILLED_SALES, TransactionType.BILLED_SALES


@pytest.fixture
def company() -> Company:
    return Company()


def started(company: Company) -> EntryJournal:
    return start_journal(company.entity, reason="Opening balances", actor=company.accountant, at=NOW)


def typed(company: Company, **values: Any) -> TypedLine:
    """Eight hours of unbilled sales at 200, or what `values` say."""
    usual: dict[str, Any] = {
        "type": UNBILLED,
        "transaction_class": TransactionClass.TIME,
        "project": company.project,
        "contract_line": company.line,
        "customer": company.customer,
        "date": DAY,
        "quantity": Decimal(8),
        "price": Decimal(200),
        "description": "Work before the system",
    }
    return TypedLine(**usual | values)


def type_in(company: Company, journal: EntryJournal, **values: Any) -> Any:
    return add_line(only(journal), typed(company, **values), actor=company.accountant, at=NOW)


def confirm(company: Company, *journals: EntryJournal) -> int:
    return confirm_journals(only(*journals), actor=company.accountant, on=DAY, at=NOW)


def test_each_line_becomes_one_actual_without_links(company: Company) -> None:
    journal = started(company)
    type_in(company, journal)
    type_in(company, journal, type=COST, price=Decimal(100), contract_line=None, customer=None)
    type_in(
        company,
        journal,
        transaction_class=TransactionClass.FEE,
        quantity=Decimal(1),
        price=Decimal(500),
        unit="pcs",
    )
    assert company.actuals() == ""
    assert confirm(company, journal) == 3
    assert company.actuals() == table("""
        unbilled  chargeable     +8  +1600.00  not_ready
        cost      not-available  +8   +800.00
        unbilled  chargeable     +1   +500.00  not_ready
    """)
    written = Actual.objects.all()
    assert {row.work_item.approval_id for row in written} == {None}
    assert {row.event.kind for row in written} == {EventKind.ENTRY_JOURNAL}
    assert not written.exclude(reverses=None, bills=None).exists()
    assert_proven()


def test_journal_is_numbered_confirmed_and_names_its_event(company: Company) -> None:
    first, second = started(company), started(company)
    assert (first.number, second.number) == ("EJ-00001", "EJ-00002")
    type_in(company, first)
    confirm(company, first)
    journal = EntryJournal.objects.get(pk=first.pk)
    assert (journal.status, journal.confirmed_by) == (EntryJournalStatus.CONFIRMED, company.accountant)
    assert journal.event == Actual.objects.get().event
    assert Activity.objects.about(journal).filter(verb="confirmed").count() == 1


def test_numbers_of_another_company_are_its_own(company: Company) -> None:
    started(company)
    assert started(Company()).number == "EJ-00001"


def test_cost_of_a_line_can_be_charged_and_is_in_the_companys_currency(company: Company) -> None:
    journal = started(company)
    line = type_in(company, journal, type=COST, price=Decimal(100))
    assert (line.currency, line.customer, line.billing_type) == ("EUR", None, BillingType.CHARGEABLE)


def test_sales_are_in_the_currency_of_the_contract() -> None:
    company = Company(currency="USD")
    line = type_in(company, started(company), quantity=Decimal("1.5"), price=Decimal("33.33"))
    assert (line.currency, line.amount) == ("USD", Decimal("50.00"))


def test_amount_may_be_typed_when_it_is_quantity_times_price(company: Company) -> None:
    line = type_in(company, started(company), amount=Decimal(1600))
    assert line.amount == 1600


def test_complimentary_work_can_be_typed(company: Company) -> None:
    journal = started(company)
    type_in(company, journal, billing_type=BillingType.COMPLIMENTARY)
    confirm(company, journal)
    assert company.backlog() == "2026-03-02 complimentary +8 +1600.00 not_ready"


def test_cost_of_a_fixed_price_project_is_cost_alone(company: Company) -> None:
    fixed = company.fixed_price_line()
    journal = started(company)
    type_in(company, journal, type=COST, project=fixed.project, contract_line=fixed, customer=None)
    confirm(company, journal)
    assert company.actuals() == "cost chargeable +8 +1600.00"


def test_typed_work_is_billed_and_posted_like_any_other(company: Company) -> None:
    journal = started(company)
    # Without a category nothing says how the work is taxed.
    type_in(company, journal, category=company.categories["time"])
    type_in(company, journal, type=COST, price=Decimal(100))
    confirm(company, journal)
    company.confirm(company.draft())
    (invoice,) = company.invoices()
    assert invoice.net_amount == 1600
    assert_proven()


def test_typed_work_counts_against_the_limit_of_its_contract(company: Company) -> None:
    company.contract.not_to_exceed_amount = Decimal(1000)
    company.contract.save()
    journal = started(company)
    type_in(company, journal)
    confirm(company, journal)
    assert BacklogItem.objects.get().not_to_exceed_status == "failed"


def test_lines_are_taken_off_a_draft(company: Company) -> None:
    journal = started(company)
    line = type_in(company, journal)
    assert remove_lines(only(journal), [line.pk], actor=company.accountant, at=NOW) == 1
    assert not journal.lines.exists()


def test_statements_do_not_grow_with_the_lines(company: Company) -> None:
    counts = []
    for size in (2, 6):
        journal = started(company)
        for _each in range(size):
            type_in(company, journal)
        counts.append(statements(partial(confirm, company, journal)))
    assert counts[0] == counts[1]
