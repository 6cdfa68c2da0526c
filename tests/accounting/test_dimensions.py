"""Dimensions: defaults, what accounting sets, and every line of the voucher that carries them (C4)."""

from decimal import Decimal
from typing import Any

import pytest

from accounting.invoicing import post_proposals
from accounting.models import (
    FinancialDimension,
    IntegrationJournalLine,
    InvoiceProposal,
    InvoiceProposalLine,
    VoucherLine,
)
from accounting.pulling import pull_journals
from accounting.reviewing import review_lines, review_proposals, set_dimension_of_lines
from core.models import Activity
from projects.models import Customer, Project, ProjectContract
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import corrected
from tests.company.journal_vouchers import written
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


def proposed(company: Company, *hours: int) -> InvoiceProposal:
    """A proposal of a line for each of the hours, their work posted."""
    for each in hours or (8,):
        company.approved(each)
    company.journalise()
    company.confirm(company.draft())
    return company.proposals().get()


def posted(company: Company) -> Any:
    return post_proposals(InvoiceProposal.objects.unposted(), actor=company.accountant, at=NOW)


def booked(number: str, **having: Any) -> list[tuple[str, Decimal]]:
    """Sums of an account by dimension."""
    lines = VoucherLine.objects.filter(account__number=number, **having).order_by("pk")
    sums: dict[str, Decimal] = {}
    for dimension, amount in lines.values_list("dimension", "amount"):
        sums[dimension] = sums.get(dimension, Decimal(0)) + amount
    return sorted(sums.items())


def defaults(company: Company, **of: str) -> None:
    whose = ((Customer, company.customer), (ProjectContract, company.contract), (Project, company.project))
    for model, row in whose:
        model.objects.filter(pk=row.pk).update(dimension=of.get(model._meta.model_name or "", ""))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({}, ""),
        ({"customer": "C"}, "C"),
        ({"customer": "C", "projectcontract": "K"}, "K"),
        ({"customer": "C", "projectcontract": "K", "project": "P"}, "P"),
    ],
)
def test_cost_accrual_and_revenue_stand_on_the_default_of_their_work(
    company: Company, of: dict[str, str], expected: str
):
    defaults(company, **of)
    proposed(company)
    posted(company)
    for number, amount in (("4100", 800), ("4199", -800), ("8400", -1600)):
        assert booked(number) == [(expected, amount)], number
    for number in ("1450", "8450"):
        assert booked(number) == [(expected, 0)], number
    # What the customer owes and the tax stand on the dimension of the proposal, which is none.
    assert (booked("1400"), booked("1776")) == ([("", 1920)], [("", -320)])
    assert_proven()


def test_what_accounting_sets_in_the_journal_goes_on_to_the_revenue(company: Company):
    company.approved(8)
    company.propose()
    company.journalise()
    assert booked("8450") == [("", -1600)]
    defaults(company, project="P")
    company.approved(4)
    company.journalise()
    company.approved(2)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    review_lines(
        IntegrationJournalLine.objects.unposted(), {"dimension": "north"}, actor=company.accountant, at=NOW
    )
    company.post_journals()
    company.confirm(company.draft())
    company.proposals()
    posted(company)
    # The first was posted on none, so its revenue has today's default of its project.
    assert booked("8400") == [("P", -2400), ("north", -400)]
    assert booked("1450") == [("", 0), ("P", 0), ("north", 0)]
    assert_proven()


def test_lines_of_a_proposal_take_another_dimension_in_place(company: Company):
    proposal = proposed(company, 8, 4)
    first = proposal.lines.order_by("pk")[0]
    lines = InvoiceProposalLine.objects.filter(pk=first.pk)
    assert set_dimension_of_lines(lines, "south", actor=company.accountant, at=NOW) == 1
    review_proposals(InvoiceProposal.objects.all(), {"dimension": "head"}, actor=company.accountant, at=NOW)
    logged = Activity.objects.filter(verb="reviewed").order_by("pk").first()
    assert (logged.changes, logged.facts["lines"]) == ({"dimension": ["", "south"]}, 1)
    posted(company)
    assert dict(booked("8400")) == {"head": -(2400 - first.amount), "south": -first.amount}
    assert (booked("1400"), booked("1776")) == ([("head", 2880)], [("head", -480)])
    with refused("already-posted"):
        set_dimension_of_lines(lines, "north", actor=company.accountant, at=NOW)
    assert_proven()


def test_a_credit_note_stands_where_its_invoice_did(company: Company):
    proposal = proposed(company)
    set_dimension_of_lines(proposal.lines.all(), "south", actor=company.accountant, at=NOW)
    (invoice,) = posted(company)
    corrected(company, invoice.proposal.proforma, quantity="0")
    company.proposals()
    posted(company)
    assert booked("8400") == [("south", 0)]
    assert_proven()


def test_a_company_that_keeps_values_accepts_no_other_ones(company: Company):
    FinancialDimension.objects.create(legal_entity=company.entity, code="north", name="North")
    FinancialDimension.objects.create(legal_entity=company.entity, code="old", name="Old", is_closed=True)
    proposal = proposed(company)
    lines = proposal.lines.all()
    for value in ("nort", "old"):
        with refused("dimension-unknown"):
            set_dimension_of_lines(lines, value, actor=company.accountant, at=NOW)
    with refused("dimension-unknown"):
        review_proposals(InvoiceProposal.objects.all(), {"dimension": "x"}, actor=company.accountant, at=NOW)
    company.approved(1)
    company.journalise()
    with refused("already-posted", "already-posted", "already-posted", "already-posted", "dimension-unknown"):
        review_lines(
            IntegrationJournalLine.objects.all(), {"dimension": "x"}, actor=company.accountant, at=NOW
        )
    with refused("nothing-chosen"):
        set_dimension_of_lines(lines.none(), "north", actor=company.accountant, at=NOW)
    assert set_dimension_of_lines(lines, "north", actor=company.accountant, at=NOW) == 1
    assert set_dimension_of_lines(lines, "", actor=company.accountant, at=NOW) == 1


def test_a_journal_voucher_names_known_values_alone(company: Company):
    FinancialDimension.objects.create(legal_entity=company.entity, code="north", name="North")
    with refused("dimension-unknown") as said:
        written(company, "4100 80 EUR", "4199 -80", dimension="nort")
    assert {one.subject for one in said.value.refusals} == {"Line 1"}
    assert written(company, "4100 80", "4199 -80", dimension="north").lines.first().dimension == "north"


def test_statements_do_not_depend_on_how_many_lines_are_set(company: Company):
    def taken(*hours: int) -> int:
        lines = proposed(company, *hours).lines.all()
        count = statements(lambda: set_dimension_of_lines(lines, "north", actor=company.accountant, at=NOW))
        posted(company)
        return count

    assert taken(1) == taken(1, 1, 1, 1)
