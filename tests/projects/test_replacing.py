"""Approved work is taken back and replaced: exact mirrors, and what may not be taken back (decision 6)."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.refusals import Refused, refuse_if
from projects.approval_terms import renewed
from projects.contract_terms import ContractTerms
from projects.models import Approval, Entry, RolePrice
from projects.recording import seal_events
from projects.replacing import (
    lock_open_work,
    open_events,
    reasons_against_taking_back,
    replace_approvals,
    take_back,
    work_items_of,
)
from projects.states import ApprovalStatus, EventKind
from tests.company import Company
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def taken_back(company: Company, approval: Approval, *, with_cost: bool = True) -> None:
    with transaction.atomic():
        work_items = work_items_of([approval])
        refuse_if(reasons_against_taking_back(work_items, lock_open_work(work_items)))
        events = open_events(EventKind.CANCELLATION, [company.entity], actor=company.manager, on=DAY, at=NOW)
        take_back(work_items, events, on=DAY, with_cost=with_cost)
        seal_events(events.values())


def refusal_of(company: Company, approval: Approval) -> tuple[Any, ...]:
    with pytest.raises(Refused) as caught:
        taken_back(company, approval)
    return caught.value.codes


def test_cost_and_unbilled_sales_are_mirrored_and_nothing_stays_open():
    company = Company()
    taken_back(company, company.approved(8))
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        cost      chargeable  -8   -800.00  mirror
        unbilled  chargeable  -8  -1600.00  mirror
    """)
    assert company.backlog() == ""


def test_the_cost_stays_where_only_sales_are_taken_back():
    company = Company()
    taken_back(company, company.approved(8), with_cost=False)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        unbilled  chargeable  -8  -1600.00  mirror
    """)


def test_the_reversal_has_the_day_of_its_original_unless_that_is_closed():
    company = Company()
    approval = company.approved(8)
    company.entity.locked_through = DAY
    company.entity.save()
    later = DAY.replace(month=DAY.month + 1)
    with transaction.atomic():
        events = open_events(
            EventKind.CANCELLATION, [company.entity], actor=company.manager, on=later, at=NOW
        )
        take_back(work_items_of([approval]), events, on=later)
        seal_events(events.values())
    mirrors = work_items_of([approval])[0].actuals.filter(reverses__isnull=False)
    assert {row.accounting_date for row in mirrors} == {later}


def test_what_is_on_a_draft_is_not_taken_back():
    company = Company()
    approval = company.approved(8)
    company.draft()
    before = company.actuals()
    assert refusal_of(company, approval) == ("on-draft",)
    assert company.actuals() == before


def test_what_was_invoiced_is_not_taken_back():
    company = Company()
    approval = company.approved(8)
    company.confirm(company.draft())
    before = company.actuals()
    assert refusal_of(company, approval) == ("invoiced",)
    assert company.actuals() == before


def test_a_replaced_approval_keeps_its_decision_and_takes_the_new_price():
    company = Company()
    old = company.approved(8, billable=6)
    RolePrice.objects.filter(price_list=company.sales).update(price=Decimal(250))
    with transaction.atomic():
        chosen = Approval.objects.select_related("entry__legal_entity", "contract_line__contract").get()
        new = renewed(chosen, ContractTerms.of(list(Entry.objects.select_related("role", "category"))))
        events = open_events(EventKind.RE_RATING, [company.entity], actor=company.manager, on=DAY, at=NOW)
        replace_approvals([(chosen, new)], events, on=DAY)
        seal_events(events.values())
    assert company.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +6  +1200.00  adjusted
        unbilled  non-chargeable  +2   +400.00  adjusted
        cost      chargeable      -8   -800.00  mirror
        unbilled  chargeable      -6  -1200.00  mirror
        unbilled  non-chargeable  -2   -400.00  mirror
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +6  +1500.00  not_ready
        unbilled  non-chargeable  +2   +500.00  not_ready
    """)
    old = Approval.objects.get(pk=old.pk)
    assert old.status == ApprovalStatus.REPLACED
    assert (new.status, new.decided_by, new.billable_quantity) == (
        ApprovalStatus.APPROVED,
        company.manager,
        6,
    )
