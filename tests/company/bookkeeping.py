"""The books of a company in tests: journals and invoices are posted, and results are read as text."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounting.invoicing import post_proposals
from accounting.models import (
    CustomerInvoice,
    IntegrationJournal,
    InvoiceProposal,
)
from accounting.posting import Posted, post_journals
from accounting.pulling import pull_journals, pull_proposals
from billing.models import Proforma
from projects.models import BacklogItem, Customer, LegalEntity
from tests.company import text
from tests.company.rows import NOW


class Bookkeeping:
    """What the accountant of a legal entity posts, and what then stands in its journal and ledger."""

    entity: LegalEntity
    accountant: Any

    def journalise(self) -> Posted:
        """Import what is new into the integration journal and post it."""
        pull_journals(self.entity, actor=self.accountant, at=NOW)
        return self.post_journals()

    def post_journals(self) -> Posted:
        journals = IntegrationJournal.objects.postable().filter(legal_entity=self.entity)
        return post_journals(journals, actor=self.accountant, at=NOW)

    def propose(self) -> int:
        """Make a proposal of every confirmed proforma of the company."""
        proformas = Proforma.objects.filter(legal_entity=self.entity)
        return pull_proposals(proformas, at=NOW).count_or_raise()

    def proposals(self) -> Any:
        """Proposals that wait for posting, after importing what was confirmed."""
        self.propose()
        return InvoiceProposal.objects.unposted().filter(legal_entity=self.entity)

    def invoices(self, **options: Any) -> list[CustomerInvoice]:
        """Post journals, then every proposal."""
        self.journalise()
        return self.post(self.proposals(), **options)

    def post(self, proposals: Any, **options: Any) -> list[CustomerInvoice]:
        return post_proposals(proposals, actor=self.accountant, at=NOW, **options)

    # --- Results as text ----------------------------------------------------------------

    def actuals(self) -> str:
        """Type, billing type, quantity, amount and status of every actual, in the order of events."""
        return text.actuals_of(self.entity)

    def statuses(self) -> str:
        """Type, billing type, quantity, amount, billing and adjustment status of every actual."""
        return text.statuses_of(self.entity)

    def backlog(self) -> str:
        """Date, billing type, quantity, amount and status of everything open."""
        return text.backlog_of(self.entity)

    def unbilled_of(self, *customers: Customer) -> list[Decimal]:
        """What each of these customers has open in the backlog, in the contract's currency."""
        items = BacklogItem.objects.filter(customer__in=customers).order_by()
        sums = dict(items.values_list("customer").annotate(sum=Sum("amount")))
        return [sums.get(one.pk, Decimal(0)) for one in customers]

    def ledger(self) -> str:
        """The balance of every account that was moved, debits positive; foreign ones in both currencies."""
        return text.ledger_of(self.entity)

    def voucher(self, invoice: CustomerInvoice) -> str:
        """The lines of an invoice's voucher by account, in its currency."""
        return text.voucher_of(invoice)
