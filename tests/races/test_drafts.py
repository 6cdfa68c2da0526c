"""People who add, move, confirm and put back in the same moment: nothing is lost, nothing is billed twice."""

from typing import Any

from billing.adding import add_to_drafts, refresh_drafts
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.moving import move_details
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from projects.models import BacklogItem
from projects.states import BillingStatus
from tests.company import Company, details_of, only
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

ROUNDS = 4


def two_drafts(company: Company) -> tuple[Proforma, Proforma]:
    company.approved(8)
    first = company.draft()
    company.approved(4)
    return first, company.draft()


def add(company: Company, draft: Proforma) -> Any:
    items = BacklogItem.objects.ready().filter(contract=company.contract)
    none = MilestoneShare.objects.none()
    return lambda: add_to_drafts(items, none, only(draft), actor=company.manager, at=NOW)


def move(company: Company, source: Proforma, target: Proforma) -> Any:
    return lambda: move_details(details_of(source), only(target), actor=company.manager, at=NOW)


def assert_everything_is_claimed_once(company: Company) -> None:
    """What a draft holds is on a draft, what none holds waits, and totals are those of the details."""
    held = InvoiceLineDetail.objects.filter(line__proforma__contract=company.contract, actual__isnull=False)
    items = BacklogItem.objects.filter(contract=company.contract)
    assert set(items.filter(status=BillingStatus.ON_DRAFT).values_list("pk", flat=True)) == set(
        held.filter(actual__backlog_item__isnull=False).values_list("actual", flat=True)
    )
    for item in items.filter(status=BillingStatus.ON_DRAFT):
        assert item.proforma_number == held.get(actual=item.pk).line.proforma.number
    for proforma in Proforma.objects.filter(contract=company.contract):
        assert proforma.net_amount == sum(detail.amount for detail in details_of(proforma))


def test_two_people_add_the_same_rows_to_two_drafts():
    for _each in range(ROUNDS):
        company = Company()
        first, second = two_drafts(company)
        company.approved(2)
        company.ready()
        answers = at_once(add(company, first), add(company, second), add(company, first))
        assert codes(answers) == []
        assert sorted(len(answer) for answer in answers) == [0, 0, 1]
        assert_everything_is_claimed_once(company)


def test_adding_while_it_is_confirmed_is_before_or_refused():
    for _each in range(ROUNDS):
        company = Company()
        first, _second = two_drafts(company)
        company.approved(2)
        company.ready()
        answers = at_once(add(company, first), lambda one=first, of=company: of.confirm(one))
        added = codes(answers) == []
        assert added or codes(answers) == ["frozen"]
        assert details_of(first).count() == (2 if added else 1)
        assert_everything_is_claimed_once(company)


def test_details_that_move_both_ways_at_once_find_an_order():
    for _each in range(ROUNDS):
        company = Company()
        first, second = two_drafts(company)
        answers = at_once(move(company, first, second), move(company, second, first))
        # Whoever comes second finds more on that draft, or nothing that is still there.
        assert set(codes(answers)) <= {"same-draft", "nothing-to-move", "ChangedMeanwhile()"}
        assert details_of(first).count() + details_of(second).count() == 2
        assert_everything_is_claimed_once(company)


def test_moving_while_either_draft_is_confirmed_is_before_or_refused():
    for target_is_confirmed in (True, False) * ROUNDS:
        company = Company()
        first, second = two_drafts(company)
        confirmed = second if target_is_confirmed else first
        answers = at_once(move(company, first, second), lambda one=confirmed, of=company: of.confirm(one))
        assert set(codes(answers)) <= {"frozen", "nothing-on-it"}
        assert details_of(first).count() + details_of(second).count() == 2
        assert_everything_is_claimed_once(company)


def test_a_draft_that_is_refreshed_by_several_takes_everything_once():
    company = Company()
    first, _second = two_drafts(company)
    company.approved(2)
    company.ready()
    answers = at_once(*[lambda: refresh_drafts(only(first), actor=company.manager, at=NOW)] * 4)
    assert codes(answers) == []
    assert details_of(first).count() == 2
    assert_everything_is_claimed_once(company)


def test_what_is_put_back_by_several_comes_back_once():
    for _each in range(ROUNDS):
        company = Company()
        first, _second = two_drafts(company)
        delete_drafts(only(first), actor=company.manager, at=NOW)
        removal = Removal.objects.latest("pk")
        answers = at_once(
            *[lambda one=removal, by=company.manager: put_back(only(one), actor=by, at=NOW)] * 3
        )
        assert set(codes(answers)) == {"claimed-meanwhile", "put-back-already"}
        assert details_of(first).count() == 1
        assert_everything_is_claimed_once(company)


def test_putting_back_while_somebody_drafts_the_same_work_is_won_by_one():
    for _each in range(ROUNDS):
        company = Company()
        first, _second = two_drafts(company)
        remove_details(details_of(first), actor=company.manager, at=NOW)
        removal = Removal.objects.latest("pk")
        answers = at_once(
            lambda one=removal, by=company.manager: put_back(only(one), actor=by, at=NOW), company.drafts
        )
        assert codes(answers) in ([], ["claimed-meanwhile"])
        assert InvoiceLineDetail.objects.filter(line__proforma__contract=company.contract).count() == 2
        assert_everything_is_claimed_once(company)
