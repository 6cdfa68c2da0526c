"""I1, I2, I4: when a proforma is whole, and that it is frozen after that."""

import itertools
import re
from decimal import Decimal

import pytest
from django.db import connection, models

from billing.models import InvoiceLine, InvoiceLineDetail, NumberSeries, Proforma
from billing.states import ProformaStatus
from projects.models import BacklogItem
from projects.states import BillingType, EventKind, TransactionType
from tests.company import invoicing_rows, rows
from tests.guards.attacks import Attack, another, any_guard, delete, each, insert, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

FROZEN = "a confirmed proforma never changes"
LINES = "lines of a confirmed proforma never change"
DETAILS = "details of a confirmed proforma never change"
# A write may meet several rules; whichever speaks first has refused it.
BY_A_GUARD = any_guard()


# --- Confirming ---


def _confirming(guarded: GuardedRows) -> dict[str, object]:
    """The stamps of a confirmation, with a sealed event of its own that bills the open sales."""
    opened = guarded.event(EventKind.CONFIRMATION)
    rows.mirror(guarded.sales, opened)
    rows.actual(guarded.sales.work_item, opened, type=TransactionType.BILLED_SALES, bills=guarded.sales)
    rows.seal(opened)
    return {
        "status": ProformaStatus.CONFIRMED,
        "event": opened,
        "confirmed_by": guarded.company.manager,
        "confirmed_at": rows.NOW,
    }


def _with_wrong_header(guarded: GuardedRows) -> models.QuerySet:
    row(guarded.draft).update(net_amount=Decimal(801), gross_amount=Decimal(801))
    return row(guarded.draft)


def _with_wrong_line(guarded: GuardedRows) -> models.QuerySet:
    row(guarded.draft_line).update(amount=Decimal(799))
    return row(guarded.draft)


def _with_free_work_counted(guarded: GuardedRows) -> models.QuerySet:
    row(guarded.draft_detail).update(billing_type=BillingType.COMPLIMENTARY)
    return row(guarded.draft)


def _with_details_without_work_item(guarded: GuardedRows) -> models.QuerySet:
    invoicing_rows.detail(guarded.draft_line)
    invoicing_rows.add_up(guarded.draft)
    return row(guarded.draft)


@each(
    update(
        "wrong-header",
        "a proforma asks for the sum of its chargeable details",
        lambda s: (_with_wrong_header(s), _confirming(s)),
    ),
    update(
        "wrong-line",
        "each line is the sum of its chargeable details",
        lambda s: (_with_wrong_line(s), _confirming(s)),
    ),
    update(
        "free-work-counted",
        "a proforma asks for the sum of its chargeable details",
        lambda s: (_with_free_work_counted(s), _confirming(s)),
    ),
    update(
        "manual-detail-without-work-item",
        "each detail of a confirmed proforma has its work item",
        lambda s: (_with_details_without_work_item(s), _confirming(s)),
    ),
    update(
        "nobody-confirmed",
        re.compile("confirmed_means_who_when_event"),
        lambda s: (row(s.draft), _confirming(s) | {"confirmed_by": None}),
    ),
    update(
        "without-event",
        re.compile("confirmed_means_who_when_event"),
        lambda s: (row(s.draft), _confirming(s) | {"event": None}),
    ),
    insert(
        "born-confirmed",
        "a proforma starts as a draft",
        lambda s: Proforma(
            legal_entity=s.company.entity,
            number="PF-forged",
            contract=s.company.contract,
            customer=s.company.customer,
            currency="EUR",
            invoice_date=rows.DAY,
            cut_off_date=rows.DAY,
            created_by=s.company.manager,
            created_at=rows.NOW,
            **_confirming(s),
        ),
    ),
)
def test_confirming_is_refused(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


# --- Frozen ---

STAMPS = {
    "status",
    "customer_invoice_number",
    "customer_invoice_date",
    "customer_invoice_tax",
    "customer_invoice_tax_group",
}
FREEZING = [
    (model, field)
    for model in (Proforma, InvoiceLine, InvoiceLineDetail)
    for field in model._meta.concrete_fields
    if not (model is Proforma and field.name in STAMPS)
]


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "posted"])
@pytest.mark.parametrize(
    ("model", "field"), FREEZING, ids=[f"{model.__name__}.{field.name}" for model, field in FREEZING]
)
def test_no_column_of_a_confirmed_proforma_changes(
    guarded: GuardedRows, model: type[models.Model], field: models.Field, confirmed: bool
):
    owner = invoicing_rows.confirm(guarded.draft, guarded.company) if confirmed else guarded.posted
    paths = {Proforma: "pk", InvoiceLine: "proforma", InvoiceLineDetail: "line__proforma"}
    victims = row(model.objects.get(**{paths[model]: owner.pk}))
    with refused(BY_A_GUARD):
        victims.update(**{field.attname: another(field)})


@each(
    *[
        update(
            f"stamp-{name}",
            "arrive when it is posted, once",
            lambda s, name=name, value=value: (row(s.posted), {name: value}),
        )
        for name, value in [
            ("customer_invoice_number", "RE-forged"),
            ("customer_invoice_date", rows.DAY),
            ("customer_invoice_tax", Decimal(1)),
            ("customer_invoice_tax_group", 1),
        ]
    ],
    update(
        "draft-with-a-legal-number",
        "arrive when it is posted, once",
        lambda s: (row(s.draft), {"customer_invoice_number": "RE-forged"}),
    ),
    delete("proforma", "a confirmed proforma is never deleted", lambda s: row(s.posted)),
    delete("line", LINES, lambda s: row(s.posted.lines.get())),
    delete("detail", DETAILS, lambda s: row(s.posted_detail)),
    insert(
        "line-added",
        LINES,
        lambda s: InvoiceLine(
            proforma=s.posted,
            contract_line=rows.contract_line(s.company.contract, s.company.customer),
            name="x",
        ),
    ),
    insert("detail-added", DETAILS, lambda s: invoicing_rows.unsaved_detail(s.posted.lines.get())),
    insert(
        "claim-added", DETAILS, lambda s: invoicing_rows.unsaved_detail(s.posted.lines.get(), actual=s.sales)
    ),
    update("detail-moved-in", DETAILS, lambda s: (row(s.draft_detail), {"line": s.posted.lines.get()})),
    update("detail-moved-out", BY_A_GUARD, lambda s: (row(s.posted_detail), {"line": s.draft_line})),
    steps("deleted-by-django", "never", lambda s: s.posted.lines.all().delete()),
)
def test_a_frozen_proforma_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


OPEN = (ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW)
STEPS = {
    (step.source, step.target) for step in Proforma._meta.get_field("status").get_all_transitions(Proforma)
}


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(ProformaStatus.values, 2)))
def test_the_database_walks_as_the_machine_does(guarded: GuardedRows, old: str, new: str):
    """Every pair of states: the database takes exactly the steps that are listed."""
    listed = (old, new) in STEPS
    victim = row(_proforma_that_is(guarded, old))
    stamps = _confirming(guarded) if old in OPEN and new not in OPEN else {}
    if listed:
        assert victim.update(**stamps | {"status": new}) == 1
    else:
        with refused("a proforma is reviewed, confirmed and posted, and never goes back: write a correction"):
            victim.update(**stamps | {"status": new})


def _proforma_that_is(guarded: GuardedRows, status: str) -> Proforma:
    if status in OPEN:
        row(guarded.draft).update(status=status)
        return guarded.draft
    if status == "confirmed":
        return invoicing_rows.confirm(guarded.draft, guarded.company)
    row(guarded.posted).update(status=status)
    return guarded.posted


WIPES = {
    "postgresql": "TRUNCATE {table} CASCADE",
    "sqlite": "REPLACE INTO {table} SELECT * FROM {table}",
}


@pytest.mark.parametrize("model", [Proforma, InvoiceLine, InvoiceLineDetail, NumberSeries, BacklogItem])
def test_tables_under_guard_are_not_wiped(guarded: GuardedRows, model: type[models.Model]):
    connection.check_constraints()
    with refused(BY_A_GUARD), connection.cursor() as cursor:
        cursor.execute(WIPES[connection.vendor].format(table=model._meta.db_table))
