"""Invoice proposals in the admin: reviewed, previewed, unblocked, and posted where nothing speaks against."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounting.models import CustomerInvoice, FiscalPeriod, InvoiceProposal
from accounting.states import ProposalStatus
from billing.models import NumberSeries
from core.models import Activity
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.corrections import corrected
from tests.company.rows import CUT_OFF

pytestmark = pytest.mark.django_db

PROPOSAL, INVOICE = "accounting_invoiceproposal", "accounting_customerinvoice"


def proposed(company: Company, *, is_blocked: bool = False) -> InvoiceProposal:
    """The proposal of a confirmed day of work."""
    company.approved(8)
    if not is_blocked:
        company.journalise()
    company.confirm(company.draft())
    return company.proposals().get()


def decided(**changes: Any) -> dict[str, Any]:
    """What the form of a proposal sends."""
    usual = {
        "accounting_date": str(CUT_OFF),
        "due_date": "",
        "sales_tax_group": "",
        "dimension": "",
        "layout": "",
        "note": "",
    }
    return usual | changes


def test_the_page_before_posting_says_number_date_period_tax_and_total(
    company: Company, accountant: AdminClient
):
    proposal = proposed(company)
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    preview = page.context["preview"]
    assert preview.summary == "1 customer invoice over €1,920.00 will be posted."
    assert preview.submit_label == "Post 1 invoice and allocate its number"
    assert preview.refusals == ()
    invoices, taxes, totals = (
        [[str(cell.text) for cell in row] for row in panel.rows] for panel in preview.panels
    )
    assert invoices == [
        [
            "RE-2026-00001 (expected)",
            str(proposal),
            company.customer.name,
            "31 Mar 2026",
            "Open",
            "€1,600.00",
            "€320.00",
            "€1,920.00",
        ]
    ]
    assert taxes == [["VAT", "20%", "€1,600.00", "€320.00"]]
    assert totals == [["EUR", "1", "€1,600.00", "€320.00", "€1,920.00"]]
    assert not CustomerInvoice.objects.exists()
    assert NumberSeries.objects.get(kind="customer_invoice").last_number == 0


def test_posting_gives_the_number_that_was_expected(company: Company, accountant: AdminClient):
    proposal = proposed(company)
    answer = accountant.confirms(accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post"), invoice_date="")
    invoice = CustomerInvoice.objects.get()
    assert messages_of(answer) == ["1 invoice posted: RE-2026-00001."]
    assert answer.url == f"/admin/accounting/customerinvoice/{invoice.pk}/change/"
    assert (invoice.posted_by, invoice.gross_amount) == (accountant.user, 1920)


def test_another_date_is_shown_before_it_is_taken(company: Company, accountant: AdminClient):
    proposal = proposed(company)
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    again = accountant.confirms(page, invoice_date="2026-04-15", again="1")
    assert again.status_code == 200
    assert str(again.context["preview"].panels[0].rows[0][3].text) == "15 Apr 2026"
    assert not CustomerInvoice.objects.exists()
    accountant.confirms(again, invoice_date="2026-04-15")
    assert CustomerInvoice.objects.get().invoice_date == date(2026, 4, 15)


@pytest.mark.parametrize("day", ["31.04.2026", "99999-01-01", "0000-00-00", "x" * 300])
def test_a_day_that_does_not_exist_is_refused_at_its_field(
    company: Company, accountant: AdminClient, day: str
):
    proposal = proposed(company)
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    answer = accountant.confirms(page, invoice_date=day)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["invoice_date"])
    assert not CustomerInvoice.objects.exists()


def test_whoever_confirmed_does_not_post(company: Company, admin_client_of: Any):
    admin_client = admin_client_of("Project accountant")
    company.manager = admin_client.user
    proposal = proposed(company)
    assert proposal.proforma.confirmed_by == admin_client.user
    page = admin_client.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    sentence = "Whoever confirmed a proforma does not post its invoice. Ask another accountant."
    assert [str(refusal) for refusal in page.context["preview"].refusals] == [f"{proposal}: {sentence}"]
    assert "own-confirmation" in page.content.decode()
    assert admin_client.confirms(page, invoice_date="").status_code == 409
    assert not CustomerInvoice.objects.exists()


def test_a_refusal_of_the_verb_itself_keeps_the_page_and_the_token(
    company: Company, accountant: AdminClient, monkeypatch
):
    proposal = proposed(company)
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    preview = page.context["preview"]
    monkeypatch.setattr("accounting.admin.post_proposals.PostProposals.preview", lambda *args: preview)
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).update(status="closed", closed_by=company.manager)
    answer = accountant.confirms(page, invoice_date="", token="t" * 32)
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["period-closed"])
    FiscalPeriod.objects.update(status="open", closed_by=None)
    assert accountant.confirms(page, invoice_date="", token="t" * 32).status_code == 302
    assert CustomerInvoice.objects.count() == 1


def test_blocking_lines_are_named_and_one_action_clears_them(company: Company, accountant: AdminClient):
    proposal = proposed(company, is_blocked=True)
    assert "Blocked by 1 line" in accountant.shown(f"{PROPOSAL}_changelist").content.decode()
    page = accountant.shown(f"{PROPOSAL}_change", proposal.pk)
    assert [str(panel.title) for panel in page.context["panels"]][0] == "1 line blocks posting"
    assert "In no journal yet: import first" in page.content.decode()
    page = accountant.shown("accounting_integrationjournal_list_action", "import")
    accountant.confirms(page, unit="months")

    clearing = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post-blocking")
    assert clearing.context["preview"].summary == "2 journal lines will be posted."
    accountant.confirms(clearing)
    page = accountant.shown(f"{PROPOSAL}_change", proposal.pk)
    assert [verb.name for verb in page.context["offered_actions"]] == ["post", "schedule", "dimension"]
    assert accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post").context["preview"].refusals == ()


def test_many_are_posted_at_once_and_what_is_refused_is_left_out(company: Company, accountant: AdminClient):
    good = proposed(company)
    company.approved(4, date=date(2026, 3, 3))
    company.confirm(company.draft())
    page = accountant.chosen(PROPOSAL, "post", good, select_across=1)
    preview = page.context["preview"]
    assert preview.summary == "1 customer invoice over €1,920.00 will be posted."
    assert [refusal.code for refusal in preview.refusals] == []
    company.proposals()
    page = accountant.chosen(PROPOSAL, "post", good, select_across=1)
    assert [refusal.code for refusal in page.context["preview"].refusals] == ["lines-not-posted"]
    accountant.confirms(page, invoice_date="")
    assert list(CustomerInvoice.objects.values_list("proposal", flat=True)) == [good.pk]


def test_what_accounting_decides_is_changed_and_nothing_else(company: Company, accountant: AdminClient):
    proposal = proposed(company)
    data = decided(dimension="D1", note="Thank you", status="posted", proforma="999", legal_entity="999")
    assert accountant.sent(f"{PROPOSAL}_change", proposal.pk, data=data).status_code == 302
    changed = InvoiceProposal.objects.get(pk=proposal.pk)
    assert (changed.dimension, changed.note, changed.status) == ("D1", "Thank you", ProposalStatus.DRAFT)
    assert (changed.proforma_id, changed.legal_entity_id) == (proposal.proforma_id, proposal.legal_entity_id)
    assert Activity.objects.about(changed).filter(verb="reviewed").count() == 1


def test_a_due_date_before_the_invoice_is_refused_in_words(company: Company, accountant: AdminClient):
    proposal = proposed(company)
    answer = accountant.sent(f"{PROPOSAL}_change", proposal.pk, data=decided(due_date="2026-03-30"))
    assert [str(one) for one in answer.context["refusals"]] == [
        f"{proposal}: It would be due before its invoice date. Choose a later due date, or none."
    ]
    assert InvoiceProposal.objects.get(pk=proposal.pk).due_date is None


def test_a_posted_proposal_cannot_be_changed(company: Company, accountant: AdminClient):
    company.billed()
    proposal = InvoiceProposal.objects.get()
    page = accountant.shown(f"{PROPOSAL}_change", proposal.pk)
    assert (page.context["has_change_permission"], page.context["offered_actions"]) == (False, [])
    assert accountant.sent(f"{PROPOSAL}_change", proposal.pk, data=decided(note="x")).status_code == 409
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "post")
    assert [refusal.code for refusal in page.context["preview"].refusals][0] == "already-posted"
    assert InvoiceProposal.objects.get().note == ""


def test_the_preview_is_a_proforma_without_a_legal_number_and_writes_nothing(
    company: Company, accountant: AdminClient
):
    proposal = proposed(company)
    answer = accountant.shown(f"{PROPOSAL}_preview", proposal.pk)
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert not CustomerInvoice.objects.exists()
    assert NumberSeries.objects.get(kind="customer_invoice").last_number == 0


def test_a_preview_that_cannot_be_drawn_up_says_why(company: Company, accountant: AdminClient):
    proposal = proposed(company)
    company.tax_code.rates.all().delete()
    answer = accountant.shown(f"{PROPOSAL}_preview", proposal.pk)
    assert answer.status_code == 302
    assert messages_of(answer) == [
        f"{proposal}: Tax code VAT has no rate on the invoice date. "
        "Enter it in the set-up of the legal entity."
    ]


def test_the_list_says_what_can_be_posted(company: Company, accountant: AdminClient):
    proposed(company)
    assert "Can be posted" in accountant.shown(f"{PROPOSAL}_changelist").content.decode()
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).update(status="closed", closed_by=company.manager)
    assert "Period is closed" in accountant.shown(f"{PROPOSAL}_changelist").content.decode()


def test_a_correction_waits_for_its_original_and_says_which(company: Company, accountant: AdminClient):
    original = proposed(company).proforma
    corrected(company, original, quantity="6")
    note = company.proposals().exclude(proforma=original).get()
    InvoiceProposal.objects.filter(proforma=original).update(accounting_date=CUT_OFF + timedelta(days=1))
    way_out = f"Post the invoice of {original.number} first, or with it and dated no later."
    assert way_out in accountant.shown(f"{PROPOSAL}_changelist").content.decode()
    (reasons, *_others) = accountant.shown(f"{PROPOSAL}_change", note.pk).context["panels"]
    assert (str(reasons.title), [[str(cell.text) for cell in row] for row in reasons.rows]) == (
        "What keeps it from being posted",
        [[f"It corrects {original.number}, which is not posted before it.", way_out]],
    )
