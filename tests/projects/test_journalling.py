"""Entry journals: typed facts, one actual for each line, written when confirmed (matrix 4.1 #11)."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.models import Activity
from core.querysets import ChangedMeanwhile
from projects.journalling import TypedLine, add_line, confirm_journals, remove_lines, start_journal
from projects.models import (
    Actual,
    BacklogItem,
    ContractLine,
    EntryJournal,
    EntryJournalLine,
    Project,
    ProjectContract,
    Resource,
    Task,
)
from projects.querysets import FactJournalQuerySet
from projects.states import (
    BillingType,
    ContractStatus,
    EntryJournalStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, statements
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


# --- Refusals -----------------------------------------------------------------------------------------


def elsewhere(company: Company) -> Project:
    return Project.objects.create(
        legal_entity=company.entity, number="E1", name="Elsewhere", customer=company.customer
    )


def without_time(company: Company) -> ContractLine:
    ContractLine.objects.filter(pk=company.line.pk).update(includes_time=False)
    return ContractLine.objects.get(pk=company.line.pk)


def billing_later(company: Company) -> ContractLine:
    company.bills_time(billing_starts_on=date(2026, 3, 3))
    return company.line


def for_one_task(company: Company) -> ContractLine:
    company.line.tasks.add(Task.objects.create(project=company.project, name="Design"))
    return company.line


WRONG: dict[str, tuple[str, Any]] = {
    "billed sales": ("billed-sales-need-a-proforma", lambda c: {"type": BILLED}),
    "milestone": ("class-not-possible", lambda c: {"transaction_class": TransactionClass.MILESTONE}),
    "cost of a fee": ("class-not-possible", lambda c: {"type": COST, "transaction_class": "fee"}),
    "no contract line": ("contract-line-missing", lambda c: {"contract_line": None}),
    "line of another project": ("line-of-other-project", lambda c: {"project": elsewhere(c)}),
    "class not on the line": ("class-not-included", lambda c: {"contract_line": without_time(c)}),
    "day not on the line": ("day-not-covered", lambda c: {"contract_line": billing_later(c)}),
    "task not on the line": ("task-not-included", lambda c: {"contract_line": for_one_task(c)}),
    "no payer": ("payer-missing", lambda c: {"customer": None}),
    "payer of another line": ("payer-of-other-line", lambda c: {"customer": rows.customer(c.entity)}),
    "category": ("category-of-other-class", lambda c: {"category": c.categories["expense"]}),
    "amount": ("amount-differs", lambda c: {"amount": Decimal(1601)}),
    "negative": ("negative-quantity", lambda c: {"quantity": Decimal(-8)}),
    "nothing": ("quantity-missing", lambda c: {"quantity": Decimal(0)}),
    "too many digits": ("quantity-not-possible", lambda c: {"quantity": Decimal("0.00001")}),
    "negative price": ("negative-price", lambda c: {"price": Decimal(-1)}),
    "price too exact": ("price-not-possible", lambda c: {"price": Decimal("0.00001")}),
    "too much": ("amount-too-large", lambda c: {"quantity": Decimal(10**10), "price": Decimal(10**10)}),
    "far ahead": ("too-far-ahead", lambda c: {"date": date(2026, 8, 1)}),
    "task of another project": (
        "task-not-of-project",
        lambda c: {"task": Task.objects.create(project=elsewhere(c), name="Design")},
    ),
    "person of another company": ("other-entity", lambda c: {"resource": Company.bare().resource}),
}


@pytest.mark.parametrize("case", WRONG)
def test_line_that_cannot_become_an_actual_is_refused(company: Company, case: str) -> None:
    code, values = WRONG[case]
    journal, wrong = started(company), values(company)
    with refused(code):
        type_in(company, journal, **wrong)


def test_far_back_and_closed_days_are_refused(company: Company) -> None:
    journal = started(company)
    rows.fiscal_days(company.entity, date(2024, 1, 1), date(2024, 12, 31))
    with refused("too-far-back"):
        type_in(company, journal, date=date(2024, 3, 1))
    company.entity.locked_through = DAY
    company.entity.save()
    with refused("period-locked"):
        type_in(company, journal)


def test_day_without_a_fiscal_period_is_refused(company: Company) -> None:
    journal = started(company)
    company.entity.fiscal_spans.all().delete()
    with refused("period-missing"):
        type_in(company, journal)


def test_closed_project_takes_no_facts(company: Company) -> None:
    journal = started(company)
    Project.objects.filter(pk=company.project.pk).update(is_closed=True)
    company.project.refresh_from_db()
    with refused("project-closed"):
        type_in(company, journal)


def test_fixed_price_line_has_no_unbilled_sales(company: Company) -> None:
    journal, fixed = started(company), company.fixed_price_line()
    with refused("fixed-price"):
        type_in(company, journal, project=fixed.project, contract_line=fixed)


@pytest.mark.parametrize("ended", [ContractStatus.LOST, ContractStatus.COMPLETED])
@pytest.mark.parametrize("kind", [COST, UNBILLED])
def test_contract_that_ended_takes_no_facts(company: Company, ended: ContractStatus, kind: int) -> None:
    journal = started(company)
    type_in(company, journal, type=kind)
    ProjectContract.objects.filter(pk=company.contract.pk).update(status=ended)
    with refused("contract-ended") as caught:
        confirm(company, journal)
    (reason,) = caught.value.refusals
    assert reason.message == f"Contract {company.contract} is “{ended.label}”."
    assert reason.way_out == "Choose a line of another contract, or record the cost without a line."
    line = ContractLine.objects.get(pk=company.line.pk)
    with refused("contract-ended"):
        type_in(company, journal, type=kind, contract_line=line)


def test_line_of_another_contract_written_in_between_stops_the_confirmation(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = started(company)
    type_in(company, journal)
    other = rows.contract_line(
        rows.contract(company.entity, company.customer), company.customer, project=company.project
    )
    locked = FactJournalQuerySet.locked

    def written_just_before(journals: FactJournalQuerySet) -> FactJournalQuerySet:
        if not EntryJournalLine.objects.filter(contract_line=other).exists():
            rows.typed_line(journal, company, contract_line=other)
        return locked(journals)

    monkeypatch.setattr(FactJournalQuerySet, "locked", written_just_before)
    with pytest.raises(ChangedMeanwhile):
        confirm(company, journal)
    assert company.actuals() == ""


def test_line_is_judged_again_when_its_journal_is_confirmed(company: Company) -> None:
    journal = started(company)
    type_in(company, journal)
    without_time(company)
    with refused("class-not-included"):
        confirm(company, journal)


def test_journal_without_lines_is_not_confirmed(company: Company) -> None:
    journal = started(company)
    with refused("no-lines"):
        confirm(company, journal)


def test_reason_must_be_given(company: Company) -> None:
    with refused("reason-missing"):
        start_journal(company.entity, reason="", actor=company.accountant, at=NOW)


def test_confirmed_journal_is_final(company: Company) -> None:
    journal = started(company)
    line = type_in(company, journal)
    confirm(company, journal)
    with refused("not-a-draft"):
        type_in(company, journal)
    with refused("not-a-draft"):
        remove_lines(only(journal), [line.pk], actor=company.accountant, at=NOW)
    with refused("not-a-draft"):
        confirm(company, journal)


def test_person_of_the_company_is_named_on_the_work(company: Company) -> None:
    journal = started(company)
    colleague = Resource.objects.get(pk=company.resource.pk)
    type_in(company, journal, resource=colleague, role=company.role)
    confirm(company, journal)
    assert Actual.objects.get().work_item.resource == colleague
