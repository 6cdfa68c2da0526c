"""The backlog changed by two at once: one comes first, nothing is lost or doubled, nobody deadlocks."""

from decimal import Decimal

from billing.models import InvoiceLineDetail, MilestoneShare
from billing.progressing import set_next_parts
from projects.models import Actual, BacklogItem
from projects.retyping import change_billing_type
from projects.states import BillingType
from tests.company import Company
from tests.company.rows import DAY, NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

ROUNDS = 5
GIVEN, FREE = BillingType.COMPLIMENTARY, BillingType.NON_CHARGEABLE


def test_work_that_is_drafted_while_its_billing_type_changes_is_billed_as_one_of_the_two():
    for _each in range(ROUNDS):
        company = Company()
        company.approved(8)
        company.ready()
        items = BacklogItem.objects.filter(contract=company.contract)
        options = {"reason": "Goodwill", "actor": company.manager, "on": DAY, "at": NOW}
        answers = at_once(
            company.drafts, lambda items=items, options=options: change_billing_type(items, GIVEN, **options)
        )
        assert set(codes(answers)) <= {"on-draft", "nothing-selected"}
        (item,) = items
        assert (item.quantity, item.amount) == (8, 1600)
        details = InvoiceLineDetail.objects.filter(line__proforma__contract=company.contract)
        assert [one.billing_type for one in details] in ([], [item.billing_type])
        open_rows = Actual.objects.filter(work_item__contract=company.contract).unbilled_sales().unreversed()
        assert open_rows.count() == 1


def test_two_who_change_the_billing_type_at_once_write_it_once_each_or_one_is_refused():
    for _each in range(ROUNDS):
        company = Company()
        company.approved(8)
        items = BacklogItem.objects.filter(contract=company.contract)
        options = {"reason": "Goodwill", "actor": company.manager, "on": DAY, "at": NOW}
        answers = at_once(
            *[
                lambda kind=kind, items=items, options=options: change_billing_type(items, kind, **options)
                for kind in (GIVEN, FREE)
            ]
        )
        assert set(codes(answers)) <= {"nothing-selected"}
        (item,) = items
        assert item.billing_type in (GIVEN, FREE)
        assert (item.quantity, item.amount) == (8, 1600)


def test_a_part_that_is_chosen_while_it_is_drafted_is_asked_for_or_refused():
    for _each in range(ROUNDS):
        company = Company()
        share = company.milestone("5000")
        answers = at_once(
            company.drafts,
            lambda share=share, by=company.manager: set_next_parts(
                MilestoneShare.objects.all(), {share.pk: Decimal(2000)}, actor=by, at=NOW
            ),
        )
        assert set(codes(answers)) <= {"on-draft"}
        (detail,) = InvoiceLineDetail.objects.filter(milestone_share=share)
        share = MilestoneShare.objects.get(pk=share.pk)
        assert detail.amount == (share.next_amount or 5000)
