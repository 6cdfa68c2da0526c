"""The draft editor: figures, edits, removals, checks, and what is frozen."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.checks import checks_of, history_of, position_of
from billing.models import InvoiceLineDetail, Proforma
from billing.states import ProformaStatus, Remainder
from billing.totalling import tax_estimates
from billing.views.proforma_detail import DETAILS_PER_PAGE
from projects.models import BacklogItem, Customer, ItemSalesTaxGroup, ProjectContract, TaxRate
from projects.states import BillingStatus, BillingType, ContractStatus
from tests.billing.proforma_pages import codes_of, edit, form_of, fresh, only_detail
from tests.company import Company, details_of
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 45


@pytest.fixture
def at(company: Company) -> Company:
    return company


# --- The editor -----------------------------------------------------------------------


def test_the_editor_shows_kpis_lines_totals_and_checks(manager, company, draft):
    company.approved(1)
    company.ready()
    ProjectContract.objects.filter(pk=company.contract.pk).update(not_to_exceed_amount=Decimal(3200))
    company.line.contracted_amount = Decimal(4000)
    company.line.save()
    shown = manager.get(reverse("proforma", args=[draft.number]))
    assert [(kpi["label"], kpi["value"], kpi["detail"]) for kpi in shown.context["kpis"]] == [
        ("Contract value", "€4,000.00", ["1 line"]),
        ("Billed before", "€0.00", ["0%"]),
        ("This proforma", "€1,600.00", ["40%, net"]),
        ("Remaining after", "€2,400.00", ["60%"]),
        ("Not to exceed", "€3,200.00", ["56.25% used"]),
    ]
    (section,) = shown.context["sections"]
    assert (section.title, section.detail, section.amount) == ("Hours", "Time and material, 1 detail", 1600)
    assert [(group.percent, group.tax_amount) for group in shown.context["taxes"]] == [(20, 320)]
    assert shown.context["checks"] == []
    assert (shown.context["pending"].entries, shown.context["pending"].amount) == (1, 200)
    page = shown.content.decode()
    assert f"Confirm {draft.number} for €1,920.00" in page
    assert "Tax 20% on 1,600.00" in page


def test_eight_hours_become_six_and_the_totals_follow(manager, draft):
    answer = edit(manager, draft, quantity="6.00", remainder=Remainder.KEEP)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{reverse('proforma', args=[draft.number])}#d{only_detail(draft).pk}",
    )
    detail, now = only_detail(draft), fresh(draft)
    assert (detail.quantity, detail.amount, detail.remainder) == (6, 1200, Remainder.KEEP)
    assert (now.net_amount, now.tax_amount, now.gross_amount) == (1200, 240, 1440)
    shown = manager.get(reverse("proforma", args=[draft.number]))
    page = shown.content.decode()
    assert re.search(r"<s>.*8\.00</s> 6\.00\xa0h", page)
    assert "<s>1,600.00</s> 1,200.00" in page
    (edited,) = shown.context["edited"]
    assert (edited.edit.rest.quantity, edited.edit.rest.amount, edited.edit.keeps_rest) == (2, 400, True)
    assert "2.00\xa0h (€400.00) stay in the backlog" in page
    newest = history_of(now, 1)[0]
    assert str(newest.sentence) == "changed quantity, what becomes of the rest of"


def test_figures_are_read_as_the_readers_language_writes_them(manager, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    page = manager.get(address, headers={"accept-language": "de"}).content.decode()
    assert 'name="quantity" value="8,00"' in page
    sent = {"quantity": "6,5", "initial-quantity": "8,00", "price": "200,00", "initial-price": "200,00"}
    sent |= {"billing_type": "1", "initial-billing_type": "1", "remainder": "keep"}
    sent |= {"item_sales_tax_group": str(only_detail(draft).item_sales_tax_group_id)}
    sent["seen"] = form_of(manager.get(address))["seen"]
    manager.post(address, sent, headers={"accept-language": "de"})
    assert (only_detail(draft).quantity, fresh(draft).net_amount) == (Decimal("6.5"), 1300)


def test_only_what_was_touched_is_changed(manager, company, draft):
    """Two people open the same detail; the second one sees the first one's hours, and changes the words."""
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    opened = form_of(manager.get(address))
    edit(manager, draft, quantity="6")
    shown = manager.post(address, opened | {"external_description": "Workshop"})
    assert (shown.status_code, only_detail(draft).external_description) == (409, "")
    manager.post(address, form_of(shown))
    detail = only_detail(draft)
    assert (detail.quantity, detail.external_description) == (6, "Workshop")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "much"}, "quantity"),
        ({"quantity": "1e30"}, "quantity"),
        ({"price": "NaN"}, "price"),
        ({"price": "0.12345"}, "price"),
        ({"billing_type": "4"}, "billing_type"),
        ({"item_sales_tax_group": "999999999999999999999999"}, "item_sales_tax_group"),
        ({"description": "\0"}, "description"),
    ],
)
def test_what_cannot_be_read_comes_back_filled(manager, draft, changes, field):
    answer = edit(manager, draft, **changes)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert fresh(draft).gross_amount == 1920


def test_a_refusal_of_the_verb_comes_back_with_the_form(manager, draft):
    answer = edit(manager, draft, quantity="-6")
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["wrong-sign"])
    assert 'value="-6"' in answer.content.decode()


def test_in_the_table_the_form_is_a_row_and_its_errors_too(manager, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    htmx = {"HTTP_HX_REQUEST": "true"}
    row = manager.get(address, **htmx)
    assert row.content.decode().strip().startswith("<tr")
    wrong = manager.post(address, form_of(row) | {"quantity": "much"}, **htmx)
    assert (wrong.status_code, wrong["HX-Retarget"], wrong["HX-Reselect"]) == (
        422,
        f"#d{only_detail(draft).pk}",
        f"#d{only_detail(draft).pk}",
    )


def test_a_milestone_keeps_its_terms(manager, company):
    company.milestone("1000")
    (draft,) = company.drafts()
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    form = manager.get(address).context["form"]
    assert [name for name in form.fields if name != "seen"] == [
        "external_description",
        "billing_type",
        "item_sales_tax_group",
        "description",
    ]
    edit(manager, draft, billing_type=str(BillingType.COMPLIMENTARY.value))
    assert fresh(draft).net_amount == 0


def test_complimentary_details_stand_in_a_section_of_their_own(manager, company, draft):
    company.approved(2)
    company.ready()
    edit(manager, draft, billing_type=str(BillingType.COMPLIMENTARY.value))
    shown = manager.get(reverse("proforma", args=[draft.number]))
    (section,) = shown.context["sections"]
    assert (section.detail, section.amount) == (
        "Complimentary: shown on the document, not charged, 1 detail",
        0,
    )


def test_removed_details_are_ready_again(manager, company, draft):
    address = reverse("proforma-lines-remove", args=[draft.number])
    nothing = manager.post(address)
    assert (nothing.status_code, "nothing-selected" in nothing.content.decode()) == (422, True)
    manager.post(address, {"row": [only_detail(draft).pk]})
    assert (details_of(draft).count(), fresh(draft).gross_amount) == (0, 0)
    assert BacklogItem.objects.get().status == BillingStatus.READY
    assert str(history_of(fresh(draft), 1)[0].sentence) == "removed details from it"
    checks = manager.get(reverse("proforma", args=[draft.number])).context["checks"]
    assert [(check.code, check.is_blocking) for check in checks] == [("nothing-on-it", True)]


def test_details_of_another_proforma_are_not_removed(manager, company, draft):
    company.approved(2)
    other = company.draft(on=date(2026, 4, 30))
    answer = manager.post(
        reverse("proforma-lines-remove", args=[draft.number]), {"row": [only_detail(other).pk]}
    )
    assert (answer.status_code, details_of(other).count()) == (422, 1)


def test_one_draft_is_submitted_taken_back_and_deleted(manager, company, draft):
    address = reverse("proforma-review", args=[draft.number])
    assert "Nobody else may confirm this." in manager.get(address).content.decode()
    felix = company.second_person()
    assert list(manager.get(address).context["form"].fields["reviewer"].queryset) == [felix]
    manager.post(address, {"reviewer": felix.pk, "note": "The rates"})
    assert fresh(draft).status == ProformaStatus.IN_REVIEW
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert (f"Remind {felix.username}" in page, "“The rates”" in page) == (True, True)
    again = manager.post(address, {"reviewer": felix.pk})
    assert (again.status_code, "not-a-draft" in again.content.decode()) == (422, True)
    manager.post(reverse("proforma-take-back", args=[draft.number]))
    assert fresh(draft).status == ProformaStatus.DRAFT
    assert draft.number in manager.get(reverse("proforma-delete", args=[draft.number])).content.decode()
    gone = manager.post(reverse("proforma-delete", args=[draft.number]))
    assert (gone["Location"], Proforma.objects.count()) == (reverse("proformas"), 0)


def test_many_details_are_paged_and_cost_no_more_questions(manager, company, draft):
    address = reverse("proforma", args=[draft.number])
    line = draft.lines.get()
    manager.get(address)
    with CaptureQueriesContext(connection) as few:
        manager.get(address)
    InvoiceLineDetail.objects.bulk_create(
        InvoiceLineDetail(
            line=line,
            transaction_class="fee",
            transaction_date=DAY + timedelta(days=1),
            quantity=1,
            unit="pcs",
            price=10,
            amount=10,
            item_sales_tax_group=company.item_group,
        )
        for _each in range(2 * DETAILS_PER_PAGE)
    )
    with CaptureQueriesContext(connection) as many:
        shown = manager.get(address, {"page": "3"})
    assert (len(few), len(many)) == (PAGE_QUERIES, PAGE_QUERIES)
    (section,) = shown.context["sections"]
    assert (len(section.rows), section.amount) == (1, 3600)
    assert f"{2 * DETAILS_PER_PAGE + 1} details" in section.detail


# --- Checks ---------------------------------------------------------------------------


def test_checks_say_what_blocks_and_what_to_look_at(company, draft):
    assert codes_of(draft) == []
    company.edit(draft, price="0")
    assert codes_of(draft) == ["zero-rate"]
    company.edit(draft, price="200")
    TaxRate.objects.update(starts_on=date(2030, 1, 1))
    assert codes_of(draft) == ["tax-rate-missing"]
    TaxRate.objects.update(starts_on=date(2020, 1, 1))
    InvoiceLineDetail.objects.update(item_sales_tax_group=None)
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(1599))
    assert codes_of(draft) == ["no-tax-group", "limit-exceeded-contract"]
    ProjectContract.objects.update(status=ContractStatus.ON_HOLD, not_to_exceed_amount=Decimal(1600))
    Customer.objects.update(is_on_hold=True)
    assert codes_of(draft) == ["contract-not-confirmed", "customer-on-hold", "no-tax-group"]


def test_a_group_without_rule_is_outside_the_tax_and_said(company, draft):
    InvoiceLineDetail.objects.update(
        item_sales_tax_group=ItemSalesTaxGroup.objects.create(code="x", name="X")
    )
    assert codes_of(draft) == ["no-tax-group"]


def test_an_overlapping_period_names_the_other_proforma(company, draft):
    company.approved(1, date=DAY - timedelta(days=1))
    company.approved(1, date=DAY + timedelta(days=1))
    other = company.draft()
    now = Proforma.objects.select_related("contract", "customer", "legal_entity").get(pk=draft.pk)
    (check,) = checks_of([now], tax_estimates([now]))[now.pk]
    assert (check.code, check.numbers, check.is_blocking) == ("period-overlap", (other.number,), False)


def test_billed_before_counts_what_was_confirmed_before(company, draft):
    company.confirm(draft)
    company.approved(1)
    second = company.draft(on=date(2026, 4, 30))
    assert position_of(fresh(second), today=DAY).before == 1600
    assert position_of(fresh(draft), today=DAY).before == 0


# --- What is frozen -------------------------------------------------------------------


def test_a_frozen_proforma_shows_text_and_refuses_edits_on_a_clear_page(manager, company, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    sent = form_of(manager.get(address))
    company.confirm(draft)
    shown = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert ("<input" in main, "<button" in main, "Confirmed" in main) == (False, False, True)
    asked = manager.get(address).content.decode()
    assert ("cannot be edited any more" in asked, 'name="quantity"' in asked) == (True, False)
    answer = manager.post(address, sent | {"quantity": "6"})
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["frozen"])
    assert 'name="quantity"' not in answer.content.decode()
    assert only_detail(draft).quantity == 8
    deleted = manager.post(reverse("proforma-delete", args=[draft.number]))
    assert (deleted.status_code, fresh(draft).status) == (422, ProformaStatus.CONFIRMED)


def test_a_posted_proforma_names_its_invoice(manager, company):
    invoice = company.billed()
    proforma = Proforma.objects.get()
    page = manager.get(reverse("proforma", args=[proforma.number])).content.decode()
    assert f"Posted as invoice {invoice.number}" in page
