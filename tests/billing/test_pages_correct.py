"""Correcting by page: three columns side by side, and what is drafted from them (R1, R2, R8)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.totalling import add_up
from tests.billing.proforma_pages import form_of, ticks_on
from tests.company import Company, details_of
from tests.company.corrections import billed_row, correct
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def confirmed(company, draft):
    (done,) = company.confirm(draft)
    return done


def page_of(proforma):
    return reverse("proforma-correct", args=[proforma.number])


def sent(proforma, button="go", into="", **values):
    """What the form of the page sends: each row as it was billed, but for `values` of the first."""
    data = {"into": into, "invoice_date": "2026-03-31", button: "1"}
    for number, row in enumerate(billed_rows(proforma)):
        terms = {"quantity": f"{row.quantity:f}", "price": f"{row.price:f}", "reason": ""}
        if row.work_item.transaction_class in ("fee", "milestone"):
            terms = {"amount": f"{row.amount:f}", "reason": ""}
        data |= {
            f"r{row.pk}-{name}": value for name, value in (terms | (values if number == 0 else {})).items()
        }
    return data


def test_the_page_shows_what_was_billed_and_no_change(manager, confirmed):
    answer = manager.get(page_of(confirmed))
    (row,) = answer.context["rows"]
    assert (row.billed, row.before, row.after, row.is_changed) == (billed_row(confirmed), 1600, 1600, False)
    text = answer.content.decode()
    assert "no change" in text
    assert "1 line, 0 changed" in text


def test_a_line_is_called_what_its_proforma_calls_it(manager, company):
    company.approved(8, task=company.task("Reporting"), description="internal", external_description="")
    (proforma,) = company.confirm(company.draft())
    (detail,) = details_of(proforma)
    printed = detail.printed_text
    assert printed == "Reporting"
    page = " ".join(manager.get(page_of(proforma)).content.decode().split())
    assert f'class="wraps stack-title"> {printed} <small>2 Mar 2026' in page
    assert f'aria-label="New quantity, {printed}, 2 Mar 2026"' in page
    assert "internal" not in page


def test_the_differences_are_shown_before_anything_is_drafted(manager, confirmed):
    answer = manager.post(page_of(confirmed), sent(confirmed, "preview", quantity="6:00"))
    (row,) = answer.context["rows"]
    assert (row.after, row.difference, row.quantity_difference) == (1200, -400, -2)
    assert "Draft the correction of −€400.00" in " ".join(answer.content.decode().split())
    assert Proforma.objects.count() == 1


def test_r2_eight_to_six_by_page(manager, company, confirmed):
    answer = manager.post(
        page_of(confirmed), sent(confirmed, quantity="6", reason="Two hours were internal preparation")
    )
    draft = Proforma.objects.open().get()
    assert answer["Location"] == reverse("proforma", args=[draft.number])
    assert draft.net_amount == -400
    taken_back, kept = InvoiceLineDetail.objects.filter(line__proforma=draft).order_by("pk")
    assert (taken_back.quantity, kept.quantity) == (-8, 6)
    assert (taken_back.external_description, kept.external_description) == ("", "")
    assert taken_back.correction_reason == "Two hours were internal preparation"
    assert manager.get(answer["Location"]).status_code == 200
    address = reverse("proforma-confirm", args=[draft.number])
    answers = form_of(manager.get(address)) | {"accepted": ticks_on(draft), "expected": "-480"}
    manager.post(address, answers)
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"


def test_r1_all_of_it_by_page(manager, company, confirmed):
    manager.post(page_of(confirmed), sent(confirmed, "all"))
    draft = Proforma.objects.open().get()
    assert (draft.net_amount, InvoiceLineDetail.objects.filter(line__proforma=draft).count()) == (-1600, 1)
    company.confirm(draft)
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    # The tree leads both ways.
    for one, other in ((draft, confirmed), (confirmed, draft)):
        address = reverse("proforma", args=[other.number])
        assert address in manager.get(reverse("proforma", args=[one.number])).content.decode()
    assert "Nothing of it is billed any more." in manager.get(page_of(confirmed)).content.decode()


def test_all_of_it_is_taken_back_beside_a_line_that_bills_nothing(manager, company):
    company.approved(8)
    company.approved(2, date=DAY + timedelta(days=1))
    draft = company.draft()
    company.edit_only(details_of(draft).filter(quantity=2), quantity=Decimal(0))
    (written_off,) = company.confirm(draft)
    manager.post(page_of(written_off), sent(written_off, "all"))
    # The two hours were written off in a row of their own, which is taken back as well.
    credit = Proforma.objects.open().get()
    assert sorted(details_of(credit).values_list("quantity", flat=True)) == [-8, -2]
    assert credit.net_amount == -1600


def credited_line(company: Company, draft: Proforma) -> InvoiceLineDetail:
    """A line of minus one at 100, as lines by hand could be until they had to be positive (decision 21)."""
    detail = InvoiceLineDetail.objects.create(
        line=draft.lines.get(),
        transaction_class="fee",
        transaction_date=DAY,
        quantity=-1,
        unit="",
        price=100,
        amount=-100,
        item_sales_tax_group=company.item_group,
    )
    add_up([draft], by=company.manager)
    return detail


@pytest.mark.parametrize(("button", "net"), [("all", -1500), ("go", -400)])
def test_a_line_that_credits_does_not_keep_the_page_back(manager, company, draft, button, net):
    credited_line(company, draft)
    (done,) = company.confirm(draft)
    assert [row.amount for row in billed_rows(done)] == [1600, -100]
    manager.post(page_of(done), sent(done, button, quantity="6"))
    assert Proforma.objects.open().get().net_amount == net


def test_part_of_a_line_that_credits_is_taken_back(manager, company, draft):
    fee = credited_line(company, draft)
    (done,) = company.confirm(draft)
    fee.refresh_from_db()
    row = next(one for one in billed_rows(done) if one.work_item_id == fee.work_item_id)
    manager.post(page_of(done), sent(done) | {f"r{row.pk}-amount": "-40"})
    credit = Proforma.objects.open().get()
    assert credit.net_amount == 60
    company.confirm(credit)
    assert company.backlog() == "2026-03-02 chargeable -0.6 -60.00 not_ready"


def test_r8_a_milestone_by_page(manager, company):
    company.milestone("5000")
    (first,) = company.confirm(company.draft())
    manager.post(page_of(first), sent(first, amount="0"))
    company.confirm(Proforma.objects.open().get())
    share = MilestoneShare.objects.get()
    assert (share.status, share.open_amount) == ("ready", 5000)


def test_an_open_draft_of_the_customer_takes_the_correction(manager, company, confirmed):
    company.approved(1)
    waiting = company.draft()
    answer = manager.get(page_of(confirmed))
    assert waiting.number in answer.content.decode()
    manager.post(page_of(confirmed), sent(confirmed, into=waiting.number, quantity="6"))
    assert Proforma.objects.open().get().net_amount == -200


@pytest.mark.parametrize(
    ("values", "code"), [({}, "nothing-corrected"), ({"quantity": "-1"}, "unreadable-line")]
)
def test_what_cannot_be_drafted_is_said_and_what_was_typed_is_kept(manager, confirmed, values, code):
    answer = manager.post(page_of(confirmed), sent(confirmed, **values))
    assert answer.status_code == 422
    said = answer.content.decode()
    assert code in said or code in [error.code for error in answer.context["form"].non_field_errors().data]
    assert Proforma.objects.count() == 1
    if values:
        assert 'value="-1"' in said


def test_what_is_being_corrected_names_the_draft(manager, company, confirmed):
    other = correct(company, BilledCorrection(billed_row(confirmed), quantity=Decimal(5)))
    answer = manager.post(page_of(confirmed), sent(confirmed, quantity="6"))
    assert answer.status_code == 422
    assert f"The draft {other.number} corrects it already." in answer.content.decode()
    assert Proforma.objects.open().count() == 1


def test_three_roles(manager, stranger, team_member, confirmed, company):
    assert manager.get(page_of(confirmed)).status_code == 200
    assert stranger.get(page_of(confirmed)).status_code == 404
    assert stranger.post(page_of(confirmed), sent(confirmed, quantity="6")).status_code == 404
    assert team_member.get(page_of(confirmed)).status_code == 403
    assert team_member.post(page_of(confirmed), sent(confirmed, quantity="6")).status_code == 403
    assert Proforma.objects.count() == 1
    company.approved(1)
    assert manager.get(page_of(company.draft())).status_code == 404


def test_statements_do_not_grow_with_the_lines(manager, company, confirmed):
    def statements(proforma):
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(page_of(proforma)).status_code == 200
        return len(captured)

    few = statements(confirmed)
    for number in range(1, 5):
        company.approved(2, date=DAY + timedelta(days=number))
    (many,) = company.confirm(company.draft())
    assert len(billed_rows(many)) == 4
    assert statements(many) == few


def test_a_correction_is_marked_and_does_not_overlap_what_it_corrects(manager, company, confirmed):
    draft = correct(company, BilledCorrection(billed_row(confirmed), quantity=Decimal(6)))
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert ("Corrective" in page, "Its period overlaps another proforma" in page) == (True, False)
