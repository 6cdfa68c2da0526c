"""Move details between drafts, and split a draft (B7, decision 5)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import InvoiceLineDetail, Proforma, Retention
from billing.moving import move_details
from core.models import Activity
from projects.models import BacklogItem, LegalEntity, ProjectContract, SalesTaxGroup
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import correct
from tests.company.rows import CUT_OFF, NOW, next_number

pytestmark = pytest.mark.django_db


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def move(company: Company, details: Any, to: Proforma | None = None) -> Proforma:
    return move_details(details, only(to) if to else None, actor=company.manager, at=NOW)


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight and four hours at 200: 2,400.00 net."""
    company.approved(8)
    company.approved(4)
    return company.draft()


@pytest.fixture
def second(company: Company, draft: Proforma) -> Proforma:
    company.approved(2)
    return company.draft()


def test_details_move_with_their_edits_and_both_drafts_are_added_up(company, draft, second):
    company.edit_only(details_of(draft).filter(quantity=4), quantity=Decimal(3), description="Less")
    assert move(company, details_of(draft).filter(quantity=3), second) == second
    assert (fresh(draft).net_amount, fresh(second).net_amount, fresh(second).tax_amount) == (1600, 1000, 200)
    moved = details_of(second).get(quantity=3)
    assert (moved.description, moved.actual.quantity) == ("Less", 4)
    assert BacklogItem.objects.get(pk=moved.actual_id).proforma_number == second.number
    company.confirm(draft, second)
    assert_proven()


def test_the_log_says_from_where_to_where(company, draft, second):
    move(company, details_of(draft).filter(quantity=4), second)
    assert Activity.objects.get(verb="moved").changes == {"proforma": [draft.number, second.number]}
    left, came = Activity.objects.get(verb="moved from"), Activity.objects.get(verb="moved to")
    assert (left.subject_id, left.facts["to"], left.changes["details"]) == (
        draft.pk,
        second.number,
        ["2", "1"],
    )
    assert (came.subject_id, came.facts["from"], came.changes["net_amount"]) == (
        second.pk,
        draft.number,
        ["400", "1200"],
    )


def test_a_draft_is_split_into_a_new_one_with_its_dates(company, draft):
    made = move(company, details_of(draft).filter(quantity=8))
    assert (made.number, made.invoice_date, made.cut_off_date) == ("PF-2026-00002", CUT_OFF, CUT_OFF)
    assert (made.net_amount, made.sales_tax_group, made.scheduled_for) == (1600, draft.sales_tax_group, None)
    assert fresh(draft).net_amount == 800
    assert Activity.objects.filter(verb="drafted", subject_id=made.pk).exists()


def test_an_emptied_draft_stays_with_nothing_on_it(company, draft, second):
    move(company, details_of(draft), second)
    assert (fresh(draft).net_amount, details_of(draft).count(), fresh(second).net_amount) == (0, 0, 2800)
    with refused("nothing-on-it"):
        company.confirm(draft)


def test_milestones_move_to_a_line_that_the_target_lacks(company, draft):
    company.milestone("500")
    (stones,) = company.drafts()
    move(company, details_of(stones), draft)
    assert list(draft.lines.values_list("name", "amount")) == [("Hours", 2400), ("Fixed", 500)]
    company.confirm(draft)
    assert_proven()


def test_details_go_to_the_same_contract_and_customer_alone(company, draft):
    other = company.with_another_customer()
    other.approved(1)
    other.ready()
    (elsewhere,) = company.drafts()
    with refused("other-payer"):
        move(company, details_of(draft), elsewhere)
    with refused("other-payer"):
        move(company, InvoiceLineDetail.objects.filter(line__proforma__in=[draft, elsewhere]))


def test_details_do_not_go_where_they_are(company, draft):
    with refused("same-draft"):
        move(company, details_of(draft), draft)
    with refused("nothing-to-move"):
        move(company, InvoiceLineDetail.objects.none(), draft)


def test_details_do_not_go_to_a_draft_that_ends_before_them(company, draft):
    company.approved(1, date=date(2026, 4, 2))
    april = company.draft(on=date(2026, 4, 30))
    with refused("after-cut-off") as caught:
        move(company, details_of(april), draft)
    assert "1 detail is dated after its cut-off, 31 Mar 2026." in str(caught.value.refusals[0])
    move(company, details_of(draft), april)


def test_nothing_moves_from_or_to_what_is_confirmed(company, draft, second):
    company.confirm(second)
    with refused("frozen"):
        move(company, details_of(draft), second)
    with refused("frozen"):
        move(company, details_of(second), draft)


def test_no_draft_is_split_in_a_closed_period(company, draft):
    LegalEntity.objects.update(locked_through=CUT_OFF)
    with refused("period-locked") as caught:
        move(company, details_of(draft).filter(quantity=4))
    assert "Set its invoice date to 1 Apr 2026 or later" in str(caught.value.refusals[0].way_out)


def test_details_keep_the_tax_they_were_drafted_with(company, draft, second):
    abroad = SalesTaxGroup.objects.create(code=f"g{next_number()}", name="Abroad")
    Proforma.objects.filter(pk=second.pk).update(sales_tax_group=abroad)
    with refused("other-tax-group"):
        move(company, details_of(draft), second)


def test_both_halves_of_a_correction_move_to_a_draft_that_corrects(company, draft, second):
    company.confirm(draft)
    first, other = billed_rows(fresh(draft))
    correction = correct(company, BilledCorrection(first, quantity=Decimal(6)))
    with refused("not-corrective"):
        move(company, details_of(correction), second)
    another = correct(company, BilledCorrection(other, quantity=Decimal(0)))
    move(company, details_of(correction).corrections(), another)
    assert (details_of(another).count(), details_of(correction).count()) == (3, 0)
    assert fresh(another).net_amount == -1200
    company.confirm(another)
    assert_proven()


def test_a_correction_is_split_off_into_a_draft_of_its_own(company, draft):
    company.confirm(draft)
    rows = billed_rows(fresh(draft))
    correction = correct(company, *[BilledCorrection(row, quantity=Decimal(1)) for row in rows])
    stays = details_of(correction).filter(replaces__isnull=False).order_by("pk")[0]
    made = move(company, only(stays))
    assert (details_of(made).count(), details_of(correction).count()) == (2, 2)


def test_many_details_move_in_as_many_statements_as_few(company):
    counts = []
    for many in (1, 40):
        for _each in range(many):
            company.approved("0.5")
        source = company.draft()
        company.approved("0.25")
        target = company.draft()
        counts.append(statements(lambda one=source, to=target: move(company, details_of(one), to)))
    assert counts[0] == counts[1]


# --- What was kept back of what is corrected ---


@pytest.fixture
def corrected(company: Company) -> Proforma:
    """Two hours less of each of two rows of an invoice that kept a tenth back: -720.00 net, on one draft."""
    ProjectContract.objects.filter(pk=company.contract.pk).update(retention_percent=Decimal(10))
    company.approved(8)
    company.approved(4)
    (invoiced,) = company.confirm(company.draft())
    company.invoices()
    hours = [row for row in billed_rows(invoiced) if row.amount > 0]
    return correct(company, *[BilledCorrection(row, quantity=row.quantity - 2) for row in hours])


def test_what_was_kept_back_goes_with_all_corrections_of_its_invoice(company, corrected):
    work = details_of(corrected).corrections().filter(retention__isnull=True)
    apart = move(company, work)
    assert (details_of(corrected).count(), details_of(apart).count()) == (0, 6)
    assert [fresh(apart).net_amount, fresh(apart).tax_amount] == [-720, -160]
    company.confirm(apart)
    kept = Retention.objects.with_amounts().get(work_item__isnull=False)
    assert (kept.kept, kept.open_amount) == (160, 160)
    company.invoices()
    assert_proven()


def test_a_part_of_the_corrections_of_such_an_invoice_does_not_move(company, corrected):
    one = details_of(corrected).corrections().filter(retention__isnull=True, quantity=-8)
    with refused("corrections-apart") as reasons:
        move(company, one)
    (reason,) = reasons.value.refusals
    number = Retention.objects.get().line.proforma.customer_invoice_number
    assert str(reason.message) == (
        f"A share of {number} was kept back, so that its corrections stay on one draft."
    )
    assert str(reason.way_out) == (f"Choose all corrections of {number}: what was kept back goes with them.")
    # What takes the share by itself has nothing to stand beside either.
    with refused("corrections-apart"):
        move(company, details_of(corrected).corrections().filter(retention__isnull=False))
    move(company, details_of(corrected))
    assert_proven()


def test_corrections_of_two_invoices_go_apart_each_with_what_it_kept_back(company, corrected):
    company.approved(10)
    (second,) = company.confirm(company.draft())
    company.invoices()
    (hours,) = [row for row in billed_rows(second) if row.amount > 0]
    correct(company, BilledCorrection(hours, quantity=Decimal(9)), into=only(corrected))
    assert fresh(corrected).net_amount == -720 - 180
    apart = move(company, details_of(corrected).corrections().filter(quantity=-10))
    assert (fresh(corrected).net_amount, fresh(apart).net_amount) == (-720, -180)
    company.confirm(corrected, apart)
    company.invoices()
    assert_proven()
