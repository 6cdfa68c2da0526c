"""Milestones changed, divided and deleted while somebody drafts them: one comes first, nobody deadlocks."""

from decimal import Decimal

from billing.milestone_plans import PlannedMilestone
from billing.models import InvoiceLineDetail, MilestoneShare
from billing.planning import change_milestone, delete_milestones, plan_milestones, split_milestone
from projects.contracting import confirm_contracts, reopen_contracts
from projects.models import ContractLine, ProjectContract
from tests.company import Company, only, rows
from tests.company.rows import DAY, NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

ROUNDS = 5


def planned(amount: str) -> PlannedMilestone:
    return PlannedMilestone("Go-live", DAY, Decimal(amount), "")


def test_a_milestone_that_is_changed_and_divided_while_it_is_drafted_is_billed_as_agreed():
    for _each in range(ROUNDS):
        company = Company()
        share = company.milestone("5000")
        stone = only(share.milestone)
        options = {"actor": company.manager, "at": NOW}
        answers = at_once(
            company.drafts,
            lambda stone=stone, options=options: change_milestone(stone, planned("7000"), **options),
            lambda stone=stone, options=options: split_milestone(
                stone, Decimal(1000), name="Part", **options
            ),
        )
        assert set(codes(answers)) <= {"milestone-used"}
        agreed = share.milestone.contract_line.milestones.values_list("amount", "shares__amount")
        assert all(amount == shared for amount, shared in agreed)
        for detail in InvoiceLineDetail.objects.filter(milestone_share__milestone__in=stone):
            assert detail.amount == MilestoneShare.objects.get(pk=share.pk).amount


def test_a_milestone_that_is_deleted_while_it_is_drafted_is_drafted_or_gone():
    for _each in range(ROUNDS):
        company = Company()
        stone = only(company.milestone("5000").milestone)
        answers = at_once(
            company.drafts,
            lambda stone=stone, by=company.manager: delete_milestones(stone, actor=by, at=NOW),
        )
        drafts, deleted = answers
        assert set(codes(answers)) <= {"milestone-used"}
        assert (drafts == []) == (deleted == 1)


def test_milestones_planned_at_once_do_not_exceed_the_agreed_amount_together():
    company = Company()
    line = company.fixed_price_line(contracted_amount=Decimal(1000))
    answers = at_once(*[lambda: plan_milestones(line, [planned("400")], actor=company.manager, at=NOW)] * 4)
    assert codes(answers) == ["above-contracted-amount"] * 2
    assert ContractLine.objects.get(pk=line.pk).milestones.count() == 2


def test_of_a_contract_reopened_and_another_confirmed_over_the_same_work_one_covers_it():
    for _each in range(ROUNDS):
        company = Company()
        ProjectContract.objects.filter(pk=company.contract.pk).update(status="completed")
        other = rows.contract(company.entity, company.customer, status="draft")
        rows.contract_line(other, company.customer, project=company.project)
        options = {"actor": company.manager, "on": DAY, "at": NOW}
        answers = at_once(
            lambda one=company.contract, options=options: reopen_contracts(only(one), **options),
            lambda one=other, options=options: confirm_contracts(only(one), **options),
        )
        assert codes(answers) == ["lines-overlap"]
        assert ProjectContract.objects.filter(status="confirmed", legal_entity=company.entity).count() == 1
