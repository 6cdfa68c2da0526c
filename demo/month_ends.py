"""The months: two billed to the end, the last one on its way, this one at its beginning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounting.closing import close_periods
from accounting.invoicing import post_proposals
from accounting.models import (
    BankAccount,
    CustomerInvoice,
    CustomerTransaction,
    FiscalPeriod,
    IntegrationJournal,
    InvoiceProposal,
)
from accounting.paying import enter_payments
from accounting.posting import post_journals
from accounting.printing import print_invoices
from accounting.pulling import pull_journals, pull_proposals
from accounting.receivable_checks import NewPayment
from billing.asking_reviews import submit_for_review
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.editing import Changes, edit_details
from billing.marking_ready import hold, mark_milestones_ready, mark_ready
from billing.models import BatchJob, BatchRun, InvoiceLineDetail, MilestoneShare, Proforma
from billing.scheduling import request_run, run_batch, start_due_runs
from billing.states import Remainder
from demo.advances import AdvancesOfTheDemo
from demo.days import FRIDAY, WEEK, Days, month_end, months_after
from demo.people import People
from projects.models import BacklogItem, LegalEntity, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import HoldReason

Event = tuple[datetime, Callable[[datetime], None]]
"""A moment and what happens then."""

SIX_HOURS = Changes(quantity=Decimal(6), remainder=Remainder.WRITE_OFF)
SIX_HOURS_KEPT = Changes(quantity=Decimal(6), remainder=Remainder.KEEP)


@dataclass
class Months:
    """Readies, drafts, confirms, posts and prints; every step by the person whose step it is."""

    entity: LegalEntity
    people: People
    contracts: dict[int, ProjectContract]
    days: Days

    def open_job(self) -> None:
        """The daily job of six o'clock; it acts as the manager, who confirms and never posts."""
        self.job = BatchJob.objects.create(
            name="Daily invoices",
            legal_entity=self.entity,
            is_active=True,
            runs_at=time(6, 0),
        )

    def close_before(self) -> None:
        """Months before the demo begins are closed; nothing happened in them."""
        periods = FiscalPeriod.objects.filter(legal_entity=self.entity, status="open")
        earlier = periods.filter(starts_on__lt=self.days.billed[0])
        close_periods(earlier, actor=self.people["felix"], at=self.days.at(self.days.billed[0], "08:00"))

    def events(self) -> Iterator[Event]:
        """Moments with what happens then, month by month."""
        advances = AdvancesOfTheDemo(self.people, self.contracts, self.days)
        yield self.days.at(self.days.billed[0], "09:00"), advances.agree
        yield self.days.at(self.days.billed[0], "09:15"), advances.sell_hours
        for month in self.days.billed:
            yield from self._billed_month(month)
        last_friday = self.days.this_month - timedelta(days=1)
        last_friday -= timedelta(days=(last_friday.weekday() - FRIDAY) % 7)
        yield self.days.at(last_friday, "16:00"), self.ready_last_month
        yield self.days.at(self.days.this_month, "06:00"), self.run_by_clock
        yield self.days.at(self.days.this_month, "06:45"), self.move_drafts_on
        monday = self.days.this_month + timedelta(days=-self.days.this_month.weekday() % 7)
        while monday < self.days.today:
            if monday != self.days.this_month:
                yield self.days.at(monday, "06:00"), self.run_by_clock
            monday += 2 * WEEK
        if self.days.today != self.days.this_month:
            yield self.days.at(self.days.today, "06:00"), self.run_by_clock
        yield self.days.at(self.days.today, "06:50"), self.this_morning
        yield self.days.at(self.days.today, "06:55"), advances.schedule

    def _billed_month(self, month: date) -> Iterator[Event]:
        end = month_end(month)
        tuesday = end - timedelta(days=end.weekday()) + WEEK + timedelta(days=1)
        first = months_after(month, 1)

        def step(later: int, clock: str, act: Callable[..., None], *what: date) -> Event:
            moment = self.days.at(tuesday + timedelta(days=later), clock)
            return moment, lambda at: act(*what, at)

        yield step(0, "09:40", self.ready_all, month)
        yield step(0, "10:00", self.run_by_hand, first)
        yield step(0, "10:30", self.draft_support, month)
        yield step(0, "14:15", self.shorten_one, month)
        if month != self.days.billed[0]:
            yield step(0, "14:30", AdvancesOfTheDemo(self.people, self.contracts, self.days).keep_some)
        yield step(1, "10:05", self.confirm_all)
        yield step(1, "15:30", self.post_journals, month)
        yield step(2, "09:30", self.post_invoices)
        if month == self.days.billed[0]:
            yield step(3, "11:00", self.close, month)
            yield step(6, "11:20", self.receive_payment)

    def ready_all(self, month: date, at: datetime) -> None:
        """Everything of the month but a dispute, which stays behind."""
        disputed, reason = (
            (1, HoldReason.DISPUTED) if month == self.days.billed[0] else (6, HoldReason.WRONG_RATE)
        )
        self._hold(disputed, 2, reason, month_end(month), at)
        for login in ("katrin", "jonas"):
            self._ready(login, self._open(month_end(month)), at)
            shares = MilestoneShare.objects.filter(
                milestone__contract_line__contract__manager=self.people[login],
                milestone__due_on__lte=month_end(month),
                status="not_ready",
            )
            mark_milestones_ready(shares, actor=self.people[login], at=at)

    def run_by_hand(self, business_date: date, at: datetime) -> None:
        """The accountant runs the job for the first of the month."""
        run = request_run(self.job, business_date, actor=self.people["hanna"], at=at)
        run_batch(run.pk, clock=self.days.ticking(at))

    def run_by_clock(self, at: datetime) -> None:
        """The job of the day."""
        start_due_runs(now=at)
        run = BatchRun.objects.filter(job=self.job).order_by("pk").last()
        run_batch(run.pk, clock=self.days.ticking(at + timedelta(seconds=4)))

    def draft_support(self, month: date, at: datetime) -> None:
        """Operations support had no schedule yet: its proforma is drafted by hand."""
        draft_contracts(
            ProjectContract.objects.filter(pk=self.contracts[2].pk),
            invoice_date=months_after(month, 1),
            cut_off=month_end(month),
            actor=self.people["katrin"],
            at=at,
        )

    def shorten_one(self, month: date, at: datetime) -> None:
        """A full day is billed with six hours: the rest is written off, or kept for the next invoice."""
        is_first = month == self.days.billed[0]
        serial, login, changes = (1, "katrin", SIX_HOURS) if is_first else (7, "jonas", SIX_HOURS_KEPT)
        full = InvoiceLineDetail.objects.filter(
            line__proforma__contract=self.contracts[serial], line__proforma__status="draft", quantity=8
        )
        one = full.order_by("transaction_date", "pk").values_list("pk", flat=True)[:1]
        edit_details(
            InvoiceLineDetail.objects.filter(pk__in=list(one)), changes, actor=self.people[login], at=at
        )

    def confirm_all(self, at: datetime) -> None:
        """Each manager confirms the drafts of the own contracts."""
        for login in ("katrin", "jonas"):
            drafts = Proforma.objects.open().filter(contract__manager=self.people[login])
            confirm_proformas(drafts, actor=self.people[login], at=at, accepted=ticks_of(drafts))

    def post_journals(self, month: date, at: datetime) -> None:
        """What was approved reaches the journals; the month's are posted."""
        pull_journals(self.entity, actor=self.people["hanna"], at=at)
        due = IntegrationJournal.objects.postable().filter(legal_entity=self.entity, period_starts_on=month)
        post_journals(due, actor=self.people["hanna"], at=at)

    def post_invoices(self, at: datetime) -> None:
        """Confirmed proformas become proposals, invoices and documents."""
        pull_proposals(Proforma.objects.filter(legal_entity=self.entity), at=at).count_or_raise()
        waiting = InvoiceProposal.objects.unposted().filter(legal_entity=self.entity)
        post_proposals(waiting, actor=self.people["hanna"], at=at)
        print_invoices(CustomerInvoice.objects.filter(legal_entity=self.entity), at=at)

    def receive_payment(self, at: datetime) -> None:
        """A customer pays the oldest invoice in euros, and the bank has booked it."""
        rows = CustomerTransaction.objects.filter(legal_entity=self.entity, currency=self.entity.currency)
        row = rows.open().filter(invoice__isnull=False, open_amount__gt=0).earliest("date", "pk")
        payment = NewPayment(
            customer=row.customer,
            bank_account=BankAccount.objects.get(legal_entity=self.entity, currency=row.currency),
            date=self.entity.day_of(at),
            amount=row.open_amount,
            currency=row.currency,
            reference=str(row.invoice),
            shares={row.pk: row.open_amount},
        )
        enter_payments([payment], actor=self.people["hanna"], at=at)

    def close(self, month: date, at: datetime) -> None:
        """The controller closes the month."""
        period = FiscalPeriod.objects.filter(legal_entity=self.entity, starts_on=month)
        close_periods(period, actor=self.people["felix"], at=at)

    def ready_last_month(self, at: datetime) -> None:
        """Before the month is over the managers mark what is approved already, of some contracts."""
        open_items = self._open(at.date())
        for login, serials in (("katrin", (1, 8)), ("jonas", (6, 9))):
            contracts = [self.contracts[serial] for serial in serials]
            self._ready(login, open_items.filter(contract__in=contracts), at)

    def move_drafts_on(self, at: datetime) -> None:
        """One draft is in review, one is confirmed and waits for the accountant, one stays a draft."""
        drafts = Proforma.objects.open()
        submit_for_review(
            drafts.filter(contract=self.contracts[6]),
            reviewer=self.people["felix"],
            note="First invoice of the year with the new rates.",
            actor=self.people["jonas"],
            at=at,
        )
        waiting = drafts.filter(contract=self.contracts[8])
        confirm_proformas(waiting, actor=self.people["katrin"], at=at, accepted=ticks_of(waiting))

    def this_morning(self, at: datetime) -> None:
        """Where the visitor comes in: some work is ready, some is held, a milestone is reached."""
        end = month_end(self.days.last_month)
        self._hold(8, 3, HoldReason.WAITING, self.days.today, at)
        self._hold(2, 2, HoldReason.DISPUTED, end, at)
        items = self._open(end)
        self._ready("katrin", items.filter(contract=self.contracts[3]), at)
        half = end.replace(day=15)
        self._ready("katrin", items.filter(contract=self.contracts[2], transaction_date__lte=half), at)
        self._ready("jonas", items.filter(contract=self.contracts[7]), at)
        reached = MilestoneShare.objects.filter(milestone__name="Metering feed live")
        mark_milestones_ready(reached, actor=self.people["jonas"], at=at)
        pull_journals(self.entity, actor=self.people["hanna"], at=at)
        pull_proposals(Proforma.objects.filter(legal_entity=self.entity), at=at).count_or_raise()

    def _open(self, through: date) -> BacklogQuerySet:
        """Not ready, with a price, not held."""
        return BacklogItem.objects.due_through(through).filter(
            status="not_ready", hold_reason="", work_item__is_priced=True
        )

    def _ready(self, login: str, items: BacklogQuerySet, at: datetime) -> None:
        mine = items.filter(
            contract__manager=self.people[login], contract__status__in=["confirmed", "on_hold"]
        )
        mark_ready(mine, actor=self.people[login], at=at)

    def _hold(self, serial: int, count: int, reason: str, through: date, at: datetime) -> None:
        contract = self.contracts[serial]
        login = contract.manager.username
        newest = self._open(through).filter(contract=contract).order_by("-transaction_date", "pk")
        keys = list(newest.values_list("pk", flat=True)[:count])
        hold(
            BacklogItem.objects.filter(pk__in=keys),
            reason=reason,
            review_on=at.date() + timedelta(days=7),
            actor=self.people[login],
            on=at.date(),
            at=at,
        )
