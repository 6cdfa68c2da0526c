"""Checking and scheduling proposals in the admin (C5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounting.models import InvoiceProposal
from projects.models import LegalEntity
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company

pytestmark = pytest.mark.django_db

PROPOSAL = "accounting_invoiceproposal"


@pytest.fixture
def proposal(company: Company) -> InvoiceProposal:
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    LegalEntity.objects.update(checks_proposals=True)
    return company.proposals().get()


def test_a_proposal_is_checked_then_scheduled_and_the_page_says_so(
    accountant: AdminClient, proposal: InvoiceProposal
):
    assert "Not checked yet" in accountant.shown(f"{PROPOSAL}_changelist").content.decode()
    answer = accountant.sent(f"{PROPOSAL}_action", proposal.pk, "check")
    assert messages_of(answer) == ["1 proposal checked."]

    page = accountant.shown(f"{PROPOSAL}_action", proposal.pk, "schedule")
    day = timezone.localdate() + timedelta(days=3)
    data = {"confirmed": "1", "expect": page.context["preview"].expect, "post_on": day.isoformat()}
    answer = accountant.sent(f"{PROPOSAL}_action", proposal.pk, "schedule", data=data)
    assert messages_of(answer)[0].startswith("1 proposal is posted on ")
    assert InvoiceProposal.objects.get(pk=proposal.pk).post_on == day
    assert (
        "It is posted automatically on"
        in accountant.shown(f"{PROPOSAL}_change", proposal.pk).content.decode()
    )
    listed = accountant.shown(f"{PROPOSAL}_changelist", clock="scheduled").content.decode()
    assert "Posted on" in listed


def test_a_controller_schedules_nothing(controller: AdminClient, proposal: InvoiceProposal):
    assert controller.sent(f"{PROPOSAL}_action", proposal.pk, "schedule").status_code == 403
