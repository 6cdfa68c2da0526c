"""Drafting, confirming and posting cost the database the same for ten details as for two hundred."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from accounting.models import InvoiceProposal
from accounting.printing import print_invoices
from accounting.pulling import pull_journals
from billing.models import Proforma, Retainer
from billing.prepaying import end_prepaid_hours, extend_prepaid_hours
from billing.removing import remove_details
from projects.approving import approve_entries
from projects.models import Approval, PrepaidHours
from projects.submitting import submit_entries
from tests.company import Company, details_of, only
from tests.company.checking import statements, unbalanced
from tests.company.prepaid import agreed, expire, invoice_block, work
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@dataclass
class Preparation:
    """A company that has billed once before, so that its series and journals exist."""

    company: Company
    details: int

    def prepared(self) -> "Preparation":
        self.company.billed(1)
        entries = [self.company.entry(8, description="Work") for _each in range(self.details)]
        submit_entries(only(*entries), actor=self.company.worker, at=NOW)
        waiting = Approval.objects.waiting().filter(entry__legal_entity=self.company.entity)
        approve_entries(waiting, actor=self.company.manager, on=DAY, at=NOW)
        self.company.ready()
        return self

    def steps(self) -> dict[str, int]:
        """Each step with its number of statements."""
        company = self.company
        taken: dict[str, Any] = {}

        def draft() -> None:
            (taken["draft"],) = company.drafts()

        # Posting journals writes a voucher per line, in chunks of as many parameters as the engine takes.
        company.journalise()
        return {
            "import journals again": statements(
                lambda: pull_journals(company.entity, actor=company.accountant, at=NOW)
            ),
            "draft": statements(draft),
            "give one away": statements(
                lambda: company.edit_only(only(details_of(taken["draft"]).first()), billing_type=3)
            ),
            "confirm": statements(lambda: company.confirm(taken["draft"])),
            "import proposals": statements(company.propose),
            "post invoices": statements(
                lambda: company.post(InvoiceProposal.objects.unposted().filter(legal_entity=company.entity))
            ),
        }


def test_ten_details_and_two_hundred_take_the_same_statements():
    ten, two_hundred = Preparation(Company(), 10).prepared(), Preparation(Company(), 200).prepared()
    assert ten.steps() == two_hundred.steps()
    assert unbalanced() == []
    nets = Proforma.objects.order_by("pk").values_list("net_amount", flat=True)
    assert list(nets) == [200, 200, 9 * 1600, 199 * 1600]


def test_printing_takes_the_same_statements_too():
    counts = []
    for details in (10, 60):
        way = Preparation(Company(), details).prepared()
        way.company.confirm(*way.company.drafts())
        (invoice,) = way.company.invoices()
        counts.append(statements(lambda posted=invoice: print_invoices(only(posted), at=NOW)))
    assert counts[0] == counts[1]


def prepaid_steps(rows: int) -> dict[str, int]:
    """The verbs of prepaid hours over a month of so many rows, each with its number of statements."""
    company, day = Company(), date(2026, 8, 31)
    work(company, *((8, 1 + number, "1") for number in range(rows)))
    made: list[PrepaidHours] = []
    plan = statements(lambda: made.append(agreed(company)))
    chosen, acting = only(*made), {"actor": company.manager, "on": DAY, "at": NOW}
    extend = statements(lambda: extend_prepaid_hours(chosen, 2, **acting))
    end = statements(lambda: end_prepaid_hours(chosen, date(2026, 10, 1), **acting))
    invoice_block(company, 8)
    late = statements(lambda: expire(company, made[0], day))
    Retainer.objects.filter(status="ready").update(invoice_on=date(2027, 1, 1))
    worked = details_of(company.draft(day)).filter(transaction_class="time")
    take_off = statements(lambda: remove_details(worked, actor=company.manager, at=NOW))
    return {"plan": plan, "extend": extend, "end": end, "expire": late, "take off": take_off}


def test_the_verbs_of_prepaid_hours_take_the_same_statements_for_three_rows_and_for_thirty():
    assert prepaid_steps(3) == prepaid_steps(30)
    assert unbalanced() == []
