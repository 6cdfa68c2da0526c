"""Rows for every list page: `settle(n)` puts n of each kind before one reader who holds every role."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from django.contrib.auth.models import Group

from billing.models import BatchJob, BatchOutcome, BatchRun, InvoiceSchedule, NumberSeries
from billing.states import DueOutcome, RunTrigger
from projects.models import ImportBatch, LegalEntityMembership, Project, Resource
from tests.factories import books, invoicing, world
from tests.factories.world import CUT_OFF, DAY, NOW, World


def reader_of(at: World, *roles: str) -> Any:
    """Somebody with these roles who belongs to the world's legal entity."""
    made = world.user("reader")
    made.groups.set(Group.objects.filter(name__in=roles))
    LegalEntityMembership.objects.create(user=made, legal_entity=at.entity)
    return made


def settle(at: World, reader: Any, count: int) -> None:
    """Add `count` customers, each with everything that some list shows, and own entries of the reader."""
    series = NumberSeries.objects.filter(legal_entity=at.entity).first() or invoicing.number_series(at)
    own, _made = Resource.objects.get_or_create(
        legal_entity=at.entity, code="me", name="Reader", user=reader, role=at.role
    )
    job = BatchJob.objects.create(
        name=f"Job {world.next_number()}", legal_entity=at.entity, runs_at=time(6), acts_as=at.manager
    )
    for nth in range(count):
        _import(at, reader)
        there = _customer(at)
        world.approval(there)
        world.entry(at, resource=own, project=there.project)
        world.approved_hours(there)
        invoicing.draft_of(there, world.approved_hours(there))
        invoicing.milestone_share(there)
        posted = invoicing.confirm(invoicing.draft_of(there, world.approved_hours(there)), there)
        books.post(there, posted, series)
        day = CUT_OFF + timedelta(days=nth)
        row = InvoiceSchedule.objects.create(contract_line=there.line, run_date=day, cut_off_date=DAY)
        run = BatchRun.objects.create(
            job=job, business_date=day, trigger=RunTrigger.CLOCK, requested_by=at.manager, requested_at=NOW
        )
        BatchOutcome.objects.create(
            run=run,
            schedule=row,
            contract=there.contract,
            outcome=DueOutcome.NOTHING_TO_BILL,
            happened_at=NOW,
        )


def _import(at: World, reader: Any) -> ImportBatch:
    return ImportBatch.objects.create(
        legal_entity=at.entity,
        source="timesheet",
        file_name=f"hours-{world.next_number()}.csv",
        file_sha256="0" * 64,
        row_count=1,
        created_count=1,
        known_count=0,
        imported_by=reader,
        imported_at=NOW,
    )


def _customer(at: World) -> World:
    payer = world.customer(at.entity)
    number = world.next_number()
    project = Project.objects.create(
        legal_entity=at.entity, number=f"P{number}", name=f"Project {number}", customer=payer
    )
    deal = world.contract(at.entity, payer, manager=at.manager)
    line = world.contract_line(deal, payer, project=project)
    return replace(at, customer=payer, project=project, contract=deal, line=line)
