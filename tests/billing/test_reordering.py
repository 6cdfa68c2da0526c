"""Another order of lines and details: kept, printed, and refused where it cannot be (B7)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounting.snapshots import facts_of as invoice_facts
from billing.adding import refresh_drafts
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Removal
from billing.moving import move_details
from billing.proforma_facts import facts_of
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from billing.reordering import Places, order_details, reorder_details, reorder_lines
from billing.states import DetailOrder
from core.models import Activity
from projects.models import Resource
from tests.company import Company, details_of, only, rows
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import correct
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
ABC = [("Analysis", 2), ("Build", 3), ("Check", 4)]


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Three details, Analysis, Build and Check, on three days; 1,800.00 net."""
    for nth, (text, hours) in enumerate(ABC):
        company.approved(hours, external_description=text, date=date(2026, 3, 2 + nth))
    return company.draft()


def line_of(draft: Proforma) -> Any:
    return InvoiceLine.objects.filter(proforma=draft).in_order()


def texts(draft: Proforma) -> list[str]:
    return [one.external_description for one in details_of(draft).in_order()]


def printed(draft: Proforma) -> list[str]:
    draft = Proforma.objects.select_related("customer", "contract", "legal_entity").get(pk=draft.pk)
    return [line.text for section in facts_of(draft, []).sections for line in section.lines]


def key(draft: Proforma, text: str) -> int:
    return details_of(draft).get(external_description=text).pk


def place(company: Company, draft: Proforma, **to: int) -> int:
    places = Places({key(draft, text): nth for text, nth in to.items()})
    return reorder_details(line_of(draft), places, actor=company.manager, at=NOW)


def test_a_detail_goes_to_another_place_and_is_printed_there(company, draft):
    assert (texts(draft), printed(draft)) == (["Analysis", "Build", "Check"],) * 2
    assert place(company, draft, Check=1) == 1
    assert (texts(draft), printed(draft)) == (["Check", "Analysis", "Build"],) * 2
    assert Proforma.objects.get(pk=draft.pk).net_amount == 1800
    (log,) = Activity.objects.filter(verb="reordered")
    assert (log.subject_name, log.changes) == ("Check", {"position": ["3", "1"]})
    assert line_of(draft).get().detail_order == DetailOrder.HAND


def test_several_go_to_one_place_in_the_order_they_had(company, draft):
    place(company, draft, Build=1, Check=1)
    assert texts(draft) == ["Build", "Check", "Analysis"]
    assert place(company, draft, Build=1) == 0
    place(company, draft, Build=3, Check=1)
    assert texts(draft) == ["Check", "Analysis", "Build"]


def test_the_invoice_and_its_credit_note_print_it_so(company, draft):
    place(company, draft, Check=1)
    (draft,) = company.confirm(draft)
    (invoice,) = company.invoices()
    lines = [line.text for section in invoice_facts(invoice).sections for line in section.lines]
    assert lines == ["Check", "Analysis", "Build"]

    halves = [BilledCorrection(row, quantity=row.quantity - 1) for row in billed_rows(draft)]
    credit = correct(company, *halves)
    # What is taken back, then what stays billed, one after the other.
    assert texts(credit) == ["Check", "Check", "Analysis", "Analysis", "Build", "Build"]
    assert [one.quantity for one in details_of(credit).in_order()] == [-4, 3, -2, 1, -3, 2]
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_it_is_kept_while_details_come_go_and_come_back(company, draft):
    place(company, draft, Check=1)
    company.approved(1, external_description="Deploy", date=date(2026, 3, 1))
    company.ready()
    refresh_drafts(only(draft), actor=company.manager, at=NOW)
    assert texts(draft) == ["Check", "Analysis", "Build", "Deploy"]
    company.edit_only(details_of(draft).filter(external_description="Build"), quantity=Decimal(1))
    remove_details(details_of(draft).filter(external_description="Analysis"), actor=company.manager, at=NOW)
    assert texts(draft) == ["Check", "Build", "Deploy"]
    place(company, draft, Deploy=1)
    # Its place is taken since, so that it comes last.
    put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert texts(draft) == ["Deploy", "Check", "Build", "Analysis"]
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    put_back(Removal.objects.lasting(), actor=company.manager, at=NOW)
    assert texts(draft) == ["Deploy", "Check", "Build", "Analysis"]
    company.confirm(draft)
    assert_proven()


def test_a_split_keeps_the_order_and_what_moves_to_another_draft_comes_last(company, draft):
    place(company, draft, Check=1)
    moving = details_of(draft).filter(external_description__in=["Check", "Build"])
    second = move_details(moving, None, actor=company.manager, at=NOW)
    assert (texts(draft), texts(second)) == (["Analysis"], ["Check", "Build"])
    move_details(details_of(draft), only(second), actor=company.manager, at=NOW)
    assert texts(second) == ["Check", "Build", "Analysis"]
    # Both had a place of their own; on one line there is none twice.
    place(company, second, Analysis=1)
    assert texts(second) == ["Analysis", "Check", "Build"]


def test_a_line_is_ordered_by_person_by_task_and_by_date_again(company):
    wiring = company.task("Wiring")
    assembly = rows.task(company.project, "A")
    anna = Resource.objects.create(legal_entity=company.entity, name="Anna", role=company.role)
    Resource.objects.filter(pk=company.resource.pk).update(name="Yuki")
    worked = [("A", wiring, company.resource), ("B", assembly, company.resource), ("C", wiring, anna)]
    for nth, (text, task, person) in enumerate(worked):
        day = date(2026, 3, 2 + nth)
        company.approved(1, external_description=text, task=task, resource=person, date=day)
    draft = company.draft()
    company.add_by_hand(draft, company.line, external_description="Fee")
    seen = []
    for by in (DetailOrder.TASK, DetailOrder.PERSON, DetailOrder.DATE):
        assert order_details(line_of(draft), by, actor=company.manager, at=NOW) == 1
        seen.append("".join(text[0] for text in texts(draft)))
    # What has neither person nor task comes last; in each person and task the days follow one another.
    assert seen == ["BACF", "CABF", "AFBC"]
    logs = Activity.objects.filter(verb="reordered").order_by("pk")
    assert [one.changes["detail_order"] for one in logs] == [
        ["date", "task"],
        ["task", "person"],
        ["person", "date"],
    ]
    # By date what comes later is ordered by its date as well.
    company.approved(1, external_description="Early", date=date(2026, 3, 1))
    company.ready()
    refresh_drafts(only(draft), actor=company.manager, at=NOW)
    assert texts(draft)[0] == "Early"


# --- Lines ---


@pytest.fixture
def two_lines(company: Company, draft: Proforma) -> Proforma:
    """With a milestone of 500.00 on a line of its own."""
    company.milestone("500")
    company.ready()
    refresh_drafts(only(draft), actor=company.manager, at=NOW)
    return draft


def names(draft: Proforma) -> list[str]:
    return [line.name for line in line_of(draft)]


def test_a_line_goes_before_the_others_and_stays_there(company, two_lines):
    assert names(two_lines) == ["Hours", "Fixed"]
    fixed = line_of(two_lines).get(name="Fixed").pk
    assert reorder_lines(only(two_lines), Places({fixed: 1}), actor=company.manager, at=NOW) == 1
    assert (names(two_lines), printed(two_lines)[0]) == (["Fixed", "Hours"], "Milestone 500")
    (log,) = Activity.objects.filter(verb="reordered")
    assert (log.subject_name, log.changes) == ("Fixed", {"position": ["2", "1"]})
    (two_lines,) = company.confirm(two_lines)
    company.invoices()
    (billed, *hours) = sorted(billed_rows(two_lines), key=lambda row: row.quantity)
    credit = correct(company, *[BilledCorrection(row, quantity=Decimal(0)) for row in [billed, *hours]])
    assert names(credit) == ["Fixed", "Hours"]
    assert_proven()


def test_lines_keep_their_order_on_a_draft_that_is_split_off(company, two_lines):
    fixed = line_of(two_lines).get(name="Fixed").pk
    reorder_lines(only(two_lines), Places({fixed: 1}), actor=company.manager, at=NOW)
    second = move_details(details_of(two_lines), None, actor=company.manager, at=NOW)
    assert names(second) == ["Fixed", "Hours"]


# --- What is refused ---


def test_the_order_of_what_is_confirmed_stays(company, draft):
    lines, check = line_of(draft), key(draft, "Check")
    company.confirm(draft)
    with refused("frozen"):
        reorder_details(lines, Places({check: 1}), actor=company.manager, at=NOW)
    with refused("frozen"):
        order_details(lines, DetailOrder.PERSON, actor=company.manager, at=NOW)
    with refused("frozen"):
        reorder_lines(only(draft), Places({lines.get().pk: 1}), actor=company.manager, at=NOW)


@pytest.mark.parametrize("nth", [0, 4, 2_000_000_000])
def test_there_are_as_many_places_as_details(company, draft, nth):
    with refused("place-not-possible") as reasons:
        place(company, draft, Check=nth)
    assert str(reasons.value.refusals[0].message) == "The places are 1 to 3."


def test_whoever_saw_another_order_moves_nothing(company, draft):
    keys = {text: key(draft, text) for text, _hours in ABC}
    seen = {keys["Analysis"]: 1, keys["Build"]: 2, keys["Check"]: 3}
    place(company, draft, Check=1)
    with refused("edited-meanwhile"):
        moved = Places({keys["Build"]: 1}, seen)
        reorder_details(line_of(draft), moved, actor=company.manager, at=NOW)
    remove_details(details_of(draft).filter(pk=keys["Build"]), actor=company.manager, at=NOW)
    with refused("edited-meanwhile"):
        reorder_details(line_of(draft), Places({keys["Build"]: 1}), actor=company.manager, at=NOW)


def test_no_two_stand_at_one_place(company, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceLineDetail.objects.filter(line__proforma=draft).update(position=1)
    assert texts(draft) == ["Analysis", "Build", "Check"]


def test_ten_details_and_a_hundred_are_ordered_by_the_same_statements():
    counts = []
    for count in (10, 100):
        company = Company()
        company.approved(1, external_description="First")
        draft = company.draft()
        for _each in range(count):
            company.add_by_hand(draft, company.line)
        last = details_of(draft).in_order().last().pk
        lines = line_of(draft)
        who: dict[str, Any] = {"actor": company.manager, "at": NOW}
        counts.append(
            (
                statements(
                    lambda lines=lines, last=last, who=who: reorder_details(lines, Places({last: 1}), **who)
                ),
                statements(lambda lines=lines, who=who: order_details(lines, DetailOrder.PERSON, **who)),
            )
        )
        assert details_of(draft).in_order().first().position == 1
    assert counts[0] == counts[1]
