"""The scene of the attacks: one of everything that is guarded, and a photograph of all of it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounting.models import CustomerInvoice, IntegrationJournalLine
from accounting.states import JournalLineStatus
from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, NumberSeries, Proforma
from core.models import Activity
from projects.models import Actual, ActualEvent, Adjustment, Approval
from projects.states import EventKind
from tests.factories import books, invoicing, world
from tests.factories.world import NOW, World


@dataclass
class Scene:
    """Named rows of the world: some may still change by the rules, `posted` and what hangs on it may not."""

    at: World
    sales: Actual
    claimed: Actual
    billed: Actual
    draft: Proforma
    draft_line: InvoiceLine
    draft_detail: InvoiceLineDetail
    posted: Proforma
    posted_detail: InvoiceLineDetail
    invoice: CustomerInvoice
    series: NumberSeries
    share: MilestoneShare
    open_journal_line: IntegrationJournalLine
    posted_journal_line: IntegrationJournalLine
    approval: Approval

    def event(self, kind: int = EventKind.CONFIRMATION) -> ActualEvent:
        return world.event(self.at, kind)


def build() -> Scene:
    """Three approved days: one open, one on a draft, one on a posted invoice; their journal, their books."""
    at = world.world()
    sales, claimed, billed = (world.approved_hours(at) for _day in range(3))
    draft = invoicing.draft_of(at, claimed)
    posted = invoicing.confirm(invoicing.draft_of(at, billed), at)
    series = invoicing.number_series(at)
    books.period(at)
    open_line, posted_line = books.journal_line(at, sales), books.journal_line(at, billed)
    line_voucher = books.balanced(at, source_id=posted_line.pk)
    IntegrationJournalLine.objects.filter(pk=posted_line.pk).update(
        status=JournalLineStatus.POSTED, voucher=line_voucher
    )
    books.project_transaction(at, billed, line_voucher)
    invoice = books.post(at, posted, series)
    _adjusted(at, sales)
    Activity.objects.create(
        verb="posted", subject_kind="x", subject_id=1, subject_name="x", actor=at.manager, happened_at=NOW
    )
    posted = Proforma.objects.get(pk=posted.pk)
    draft_line = draft.lines.get()
    return Scene(
        at=at,
        sales=sales,
        claimed=claimed,
        billed=billed,
        draft=draft,
        draft_line=draft_line,
        draft_detail=draft_line.details.get(),
        posted=posted,
        posted_detail=InvoiceLineDetail.objects.get(line__proforma=posted),
        invoice=invoice,
        series=series,
        share=invoicing.milestone_share(at),
        open_journal_line=open_line,
        posted_journal_line=IntegrationJournalLine.objects.get(pk=posted_line.pk),
        approval=world.approval(at),
    )


def _adjusted(at: World, sales: Actual) -> Adjustment:
    """Half an hour more of the open day, by a correction of its own."""
    opened = world.event(at, EventKind.CONFIRMATION)
    world.actual(sales.work_item, opened, quantity="0.5", price="100", amount="50")
    made = Adjustment.objects.create(event=opened, work_item=sales.work_item, quantity="0.5", amount="50")
    world.seal(opened)
    return made


def photograph() -> list[tuple[Any, ...]]:
    """Every row of every table, so that a refused write can be shown to have changed nothing."""
    tables = [model._meta.db_table for model in product_models()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One round trip instead of one per table.
            rows = " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in tables)
            cursor.execute(f"{rows} ORDER BY 1, 2")
            return cursor.fetchall()
        shots: list[tuple[Any, ...]] = []
        for table in tables:
            cursor.execute(f"SELECT '{table}', * FROM {table} ORDER BY 2")
            shots.extend(cursor.fetchall())
        return shots


def product_models() -> list[type[models.Model]]:
    return [
        model
        for label in ("projects", "billing", "accounting")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if not model._meta.proxy
    ]
