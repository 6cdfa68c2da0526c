"""The pages of billing with rows of every kind on them: their addresses, and where a selection leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from billing.discounting import Allowance, grant_discount
from billing.models import (
    BatchOutcome,
    BatchRun,
    Discount,
    InvoiceLineDetail,
    InvoiceSchedule,
    MilestoneShare,
    Proforma,
    Retainer,
    Retention,
)
from billing.removing import delete_drafts, remove_details
from billing.states import DueOutcome, ScheduleStatus
from projects.models import BacklogItem, Entry, PrepaidHours, ProjectContract, WorkItem
from tests.company import Company, details_of, only
from tests.company.prepaid import agreed, work
from tests.company.retainers import invoiced, planned
from tests.company.rows import NOW


@dataclass(frozen=True)
class Sent:
    """A page that a selection leads to: the page and its form, what is ticked, and where it is sent."""

    start: str
    form: str
    rows: tuple[int, ...]
    address: str

    def __str__(self) -> str:
        return f"{self.address} from {self.start}"


def furnish_billing(company: Company) -> None:
    """Advances, a draft with a discount and removed details, a deleted one, pending work, a failed run."""
    acting = {"actor": company.manager, "at": NOW}
    invoiced(company)
    planned(company, name="Second advance")
    company.milestone("500")
    company.approved(3)
    delete_drafts(only(*company.drafts()), **acting)
    company.approved(4)
    draft = company.draft()
    worked = details_of(draft).filter(transaction_class="time").order_by("pk")
    remove_details(only(worked.first()), **acting)
    allowance = Allowance(percent=Decimal(10), reason="Loyal customer")
    grant_discount(worked.first().line, allowance, **acting)
    company.approved(2)
    company.ready()
    # Two months of hours: one with hours over, one with hours that may expire.
    agreed(company)
    work(company, (8, 3, "24"), (8, 4, "24"), (8, 5, "6.5"))


def fail_a_run() -> None:
    """A run after that of the many rows, with a row that failed and is still due."""
    row, last = InvoiceSchedule.objects.first(), BatchRun.objects.first()
    run = BatchRun.objects.create(
        job=last.job,
        business_date=last.business_date + timedelta(days=1),
        trigger=last.trigger,
        requested_by=last.requested_by,
        requested_at=last.requested_at,
    )
    InvoiceSchedule.objects.filter(pk=row.pk).update(status=ScheduleStatus.FAILED)
    BatchOutcome.objects.create(
        run=run,
        schedule=row,
        contract=row.contract_line.contract,
        outcome=DueOutcome.FAILED,
        reason="period-locked",
        message="The period is closed.",
        way_out="Take the first open day.",
        happened_at=NOW,
    )


def addresses() -> Iterator[str]:
    """Pages that an address alone leads to."""
    discount = Discount.objects.get()
    draft = discount.line.proforma
    yield from pages_of_a_draft(draft)
    yield reverse("proforma-discount-change", args=[draft.number, discount.pk])
    for name in ("proforma-discount", "proforma-fee"):
        yield reverse(name, args=[draft.number, discount.line_id])
    yield from pages_of_advances()
    yield from pages_of_prepaid_hours()
    yield from pages_of_milestones()
    schedule = InvoiceSchedule.objects.first()
    for name in ("schedule", "schedule-skip", "schedule-move", "schedule-take-up"):
        yield reverse(name, args=[schedule.pk])
    yield reverse("run", args=[BatchOutcome.objects.filter(outcome=DueOutcome.FAILED).first().run_id])
    yield f"{reverse('backlog')}?all=1&group=contract"
    yield reverse("backlog-row", args=[BacklogItem.objects.filter(status="ready").first().pk])
    posted = Proforma.objects.filter(status="posted").first()
    yield reverse("proforma-correct", args=[posted.number])


def pages_of_a_draft(draft: Proforma) -> Iterator[str]:
    """What is asked of an open draft, and the drafts that were deleted."""
    names = ("", "-refresh", "-heading", "-line-add", "-review", "-delete", "-confirm", "-retention")
    yield from (reverse(f"proforma{name}", args=[draft.number]) for name in names)
    yield reverse("drafts-deleted")
    yield reverse("drafted")


def pages_of_advances() -> Iterator[str]:
    """Advances in each of their states, and retentions."""
    yield from (reverse(name) for name in ("advances", "advance-add", "advances-schedule", "retentions"))
    yield f"{reverse('advances')}?kind=scheduled"
    first = Retainer.objects.get(name="Start-up advance")
    for name in ("advance", "advance-refund", "advance-keep", "advance-apply"):
        yield reverse(name, args=[first.pk])
    planned_one = Retainer.objects.get(name="Second advance")
    yield from (reverse(name, args=[planned_one.pk]) for name in ("advance", "advance-change"))
    applied = InvoiceLineDetail.objects.filter(retainer_use="apply", line__proforma__status="draft").first()
    yield reverse("proforma-advance", args=[applied.line.proforma.number, applied.pk])
    kept = Retention.objects.confirmed().first()
    yield from (reverse(name, args=[kept.pk]) for name in ("retention-release", "retention-change"))


def pages_of_prepaid_hours() -> Iterator[str]:
    """The cards of prepaid hours, a month with hours over, and what is done with them."""
    yield from (reverse(name) for name in ("prepaid-hours", "prepaid-plan"))
    agreement = PrepaidHours.objects.get()
    yield f"{reverse('prepaid', args=[agreement.pk])}?month=2026-08"
    yield from (
        reverse(f"prepaid-{name}", args=[agreement.pk]) for name in ("send", "extend", "end", "expire")
    )


def pages_of_milestones() -> Iterator[str]:
    """The plan of milestones, and the forms of one."""
    yield reverse("milestones-plan")
    share = MilestoneShare.objects.filter(status="ready").first()
    stone = share.milestone
    contract = stone.contract_line.contract
    for name in ("milestone-add", "milestones-periodic"):
        yield reverse(name, args=[contract.number])
    for name in ("milestone-change", "milestone-divide"):
        yield reverse(name, args=[contract.number, stone.pk])


def pages_of_why() -> Iterator[str]:
    """Why work is not billed, as a list and about one row."""
    yield from (reverse(name) for name in ("why", "why-entries", "why-milestones"))
    yield reverse("why-entry", args=[Entry.objects.order_by("pk").first().pk])
    yield reverse("why-work", args=[WorkItem.objects.filter(approval__isnull=False).first().pk])
    yield reverse("why-milestone", args=[MilestoneShare.objects.filter(status="ready").first().pk])
    yield reverse("why-contract", args=[ProjectContract.objects.filter(lines__isnull=False).first().number])


def selections() -> Iterator[Sent]:
    """Pages that ask before they act on what was ticked."""
    backlog = tuple(BacklogItem.objects.filter(status="ready").values_list("pk", flat=True))
    for action in ("hold", "not-ready", "billing-type", "describe", "reprice", "draft", "add"):
        yield Sent(f"{reverse('backlog')}?all=1", "selection", backlog, reverse(f"backlog-{action}"))
    shares = tuple(MilestoneShare.objects.filter(status="ready").values_list("pk", flat=True))
    for name in ("milestones-draft", "milestones-add"):
        yield Sent(f"{reverse('milestones')}?all=1", "selection", shares, reverse(name))
    drafts = tuple(Proforma.objects.open().values_list("pk", flat=True))
    for name in ("proformas-confirm", "proformas-review"):
        yield Sent(f"{reverse('proformas')}?all=1", "selection", drafts, reverse(name))
    contracts = tuple(ProjectContract.objects.values_list("pk", flat=True))
    yield Sent(f"{reverse('contracts')}?all=1", "selection", contracts, reverse("contracts-draft"))
    draft = Discount.objects.get().line.proforma
    details = tuple(details_of(draft).filter(transaction_class="time").values_list("pk", flat=True))
    for name in ("proforma-lines-edit", "proforma-move"):
        page = reverse("proforma", args=[draft.number])
        yield Sent(page, "lines", details, reverse(name, args=[draft.number]))
