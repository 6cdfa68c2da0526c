"""Drafting, confirming and posting cost the database the same for ten details as for two hundred."""

from dataclasses import dataclass
from typing import Any

import pytest

from accounting.models import InvoiceProposal
from accounting.printing import print_invoices
from accounting.pulling import pull_journals
from billing.models import Proforma
from projects.approving import approve_entries
from projects.models import Approval, Entry
from projects.submitting import submit_entries
from tests.factories.world import DAY, NOW
from tests.telling import statements, unbalanced
from tests.trade import Trade, details_of, only

pytestmark = pytest.mark.django_db


@dataclass
class Road:
    """A company that has billed once before, so that its series and journals exist."""

    trade: Trade
    details: int

    def prepared(self) -> "Road":
        self.trade.billed(1)
        entries = Entry.objects.bulk_create(self._entry() for _each in range(self.details))
        submit_entries(only(*entries), actor=self.trade.worker, at=NOW)
        waiting = Approval.objects.waiting().filter(entry__legal_entity=self.trade.entity)
        approve_entries(waiting, actor=self.trade.manager, on=DAY, at=NOW)
        self.trade.ready()
        return self

    def _entry(self) -> Entry:
        at = self.trade.at
        return Entry(
            legal_entity=at.entity,
            transaction_class="time",
            project=at.project,
            resource=at.resource,
            role=at.role,
            category=self.trade.categories["time"],
            date=DAY,
            quantity=8,
            description="Work",
        )

    def steps(self) -> dict[str, int]:
        """Each step with its number of statements."""
        trade = self.trade
        taken: dict[str, Any] = {}

        def draft() -> None:
            (taken["draft"],) = trade.drafts()

        # Posting journals writes a voucher per line, in parcels of as many parameters as the engine takes.
        trade.journalise()
        return {
            "import journals again": statements(
                lambda: pull_journals(trade.entity, actor=trade.accountant, at=NOW)
            ),
            "draft": statements(draft),
            "give one away": statements(
                lambda: trade.edit_only(only(details_of(taken["draft"]).first()), billing_type=3)
            ),
            "confirm": statements(lambda: trade.confirm(taken["draft"])),
            "import proposals": statements(trade.propose),
            "post invoices": statements(
                lambda: trade.post(InvoiceProposal.objects.unposted().filter(legal_entity=trade.entity))
            ),
        }


def test_ten_details_and_two_hundred_take_the_same_statements():
    ten, two_hundred = Road(Trade(), 10).prepared(), Road(Trade(), 200).prepared()
    assert ten.steps() == two_hundred.steps()
    assert unbalanced() == []
    nets = Proforma.objects.order_by("pk").values_list("net_amount", flat=True)
    assert list(nets) == [200, 200, 9 * 1600, 199 * 1600]


def test_printing_takes_the_same_statements_too():
    counts = []
    for details in (10, 60):
        road = Road(Trade(), details).prepared()
        road.trade.confirm(*road.trade.drafts())
        (invoice,) = road.trade.invoices()
        counts.append(statements(lambda posted=invoice: print_invoices(only(posted), at=NOW)))
    assert counts[0] == counts[1]
