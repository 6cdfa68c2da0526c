"""What an accountant may still decide before posting, and what the history keeps of it (C1, C5)."""

from datetime import date

import pytest

from accounting.models import IntegrationJournalLine, InvoiceProposal
from accounting.pulling import pull_journals
from accounting.reviewing import review_lines, review_proposals
from core.models import Activity
from projects.models import SalesTaxGroup
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


def pulled(*hours: int) -> Company:
    company = Company()
    for each in hours:
        company.approved(each)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    return company


def proposed(company: Company) -> InvoiceProposal:
    company.approved(8)
    company.confirm(company.draft())
    return company.proposals().get()


def changes() -> list[tuple[str, dict[str, list[str]]]]:
    logged = Activity.objects.filter(verb="reviewed").order_by("pk")
    return [(one.subject_kind.split(".")[1], one.changes) for one in logged]


def test_tax_group_and_dimension_of_lines_are_set_and_both_values_kept():
    company = pulled(8)
    export = SalesTaxGroup.objects.create(code="export", name="Export")
    domestic = str(company.tax_code.rules.get().sales_tax_group)
    lines = IntegrationJournalLine.objects.all()
    first = lines.order_by("pk").first()
    lines.filter(pk=first.pk).update(dimension="north")
    values = {"sales_tax_group": export, "dimension": "north"}
    assert review_lines(lines, values, actor=company.accountant, at=NOW) == 2
    assert set(lines.values_list("sales_tax_group", "dimension")) == {(export.pk, "north")}
    assert changes() == [
        ("integrationjournalline", {"sales_tax_group": [domestic, str(export)]}),
        ("integrationjournalline", {"sales_tax_group": [domestic, str(export)], "dimension": ["", "north"]}),
    ]


def test_amounts_and_dates_of_a_line_are_not_for_review():
    company = pulled(8)
    lines = IntegrationJournalLine.objects.all()
    with refused("not-for-review", "not-for-review"):
        review_lines(lines, {"amount": 1, "accounting_date": CUT_OFF}, actor=company.accountant, at=NOW)


def test_posted_lines_are_not_reviewed_and_keep_the_others_back():
    company = pulled(8)
    company.post_journals()
    company.approved(4)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    lines = IntegrationJournalLine.objects.all()
    with refused("already-posted", "already-posted"):
        review_lines(lines, {"dimension": "north"}, actor=company.accountant, at=NOW)
    assert review_lines(lines.unposted(), {"dimension": "north"}, actor=company.accountant, at=NOW) == 2


def test_many_lines_are_reviewed_in_as_many_statements_as_few():
    few, many = pulled(8), pulled(1, 2, 3, 4)

    def review(company: Company) -> int:
        lines = IntegrationJournalLine.objects.filter(journal__legal_entity=company.entity)
        values = {"sales_tax_group": None, "item_sales_tax_group": None, "dimension": "x"}
        return statements(lambda: review_lines(lines, values, actor=company.accountant, at=NOW))

    assert review(few) == review(many)


def test_dates_layout_and_text_of_a_proposal_are_set_and_both_values_kept():
    company = Company()
    proposal = proposed(company)
    values = {
        "accounting_date": date(2026, 4, 1),
        "due_date": date(2026, 4, 30),
        "layout": "summary",
        "note": "Thank you",
        "dimension": "",
    }
    mine = InvoiceProposal.objects.filter(pk=proposal.pk)
    assert review_proposals(mine, values, actor=company.accountant, at=NOW) == 1
    proposal = mine.get()
    assert (proposal.accounting_date, proposal.due_date) == (date(2026, 4, 1), date(2026, 4, 30))
    assert (proposal.layout, proposal.note) == ("summary", "Thank you")
    assert changes() == [
        (
            "invoiceproposal",
            {
                "accounting_date": ["2026-03-31", "2026-04-01"],
                "due_date": ["", "2026-04-30"],
                "layout": ["detail", "summary"],
                "note": ["", "Thank you"],
            },
        )
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"due_date": date(2026, 3, 30)},
        {"due_date": date(2026, 4, 1), "accounting_date": date(2026, 4, 2)},
    ],
)
def test_a_proposal_is_not_due_before_its_invoice_date(values):
    company = Company()
    proposed(company)
    with refused("due-before-invoice"):
        review_proposals(InvoiceProposal.objects.all(), values, actor=company.accountant, at=NOW)


def test_a_posted_proposal_is_not_reviewed():
    company = Company()
    company.billed(8)
    with refused("already-posted"):
        review_proposals(InvoiceProposal.objects.all(), {"note": "x"}, actor=company.accountant, at=NOW)


def test_the_work_of_a_proposal_is_not_for_review():
    company = Company()
    proposed(company)
    with refused("not-for-review"):
        review_proposals(InvoiceProposal.objects.all(), {"proforma": None}, actor=company.accountant, at=NOW)
