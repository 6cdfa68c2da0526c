"""The pages of proformas: the list, the editor, confirming, the document (UX 5.7, 5.8, 7)."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import InvoiceLineDetail, Proforma
from billing.reviewing import checks_of, history_of, standing_of
from billing.states import ProformaStatus, Remainder
from billing.totalling import tax_estimates
from billing.views.sheet import DETAILS_PER_PAGE
from projects.access import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.models import Actual, BacklogItem, Customer, ItemSalesTaxGroup, ProjectContract, TaxRate
from projects.states import BillingStatus, BillingType, ContractStatus
from tests.billing.conftest import person
from tests.factories import world
from tests.factories.world import DAY
from tests.trade import Trade, details_of

pytestmark = pytest.mark.django_db

LIST_QUERIES = 11
PAGE_QUERIES = 23
CONFIRM_QUERIES = 16


@pytest.fixture
def trade() -> Trade:
    """A company whose contract is managed by its manager."""
    made = Trade()
    ProjectContract.objects.filter(pk=made.contract.pk).update(manager=made.manager)
    return made


@pytest.fixture
def manager(trade: Trade) -> Client:
    return person(trade.at, trade.manager, PROJECT_MANAGER)


@pytest.fixture
def accountant(trade: Trade) -> Client:
    return person(trade.at, trade.accountant, PROJECT_ACCOUNTANT)


@pytest.fixture
def draft(trade: Trade) -> Proforma:
    """Eight hours at 200: 1,600.00 net, 320.00 tax."""
    trade.approved(8)
    return trade.draft()


def only_detail(draft: Proforma) -> InvoiceLineDetail:
    return details_of(draft).get()


def form_of(response: Any) -> dict[str, str]:
    """What the form on a page would send back unchanged."""
    form = response.context["form"]
    sent = {}
    for field in form:
        sent[field.html_name] = "" if field.value() is None else str(field.value())
        if field.field.show_hidden_initial:
            sent[field.html_initial_name] = sent[field.html_name]
    return sent


def edit(client: Client, draft: Proforma, **changes: str) -> Any:
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    return client.post(address, form_of(client.get(address)) | changes)


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def confirm(client: Client, draft: Proforma, **more: Any) -> Any:
    address = reverse("proforma-confirm", args=[draft.number])
    shown = client.get(address)
    token = re.search(r'name="token" value="(\w+)"', shown.content.decode()).group(1)
    return client.post(address, {"expected": form_of(shown)["expected"], "token": token} | more)


# --- Who may ----------------------------------------------------------------------------


def test_pages_ask_for_their_permission(trade, draft):
    team_member = person(trade.at, trade.worker, TEAM_MEMBER)
    names = ["proforma", "proforma-confirm", "proforma-delete", "proforma-document"]
    assert {team_member.get(reverse(name, args=[draft.number])).status_code for name in names} == {403}
    assert team_member.get(reverse("proformas")).status_code == 403


def test_a_manager_of_other_contracts_finds_nothing(trade, draft):
    stranger = person(trade.at, world.user("stranger"), PROJECT_MANAGER)
    names = ["proforma", "proforma-confirm", "proforma-delete", "proforma-document"]
    assert {stranger.get(reverse(name, args=[draft.number])).status_code for name in names} == {404}
    detail = only_detail(draft)
    assert stranger.get(reverse("proforma-detail-edit", args=[draft.number, detail.pk])).status_code == 404
    assert stranger.post(reverse("proforma-review", args=[draft.number])).status_code == 404
    listed = stranger.get(reverse("proformas"), {"all": "1"})
    assert [listed.status_code, len(listed.context["table"].rows)] == [200, 0]


def test_who_may_not_confirm_is_not_offered_it(accountant, draft):
    page = accountant.get(reverse("proforma", args=[draft.number])).content.decode()
    assert "The project manager confirms it." in page
    assert reverse("proforma-confirm", args=[draft.number]) not in page
    assert accountant.get(reverse("proforma-confirm", args=[draft.number])).status_code == 403
    assert accountant.post(reverse("proformas-confirm"), {"row": [draft.pk]}).status_code == 403


@pytest.mark.parametrize("number", ["nothing", "%00", "9" * 300, "..%2F", "PF-2026-00001'"])
def test_hostile_numbers_are_not_found(manager, draft, number):
    for tail in ["", "confirm/", "delete/", "document.pdf", f"lines/{'9' * 30}/"]:
        assert manager.get(f"/proformas/{number}/{tail}").status_code == 404
    assert manager.post(f"/proformas/{number}/review/").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, "%00"])
def test_hostile_pages_show_a_page(manager, draft, page):
    assert manager.get(f"{reverse('proforma', args=[draft.number])}?page={page}").status_code == 200
    for name in ("page", "per_page", "sort"):
        assert manager.get(f"{reverse('proformas')}?{name}={page}").status_code == 200


def test_hostile_keys_of_a_selection_change_nothing(manager, draft):
    address = reverse("proforma-lines-remove", args=[draft.number])
    answers = {manager.post(address, {"row": [key]}).status_code for key in ("x", "9" * 30, "\0", "-1")}
    assert answers <= {400, 422}
    assert details_of(draft).count() == 1


def test_a_count_that_nobody_saw_is_drift(manager, draft):
    for count in ("9" * 5000, "x", ""):
        sent = {"scope": "filter", "filter": "", "expect_count": count}
        assert manager.post(reverse("proformas-review"), sent).status_code == 409
    assert fresh(draft).status == ProformaStatus.DRAFT


# --- The list ---------------------------------------------------------------------------


def test_the_list_counts_its_tabs_and_adds_up_per_currency(manager, trade, draft):
    trade.confirm(draft)
    trade.approved(2)
    second = trade.draft(on=date(2026, 4, 30))
    shown = manager.get(reverse("proformas"))
    assert [(str(view.label), view.count, now) for view, now in shown.context["saved_views"]] == [
        ("Open", 1, True),
        ("Draft", 1, False),
        ("In review", 0, False),
        ("Confirmed", 1, False),
        ("Posted", 0, False),
        ("All", 2, False),
    ]
    (total,) = shown.context["totals"]
    assert (total.currency, total.count, total.amount) == ("EUR", 1, Decimal("480"))
    (row,) = shown.context["table"].rows
    cells = {column.name: str(cell) for column, cell in row.items()}
    assert second.number in cells["number"]
    assert (cells["period"], cells["details_count"], cells["net_amount"]) == ("2 Mar", "1", "400.00")


def test_the_list_asks_as_often_for_many_as_for_one(manager, trade, draft):
    address = reverse("proformas")
    manager.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        manager.get(address)
    for day in (30, 31):
        trade.approved(1)
        trade.draft(on=date(2026, 5, day))
    with CaptureQueriesContext(connection) as many:
        manager.get(address)
    assert (len(few), len(many)) == (LIST_QUERIES, LIST_QUERIES)


def test_search_finds_every_word(manager, draft):
    def found(words: str) -> int:
        return len(manager.get(reverse("proformas"), {"q": words, "all": "1"}).context["table"].rows)

    assert [found(draft.number), found(f"{draft.number} {draft.customer.name}"), found("nobody")] == [1, 1, 0]


def test_review_and_take_back_of_a_selection(manager, draft):
    answer = manager.post(reverse("proformas-review"), {"row": [draft.pk]})
    assert (answer.status_code, fresh(draft).status) == (302, ProformaStatus.IN_REVIEW)
    manager.post(reverse("proformas-take-back"), {"row": [draft.pk]})
    assert fresh(draft).status == ProformaStatus.DRAFT


def test_drafts_are_deleted_after_a_page_that_names_them(manager, draft):
    asked = manager.post(reverse("proformas-delete"), {"row": [draft.pk]})
    assert (asked.status_code, draft.number in asked.content.decode()) == (200, True)
    assert Proforma.objects.count() == 1
    manager.post(reverse("proformas-delete"), {"row": [draft.pk], "go": "1"})
    assert Proforma.objects.count() == 0
    assert set(BacklogItem.objects.values_list("status", flat=True)) == {BillingStatus.READY}


# --- The editor -------------------------------------------------------------------------


def test_the_editor_shows_strip_lines_totals_and_checks(manager, trade, draft):
    trade.approved(1)
    trade.ready()
    ProjectContract.objects.filter(pk=trade.contract.pk).update(not_to_exceed_amount=Decimal(3200))
    trade.line.contracted_amount = Decimal(4000)
    trade.line.save()
    shown = manager.get(reverse("proforma", args=[draft.number]))
    assert [(kpi["label"], kpi["value"], kpi["detail"]) for kpi in shown.context["kpis"]] == [
        ("Contract value", "€4,000.00", ["1 line"]),
        ("Billed before", "€0.00", ["0%"]),
        ("This proforma", "€1,600.00", ["40%, net"]),
        ("Remaining after", "€2,400.00", ["60%"]),
        ("Not to exceed", "€3,200.00", ["50% used after this"]),
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


def test_only_what_was_touched_is_changed(manager, trade, draft):
    """Two people open the same detail; the second one changes the words and keeps the first one's hours."""
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    opened = form_of(manager.get(address))
    edit(manager, draft, quantity="6")
    manager.post(address, opened | {"external_description": "Workshop"})
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


def test_a_milestone_keeps_its_terms(manager, trade):
    trade.milestone("1000")
    (draft,) = trade.drafts()
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    form = manager.get(address).context["form"]
    assert list(form.fields) == [
        "external_description",
        "billing_type",
        "item_sales_tax_group",
        "description",
    ]
    edit(manager, draft, billing_type=str(BillingType.COMPLIMENTARY.value))
    assert fresh(draft).net_amount == 0


def test_complimentary_details_stand_in_a_section_of_their_own(manager, trade, draft):
    trade.approved(2)
    trade.ready()
    edit(manager, draft, billing_type=str(BillingType.COMPLIMENTARY.value))
    shown = manager.get(reverse("proforma", args=[draft.number]))
    (section,) = shown.context["sections"]
    assert (section.detail, section.amount) == (
        "Complimentary: shown on the document, not charged, 1 detail",
        0,
    )


def test_removed_details_are_ready_again(manager, trade, draft):
    address = reverse("proforma-lines-remove", args=[draft.number])
    nothing = manager.post(address)
    assert (nothing.status_code, "nothing-selected" in nothing.content.decode()) == (422, True)
    manager.post(address, {"row": [only_detail(draft).pk]})
    assert (details_of(draft).count(), fresh(draft).gross_amount) == (0, 0)
    assert BacklogItem.objects.get().status == BillingStatus.READY
    checks = manager.get(reverse("proforma", args=[draft.number])).context["checks"]
    assert [(check.code, check.is_blocking) for check in checks] == [("nothing-on-it", True)]


def test_details_of_another_proforma_are_not_removed(manager, trade, draft):
    trade.approved(2)
    other = trade.draft(on=date(2026, 4, 30))
    answer = manager.post(
        reverse("proforma-lines-remove", args=[draft.number]), {"row": [only_detail(other).pk]}
    )
    assert (answer.status_code, details_of(other).count()) == (422, 1)


def test_one_draft_is_submitted_taken_back_and_deleted(manager, draft):
    manager.post(reverse("proforma-review", args=[draft.number]))
    assert fresh(draft).status == ProformaStatus.IN_REVIEW
    again = manager.post(reverse("proforma-review", args=[draft.number]))
    assert (again.status_code, "not-a-draft" in again.content.decode()) == (422, True)
    manager.post(reverse("proforma-take-back", args=[draft.number]))
    assert fresh(draft).status == ProformaStatus.DRAFT
    assert draft.number in manager.get(reverse("proforma-delete", args=[draft.number])).content.decode()
    gone = manager.post(reverse("proforma-delete", args=[draft.number]))
    assert (gone["Location"], Proforma.objects.count()) == (reverse("proformas"), 0)


def test_many_details_are_paged_and_cost_no_more_questions(manager, trade, draft):
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
            item_sales_tax_group=trade.item_group,
        )
        for _each in range(2 * DETAILS_PER_PAGE)
    )
    with CaptureQueriesContext(connection) as many:
        shown = manager.get(address, {"page": "3"})
    assert (len(few), len(many)) == (PAGE_QUERIES, PAGE_QUERIES)
    (section,) = shown.context["sections"]
    assert (len(section.rows), section.amount) == (1, 3600)
    assert f"{2 * DETAILS_PER_PAGE + 1} details" in section.detail


# --- Checks -----------------------------------------------------------------------------


def codes_of(draft: Proforma) -> list[str]:
    now = Proforma.objects.select_related("contract", "customer", "legal_entity").get(pk=draft.pk)
    return [check.code for check in checks_of([now], tax_estimates([now]))[now.pk]]


def test_checks_say_what_blocks_and_what_to_look_at(trade, draft):
    assert codes_of(draft) == []
    trade.edit(draft, price="0")
    assert codes_of(draft) == ["zero-rate"]
    trade.edit(draft, price="200")
    TaxRate.objects.update(starts_on=date(2030, 1, 1))
    assert codes_of(draft) == ["tax-rate-missing"]
    TaxRate.objects.update(starts_on=date(2020, 1, 1))
    InvoiceLineDetail.objects.update(item_sales_tax_group=None)
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(1599))
    assert codes_of(draft) == ["no-tax-group", "limit-exceeded"]
    ProjectContract.objects.update(status=ContractStatus.ON_HOLD, not_to_exceed_amount=Decimal(1600))
    Customer.objects.update(is_on_hold=True)
    assert codes_of(draft) == ["contract-not-confirmed", "customer-on-hold", "no-tax-group"]


def test_a_group_without_rule_is_outside_the_tax_and_said(trade, draft):
    InvoiceLineDetail.objects.update(
        item_sales_tax_group=ItemSalesTaxGroup.objects.create(code="x", name="X")
    )
    assert codes_of(draft) == ["no-tax-group"]


def test_an_overlapping_period_names_the_other_proforma(trade, draft):
    trade.approved(1, date=DAY - timedelta(days=1))
    trade.approved(1, date=DAY + timedelta(days=1))
    other = trade.draft()
    now = Proforma.objects.select_related("contract", "customer", "legal_entity").get(pk=draft.pk)
    (check,) = checks_of([now], tax_estimates([now]))[now.pk]
    assert (check.code, check.numbers, check.is_blocking) == ("period-overlap", (other.number,), False)


def test_billed_before_counts_what_was_confirmed_before(trade, draft):
    trade.confirm(draft)
    trade.approved(1)
    second = trade.draft(on=date(2026, 4, 30))
    assert standing_of(fresh(second)).before == 1600
    assert standing_of(fresh(draft)).before == 0


# --- Confirming -------------------------------------------------------------------------


def test_confirm_through_the_page(manager, trade, draft):
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    assert f"Confirm {draft.number} for €1,920.00" in page
    answer = confirm(manager, draft)
    assert (answer.status_code, answer["Location"]) == (302, reverse("proforma", args=[draft.number]))
    now = fresh(draft)
    assert (now.status, now.confirmed_by) == (ProformaStatus.CONFIRMED, trade.manager)


def test_the_same_form_twice_confirms_once(manager, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    sent = {"expected": form_of(manager.get(address))["expected"], "token": "one2three"}
    first, second = manager.post(address, sent), manager.post(address, sent)
    assert (first["Location"], second.status_code) == (reverse("proforma", args=[draft.number]), 302)
    assert second["Location"] == first["Location"]
    assert Actual.objects.billed_sales().count() == 1


def test_another_form_for_a_confirmed_one_is_refused(manager, draft):
    confirm(manager, draft)
    again = confirm(manager, draft)
    assert (again.status_code, [one.code for one in again.context["refusals"]]) == (
        422,
        ["already-confirmed"],
    )


def test_a_total_that_moved_is_shown_again(manager, trade, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    seen = form_of(manager.get(address))["expected"]
    trade.edit(draft, quantity="6")
    answer = manager.post(address, {"expected": seen})
    assert answer.status_code == 422
    assert "The total is €1,440.00 now; this page showed €1,920.00." in answer.content.decode()
    assert fresh(draft).status == ProformaStatus.DRAFT


def test_warnings_are_ticked_before_it_is_confirmed(manager, trade, draft):
    trade.edit(draft, price="0")
    assert confirm(manager, draft).status_code == 422
    assert fresh(draft).status == ProformaStatus.DRAFT
    assert confirm(manager, draft, accepted=["zero-rate"]).status_code == 302
    assert fresh(draft).status == ProformaStatus.CONFIRMED
    assert history_of(fresh(draft), 1)[0].activity.facts == {"accepted": ["zero-rate"]}


def test_what_blocks_takes_the_button_away(manager, draft):
    Customer.objects.update(is_on_hold=True)
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    assert ("something blocks it" in page, f"Confirm {draft.number} for" in page) == (True, False)
    assert confirm(manager, draft).status_code == 422


def test_a_selection_is_confirmed_after_its_summary_and_without_what_is_blocked(manager, trade, draft):
    other = Trade()
    ProjectContract.objects.filter(pk=other.contract.pk).update(manager=trade.manager)
    person(other.at, trade.manager, PROJECT_MANAGER)
    other.approved(1)
    blocked = other.draft()
    Customer.objects.filter(pk=blocked.customer_id).update(is_on_hold=True)
    address = reverse("proformas-confirm")
    rows = {"row": [draft.pk, blocked.pk]}
    asked = manager.post(address, rows)
    summary = asked.context["summary"]
    assert [(one.currency, one.count, one.net, one.tax, one.gross) for one in summary.sums] == [
        ("EUR", 1, 1600, 320, 1920)
    ]
    assert [proforma for proforma, _checks in summary.blocked] == [blocked]
    unseen = manager.post(address, rows | {"go": "1", "seen": ["EUR:2:2160.0000"]})
    assert (unseen.status_code, fresh(draft).status) == (422, ProformaStatus.DRAFT)
    seen = [one.seen for one in summary.sums]
    assert manager.post(address, rows | {"go": "1", "seen": seen}).status_code == 302
    assert (fresh(draft).status, fresh(blocked).status) == (ProformaStatus.CONFIRMED, ProformaStatus.DRAFT)


def test_warnings_of_a_selection_need_a_tick(manager, trade, draft):
    trade.edit(draft, price="0")
    rows = {"row": [draft.pk], "go": "1", "seen": ["EUR:1:0.0000"]}
    refused = manager.post(reverse("proformas-confirm"), rows)
    assert [one.code for one in refused.context["refusals"]] == ["warnings-open"]
    assert manager.post(reverse("proformas-confirm"), rows | {"accepted": "1"}).status_code == 302


def test_the_summary_asks_as_often_for_many_as_for_one(manager, trade, draft):
    address = reverse("proformas-confirm")
    manager.post(address, {"row": [draft.pk]})
    with CaptureQueriesContext(connection) as few:
        manager.post(address, {"row": [draft.pk]})
    trade.approved(1)
    second = trade.draft(on=date(2026, 5, 30))
    with CaptureQueriesContext(connection) as many:
        manager.post(address, {"row": [draft.pk, second.pk]})
    assert (len(few), len(many)) == (CONFIRM_QUERIES, CONFIRM_QUERIES)


# --- What is frozen ---------------------------------------------------------------------


def test_a_frozen_proforma_shows_text_and_refuses_edits_on_a_clear_page(manager, trade, draft):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    sent = form_of(manager.get(address))
    trade.confirm(draft)
    shown = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert ("<input" in main, "<button" in main, "Confirmed" in main) == (False, False, True)
    asked = manager.get(address).content.decode()
    assert ("It is frozen" in asked, 'name="quantity"' in asked) == (True, False)
    answer = manager.post(address, sent | {"quantity": "6"})
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["frozen"])
    assert 'name="quantity"' not in answer.content.decode()
    assert only_detail(draft).quantity == 8
    deleted = manager.post(reverse("proforma-delete", args=[draft.number]))
    assert (deleted.status_code, fresh(draft).status) == (422, ProformaStatus.CONFIRMED)


def test_a_posted_proforma_names_its_invoice(manager, trade):
    invoice = trade.billed()
    proforma = Proforma.objects.get()
    page = manager.get(reverse("proforma", args=[proforma.number])).content.decode()
    assert f"Posted as invoice {invoice.number}" in page


# --- The document -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en-gb", "de", "id"])
def test_the_document_is_a_proforma_in_the_customers_language(manager, trade, draft, language):
    Customer.objects.update(language=language)
    answer = manager.get(reverse("proforma-document", args=[draft.number]))
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert answer["Content-Disposition"] == f'inline; filename="{draft.number}.pdf"'
