"""The list of proformas, who may open what, and the document."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Proforma
from billing.states import ProformaStatus
from projects.models import BacklogItem, Customer, LegalEntity
from projects.roles import PROJECT_MANAGER, TEAM_MEMBER
from projects.states import BillingStatus
from tests.billing.proforma_pages import confirm, fresh, only_detail
from tests.company import Company, details_of, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

LIST_QUERIES = 12


@pytest.fixture
def at(company: Company) -> Company:
    return company


# --- Who may --------------------------------------------------------------------------


def test_pages_ask_for_their_permission(company, draft):
    team_member = signed_in(company.admit(company.worker, TEAM_MEMBER))
    names = ["proforma", "proforma-confirm", "proforma-delete", "proforma-document"]
    assert {team_member.get(reverse(name, args=[draft.number])).status_code for name in names} == {403}
    assert team_member.get(reverse("proformas")).status_code == 403


def test_a_manager_of_other_contracts_finds_nothing(company, draft):
    stranger = signed_in(company.admit(rows.user("stranger"), PROJECT_MANAGER))
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


def test_who_is_asked_finds_it_answers_and_asks_no_more(manager, company, draft):
    felix = company.second_person()
    manager.post(reverse("proforma-review", args=[draft.number]), {"reviewer": felix.pk})
    asked = signed_in(felix)
    shown = asked.get(f"{reverse('proformas')}?asked=me")
    assert [row.record for row in shown.context["table"].rows] == [draft]
    assert manager.get(f"{reverse('proformas')}?asked=me").context["table"].rows.data.data.count() == 0
    assert f"You are asked to review {draft.number}" in asked.get("/").content.decode()
    page = asked.get(reverse("proforma", args=[draft.number])).content.decode()
    assert ("Return with comment" in page, "Take back" in page) == (True, False)
    refused = asked.post(reverse("proforma-review-return", args=[draft.number]), {"comment": ""})
    assert (refused.status_code, "comment-missing" in refused.content.decode()) == (422, True)
    asked.post(reverse("proforma-review-return", args=[draft.number]), {"comment": "Two hours too many"})
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert (fresh(draft).status, "“Two hours too many”" in page) == (ProformaStatus.DRAFT, True)
    manager.post(reverse("proforma-review", args=[draft.number]), {"reviewer": felix.pk})
    assert manager.post(reverse("proforma-review-remind", args=[draft.number])).status_code == 302
    asked.post(reverse("proforma-review-approve", args=[draft.number]), {"comment": ""})
    assert fresh(draft).status == ProformaStatus.DRAFT


def test_above_the_amount_the_page_offers_to_ask_and_bulk_leaves_it_out(manager, company, draft):
    LegalEntity.objects.update(second_person_above=1000)
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert "Above €1,000.00 a second person confirms, and nobody is asked yet." in page
    assert (reverse("proforma-review", args=[draft.number]) in page, "Ask for a review" in page) == (
        True,
        True,
    )
    asked = manager.post(reverse("proformas-confirm"), {"row": [draft.pk]})
    (left_out,) = asked.context["summary"].blocked
    (reason,) = left_out.blocking
    assert (left_out.proforma, reason.code) == (draft, "second-person-needed")
    felix = company.second_person()
    manager.post(reverse("proforma-review", args=[draft.number]), {"reviewer": felix.pk})
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    assert f"Above €1,000.00 a second person confirms: {felix.username}, asked" in page
    assert confirm(signed_in(felix), draft).status_code == 302
    assert fresh(draft).confirmed_by == felix


# --- The list -------------------------------------------------------------------------


def test_the_list_counts_its_tabs_and_adds_up_per_currency(manager, company, draft):
    company.confirm(draft)
    company.approved(2)
    second = company.draft(on=date(2026, 4, 30))
    shown = manager.get(reverse("proformas"))
    assert [(str(view.label), view.count, now) for view, now in shown.context["saved_views"]] == [
        ("Open", 1, True),
        ("Asked of you", 0, False),
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


def test_the_list_asks_as_often_for_many_as_for_one(manager, company, draft):
    address = reverse("proformas")
    manager.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        manager.get(address)
    for day in (30, 31):
        company.approved(1)
        company.draft(on=date(2026, 5, day))
    with CaptureQueriesContext(connection) as many:
        manager.get(address)
    assert (len(few), len(many)) == (LIST_QUERIES, LIST_QUERIES)


def test_search_finds_every_word(manager, draft):
    def found(words: str) -> int:
        return len(manager.get(reverse("proformas"), {"q": words, "all": "1"}).context["table"].rows)

    assert [found(draft.number), found(f"{draft.number} {draft.customer.name}"), found("nobody")] == [1, 1, 0]


def test_review_and_take_back_of_a_selection(manager, company, draft):
    felix = company.second_person()
    asked = manager.post(reverse("proformas-review"), {"row": [draft.pk]})
    assert (asked.status_code, fresh(draft).status) == (200, ProformaStatus.DRAFT)
    sent = {"row": [draft.pk], "go": "1", "reviewer": felix.pk}
    answer = manager.post(reverse("proformas-review"), sent)
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


# --- The document ---------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en-gb", "de", "id"])
def test_the_document_is_a_proforma_in_the_customers_language(manager, company, draft, language):
    Customer.objects.update(language=language)
    answer = manager.get(reverse("proforma-document", args=[draft.number]))
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert answer["Content-Disposition"] == f'inline; filename="{draft.number}.pdf"'
