"""What a correction is refused for, with nothing changed; payers, limits and books of corrections (B9)."""

from decimal import Decimal

import pytest

from accounting.proving import prove
from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.removing import delete_drafts, remove_details
from projects.models import Actual, BacklogItem, Customer, LegalEntity, ProjectContract, SalesTaxGroup
from projects.states import BillingType, NotToExceedStatus
from tests.company import Company, details_of
from tests.company.checking import assert_proven, refused
from tests.company.corrections import billed_row, correct, corrected
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


def invoiced(company, hours=8):
    company.approved(hours)
    (confirmed,) = company.confirm(company.draft())
    return confirmed


def state_of():
    return (
        Proforma.objects.count(),
        InvoiceLineDetail.objects.count(),
        list(Proforma.objects.values_list("pk", "status", "net_amount")),
        Actual.objects.count(),
    )


def refuses(code, company, *corrections, **options):
    before = state_of()
    with refused(code) as caught:
        correct(company, *corrections, **options)
    assert state_of() == before
    return caught


def test_nothing_is_asked_for():
    company = Company()
    refuses("nothing-corrected", company)


def test_what_is_not_billed_is_not_corrected():
    company = Company()
    invoiced(company)
    unbilled = Actual.objects.unbilled_sales().first()
    refuses("not-billed", company, BilledCorrection(unbilled, quantity=Decimal(1)))


def test_what_was_corrected_names_its_correction():
    company = Company()
    first = invoiced(company)
    row = billed_row(first)
    credit = corrected(company, first, quantity="6")
    caught = refuses("corrected-already", company, BilledCorrection(row, quantity=Decimal(5)))
    assert f"It was corrected by {credit.number}." in str(caught.value)


def test_two_open_corrections_of_one_row_are_refused():
    company = Company()
    row = billed_row(invoiced(company))
    draft = correct(company, BilledCorrection(row, quantity=Decimal(6)))
    caught = refuses("being-corrected", company, BilledCorrection(row, quantity=Decimal(5)))
    assert draft.number in str(caught.value)
    delete_drafts(Proforma.objects.filter(pk=draft.pk), actor=company.manager, at=NOW)
    assert correct(company, BilledCorrection(row, quantity=Decimal(5))).net_amount == -600


def test_a_correction_changes_something():
    company = Company()
    row = billed_row(invoiced(company))
    refuses("changes-nothing", company, BilledCorrection(row))
    refuses("changes-nothing", company, BilledCorrection(row, quantity=Decimal(8), price=Decimal(200)))


def test_what_stays_billed_has_the_sign_of_what_was_billed():
    company = Company()
    refuses("wrong-sign", company, BilledCorrection(billed_row(invoiced(company)), quantity=Decimal(-1)))


def test_a_milestone_is_not_billed_beyond_what_was_agreed():
    company = Company()
    company.milestone("5000")
    (first,) = company.confirm(company.draft())
    refuses("above-agreed", company, BilledCorrection(billed_row(first), amount=Decimal(5001)))


def test_contract_customer_and_period_stop_a_correction():
    company = Company()
    row = billed_row(invoiced(company))
    ask = BilledCorrection(row, quantity=Decimal(6))
    ProjectContract.objects.update(status="on_hold")
    refuses("contract-not-confirmed", company, ask)
    ProjectContract.objects.update(status="confirmed")
    Customer.objects.update(is_on_hold=True)
    refuses("customer-on-hold", company, ask)
    Customer.objects.update(is_on_hold=False)
    LegalEntity.objects.update(locked_through=CUT_OFF)
    refuses("period-locked", company, ask)


def test_a_draft_that_takes_a_correction_is_open_and_of_the_same_payer():
    company = Company()
    first = invoiced(company)
    ask = BilledCorrection(billed_row(first), quantity=Decimal(6))
    refuses("frozen", company, ask, into=Proforma.objects.filter(pk=first.pk))
    other = Company()
    other.approved(1)
    draft = other.draft()
    refuses("other-payer", company, ask, into=Proforma.objects.filter(pk=draft.pk))


def test_a_draft_of_another_sales_tax_group_takes_no_correction():
    company = Company()
    first = invoiced(company)
    export = SalesTaxGroup.objects.create(code="export", name="Export")
    Customer.objects.update(sales_tax_group=export)
    company.approved(1)
    untaxed = company.draft()
    ask = BilledCorrection(billed_row(first), quantity=Decimal(6))
    refuses("other-tax-group", company, ask, into=Proforma.objects.filter(pk=untaxed.pk))
    # On a draft of its own the customer gets back the 80.00 of tax that was paid.
    alone = correct(company, ask)
    assert (untaxed.tax_amount, alone.net_amount, alone.tax_amount) == (0, -400, -80)


def test_what_was_invoiced_under_two_sales_tax_groups_gets_a_draft_for_each():
    company = Company()
    taxed = invoiced(company)
    export = SalesTaxGroup.objects.create(code="export", name="Export")
    Customer.objects.update(sales_tax_group=export)
    company.approved(4)
    (untaxed,) = company.confirm(company.draft())
    drafts = correct_billed(
        [BilledCorrection(billed_row(one), quantity=Decimal(0)) for one in (taxed, untaxed)],
        invoice_date=CUT_OFF,
        actor=company.manager,
        at=NOW,
    )
    assert [(one.sales_tax_group, one.net_amount, one.tax_amount) for one in drafts] == [
        (taxed.sales_tax_group, -1600, -320),
        (export, -800, 0),
    ]
    company.confirm(*drafts)
    assert_proven()


def test_what_cannot_be_stored_is_refused():
    company = Company()
    first = invoiced(company)
    most = Decimal(99_999_999_999)
    ask = BilledCorrection(billed_row(first), quantity=Decimal(99_999), price=most)
    refuses("amount-too-large", company, ask)
    draft = correct(company, BilledCorrection(billed_row(first), quantity=Decimal(6)))
    with refused("amount-too-large"):
        company.edit_only(details_of(draft).filter(replaces__isnull=False), price=most)
    company.approved(1)
    other = company.draft()
    with refused("amount-too-large"):
        company.add_by_hand(other, company.line, quantity=Decimal(99_999), price=most)


def test_what_is_taken_back_cannot_be_edited_and_the_billing_type_stays():
    company = Company()
    draft = correct(company, BilledCorrection(billed_row(invoiced(company)), quantity=Decimal(6)))
    taken_back, kept = details_of(draft).order_by("pk")
    before = state_of()
    with refused("takes-back"):
        company.edit_only(details_of(draft).filter(pk=taken_back.pk), quantity=Decimal(-7))
    with refused("corrected-type"):
        company.edit_only(details_of(draft).filter(pk=kept.pk), billing_type=BillingType.COMPLIMENTARY)
    with refused("wrong-sign"):
        company.edit_only(details_of(draft).filter(pk=kept.pk), quantity=Decimal(-6))
    assert state_of() == before


def test_the_draft_is_edited_like_any_other_and_refused_where_it_changes_nothing():
    company = Company()
    draft = correct(company, BilledCorrection(billed_row(invoiced(company)), quantity=Decimal(6)))
    kept = details_of(draft).filter(replaces__isnull=False)
    company.edit_only(kept, quantity=Decimal(7))
    draft = Proforma.objects.get(pk=draft.pk)
    assert draft.net_amount == -200
    company.edit_only(kept, quantity=Decimal(8))
    before = state_of()
    with refused("changes-nothing"):
        company.confirm(draft)
    assert state_of() == before
    # Without what stays billed, all is taken back; without both, nothing is.
    remove_details(kept, actor=company.manager, at=NOW)
    draft = Proforma.objects.get(pk=draft.pk)
    assert draft.net_amount == -1600
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    draft = Proforma.objects.get(pk=draft.pk)
    assert (draft.net_amount, details_of(draft).count()) == (0, 0)


def test_removing_what_is_taken_back_removes_what_stays_billed():
    company = Company()
    draft = correct(company, BilledCorrection(billed_row(invoiced(company)), quantity=Decimal(6)))
    remove_details(details_of(draft).corrections(), actor=company.manager, at=NOW)
    draft = Proforma.objects.get(pk=draft.pk)
    assert (draft.net_amount, details_of(draft).count()) == (0, 0)


def test_each_customer_of_a_line_gets_an_own_correction():
    company = Company()
    company.is_shared_by("60", "40")
    company.approved(8)
    company.ready()
    drafts = company.drafts()
    confirmed = company.confirm(*drafts)
    rows = [row for proforma in confirmed for row in billed_rows(proforma)]
    assert [row.amount for row in rows] == [960, 640]
    credits = correct_billed(
        [BilledCorrection(row, quantity=Decimal(0)) for row in rows],
        invoice_date=CUT_OFF,
        actor=company.manager,
        at=NOW,
    )
    assert [credit.net_amount for credit in credits] == [-960, -640]
    company.confirm(*credits)
    assert [finding.proof.code for finding in prove() if finding.count] == []


def test_more_is_taken_back_of_a_milestone_while_a_draft_holds_its_rest():
    company = Company()
    company.milestone("5000")
    (first,) = company.confirm(company.draft())
    corrected(company, first, amount="3000")
    rest = company.draft()
    assert rest.net_amount == 2000
    corrected(company, first, amount="1000")
    company.confirm(rest)
    share = MilestoneShare.objects.get()
    assert (share.status, share.billed_amount, share.open_amount) == ("ready", 3000, 2000)
    (again,) = company.confirm(company.draft())
    assert again.net_amount == 2000
    assert [finding.proof.code for finding in prove() if finding.count] == []


def test_a_cent_of_a_large_milestone_is_taken_back_and_billed_again():
    company = Company()
    company.milestone("1000000.00")
    (first,) = company.confirm(company.draft())
    credit = corrected(company, first, amount="999999.99")
    assert credit.net_amount == Decimal("-0.01")
    (rest,) = company.confirm(company.draft())
    assert rest.net_amount == Decimal("0.01")


def test_a_limit_counts_what_corrections_leave_billed():
    company = Company()
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(1600))
    first = invoiced(company)
    corrected(company, first, quantity="6")
    company.approved(1)
    statuses = BacklogItem.objects.order_by("pk").values_list("quantity", "not_to_exceed_status")
    assert list(statuses) == [(2, NotToExceedStatus.COMMITTED), (1, NotToExceedStatus.FAILED)]


@pytest.mark.parametrize(
    ("currency", "amount", "steps"),
    [
        ("EUR", "1000000.00", ["0.05", "0.04", "0.03", "0.02", "0.01"]),
        ("JPY", "1000000", ["5", "4", "3", "2", "1"]),
        ("KWD", "1000000.000", ["0.003", "0.002", "0.001"]),
    ],
)
def test_a_fee_is_credited_by_its_smallest_unit_and_nothing_is_lost(currency, amount, steps):
    company = Company(currency=currency)
    company.rate(currency, "0.5")
    company.approved(1)
    draft = company.draft()
    fee = company.add_by_hand(draft, company.line, price=Decimal(amount), unit="")
    company.confirm(draft)
    for step in steps:
        (row,) = (one for one in billed_rows(draft_of(fee)) if one.work_item.transaction_class == "fee")
        credit = correct(company, BilledCorrection(row, amount=Decimal(step)))
        assert credit.net_amount == Decimal(step) - row.amount
        company.confirm(credit)
        waiting = BacklogItem.objects.filter(work_item=row.work_item).values_list("amount", flat=True)
        assert sum(waiting) == Decimal(amount) - Decimal(step)
    assert [finding.proof.code for finding in prove() if finding.count] == []


def draft_of(detail):
    return Proforma.objects.get(lines__details=detail)
