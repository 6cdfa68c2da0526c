"""The real hours, from file to posted and printed invoices, every step through its own verb."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Min, Sum
from django.utils import timezone

from accounting.invoicing import post_proposals
from accounting.models import CustomerInvoice, IntegrationJournal, InvoiceProposal, VoucherLine
from accounting.posting import post_journals
from accounting.printing import print_invoices
from accounting.pulling import pull_journals, pull_proposals
from accounting.querysets import ProposalQuerySet
from accounting.setting_up import create_books
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.marking_ready import mark_ready
from billing.models import BatchJob, InvoiceFrequency, Proforma
from billing.planning_runs import generate_schedule
from billing.querysets import ProformaQuerySet
from billing.scheduling import request_run, run_batch
from billing.states import FrequencyPeriod
from projects.approving import approve_entries
from projects.contracting import confirm_contracts, open_time_and_material
from projects.import_states import ImportRowState
from projects.importing import Decisions, import_files
from projects.layouts import Mapping
from projects.models import (
    Approval,
    BacklogItem,
    Entry,
    ImportBatch,
    LegalEntity,
    PriceList,
    Project,
    ProjectContract,
    Role,
    RolePrice,
)
from projects.setting_up import create_legal_entity
from projects.staging import Choices, Upload, read_again, read_file, stage_file
from projects.states import PriceContext
from projects.submitting import submit_entries
from real_hours.taxes import GroupsGiver, exempt

CHUNK = 2000
PEOPLE = {"importer": "hours-importer", "manager": "hours-manager", "accountant": "hours-accountant"}
USUAL_RATES = {"Development": "118.40", "Management": "152.75", "Operational": "89.90"}


def rates_from(texts: Iterable[str]) -> dict[str, Decimal]:
    """Bill rates per hour by role from ROLE=PRICE texts. Raises ValueError, naming the text."""
    rates = {}
    for text in texts or [f"{role}={price}" for role, price in USUAL_RATES.items()]:
        role, _equals, price = text.partition("=")
        try:
            rates[role] = Decimal(price)
        except InvalidOperation as error:
            raise ValueError(f"a rate is ROLE=PRICE, not {text!r}") from error
    return rates


class Hours:
    """One company's hours on their way to invoices; reports what each step did and how long it took."""

    def __init__(
        self,
        *,
        mapping: Mapping,
        rates: dict[str, Decimal],
        through: date | None,
        write: Callable[[str], Any],
        give_groups: GroupsGiver = exempt,
    ):
        # The company of the hours is new: its projects, people and roles are created from the file.
        self.mapping, self.rates, self.write = mapping, rates, write
        self.give_groups = give_groups
        self.now: datetime = timezone.now()
        self.through = through or self.now.date()
        users = get_user_model().objects
        self.people = {role: users.get_or_create(username=name)[0] for role, name in PEOPLE.items()}
        self.entity = self._legal_entity(self.mapping.name)

    def _legal_entity(self, code: str) -> LegalEntity:
        """The company of the hours, created on first use, with euros as its currency."""
        known = LegalEntity.objects.filter(code=code).first()
        if known is not None:
            return known
        name = f"{code.upper()} Services"
        entity = LegalEntity(
            code=code, name=name, short_name=name, currency="EUR", address="1 Example Street\n20457 Hamburg"
        )
        return create_legal_entity(entity, actor=self.people["accountant"], at=self.now)

    def bill(self, file: Path, dates: Path | None, *, monthly: bool, printing: bool) -> None:
        """Import to posted invoices; what was done before stays as it is."""
        started = time.perf_counter()
        batch = self._read(file, dates)
        self._create_books(batch)
        self._import(batch)
        self._agree()
        self._approve()
        self._ready()
        if monthly:
            self._run_batch()
        else:
            self._draft()
        self._confirm()
        self._post()
        if printing:
            self._print()
        self._figures()
        self.write(f"{'all steps':34} {time.perf_counter() - started:8.2f} s")

    @contextmanager
    def _step(self, name: str) -> Iterator[Callable[[str], None]]:
        started = time.perf_counter()
        results: list[str] = []
        yield results.append
        self.write(f"{name:34} {time.perf_counter() - started:8.2f} s   {' '.join(results)}")

    def _read(self, file: Path, dates: Path | None) -> ImportBatch:
        """The file as rows that change nothing yet."""
        with self._step("read the file") as report:
            chosen = Choices(mapping=self.mapping.name, creates_missing=True)
            with file.open("rb") as hours, dates.open("rb") if dates else nullcontext() as days:
                upload = Upload(file.name, hours, days)
                batch = stage_file(self.entity, upload, chosen, actor=self.people["importer"], at=self.now)
            read_file(batch.pk, clock=timezone.now)
            batch = ImportBatch.objects.get(pk=batch.pk)
            report(f"{batch.row_count} rows")
        return batch

    def _create_books(self, batch: ImportBatch) -> None:
        """Books for the days of the file: without fiscal periods nothing can be dated."""
        with self._step("books"):
            create_books(
                self.entity,
                first_day=batch.first_day or self.through,
                last_day=self.through,
                actor=self.people["accountant"],
                at=self.now,
            )
            if batch.rows.filter(state=ImportRowState.ERROR).exists():
                self._read_again(batch)

    def _read_again(self, batch: ImportBatch) -> None:
        """The periods of its days have been opened only now."""
        chosen = Choices(mapping=self.mapping.name, creates_missing=True)
        batches = ImportBatch.objects.filter(pk=batch.pk)
        read_again(batches, chosen, actor=self.people["importer"], at=self.now)
        read_file(batch.pk, clock=timezone.now)

    def _import(self, batch: ImportBatch) -> None:
        with self._step("import") as report:
            staged = ImportBatch.objects.filter(pk=batch.pk)
            (batch,) = import_files(staged, Decisions(), actor=self.people["importer"], at=self.now)
            report(f"{batch.created_count} new, {batch.known_count} known")

    def _agree(self) -> None:
        """Prices, and a confirmed contract per project that has none."""
        with self._step("prices and contracts") as report:
            sales, _made = PriceList.objects.get_or_create(
                legal_entity=self.entity,
                name=f"{self.mapping.name} bill rates",
                defaults={"context": PriceContext.SALES, "currency": self.entity.currency},
            )
            for role, price in self.rates.items():
                RolePrice.objects.get_or_create(
                    price_list=sales, role=Role.objects.get_or_create(name=role)[0], defaults={"price": price}
                )
            without = Project.objects.filter(legal_entity=self.entity, contract_lines__isnull=True)
            for project in without.order_by("pk"):
                open_time_and_material(
                    project, manager=self.people["manager"], actor=self.people["manager"], at=self.now
                )
            drafts = ProjectContract.objects.filter(legal_entity=self.entity, status="draft")
            manager = self.people["manager"]
            confirmed = confirm_contracts(drafts, actor=manager, on=self.through, at=self.now)
            report(f"{confirmed} contracts confirmed")

    def _approve(self) -> None:
        with self._step("submit") as report:
            waiting = Entry.objects.filter(legal_entity=self.entity).submittable()
            count = _in_chunks(
                waiting, lambda some: len(submit_entries(some, actor=self.people["importer"], at=self.now))
            )
            report(f"{count} entries")
        with self._step("approve") as report:
            submitted = Approval.objects.waiting().filter(entry__legal_entity=self.entity)
            manager = self.people["manager"]
            count = _in_chunks(
                submitted, lambda some: approve_entries(some, actor=manager, on=self.through, at=self.now)
            )
            report(f"{count} entries")
        with self._step("import integration journals") as report:
            report(f"{pull_journals(self.entity, actor=self.people['accountant'], at=self.now)} lines")
        with self._step("post integration journals") as report:
            drafts = IntegrationJournal.objects.postable().filter(legal_entity=self.entity)
            posted = post_journals(drafts, actor=self.people["accountant"], at=self.now)
            report(f"{posted.posted} lines posted, {posted.failed} in error")

    def _ready(self) -> None:
        with self._step("mark ready") as report:
            open_items = BacklogItem.objects.filter(
                contract__legal_entity=self.entity, status="not_ready", hold_reason=""
            )
            manager = self.people["manager"]
            report(
                f"{_in_chunks(open_items, lambda some: mark_ready(some, actor=manager, at=self.now))} items"
            )

    def _draft(self) -> None:
        with self._step("draft") as report:
            contracts = ProjectContract.objects.filter(legal_entity=self.entity).billable()
            drafts = draft_contracts(
                contracts, invoice_date=self.through, actor=self.people["manager"], at=self.now
            )
            report(f"{len(drafts)} proformas")

    def _run_batch(self) -> None:
        with self._step("schedules") as report:
            frequency, _made = InvoiceFrequency.objects.get_or_create(
                name="Monthly on the first", defaults={"period": FrequencyPeriod.MONTHLY, "day_of_month": 1}
            )
            first = Entry.objects.filter(legal_entity=self.entity).aggregate(first=Min("date"))["first"]
            contracts = ProjectContract.objects.filter(legal_entity=self.entity).billable()
            rows = 0
            for contract in contracts.filter(lines__schedule__isnull=True).order_by("pk"):
                rows += generate_schedule(
                    contract.lines.get(),
                    frequency,
                    starts_on=first,
                    ends_on=self.through,
                    actor=self.people["manager"],
                    at=self.now,
                )
            report(f"{rows} runs")
        with self._step("batch run") as report:
            job, _made = BatchJob.objects.get_or_create(
                name=f"{self.mapping.name} daily invoices",
                defaults={
                    "legal_entity": self.entity,
                    "runs_at": "06:00",
                    "is_active": False,
                },
            )
            run = request_run(job, self.through, actor=self.people["manager"], at=self.now)
            status = run_batch(run.pk, clock=timezone.now)
            outcomes = run.outcomes.order_by().values_list("outcome").annotate(count=Count("pk"))
            report(f"{status}, " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes)))

    def _confirm(self) -> None:
        with self._step("confirm") as report:
            drafts = Proforma.objects.open().filter(legal_entity=self.entity)
            manager = self.people["manager"]

            def confirm(some: ProformaQuerySet) -> int:
                ticks = ticks_of(some)
                return len(confirm_proformas(some, actor=manager, at=self.now, accepted=ticks))

            count = _in_chunks(drafts, confirm, size=100)
            report(f"{count} proformas")

    def _post(self) -> None:
        with self._step("import invoice proposals") as report:
            proformas = Proforma.objects.filter(legal_entity=self.entity)
            report(f"{pull_proposals(proformas, at=self.now).count_or_raise()} proposals")
        with self._step("post customer invoices") as report:
            waiting = InvoiceProposal.objects.unposted().filter(legal_entity=self.entity)
            count = _in_chunks(
                waiting.order_by("accounting_date", "pk"),
                self._post_some,
                size=200,
            )
            report(f"{count} invoices")

    def _post_some(self, proposals: ProposalQuerySet) -> int:
        """Post some of them, after saying which tax they bear; none, unless somebody says otherwise."""
        accountant = self.people["accountant"]
        self.give_groups(proposals, actor=accountant, at=self.now)
        return len(post_proposals(proposals, actor=accountant, at=self.now))

    def _print(self) -> None:
        with self._step("print") as report:
            invoices = CustomerInvoice.objects.filter(legal_entity=self.entity)
            report(f"{print_invoices(invoices, at=self.now)} documents")

    def _figures(self) -> None:
        entries = Entry.objects.filter(legal_entity=self.entity)
        invoices = CustomerInvoice.objects.filter(legal_entity=self.entity)
        billed = invoices.aggregate(net=Sum("net_amount"), gross=Sum("gross_amount"), count=Count("pk"))
        ledger = VoucherLine.objects.filter(voucher__legal_entity=self.entity).aggregate(
            debit=Sum("amount"), base=Sum("base_amount"), count=Count("pk")
        )
        backlog = BacklogItem.objects.filter(contract__legal_entity=self.entity)
        self.write(
            f"entries   {entries.count()}, {_figure(entries.aggregate(sum=Sum('quantity'))['sum'])} hours"
        )
        self.write(f"billed    {_figure(billed['net'])} net in {billed['count']} invoices")
        self.write(f"backlog   {backlog.count()} items")
        self.write(f"ledger    {ledger['count']} lines, debits less credits {_figure(ledger['debit'])}")


def _figure(amount: Decimal | None) -> str:
    return f"{(amount or Decimal(0)).quantize(Decimal('0.01'))}"


def _in_chunks(rows: Any, act: Callable[[Any], int], size: int = CHUNK) -> int:
    """Call a verb on sets of `size` rows, each its own transaction, until none is left; return how many."""
    keys = list(rows.order_by(*(rows.query.order_by or ("pk",))).values_list("pk", flat=True))
    model = rows.model.objects
    return sum(act(model.filter(pk__in=keys[start : start + size])) for start in range(0, len(keys), size))
