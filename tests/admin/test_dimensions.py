"""Financial dimensions in the admin: the values a company keeps, and lines that take them in place (C4)."""

import pytest

from accounting.models import FinancialDimension, InvoiceProposalLine
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company

pytestmark = pytest.mark.django_db
VALUE, PROPOSAL = "accounting_financialdimension", "accounting_invoiceproposal"


def test_a_controller_keeps_the_values(company: Company, controller: AdminClient):
    data = {"legal_entity": company.entity.pk, "code": "north", "name": "North"}
    assert controller.sent(f"{VALUE}_add", data=data).status_code == 302
    value = FinancialDimension.objects.get()
    controller.sent(f"{VALUE}_change", value.pk, data={"name": "The north", "is_closed": "on"})
    value.refresh_from_db()
    assert (value.code, value.name, value.is_closed) == ("north", "The north", True)
    assert controller.shown(f"{VALUE}_changelist").status_code == 200


def test_lines_of_a_proposal_take_a_dimension(company: Company, accountant: AdminClient):
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    proposal = company.proposals().get()
    FinancialDimension.objects.create(legal_entity=company.entity, code="north", name="North")
    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "dimension")
    sent = {"project": company.project.number, "line": ""}
    refused = accountant.confirms(page, dimension="nort", **sent)
    assert [one.code for one in refused.context["refusals"]] == ["dimension-unknown"]
    answer = accountant.confirms(page, dimension="north", **sent)
    assert messages_of(answer) == ["1 line changed."]
    assert InvoiceProposalLine.objects.get().dimension == "north"
    assert "north" in accountant.shown(f"{PROPOSAL}_change", proposal.pk).content.decode()
    none = accountant.confirms(page, dimension="north", project="nowhere", line="")
    assert [one.code for one in none.context["refusals"]] == ["nothing-chosen"]
