"""The activity log: what was read from each row stands beside what became of it (B10)."""

from decimal import Decimal

import pytest

from core.activity_log import changes_of, log_activity, states_of
from core.models import Activity, OutboxEntry
from core.states import OutboxStatus
from core.templatetags.activity_words import facts_in_words
from projects.models import Customer, SalesTaxGroup
from tests.company import Company, rows
from tests.company.checking import statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def entries(*states: str) -> list[OutboxEntry]:
    return [
        OutboxEntry.objects.create(effect_key=f"kind:{n}", kind="kind", status=state, created_at=NOW)
        for n, state in enumerate(states)
    ]


def test_each_row_keeps_the_state_it_was_read_in():
    written = entries(OutboxStatus.PARKED, OutboxStatus.PENDING)
    before = states_of(written)
    OutboxEntry.objects.update(status=OutboxStatus.DONE)
    log_activity(
        "done",
        written,
        actor=rows.user(),
        at=NOW,
        from_states=before,
        to_state=OutboxStatus.DONE,
        facts={"n": 2},
    )
    logged = Activity.objects.order_by("subject_id").values_list(
        "subject_id", "from_state", "to_state", "facts"
    )
    assert list(logged) == [
        (written[0].pk, "parked", "done", {"n": 2}),
        (written[1].pk, "pending", "done", {"n": 2}),
    ]


def test_what_is_created_comes_from_no_state():
    written = entries(OutboxStatus.PENDING)
    log_activity("left", written, actor=rows.user(), at=NOW, to_state=OutboxStatus.PENDING)
    assert Activity.objects.values_list("from_state", "to_state").get() == ("", "pending")


def test_changes_name_old_and_new_value_of_what_really_changed():
    at = Company.bare()
    domestic = SalesTaxGroup.objects.create(code="d", name="Domestic")
    export = SalesTaxGroup.objects.create(code="e", name="Export")
    first, second = (
        at.customer,
        rows.customer(at.entity, sales_tax_group=domestic, payment_terms=rows.terms(14)),
    )
    customers = list(Customer.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk"))
    values = {"sales_tax_group": export, "payment_terms": rows.terms(14), "name": second.name}
    assert changes_of(customers, values) == {
        first.pk: {
            "sales_tax_group": ["", str(export)],
            "payment_terms": ["", "14 days net"],
            "name": [first.name, second.name],
        },
        second.pk: {"sales_tax_group": [str(domestic), str(export)]},
    }


def test_rows_that_keep_everything_have_no_changes_and_no_fact():
    at = Company.bare()
    assert changes_of([at.customer], {"name": at.customer.name}) == {}
    log_activity("changed", [at.customer], actor=at.manager, at=NOW, changes={})
    assert Activity.objects.get().facts == {}


def test_numbers_are_written_without_trailing_zeros():
    entry = rows.entry(Company.bare(), quantity=Decimal("8.0000"))
    assert changes_of([entry], {"quantity": Decimal("7.50")}) == {entry.pk: {"quantity": ["8", "7.5"]}}


def test_changes_of_many_rows_take_one_statement_per_foreign_key():
    at = Company.bare()
    group = SalesTaxGroup.objects.create(code="d", name="Domestic")
    for _each in range(5):
        rows.customer(at.entity, sales_tax_group=group)
    customers = list(Customer.objects.all())
    assert statements(lambda: changes_of(customers, {"sales_tax_group": None, "name": "New"})) == 1


def test_a_reader_sees_every_change_and_every_fact():
    log = Activity(facts={"changes": {"dimension": ["north", "south"], "note": ["", "Thanks"]}, "lines": 2})
    assert facts_in_words(log) == ["Dimension: north → south", "Note: – → Thanks", "Lines: 2"]
    assert log.changes == {"dimension": ["north", "south"], "note": ["", "Thanks"]}
