"""Actuals into journals, confirmed proformas into proposals: all that is missing, once (C1, C5)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Count

from accounting.models import IntegrationJournal, IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.pulling import pull_journals, pull_proposals
from accounting.states import JournalPeriodUnit, JournalStatus, ProposalStatus
from billing.editing import Changes
from billing.models import Proforma
from billing.states import Remainder
from core.models import Activity
from projects.models import Actual, LegalEntity, Project
from projects.states import BillingType, TransactionType
from tests.company import Company, details_of
from tests.company.checking import statements
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


def take(company: Company, **options) -> int:
    return pull_journals(company.entity, actor=company.accountant, at=NOW, **options)


def propose() -> int:
    return pull_proposals(Proforma.objects.all(), at=NOW).count_or_raise()


def lines(company: Company) -> list[tuple[str, date, Decimal, Decimal]]:
    rows = IntegrationJournalLine.objects.filter(journal__legal_entity=company.entity).order_by("pk")
    return [(line.journal.number, line.accounting_date, line.amount, line.base_amount) for line in rows]


def test_one_line_for_the_cost_and_one_for_the_sale():
    company = Company()
    Project.objects.filter(pk=company.project.pk).update(dimension="north")
    company.approved(8)
    assert take(company) == 2
    cost, sale = IntegrationJournalLine.objects.order_by("actual__type")
    assert (cost.amount, cost.base_amount, cost.currency, cost.status) == (800, 800, "EUR", "draft")
    assert (sale.amount, sale.accounting_date, sale.project) == (1600, date(2026, 3, 2), company.project)
    assert sale.dimension == "north"
    journal = IntegrationJournal.objects.get()
    assert (journal.number, journal.status, journal.period_starts_on) == (
        "IJ-2026-00001",
        JournalStatus.DRAFT,
        date(2026, 3, 1),
    )
    assert Activity.objects.get(subject_kind="accounting.integrationjournal").facts == {"lines": 2}


def test_importing_twice_changes_nothing_and_later_work_joins_the_draft():
    company = Company()
    company.approved(8)
    assert [take(company), take(company)] == [2, 0]
    company.approved(4)
    assert take(company) == 2
    assert IntegrationJournal.objects.count() == 1
    company.post_journals()
    company.approved(1)
    assert take(company) == 2
    assert IntegrationJournal.objects.count() == 2


@pytest.mark.parametrize(
    ("unit", "journals"),
    [
        (JournalPeriodUnit.DAYS, {date(2026, 1, 31): 2, date(2026, 2, 1): 2, date(2026, 2, 2): 2}),
        (JournalPeriodUnit.MONTHS, {date(2026, 1, 1): 2, date(2026, 2, 1): 4}),
        (JournalPeriodUnit.YEARS, {date(2026, 1, 1): 6}),
        (JournalPeriodUnit.ALL, {None: 6}),
    ],
)
def test_a_journal_for_each_day_month_or_year(unit, journals):
    company = Company()
    for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)):
        company.approved(8, date=day)
    assert take(company, unit=unit) == 6
    made = IntegrationJournal.objects.annotate(count=Count("lines")).values_list("period_starts_on", "count")
    assert dict(made) == journals
    facts = Activity.objects.filter(subject_kind="accounting.integrationjournal").order_by("pk")
    assert [one.facts["lines"] for one in facts] == list(journals.values())


def test_a_date_in_a_closed_period_moves_to_the_next_open_one():
    company = Company()
    company.approved(8, date=date(2026, 1, 15))
    company.approved(4, date=date(2026, 3, 2))
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=date(2026, 2, 28))
    assert take(company) == 4
    assert {line[1:] for line in lines(company)} == {
        (date(2026, 3, 1), Decimal(800), Decimal(800)),
        (date(2026, 3, 1), Decimal(1600), Decimal(1600)),
        (date(2026, 3, 2), Decimal(400), Decimal(400)),
        (date(2026, 3, 2), Decimal(800), Decimal(800)),
    }


def test_foreign_amounts_are_converted_at_the_rate_of_their_day():
    company = Company(currency="GBP")
    company.sells_hours_for("33.33")
    company.rate("GBP", "1.2345", date(2026, 3, 1))
    company.rate("GBP", "1.3", date(2026, 3, 3))
    company.approved(1, date=date(2026, 3, 2))
    company.approved(1, date=date(2026, 3, 3))
    take(company)
    foreign = IntegrationJournalLine.objects.filter(currency="GBP").order_by("accounting_date")
    assert [(line.amount, line.base_amount) for line in foreign] == [
        (Decimal("33.33"), Decimal("41.15")),
        (Decimal("33.33"), Decimal("43.33")),
    ]


def test_without_a_rate_nothing_is_imported_and_no_journal_is_made_for_nothing():
    company = Company(currency="GBP")
    company.approved(1, "fee", price=Decimal(500))
    assert take(company) == 0
    assert not IntegrationJournal.objects.exists()
    company.rate("GBP", "1.25")
    assert take(company) == 1


def test_what_a_confirmation_writes_and_takes_back_never_reaches_the_books():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6", remainder=Remainder.KEEP)
    company.confirm(draft)
    take(company)
    imported = Actual.objects.filter(journal_line__isnull=False).order_by("pk")
    assert [(actual.type, actual.quantity) for actual in imported] == [
        (TransactionType.COST, 8),
        (TransactionType.UNBILLED_SALES, 8),
        (TransactionType.UNBILLED_SALES, 2),
    ]


def test_a_proposal_has_a_line_for_every_billed_actual_with_what_the_customer_pays():
    company = Company()
    company.approved(8)
    company.approved(4, billing_type=BillingType.COMPLIMENTARY)
    company.milestone("5000")
    draft = company.draft()
    company.add_by_hand(draft, company.line, quantity=Decimal(3))
    company.edit_only(details_of(draft).filter(quantity=8), **Changes(quantity=Decimal(6)).named())
    company.confirm(draft)
    assert propose() == 1
    proposal = InvoiceProposal.objects.get()
    assert (proposal.proforma, proposal.status, proposal.accounting_date) == (
        draft,
        ProposalStatus.DRAFT,
        CUT_OFF,
    )
    rows = InvoiceProposalLine.objects.values_list("actual__type", "actual__quantity", "amount")
    assert sorted(rows) == [(3, 1, 5000), (3, 3, 600), (3, 4, 0), (3, 6, 1200)]


def test_proposals_are_made_once_of_what_is_confirmed():
    company = Company()
    company.approved(8)
    draft = company.draft()
    assert propose() == 0
    company.confirm(draft)
    assert [propose(), propose()] == [1, 0]
    assert InvoiceProposalLine.objects.count() == 1


def test_many_actuals_are_imported_in_as_many_statements_as_few():
    company = Company()
    company.approved(8)
    company.journalise()
    company.approved(8)
    few = statements(lambda: take(company))
    company.post_journals()
    for _each in range(20):
        company.approved(8)
    assert statements(lambda: take(company)) == few
