"""Change what was agreed: lines, payers, limits; what was used stays (A2, A5)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from projects.agreements import (
    ChargeRule,
    LineTerms,
    PayerShare,
    head_of,
    terms_of,
)
from projects.contracting import hold_contracts
from projects.models import (
    Chargeability,
    ContractCustomer,
    ContractLine,
    Project,
    ProjectContract,
)
from projects.states import ContractStatus
from projects.writing_contracts import (
    change_contract,
    delete_contract_drafts,
    remove_line,
    write_line,
)
from tests.company import Company, only, rows
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW
from tests.projects.contract_writing import FIXED, HOURS, confirm, create, line, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


def change(at: Company, contract: ProjectContract, *lines: LineTerms, **terms: Any) -> ProjectContract:
    """Change the lines to these, and of the contract what `terms` say."""
    return change_contract(
        only(contract), replace(head_of(contract), **terms), lines, actor=at.manager, on=DAY, at=NOW
    )


def change_head(at: Company, contract: ProjectContract, **terms: Any) -> ProjectContract:
    return change_contract(
        only(contract), replace(head_of(contract), **terms), actor=at.manager, on=DAY, at=NOW
    )


# --- Change ---------------------------------------------------------------------------------------


def test_lines_keep_their_numbers_whatever_is_added_and_removed(at):
    made = create(at, line(at, name="A"), line(at, name="B"))
    first, second = terms_of(made)
    change(at, made, replace(second, name="Bee"), line(at, name="C"), purchase_order="PO-1")
    assert [one[:6] for one in written(made)] == ["2 Bee ", "3 C ti"[:6]]
    assert ProjectContract.objects.get(pk=made.pk).purchase_order == "PO-1"
    history = Activity.objects.order_by("pk")
    assert [f"{one.verb} {one.subject_name}" for one in history] == [
        f"drafted {made}",
        "added C",
        "changed Bee",
        "removed A",
        f"lines removed {made}",
        f"changed {made}",
    ]
    _drafted, added, changed, removed, without, whole = history
    assert changed.changes == {"name": ["B", "Bee"]}
    assert whole.changes == {"purchase_order": ["", "PO-1"]}
    # What came and what went is kept whole, with its payers.
    assert (added.changes["name"], removed.changes["name"]) == (["", "C"], ["A", ""])
    assert removed.changes[f"split_percent of {at.customer}"] == ["100", ""]
    assert without.facts["removed"] == {"lines": [first.line.pk]}


def test_every_field_of_payers_rules_and_limits_is_kept_with_old_and_new_value(at):
    project, other = rows.project(at), rows.customer(at.entity)
    task = rows.task(project, "A")
    made = create(at, line(at, project=project))
    (before,) = terms_of(made)
    limited = PayerShare(at.customer, Decimal(60), True, Decimal(900))
    after = replace(
        before,
        tasks=(task,),
        not_to_exceed_amount=Decimal(1000),
        includes_fee=False,
        payers=(limited, PayerShare(other, Decimal(40))),
        rules=(ChargeRule(task=task),),
    )
    change(at, made, after, customers=(PayerShare(at.customer, Decimal(100), True, Decimal(500)),))
    mine, theirs = at.customer, other
    of_line = Activity.objects.about(before.line).get()
    assert (of_line.actor, of_line.happened_at) == (at.manager, NOW)
    assert of_line.changes == {
        "tasks": ["", str(task)],
        "not_to_exceed_amount": ["", "1000"],
        "includes_fee": ["True", "False"],
        f"split_percent of {mine}": ["100", "60"],
        f"not_to_exceed_amount of {mine}": ["", "900"],
        f"split_percent of {theirs}": ["", "40"],
        f"is_chargeable of {task}": ["", "False"],
    }
    of_contract = Activity.objects.about(made).get(verb="changed")
    assert of_contract.changes == {
        f"not_to_exceed_amount of {mine}": ["", "500"],
        f"split_percent of {theirs}": ["", "0"],
    }
    # Saved as it stands, nothing more is said.
    change(at, made, *terms_of(made))
    assert Activity.objects.about(before.line).count() == 1
    assert not Activity.objects.about(made).order_by("pk").last().changes


def test_one_line_is_written_and_the_others_stay_as_they_are(at):
    made = create(at, line(at, name="A"), line(at, name="B"))
    first, second = terms_of(made)

    def write(terms: LineTerms) -> ContractLine:
        return write_line(only(made), terms, actor=at.manager, on=DAY, at=NOW)

    assert write(replace(first, name="Aye")) == first.line
    third = write(line(at, name="C"))
    assert [one[:7] for one in written(made)] == ["1 Aye t", "2 B tim", "3 C tim"]
    foreign = line(at, line=at.line)
    with refused("foreign-line"):
        write(foreign)
    remove_line(only(made), second.line, actor=at.manager, on=DAY, at=NOW)
    assert [one[:7] for one in written(made)] == ["1 Aye t", "3 C tim"]
    confirm(at, made)
    remove_line(only(made), third, actor=at.manager, on=DAY, at=NOW)
    with refused("no-lines"):
        remove_line(only(made), first.line, actor=at.manager, on=DAY, at=NOW)
    rows.approved_hours(at)
    with refused("line-in-use", "no-lines"):
        remove_line(only(at.contract), at.line, actor=at.manager, on=DAY, at=NOW)


def test_payers_tasks_and_rules_are_those_that_were_asked_for_last(at):
    project, other = rows.project(at), rows.customer(at.entity)
    one, two = rows.task(project, "A"), rows.task(project, "B")
    made = create(at, line(at, project=project, tasks=(one,), rules=(ChargeRule(task=one),)))
    (before,) = terms_of(made)
    shares = (
        PayerShare(at.customer, Decimal("33.33")),
        PayerShare(other, Decimal("66.67"), is_rounding=True),
    )
    change(at, made, replace(before, tasks=(two,), payers=shares, rules=(ChargeRule(role=at.role),)))
    mine, theirs = at.customer.short_name, other.short_name
    assert written(made) == [f"1 Hours time_and_material: {mine} 33.33, {theirs} 66.67* only B no role"]
    change(at, made, replace(before, payers=(PayerShare(other, Decimal(100), is_rounding=True),), rules=()))
    assert written(made) == [f"1 Hours time_and_material: {theirs} 100* only A"]
    # A payer that pays nothing any more is no customer of the contract, unless it is its own.
    assert not Chargeability.objects.exists()
    assert made.customers.count() == 2


def test_the_limits_of_all_four_levels_are_kept(at):
    limit = PayerShare(at.customer, Decimal(100), True, Decimal(700))
    made = create(
        at,
        line(at, not_to_exceed_amount=Decimal(900), payers=(limit,)),
        not_to_exceed_amount=Decimal(1000),
        customers=(replace(limit, not_to_exceed_amount=Decimal(800)),),
    )
    (own,) = ContractCustomer.objects.filter(contract=made)
    (of_line,) = made.lines.all()
    (share,) = of_line.customers.all()
    limits = [one.not_to_exceed_amount for one in (made, own, of_line, share)]
    assert limits == [1000, 800, 900, 700]


def test_a_confirmed_contract_stays_whole_and_keeps_what_it_was_confirmed_with(at):
    made = create(at, line(at))
    confirm(at, made)
    (own,) = terms_of(made)
    with refused("no-lines"):
        change(at, made)
    with refused("split-not-whole", "no-rounding-customer"):
        change(at, made, replace(own, payers=()))
    with refused("project-missing"):
        change(at, made, own, LineTerms("More", HOURS, payers=own.payers))
    rival, other = line(at, name="Rival", project=at.project), rows.customer(at.entity)
    with refused("lines-overlap") as caught:
        change(at, made, own, rival)
    assert f"line Hours of contract {at.contract.number}" in str(caught.value)
    with refused("number-fixed"):
        change_head(at, made, number="C-2026-900")
    with refused("customer-fixed"):
        change_head(at, made, customer=other)
    # Lines may still be added, and the limits change.
    change(at, made, own, line(at, name="More"), not_to_exceed_amount=Decimal(5))
    assert len(written(made)) == 2
    hold_contracts(only(made), actor=at.manager, at=NOW)
    with refused("no-lines"):
        change(at, made)


def test_days_that_change_do_not_make_lines_overlap(at):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 6, 30))
    made = create(at, line(at, project=at.project), starts_on=date(2026, 7, 1))
    confirm(at, made)
    with refused("lines-overlap"):
        change_head(at, made, starts_on=date(2026, 6, 30))
    assert change_head(at, made, starts_on=date(2026, 7, 2)).starts_on == date(2026, 7, 2)


def test_an_ended_contract_does_not_change(at):
    made = create(at, line(at))
    ProjectContract.objects.filter(pk=made.pk).update(status=ContractStatus.LOST)
    with refused("contract-ended"):
        change_head(at, made, name="Other")


def test_what_was_used_is_fixed_and_the_reason_says_by_what(at):
    rows.approved_hours(at)
    own, *_ = terms_of(at.contract)
    other, another = rows.project(at), line(at)
    with refused("method-locked") as caught:
        change(at, at.contract, replace(own, billing_method=FIXED))
    assert "because it is in use: 1 " in str(caught.value)
    with refused("project-locked"):
        change(at, at.contract, replace(own, project=other))
    with refused("line-in-use"):
        change(at, at.contract, another)
    with refused("currency-locked"):
        change_head(at, at.contract, currency="USD")
    # Nothing names the other line, so that it may go and change.
    free = create(at, line(at))
    change(
        at, free, replace(terms_of(free)[0], billing_method=FIXED, project=rows.project(at)), currency="USD"
    )
    assert written(free)[0].startswith("1 Hours fixed_price")


def test_milestones_fix_method_and_shares(at):
    share = at.milestone("1000")
    fixed = share.milestone.contract_line
    before = terms_of(at.contract)
    (own,) = [one for one in before if one.line == fixed]
    others = [one for one in before if one.line != fixed]
    with refused("method-locked"):
        change(at, at.contract, *others, replace(own, billing_method=HOURS))
    half = (PayerShare(at.customer, Decimal(50), True), PayerShare(rows.customer(at.entity), Decimal(50)))
    with refused("share-locked"):
        change(at, at.contract, *others, replace(own, payers=half))
    with refused("line-in-use"):
        change(at, at.contract, *others)


def test_a_customer_or_project_that_was_closed_since_stays_where_it_is(at):
    made = create(at, line(at))
    at.customer.is_on_hold = True
    at.customer.save()
    Project.objects.filter(contract_lines__contract=made).update(is_closed=True)
    change_head(at, made, name="Renamed")
    unpaid = line(at, payers=())
    with refused("customer-on-hold"):
        create(at, unpaid)


def test_drafts_that_nothing_names_are_deleted(at):
    made = create(at, line(at))
    assert delete_contract_drafts(only(made), actor=at.manager, at=NOW) == 1
    assert not ContractLine.objects.filter(contract=made).exists()
    with refused("not-a-draft"):
        delete_contract_drafts(only(at.contract), actor=at.manager, at=NOW)
    used = create(at, line(at))
    rows.approval(at, contract_line=used.lines.get())
    with refused("in-use"):
        delete_contract_drafts(only(used), actor=at.manager, at=NOW)


def test_a_contract_with_many_lines_takes_no_more_statements(at):
    def lines(count: int) -> list[LineTerms]:
        return [line(at, project=rows.project(at), name=f"Line {nth}") for nth in range(count)]

    few, many = lines(2), lines(12)
    assert statements(lambda: create(at, *few)) == statements(lambda: create(at, *many))
