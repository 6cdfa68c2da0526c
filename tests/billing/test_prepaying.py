"""Prepaid hours: planned, extended, ended early, expired, and what is refused of each (A12)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.applying import set_applied
from billing.clock_user import clock_user
from billing.ending import lose_contracts
from billing.expiring import expire_by_clock
from billing.models import Retainer
from billing.prepaying import end_prepaid_hours, extend_prepaid_hours
from billing.retainer_plans import PlannedRetainer
from billing.retaining import change_retainer, delete_retainers
from billing.states import RetainerUse
from projects.agreements import PayerShare, terms_of
from projects.models import Approval, BacklogItem, ContractLine, PrepaidExpiry, PrepaidHours, PrepaidMonth
from projects.states import BillingMethod
from projects.writing_contracts import write_line
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.prepaid import (
    APPLICATION_CARE,
    agreed,
    expire,
    invoice_block,
    statement,
    work,
)
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 1)


def extended(company: Company, agreement: PrepaidHours, months: int) -> PrepaidHours:
    return extend_prepaid_hours(only(agreement), months, actor=company.manager, on=TODAY, at=NOW)


def ended(company: Company, agreement: PrepaidHours, month: int) -> PrepaidHours:
    last = date(2026, month, 15)
    return end_prepaid_hours(only(agreement), last, actor=company.manager, on=TODAY, at=NOW)


def test_a_plan_makes_months_and_ready_retainers():
    company = Company()
    agreement = agreed(company)
    assert (agreement.first_month, agreement.last_month) == (date(2026, 8, 1), date(2026, 11, 1))
    assert [str(month) for month in PrepaidMonth.objects.all()] == [
        "August 2026",
        "September 2026",
        "October 2026",
        "November 2026",
    ]
    planned = [(one.name, one.invoice_on, one.amount, one.status) for one in Retainer.objects.all()]
    assert planned[0] == ("50 h prepaid for August 2026", date(2026, 7, 31), 6000, "ready")
    assert planned[3] == ("50 h prepaid for November 2026", date(2026, 10, 31), 6000, "ready")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": Decimal(0)}, "hours-not-positive"),
        ({"overage_rate": Decimal(0)}, "rate-not-positive"),
        ({"overage_rate": Decimal(120)}, "rates-equal"),
        ({"roll_over_hours": Decimal(51)}, "roll-over-not-possible"),
        ({"roll_over_hours": Decimal(-1)}, "roll-over-not-possible"),
        ({"hours": Decimal(10) ** 10, "roll_over_hours": Decimal(0)}, "amount-too-large"),
        ({"hours": Decimal("33.3333"), "block_rate": Decimal("100.01")}, "below-minor-unit"),
        ({"months": 0}, "months-not-possible"),
        ({"months": 61}, "months-not-possible"),
    ],
)
def test_figures_that_are_not_possible_are_refused(changes, code):
    company = Company()
    with refused(code):
        agreed(company, replace(APPLICATION_CARE, **changes))


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ({"billing_method": BillingMethod.FIXED_PRICE}, ["not-time-and-material"]),
        ({"project": None}, ["project-missing"]),
        ({"includes_time": False}, ["class-not-included"]),
        ({"day_hours": Decimal(8)}, ["billed-by-day"]),
        ({"discount_percent": Decimal(5)}, ["standing-discount"]),
        ({"billing_starts_on": date(2026, 9, 15)}, ["outside-contract"]),
    ],
)
def test_lines_that_cannot_have_a_block_are_refused(columns, codes):
    company = Company()
    ContractLine.objects.filter(pk=company.line.pk).update(**columns)
    with refused(*codes):
        agreed(company)


def test_a_line_of_two_customers_is_refused():
    company = Company()
    one, _other = company.is_shared_by("50", "50")
    with refused("several-payers") as caught:
        agreed(company)
    (refusal,) = caught.value.refusals
    assert refusal.way_out == "Give each customer a line of its own, or let one pay all of it."

    # The way out is there: one pays all of it.
    (terms,) = terms_of(company.contract)
    alone = replace(terms, payers=(PayerShare(one, Decimal(100), is_rounding=True),))
    write_line(only(company.contract), alone, actor=company.manager, on=DAY, at=NOW)
    blocks = Retainer.objects.filter(prepaid_month__prepaid_hours=agreed(company))
    assert {block.customer for block in blocks} == {one}


def test_a_second_agreement_is_refused_and_so_are_billed_months():
    company = Company()
    work(company, (8, 3, "8"))
    company.draft(date(2026, 8, 31))
    with refused("month-billed"):
        agreed(company)
    agreement = agreed(company, replace(APPLICATION_CARE, first_month=date(2026, 9, 1)))
    with refused("prepaid-already"):
        agreed(company, replace(APPLICATION_CARE, first_month=date(2026, 9, 1)))
    assert agreement.months.count() == 4


def test_work_that_was_approved_before_is_priced_by_the_block():
    company = Company()
    work(company, (7, 31, "8"), (8, 3, "8"))
    waiting = company.submitted(8, date=date(2026, 8, 4))
    agreed(company, replace(APPLICATION_CARE, hours=Decimal(5), roll_over_hours=Decimal(0)))
    open_work = [
        (one.transaction_date.day, one.quantity, one.amount)
        for one in BacklogItem.objects.order_by("transaction_date", "-quantity")
    ]
    # July stays at 200; five hours of the eight are within the block.
    assert open_work == [(31, 8, 1600), (3, 5, 600), (3, 3, 444)]
    waiting = Approval.objects.get(pk=waiting.pk)
    assert (waiting.sales_price, waiting.sales_amount) == (120, 960)
    assert_proven()


def test_an_agreement_is_extended_and_the_last_month_rolls_over():
    company = Company()
    agreement = agreed(company)
    work(company, (11, 2, "14"), (11, 3, "14"), (11, 4, "14"))
    assert statement(agreement).splitlines()[-1] == "Nov 10.00 50.00 42.00 0.00 0.00 18.00"
    extended(company, agreement, 2)
    assert statement(agreement).splitlines()[-3:] == [
        "Nov 10.00 50.00 42.00 0.00 10.00 8.00",
        "Dec 10.00 50.00 0.00 0.00 10.00 50.00",
        "Jan 10.00 50.00 0.00 0.00 0.00 60.00",
    ]
    assert Retainer.objects.filter(status="ready").count() == 6
    with refused("months-not-possible"):
        extended(company, agreement, 0)


def test_an_agreement_ends_early_while_its_months_are_untouched():
    company = Company()
    agreement = agreed(company)
    work(company, (11, 2, "8"))
    ended(company, agreement, 9)
    assert [one.month.month for one in agreement.months.all()] == [8, 9]
    assert Retainer.objects.count() == 2
    # November is priced by the list again.
    assert BacklogItem.objects.get().amount == 1600
    with refused("not-a-later-month"):
        ended(company, agreement, 9)
    with refused("not-a-later-month"):
        ended(company, agreement, 7)
    invoice_block(company, 8)
    extended(company, agreement, 1)
    company.drafts(date(2026, 8, 31))
    with refused("retainer-used"):
        ended(company, agreement, 8)


def test_the_retainer_of_a_block_is_not_changed_by_itself():
    company = Company()
    agreed(company)
    first = Retainer.objects.order_by("pk").first()
    with refused("of-a-block"):
        delete_retainers(only(first), actor=company.manager, at=NOW)
    plan = PlannedRetainer("Other", date(2026, 8, 1), Decimal(1))
    with refused("of-a-block"):
        change_retainer(only(first), plan, actor=company.manager, at=NOW)


def test_the_block_pays_for_work_within_it_alone():
    company = Company()
    agreed(company, replace(APPLICATION_CARE, hours=Decimal(5), roll_over_hours=Decimal(0)))
    invoice_block(company, 8)
    invoice_block(company, 9)
    work(company, (8, 3, "8"))
    company.approved(100, "expense", date=date(2026, 8, 3), price=Decimal(1))
    Retainer.objects.filter(status="ready").update(invoice_on=date(2027, 1, 1))
    draft = company.draft(date(2026, 8, 31))
    applied = details_of(draft).get(retainer_use=RetainerUse.APPLY)
    # 600 for five hours; three hours over at 148 are to be paid, although September is paid already.
    assert (applied.amount, applied.retainer.prepaid_month.month.month) == (-600, 8)


def test_no_more_of_the_block_is_applied_than_lies_within_it():
    company = Company()
    agreed(company)
    invoice_block(company, 8)
    work(company, (8, 3, "8"))
    company.approved(100, "expense", date=date(2026, 8, 3), price=Decimal(1))
    Retainer.objects.filter(status="ready").update(invoice_on=date(2027, 1, 1))
    draft = company.draft(date(2026, 8, 31))
    applied = details_of(draft).get(retainer_use=RetainerUse.APPLY)
    assert applied.amount == -960
    with refused("above-block"):
        set_applied(only(applied), Decimal(961), actor=company.manager, at=NOW)
    # What takes work off the draft takes its money off as well.
    company.edit_only(details_of(draft).filter(transaction_class="time"), quantity=Decimal(5))
    assert details_of(draft).get(pk=applied.pk).amount == -600


def test_what_is_refused_of_expiring():
    company = Company()
    agreement = agreed(company)
    with refused("nothing-to-expire"):
        expire(company, agreement, date(2026, 8, 30))
    with refused("block-not-available") as said:
        expire(company, agreement, date(2026, 8, 31))
    assert said.value.refusals[0].message.replace("\u00a0", " ") == (
        "Work that is not billed yet and the hours that expire need €4,800.00, and of the blocks €0.00 is "
        "available."
    )
    invoice_block(company, 8)
    company.submitted(8, date=date(2026, 8, 4))
    with refused("work-waits"):
        expire(company, agreement, date(2026, 8, 31))


def test_late_work_finds_expired_hours_gone():
    company = Company()
    agreement = agreed(company)
    invoice_block(company, 8)
    work(company, (8, 3, "15"), (8, 4, "15"))
    expire(company, agreement, date(2026, 8, 31))
    work(company, (8, 5, "12"))
    # 42 of 50 hours are used, 10 expired: the two beyond forty are over, and nothing rolls over.
    assert statement(agreement).splitlines()[0] == "Aug 0.00 50.00 42.00 2.00 0.00 0.00"
    assert_proven()


def test_the_clock_lets_hours_expire_ten_days_after_their_month():
    company = Company()
    agreed(company)
    invoice_block(company, 8)
    clock = clock_user()
    assert expire_by_clock(at=datetime(2026, 9, 9, 12, tzinfo=UTC), actor=clock) == 0
    assert expire_by_clock(at=datetime(2026, 9, 10, 12, tzinfo=UTC), actor=clock) == 1
    assert expire_by_clock(at=datetime(2026, 9, 11, 12, tzinfo=UTC), actor=clock) == 0
    assert PrepaidExpiry.objects.get().hours == 40
    # September was never invoiced: it waits for a person, and nothing falls.
    assert expire_by_clock(at=datetime(2026, 10, 10, 12, tzinfo=UTC), actor=clock) == 0
    assert_proven()


def test_applying_costs_the_same_for_many_rows():
    def drafted(count: int) -> int:
        company = Company()
        agreed(company)
        invoice_block(company, 8)
        work(company, *((8, 1 + number, "1") for number in range(count)))
        Retainer.objects.filter(status="ready").update(invoice_on=date(2027, 1, 1))
        company.ready()
        return statements(lambda: company.drafts(date(2026, 8, 31)))

    assert drafted(3) == drafted(20)


def test_after_hours_of_the_last_month_expired_nothing_follows():
    company = Company()
    agreement = agreed(company, replace(APPLICATION_CARE, months=1))
    invoice_block(company, 8)
    (expiry,) = expire(company, agreement, date(2026, 8, 31))
    assert expiry.hours == 50
    with refused("hours-expired") as said:
        extended(company, agreement, 1)
    assert said.value.refusals[0].way_out == "Add another line for what follows."


def test_it_ends_after_the_month_of_which_hours_expired():
    company = Company()
    agreement = agreed(company)
    invoice_block(company, 8)
    expire(company, agreement, date(2026, 8, 31))
    with refused("hours-expired") as said:
        ended(company, agreement, 8)
    [why] = said.value.refusals
    assert (why.message, why.way_out) == ("Hours of August 2026 have expired.", "End with a later month.")
    ended(company, agreement, 9)
    assert agreement.months.count() == 2


def test_nothing_of_an_ended_contract_is_extended_ended_or_expires():
    company = Company()
    agreement = agreed(company)
    end_prepaid = (lambda: extended(company, agreement, 1), lambda: ended(company, agreement, 9))
    lose_contracts(only(company.contract), actor=company.manager, on=TODAY, at=NOW)
    for step in end_prepaid:
        with refused("contract-ended"):
            step()
