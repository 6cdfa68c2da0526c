"""Advances of the demo company: one that is invoiced and used in part, and a series that is to come."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.applying import set_applied
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.prepaid_terms import PrepaidTerms
from billing.prepaying import plan_prepaid_hours
from billing.recurring import MONTH_END, instalment_days
from billing.retainer_plans import PlannedRetainer, instalments
from billing.retaining import mark_retainers_ready, plan_retainers
from billing.states import RetainerUse
from demo.days import Days, month_end, months_after
from demo.people import People
from projects.models import ProjectContract

ROLLOUT, SUPPORT, CARE = 3, 2, 11
BLOCK = (Decimal(50), Decimal(120), Decimal(148), Decimal(10))
"""Hours a month, their rate, that beyond them, and how many roll over."""
START_UP, USED, SERIES = Decimal(12000), Decimal(5000), Decimal(4500)


@dataclass
class AdvancesOfTheDemo:
    """The manager of both contracts agrees them, and applies less than there is."""

    people: People
    contracts: dict[int, ProjectContract]
    days: Days

    def agree(self, at: datetime) -> None:
        """The start-up advance goes on the first invoice of the rollout; the series begins next month."""
        first = PlannedRetainer("Start-up advance", months_after(self.days.billed[0], 1), START_UP)
        self._plan(ROLLOUT, [first], at)
        mine = Retainer.objects.filter(contract=self.contracts[ROLLOUT])
        mark_retainers_ready(mine, actor=self.people["katrin"], at=at)

    def sell_hours(self, at: datetime) -> None:
        """A block of hours for each of six months; the first is invoiced at once, the others by the runs."""
        contract, katrin = self.contracts[CARE], self.people["katrin"]
        terms = PrepaidTerms(*BLOCK, first_month=self.days.billed[0], months=6)
        first = self.days.billed[0]
        plan_prepaid_hours(contract.lines.get(), terms, actor=katrin, on=first, at=at)
        chosen = ProjectContract.objects.filter(pk=contract.pk)
        drafts = draft_contracts(chosen, invoice_date=first, actor=katrin, at=at)
        keys = Proforma.objects.filter(pk__in=[one.pk for one in drafts])
        confirm_proformas(keys, actor=katrin, at=at, accepted=ticks_of(keys))

    def schedule(self, at: datetime) -> None:
        """On the last days of three months; the first of them is ready."""
        days = instalment_days(MONTH_END, month_end(self.days.this_month), 3)
        self._plan(SUPPORT, instalments("Support retainer", SERIES, days, places=2), at)
        next_one = Retainer.objects.filter(contract=self.contracts[SUPPORT]).order_by("invoice_on")[:1]
        keys = list(next_one.values_list("pk", flat=True))
        if days[0] > self.days.today:
            mark_retainers_ready(Retainer.objects.filter(pk__in=keys), actor=self.people["katrin"], at=at)

    def keep_some(self, at: datetime) -> None:
        """Less than the whole balance is applied: the rest stays for later invoices."""
        applied = InvoiceLineDetail.objects.filter(
            line__proforma__contract=self.contracts[ROLLOUT],
            line__proforma__status="draft",
            retainer_use=RetainerUse.APPLY,
        )
        if applied.exists():
            set_applied(applied, USED, actor=self.people["katrin"], at=at)

    def _plan(self, serial: int, plans: list[PlannedRetainer], at: datetime) -> None:
        contract = self.contracts[serial]
        plan_retainers(contract, contract.customer, plans, actor=self.people["katrin"], at=at)
