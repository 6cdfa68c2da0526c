"""What an entry journal refuses, line by line, and that a confirmed one is final (matrix 4.1 #11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.querysets import ChangedMeanwhile
from projects.journalling import remove_lines, start_journal
from projects.models import (
    Actual,
    ContractLine,
    EntryJournalLine,
    Project,
    ProjectContract,
    Resource,
    Task,
)
from projects.querysets import FactJournalQuerySet
from projects.states import (
    ContractStatus,
    TransactionClass,
)
from tests.company import Company, journal_rows, only, rows
from tests.company.checking import refused
from tests.company.rows import DAY, NOW
from tests.projects.test_journalling import BILLED, COST, UNBILLED, confirm, started, type_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


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
            journal_rows.typed_line(journal, company, contract_line=other)
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
