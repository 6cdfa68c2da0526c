"""What the backlog page can change: billing type, description, price; groups; what stops a row; one row."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Proforma
from projects.models import BacklogItem, ProjectContract, RolePrice
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER
from projects.states import BillingStatus, BillingType, HoldReason
from tests.company import Company, invoicing_rows, rows
from tests.company.people import signed_in
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db

ALL = {"all": "1"}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(response: Any) -> list[str]:
    return [str(one) for one in response.context["messages"]]


def kpis(response: Any) -> dict[str, Any]:
    return {str(one["label"]): one for one in response.context["kpis"]}


# --- Billing type ---------------------------------------------------------------------------------


def test_the_billing_type_is_asked_with_what_each_would_mean_and_changed(at: Company, manager: Client):
    eight, four = rows.approved_hours(at, "8", "100"), rows.approved_hours(at, "4", "100")
    drafted = rows.approved_hours(at)
    invoicing_rows.draft_of(at, drafted)
    sent = {"row": [eight.pk, four.pk, drafted.pk], "filter": "status=open"}
    asked = manager.post(reverse("backlog-billing-type"), sent)
    outcomes = [
        (one.billing_type, one.entries, one.before, one.after, one.difference)
        for one in asked.context["outcomes"]
    ]
    assert outcomes == [
        (BillingType.NON_CHARGEABLE, 2, Decimal(1200), Decimal(0), Decimal(-1200)),
        (BillingType.COMPLIMENTARY, 2, Decimal(1200), Decimal(0), Decimal(-1200)),
    ]
    assert "Stays as it is: 1 on a draft: change it there." in text_of(asked)
    assert "Change the billing type of 3 entries" in text_of(asked)
    answer = sent | {"billing_type": "3", "reason": "Goodwill", "go": "1"}
    response = manager.post(reverse("backlog-billing-type"), answer, follow=True)
    assert said(response) == ["2 changed, chargeable −€1,200.00, 1 left as it is"]
    assert response.request["QUERY_STRING"] == "status=open"
    kinds = BacklogItem.objects.order_by("-amount").values_list("billing_type", "amount")
    assert sorted(kinds) == [(1, 800), (3, 400), (3, 800)]


def test_what_is_not_charged_is_no_unbilled_money(at: Company, manager: Client):
    rows.approved_hours(at, "8", "100")
    four = rows.approved_hours(at, "4", "100")
    sent = {"row": [four.pk], "billing_type": "2", "reason": "Goodwill", "go": "1"}
    manager.post(reverse("backlog-billing-type"), sent)
    for query, unbilled, entries in (("status=open", 800, "2 entries"), ("status=open&type=2", 0, "1 entry")):
        shown = manager.get(f"{reverse('backlog')}?{query}")
        figure = kpis(shown)["Unbilled in this view"]
        assert (figure["amounts"], figure["detail"]) == ([(unbilled, "EUR")], [entries])
        assert [(one.count, one.amount) for one in shown.context["totals"]] == [(int(entries[0]), unbilled)]
    (total,) = manager.get(reverse("why")).context["totals"]
    assert (total.count, total.amount) == (2, 800)


def test_a_change_needs_a_reason(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    sent = {"row": [sales.pk], "billing_type": "2", "reason": " ", "go": "1"}
    response = manager.post(reverse("backlog-billing-type"), sent)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"reason"}
    assert BacklogItem.objects.get().billing_type == BillingType.CHARGEABLE


def test_where_nothing_can_be_changed_the_reasons_are_said(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    draft = invoicing_rows.draft_of(at, sales)
    sent = {"row": [sales.pk], "billing_type": "2", "reason": "Goodwill", "go": "1"}
    response = manager.post(reverse("backlog-billing-type"), sent)
    assert response.status_code == 422
    (refusal,) = response.context["refusals"]
    assert (refusal.code, str(refusal.message)) == ("on-draft", f"It is on draft {draft.number}.")


@pytest.mark.parametrize("name", ["backlog-billing-type", "backlog-describe"])
def test_only_who_manages_the_contract_changes_its_work(at: Company, name: str):
    sales = rows.approved_hours(at)
    reader = signed_in(at.person(FINANCE_CONTROLLER))
    assert reader.post(reverse(name), {"row": [sales.pk]}).status_code == 403
    # Who manages a project of the contract sees its rows, but the contract has a manager of its own.
    other = rows.user("other")
    at.project.manager = other
    at.project.save()
    client = signed_in(at.admit(other, PROJECT_MANAGER))
    sent = {"row": [sales.pk], "billing_type": "2", "reason": "Goodwill", "text": "Mine", "go": "1"}
    response = client.post(reverse(name), sent)
    assert response.status_code == 422
    assert [one.code for one in response.context["refusals"]] == ["nothing-selected"]
    item = BacklogItem.objects.get()
    assert (item.billing_type, item.external_description) == (BillingType.CHARGEABLE, "")


# --- Descriptions and prices ----------------------------------------------------------------------


def test_many_are_described_alike_and_the_list_says_it(at: Company, manager: Client):
    first, second = rows.approved_hours(at), rows.approved_hours(at)
    sent = {"row": [first.pk, second.pk]}
    asked = manager.post(reverse("backlog-describe"), sent)
    assert "Describe 2 entries" in text_of(asked)
    response = manager.post(
        reverse("backlog-describe"), sent | {"text": "Steering committee", "go": "1"}, follow=True
    )
    assert said(response) == ["2 described"]
    page = manager.get(reverse("backlog"), {"q": "Steering"})
    assert len(page.context["table"].paginated_rows) == 2
    assert "Steering committee" in text_of(page)
    again = manager.post(reverse("backlog-describe"), sent)
    assert again.context["form"].initial == {"text": "Steering committee"}


def test_chosen_rows_are_priced_again_after_a_preview(company: Company):
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    company.approved(8)
    company.approved(4)
    RolePrice.objects.filter(price_list=company.sales).update(price=Decimal(220))
    chosen = BacklogItem.objects.get(quantity=8)
    asked = client.post(reverse("backlog-reprice"), {"row": [chosen.pk]})
    (change,) = asked.context["preview"].changes
    assert (change.old.sales_amount, change.new.sales_amount) == (1600, 1760)
    assert "Price one entry again" in text_of(asked)
    sent = {"row": [chosen.pk], "expected": asked.context["preview"].digest, "reason": "", "go": "1"}
    assert client.post(reverse("backlog-reprice"), sent).status_code == 422
    response = client.post(reverse("backlog-reprice"), sent | {"reason": "New list"}, follow=True)
    assert said(response) == ["One entry was priced again."]
    amounts = BacklogItem.objects.order_by("amount").values_list("quantity", "amount")
    assert list(amounts) == [(4, 800), (8, 1760)]


def test_rows_of_other_payers_that_change_too_are_counted(company: Company):
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    first, _second = company.is_shared_by("60", "40")
    company.approved(8)
    RolePrice.objects.filter(price_list=company.sales).update(price=Decimal(220))
    mine = BacklogItem.objects.get(customer=first)
    asked = client.post(reverse("backlog-reprice"), {"row": [mine.pk]})
    assert asked.context["more"] == 1
    assert "One more row of the same work, paid by another customer" in text_of(asked)


# --- What stops a row -----------------------------------------------------------------------------


def test_rows_of_a_contract_on_hold_are_blocked_and_not_ready(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    BacklogItem.objects.filter(pk=sales.pk).update(status=BillingStatus.READY)
    at.contract.hold()
    at.contract.save()
    page = manager.get(reverse("backlog"), ALL)
    assert "Contract on hold: manager" in text_of(page)
    shown = kpis(page)
    assert shown["Ready to invoice"]["amounts"] == [(Decimal(0), "EUR")]
    assert shown["Blocked"]["amounts"] == [(Decimal(800), "EUR")]
    assert shown["Blocked"]["detail"] == ["Contract not confirmed 1"]
    assert len(manager.get(reverse("backlog"), {"status": "blocked"}).context["table"].rows) == 1
    assert len(manager.get(reverse("backlog"), {"status": "ready"}).context["table"].rows) == 0


def test_rows_of_a_customer_on_hold_are_blocked_with_the_reason(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    BacklogItem.objects.filter(pk=sales.pk).update(hold_reason=HoldReason.DISPUTED)
    at.customer.is_on_hold, at.customer.hold_reason = True, "does not pay"
    at.customer.save()
    page = manager.get(reverse("backlog"), {"status": "blocked"})
    assert "Customer on hold: does not pay" in text_of(page)
    # Counted once, by what stops all of it.
    assert kpis(page)["Blocked"]["detail"] == ["Customer on hold 1"]


def test_what_is_to_be_looked_at_again_has_a_view(at: Company, manager: Client):
    due, later = rows.approved_hours(at), rows.approved_hours(at)
    held = BacklogItem.objects.filter(pk__in=[due.pk, later.pk])
    held.update(hold_reason=HoldReason.DISPUTED, review_on=DAY)
    held.filter(pk=later.pk).update(review_on=DAY + timedelta(days=20_000))
    page = manager.get(reverse("backlog"), {"status": "to_look_at"})
    assert [row.record.pk for row in page.context["table"].paginated_rows] == [due.pk]
    assert "Disputed, look again on 2 Mar 2026" in text_of(page)
    views = {str(view.label): (view.count, view.amounts) for view, _current in page.context["saved_views"]}
    assert views["To look at"] == (1, [(Decimal(800), "EUR")])
    assert views["Blocked"] == (2, [(Decimal(1600), "EUR")])
    assert views["Ready"] == (0, [])


def test_a_new_draft_of_the_preview_is_a_draft_after_the_click(at: Company, manager: Client):
    mine = rows.approved_hours(at)
    deal = rows.contract(at.entity, at.customer, manager=at.manager, status="on_hold")
    line = rows.contract_line(deal, at.customer, project=at.project)
    other = rows.approved_hours(at, "4", "90", contract=deal, contract_line=line)
    BacklogItem.objects.update(status=BillingStatus.READY)
    sent = {"row": [mine.pk, other.pk], "invoice_date": "2026-03-31"}
    asked = manager.post(reverse("backlog-draft"), sent)
    shown = [(one.preview.contract.pk, one.preview.is_drafted) for one in asked.context["placements"]]
    assert sorted(shown) == sorted([(at.contract.pk, True), (deal.pk, False)])
    manager.post(reverse("backlog-draft"), sent | {"go": "1"})
    assert [draft.contract_id for draft in Proforma.objects.all()] == [at.contract.pk]
    assert BacklogItem.objects.get(pk=other.pk).status == BillingStatus.READY


def test_the_overview_says_what_is_to_be_looked_at_again(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    BacklogItem.objects.filter(pk=sales.pk).update(hold_reason=HoldReason.DISPUTED, review_on=DAY)
    page = manager.get(reverse("overview"))
    (notice,) = [one for one in page.context["notices"] if "looked at again" in one.title]
    assert (notice.title, notice.amount) == ("One entry on hold is to be looked at again", 800)
    assert len(manager.get(notice.url).context["table"].paginated_rows) == 1


# --- Groups ---------------------------------------------------------------------------------------


def group_titles(client: Client, group: str) -> list[tuple[str, Any, Any]]:
    table = client.get(reverse("backlog"), {"all": "1", "group": group}).context["table"]
    heads = [section["group"] for section in table.sections()]
    return [(one.title, one.amount, list(one.others)) if one else None for one in heads]


def test_groups_have_sums_per_currency(at: Company, manager: Client):
    rows.approved_hours(at, "8", "100")
    rows.approved_hours(at, "1", "100", transaction_date=DAY + timedelta(days=31))
    deal = rows.contract(at.entity, at.customer, manager=at.manager, currency="USD")
    line = rows.contract_line(deal, at.customer, project=at.project)
    rows.approved_hours(at, "4", "90", contract=deal, contract_line=line, currency="USD")
    name = at.customer.name
    assert group_titles(manager, "contract") == [(name, Decimal(900), []), (name, Decimal(360), [])]
    assert group_titles(manager, "customer") == [(name, Decimal(900), [(Decimal(360), "USD")])]
    assert group_titles(manager, "month") == [
        ("Mar 2026", Decimal(800), [(Decimal(360), "USD")]),
        ("Apr 2026", Decimal(100), []),
    ]
    assert group_titles(manager, "none") == [None]
    assert group_titles(manager, "hostile%00") == group_titles(manager, "contract")


@pytest.mark.parametrize("group", ["contract", "customer", "project", "person", "task", "month", "none"])
def test_every_group_keeps_filter_and_sums(at: Company, manager: Client, group: str):
    for _nth in range(3):
        rows.approved_hours(at)
    page = manager.get(reverse("backlog"), {"status": "not_ready", "group": group})
    assert [(one.currency, one.count, one.amount) for one in page.context["totals"]] == [
        ("EUR", 3, Decimal(2400))
    ]
    assert page.context["filter_query"] == "status=not_ready"


# --- One row --------------------------------------------------------------------------------------


def test_a_row_has_a_page_that_says_what_it_is_and_what_keeps_it_back(company: Company):
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    company.approved(8, external_description="Meeting")
    item = BacklogItem.objects.get()
    sent = {"row": [item.pk], "reason": HoldReason.DISPUTED, "review_on": "2099-12-04", "go": "1"}
    client.post(reverse("backlog-hold"), sent)
    page = client.get(reverse("backlog-row", args=[item.pk]), {"back": "status=blocked"})
    text = text_of(page)
    assert "Disputed, look again on 4 Dec 2099. Put on hold by manager" in text
    assert f"from {company.sales.name}" in text
    assert "On hold because: – → Disputed" in text
    assert "Look at it again on: – → 4 Dec 2099" in text
    assert f"{reverse('backlog')}?status=blocked" in text
    names = [name for _label, name, _key in page.context["actions"]]
    assert "backlog-release" in names
    assert "backlog-hold" not in names
    changed = {"row": [item.pk], "billing_type": "3", "reason": "Goodwill", "go": "1"}
    client.post(reverse("backlog-billing-type"), changed)
    # The row was reversed and written again: the old address leads to what became of it.
    again = client.get(reverse("backlog-row", args=[item.pk]), follow=True)
    assert again.context["object"] == BacklogItem.objects.get()
    assert "billing type changed, because: Goodwill" in text_of(again)
    assert "Billing type: Chargeable → Complimentary" in text_of(again)


def test_a_row_of_another_contract_is_not_there(at: Company, stranger: Client):
    sales = rows.approved_hours(at)
    assert stranger.get(reverse("backlog-row", args=[sales.pk])).status_code == 404


def test_a_row_on_a_draft_offers_no_action_and_names_the_draft(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    draft = invoicing_rows.draft_of(at, sales)
    page = manager.get(reverse("backlog-row", args=[sales.pk]))
    assert page.context["actions"] == []
    assert reverse("proforma", args=[draft.number]) in text_of(page)


def test_a_draft_contract_names_who_confirms_it(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    ProjectContract.objects.filter(pk=at.contract.pk).update(status="on_hold")
    page = manager.get(reverse("backlog-row", args=[sales.pk]))
    (reason,) = page.context["obstacles"]
    assert reason[0].startswith("Contract on hold: ")
    assert reason[1] == reverse("contract", args=[at.contract.number])
