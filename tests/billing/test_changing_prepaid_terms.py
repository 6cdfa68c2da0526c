"""Hours and rates of prepaid hours change from a month on: blocks, work, roll-over, books, refusals (A12)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.changing_prepaid_terms import change_prepaid_terms
from billing.ending import lose_contracts
from billing.models import Retainer
from billing.prepaid_terms import NewTerms
from billing.prepaying import extend_prepaid_hours
from billing.retaining import mark_retainers_not_ready
from core.models import Activity
from projects.models import Approval, BacklogItem, PrepaidExpiry, PrepaidHours, PrepaidMonth
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.prepaid import APPLICATION_CARE, agreed, bill, expire, invoice_block, statement, work
from tests.company.retainers import position
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

TODAY = date(2026, 4, 1)
DEARER = NewTerms(Decimal(40), Decimal(130), Decimal(160), Decimal(5))
"""40 hours a month at 130, of which 5 roll over at most; above that 160 an hour."""


def changed(company: Company, agreement: PrepaidHours, month: int, new: NewTerms = DEARER) -> PrepaidHours:
    since = date(2026, month, 15)
    return change_prepaid_terms(only(agreement), since, new, actor=company.manager, on=TODAY, at=NOW)


def terms(agreement: PrepaidHours) -> str:
    return "\n".join(
        f"{one.month:%b} {one.hours.normalize():f} {one.block_rate.normalize():f} "
        f"{one.overage_rate.normalize():f} {one.roll_over_hours.normalize():f}"
        for one in agreement.months.order_by("month")
    )


def backlog() -> str:
    rows = BacklogItem.objects.select_related("actual").order_by("transaction_date", "work_item", "pk")
    return "\n".join(
        f"{one.transaction_date:%d %b} {one.quantity.normalize():f} x {one.actual.price.normalize():f}"
        f" = {one.amount.normalize():f}"
        for one in rows
    )


def retainer(month: int) -> Retainer:
    return Retainer.objects.get(prepaid_month__month=date(2026, month, 1))


def test_later_months_have_other_terms_and_earlier_ones_keep_theirs():
    company = Company()
    agreement = agreed(company)
    changed(company, agreement, 10)
    assert terms(agreement) == "Aug 50 120 148 10\nSep 50 120 148 10\nOct 40 130 160 5\nNov 40 130 160 5"
    planned = Retainer.objects.order_by("invoice_on")
    assert [(one.name, one.amount, one.status) for one in planned] == [
        ("50 h prepaid for August 2026", 6000, "ready"),
        ("50 h prepaid for September 2026", 6000, "ready"),
        ("40 h prepaid for October 2026", 5200, "ready"),
        ("40 h prepaid for November 2026", 5200, "ready"),
    ]
    noted = Activity.objects.get(verb="terms changed")
    assert (noted.actor, noted.happened_at, noted.subject_id) == (company.manager, NOW, agreement.pk)
    assert noted.facts == {
        "month": "2026-10-01",
        "changes": {
            "hours": ["50", "40"],
            "block_rate": ["120", "130"],
            "overage_rate": ["148", "160"],
            "roll_over_hours": ["10", "5"],
        },
    }
    # What follows has the terms of the last month.
    extend_prepaid_hours(only(agreement), 1, actor=company.manager, on=TODAY, at=NOW)
    assert terms(agreement).splitlines()[-1] == "Dec 40 130 160 5"


def test_what_was_not_to_be_invoiced_is_not_afterwards():
    company = Company()
    agreement = agreed(company)
    november = only(retainer(11))
    mark_retainers_not_ready(november, actor=company.manager, at=NOW)
    changed(company, agreement, 10)
    assert [retainer(month).status for month in (10, 11)] == ["ready", "not_ready"]


def test_open_work_of_later_months_is_counted_again_and_that_of_earlier_ones_stays():
    company = Company()
    agreement = agreed(
        company, replace(APPLICATION_CARE, hours=Decimal(10), roll_over_hours=Decimal(0), months=2)
    )
    work(company, (8, 3, "8"), (8, 4, "6"), (9, 1, "8"), (9, 2, "6"))
    waiting = company.submitted(2, date=date(2026, 9, 3))
    changed(company, agreement, 9, NewTerms(Decimal(12), Decimal(100), Decimal(150), Decimal(0)))
    assert backlog() == table("""
        03 Aug 8 x 120 = 960
        04 Aug 2 x 120 = 240
        04 Aug 4 x 148 = 592
        01 Sep 8 x 100 = 800
        02 Sep 4 x 100 = 400
        02 Sep 2 x 150 = 300
    """)
    waiting = Approval.objects.get(pk=waiting.pk)
    assert (waiting.sales_price, waiting.sales_amount) == (100, 200)
    assert statement(agreement).splitlines()[1] == "Sep 0.00 12.00 14.00 2.00 0.00 0.00"
    assert_proven()


def test_rates_may_change_places():
    """The new rate of the block is the old one beyond it: no row is taken for what it was before."""
    company = Company()
    agreement = agreed(
        company, replace(APPLICATION_CARE, hours=Decimal(10), roll_over_hours=Decimal(0), months=1)
    )
    work(company, (8, 3, "8"), (8, 4, "6"))
    changed(company, agreement, 8, NewTerms(Decimal(10), Decimal(148), Decimal(120), Decimal(0)))
    assert backlog() == "03 Aug 8 x 148 = 1184\n04 Aug 2 x 148 = 296\n04 Aug 4 x 120 = 480"
    assert_proven()


def test_hours_that_roll_over_keep_the_rate_at_which_they_were_bought():
    company = Company()
    agreement = agreed(company, replace(APPLICATION_CARE, hours=Decimal(10), months=2))
    changed(company, agreement, 9, NewTerms(Decimal(10), Decimal(130), Decimal(160), Decimal(0)))
    invoice_block(company, 8)
    work(company, (8, 3, "4"))
    bill(company, date(2026, 8, 31))
    assert position(retainer(8)) == "available 1200.00 480.00 0.00 720.00"

    # Six hours at 120 rolled over and are used first, then ten at 130; two are beyond the block.
    invoice_block(company, 9)
    work(company, (9, 1, "9"), (9, 2, "9"))
    assert backlog() == table("""
        01 Sep 6 x 120 = 720
        01 Sep 3 x 130 = 390
        02 Sep 7 x 130 = 910
        02 Sep 2 x 160 = 320
    """)
    assert statement(agreement).splitlines()[1] == "Sep 6.00 10.00 18.00 2.00 0.00 0.00"
    # The money of both blocks is exactly enough; only what is beyond is to be paid.
    assert bill(company, date(2026, 9, 30)).net_amount == 320
    assert position(retainer(8)) == "used_up 1200.00 1200.00 0.00 0.00"
    assert position(retainer(9)) == "used_up 1300.00 1300.00 0.00 0.00"
    assert "1710 Advances of customers 0.00" in company.ledger()
    assert "8400 Invoiced revenue -2820.00" in company.ledger()
    assert_proven()


def test_hours_of_two_rates_expire_each_at_its_own():
    company = Company()
    agreement = agreed(company, replace(APPLICATION_CARE, hours=Decimal(10), months=2))
    changed(company, agreement, 9, NewTerms(Decimal(10), Decimal(130), Decimal(160), Decimal(0)))
    invoice_block(company, 8)
    work(company, (8, 3, "4"))
    bill(company, date(2026, 8, 31))
    invoice_block(company, 9)
    work(company, (9, 1, "1"))
    # Five hours that rolled over and the ten of the month are left.
    expired = expire(company, agreement, date(2026, 9, 30))
    assert [(one.hours, one.rate, one.work_item.amount) for one in expired] == [
        (5, 120, 600),
        (10, 130, 1300),
    ]
    # Late work finds them gone: it is beyond the block.
    work(company, (9, 3, "1"))
    assert backlog().splitlines()[:2] == ["01 Sep 1 x 120 = 120", "03 Sep 1 x 160 = 160"]
    assert bill(company, date(2026, 9, 30)).net_amount == 160
    assert position(retainer(8)) == "used_up 1200.00 1200.00 0.00 0.00"
    assert position(retainer(9)) == "used_up 1300.00 1300.00 0.00 0.00"
    assert PrepaidExpiry.objects.count() == 2
    assert_proven()


# --- Refusals -------------------------------------------------------------------------------------


def test_a_month_on_a_confirmed_proforma_is_named_with_it_and_the_next_one_may_change():
    company = Company()
    agreement = agreed(company)
    first, second = invoice_block(company, 8), invoice_block(company, 9)
    with refused("block-on-proforma", "block-on-proforma") as said:
        changed(company, agreement, 8)
    assert [(why.message, why.way_out) for why in said.value.refusals] == [
        (
            f"The block of August 2026 is on the confirmed proforma {first.number}.",
            "Change them from October 2026 on.",
        ),
        (
            f"The block of September 2026 is on the confirmed proforma {second.number}.",
            "Change them from October 2026 on.",
        ),
    ]
    changed(company, agreement, 10)
    assert [one.block_rate for one in PrepaidMonth.objects.order_by("month")] == [120, 120, 130, 130]
    assert_proven()


def test_a_month_on_a_draft_is_named_with_it():
    company = Company()
    agreement = agreed(company)
    (draft,) = company.drafts(date(2026, 7, 31))
    with refused("block-on-proforma") as said:
        changed(company, agreement, 8)
    (why,) = said.value.refusals
    assert why.message == f"The block of August 2026 is on the draft {draft.number}."
    assert why.way_out == "Take it off the draft first, or change them from September 2026 on."


def test_work_that_is_billed_keeps_the_terms_of_its_month():
    company = Company()
    agreement = agreed(company)
    work(company, (9, 3, "8"))
    bill(company, date(2026, 9, 30))
    with refused("month-billed"):
        changed(company, agreement, 9)
    changed(company, agreement, 10)


def test_months_of_which_hours_expired_keep_their_terms():
    company = Company()
    agreement = agreed(company)
    invoice_block(company, 8)
    expire(company, agreement, date(2026, 8, 31))
    with refused("block-on-proforma", "hours-expired"):
        changed(company, agreement, 8)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (replace(DEARER, hours=Decimal(0)), "hours-not-positive"),
        (replace(DEARER, block_rate=Decimal(0)), "rate-not-positive"),
        (replace(DEARER, overage_rate=Decimal(130)), "rates-equal"),
        (replace(DEARER, roll_over_hours=Decimal(41)), "roll-over-not-possible"),
        (replace(DEARER, hours=Decimal("33.3333"), block_rate=Decimal("100.01")), "below-minor-unit"),
        (replace(DEARER, overage_rate=Decimal(120)), "rate-of-the-month-before"),
        (NewTerms(Decimal(50), Decimal(120), Decimal(148), Decimal(10)), "terms-unchanged"),
    ],
)
def test_terms_that_are_not_possible_are_refused(new, code):
    company = Company()
    agreement = agreed(company)
    with refused(code):
        changed(company, agreement, 9, new)


def test_a_month_outside_of_the_agreement_and_an_ended_contract_are_refused():
    company = Company()
    agreement = agreed(company)
    with refused("not-a-month-of-it"):
        changed(company, agreement, 12)
    lose_contracts(only(company.contract), actor=company.manager, on=TODAY, at=NOW)
    with refused("contract-ended"):
        changed(company, agreement, 9)


def test_the_statements_do_not_depend_on_how_many_rows_are_counted_again():
    def changing(count: int) -> int:
        company = Company()
        agreement = agreed(company, replace(APPLICATION_CARE, hours=Decimal(5), roll_over_hours=Decimal(0)))
        work(company, *((9, 1 + number, "2") for number in range(count)))
        return statements(lambda: changed(company, agreement, 9))

    assert changing(4) == changing(16)
