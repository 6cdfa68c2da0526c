"""What an accountant may still decide before posting, and what the history keeps of it (C1, C5)."""

from datetime import date

import pytest

from accounting.models import IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.pulling import pull_journals
from accounting.reviewing import review_lines, review_proposal_lines, review_proposals
from core.models import Activity
from projects.models import DocumentLayout, ItemSalesTaxGroup, TaxCode, TaxRule
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import corrected
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


def test_the_dimension_of_lines_is_set_and_both_values_kept():
    company = pulled(8)
    lines = IntegrationJournalLine.objects.all()
    first = lines.order_by("pk").first()
    lines.filter(pk=first.pk).update(dimension="south")
    assert review_lines(lines, {"dimension": "north"}, actor=company.accountant, at=NOW) == 2
    assert set(lines.values_list("dimension", flat=True)) == {"north"}
    assert changes() == [
        ("integrationjournalline", {"dimension": ["south", "north"]}),
        ("integrationjournalline", {"dimension": ["", "north"]}),
    ]


def test_amounts_dates_and_taxes_of_a_line_are_not_for_review():
    company = pulled(8)
    lines = IntegrationJournalLine.objects.all()
    values = {"amount": 1, "accounting_date": CUT_OFF, "sales_tax_group": None}
    with refused("not-for-review", "not-for-review", "not-for-review"):
        review_lines(lines, values, actor=company.accountant, at=NOW)


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
        return statements(lambda: review_lines(lines, {"dimension": "x"}, actor=company.accountant, at=NOW))

    assert review(few) == review(many)


def test_dates_layout_and_text_of_a_proposal_are_set_and_both_values_kept():
    company = Company()
    proposal = proposed(company)
    by_task = DocumentLayout.objects.create(name="By task", rows="task")
    values = {
        "accounting_date": date(2026, 4, 1),
        "due_date": date(2026, 4, 30),
        "layout": by_task,
        "note": "Thank you",
        "dimension": "",
    }
    mine = InvoiceProposal.objects.filter(pk=proposal.pk)
    assert review_proposals(mine, values, actor=company.accountant, at=NOW) == 1
    proposal = mine.get()
    assert (proposal.accounting_date, proposal.due_date) == (date(2026, 4, 1), date(2026, 4, 30))
    assert (proposal.layout, proposal.note) == (by_task, "Thank you")
    assert changes() == [
        (
            "invoiceproposal",
            {
                "accounting_date": ["2026-03-31", "2026-04-01"],
                "due_date": ["", "2026-04-30"],
                "layout": ["", "By task"],
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


def review_tax(company: Company, group: ItemSalesTaxGroup | None) -> int:
    lines = InvoiceProposalLine.objects.filter(proposal__legal_entity=company.entity)
    values = {"item_sales_tax_group": group}
    return review_proposal_lines(lines, values, actor=company.accountant, at=NOW)


def test_a_line_without_a_tax_group_blocks_until_an_exempt_one_says_why():
    """Hours nobody taxed are not posted at 0 % in silence: an exempt group is chosen, with its reason."""
    company = Company()
    proposal = proposed(company)
    company.journalise()
    domestic = str(company.item_group)
    assert review_tax(company, None) == 1
    with refused("item-tax-group-missing"):
        company.post(company.proposals())
    free = ItemSalesTaxGroup.objects.create(code="free", name="Without tax")
    code = TaxCode.objects.create(code="free", name="Free", kind="exempt", reason_en="Training, article 132")
    assert review_tax(company, free) == 1
    with refused("tax-rule-missing"):
        company.post(company.proposals())
    TaxRule.objects.create(sales_tax_group=proposal.sales_tax_group, item_sales_tax_group=free, tax_code=code)
    (invoice,) = company.post(company.proposals())
    assert (invoice.net_amount, invoice.tax_amount) == (1600, 0)
    (tax,) = invoice.snapshot["taxes"]
    assert (tax["note"], tax["base"]) == ("Training, article 132", "1600.0000")
    assert [changed for kind, changed in changes() if kind == "invoiceproposalline"] == [
        {"item_sales_tax_group": [domestic, ""]},
        {"item_sales_tax_group": ["", "Without tax"]},
    ]
    with refused("already-posted"):
        review_tax(company, None)
    assert_proven()


def test_only_the_tax_group_of_a_proposal_line_is_for_review():
    company = Company()
    proposed(company)
    lines = InvoiceProposalLine.objects.all()
    with refused("not-for-review"):
        review_proposal_lines(lines, {"amount": 1}, actor=company.accountant, at=NOW)


def test_what_is_given_back_keeps_the_tax_it_was_invoiced_with():
    company = Company()
    company.approved(8)
    (billed,) = company.confirm(company.draft())
    company.invoices()
    corrected(company, billed, quantity="6")
    company.propose()
    other = ItemSalesTaxGroup.objects.create(code="other", name="Other")
    lines = InvoiceProposalLine.objects.filter(proposal__status="draft")
    with refused("taxed-before", "taxed-before"):
        review_proposal_lines(lines, {"item_sales_tax_group": other}, actor=company.accountant, at=NOW)
    assert not lines.filter(item_sales_tax_group=other).exists()


def test_many_proposal_lines_are_reviewed_in_as_many_statements_as_few():
    few, many = Company(), Company()
    proposed(few)
    for hours in (1, 2, 3):
        many.approved(hours)
    proposed(many)
    assert statements(lambda: review_tax(few, few.item_group)) == statements(
        lambda: review_tax(many, many.item_group)
    )
