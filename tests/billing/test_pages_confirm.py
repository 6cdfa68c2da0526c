"""Confirming, one proforma or a selection, through the browser."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from billing.checks import checks_of, history_of
from billing.models import Proforma
from billing.states import ProformaStatus
from billing.totalling import tax_estimates
from billing.views import bulk_confirmation
from projects.models import (
    Actual,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    Customer,
    ProjectContract,
)
from projects.roles import PROJECT_MANAGER
from projects.states import BillingType, LimitLevel
from tests.billing.proforma_pages import codes_of, confirm, form_of, fresh, ticks_on
from tests.company import Company

pytestmark = pytest.mark.django_db

CONFIRM_QUERIES = 37


@pytest.fixture
def at(company: Company) -> Company:
    return company


def test_confirm_through_the_page(manager, company, draft):
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    assert f"Confirm {draft.number} for €1,920.00" in page
    answer = confirm(manager, draft)
    assert (answer.status_code, answer["Location"]) == (302, reverse("proforma", args=[draft.number]))
    now = fresh(draft)
    assert (now.status, now.confirmed_by) == (ProformaStatus.CONFIRMED, company.manager)


def test_the_page_of_what_is_confirmed_already_leads_to_it(manager, company, draft):
    company.confirm(draft)
    answer = manager.get(reverse("proforma-confirm", args=[draft.number]), follow=True)
    assert answer.redirect_chain == [(reverse("proforma", args=[draft.number]), 302)]
    assert f"{draft.number} is “Confirmed” already." in answer.content.decode()


def test_the_same_form_twice_confirms_once(manager, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    shown = form_of(manager.get(address))
    sent = {"expected": shown["expected"], "content": shown["content"], "token": "one2three"}
    first, second = manager.post(address, sent), manager.post(address, sent)
    assert (first["Location"], second.status_code) == (reverse("proforma", args=[draft.number]), 302)
    assert second["Location"] == first["Location"]
    assert Actual.objects.billed_sales().count() == 1


def test_another_form_for_a_confirmed_one_is_refused(manager, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    # Another tab, opened before it was confirmed.
    expected = form_of(manager.get(address))["expected"]
    confirm(manager, draft)
    again = manager.post(address, {"expected": expected, "token": "another2tab"})
    assert (again.status_code, [one.code for one in again.context["refusals"]]) == (
        422,
        ["already-confirmed"],
    )


def test_a_total_that_moved_is_shown_again(manager, company, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    seen = form_of(manager.get(address))["expected"]
    company.edit(draft, quantity="6")
    answer = manager.post(address, {"expected": seen})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["total-changed"]
    assert "The total is €1,440.00 now; this page showed €1,920.00." in answer.content.decode()
    assert fresh(draft).status == ProformaStatus.DRAFT


def test_warnings_are_ticked_before_it_is_confirmed(manager, company, draft):
    company.edit(draft, price="0")
    refused = confirm(manager, draft)
    assert (refused.status_code, [one.code for one in refused.context["refusals"]]) == (
        422,
        ["warnings-open"],
    )
    assert ("Not ticked yet." in refused.content.decode(), fresh(draft).status) == (True, "draft")
    (tick,) = ticks_on(draft)
    assert confirm(manager, draft, accepted=[tick]).status_code == 302
    assert fresh(draft).status == ProformaStatus.CONFIRMED
    said = "1 chargeable detail has no rate. It bills nothing: enter the rate, or set it to complimentary."
    event = history_of(fresh(draft), 1)[0]
    (kept,) = event.activity.facts["accepted"]
    assert (kept["code"], kept["said"]["en-gb"]) == ("zero-rate", said)
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert (event.checked, f"Checked: {said}" in page) == ((said,), True)
    # Whoever reads the history later reads it in their own language.
    german = kept["said"]["de"]
    assert german.startswith("1 abrechenbarer Einzelposten hat keinen Satz. ")
    with translation.override("de"):
        assert history_of(fresh(draft), 1)[0].checked == (german,)


LEVELS: dict[str, Any] = {
    "line_customer": ContractLineCustomer,
    "line": ContractLine,
    "contract_customer": ContractCustomer,
    "contract": ProjectContract,
}


def limit(company: Company, level: str, amount: int) -> None:
    ContractCustomer.objects.get_or_create(contract=company.contract, customer=company.customer)
    LEVELS[level].objects.update(not_to_exceed_amount=amount)


def exceeded(draft: Proforma) -> list[str]:
    """Which limits its checks name."""
    return [code for code in codes_of(draft) if code.startswith("limit-exceeded")]


@pytest.mark.parametrize("level", LEVELS)
def test_a_limit_that_would_be_exceeded_is_ticked_whatever_its_level(manager, company, draft, level):
    limit(company, level, 1600)
    assert codes_of(draft) == []
    limit(company, level, 1500)
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    words = LimitLevel(level).label
    assert f"Exceeds the limit of the {words} by €100.00" in page
    assert "€1,600.00 of €1,500.00 would be billed. Raise the limit, or remove details." in page
    assert confirm(manager, draft).status_code == 422
    assert codes_of(draft) == [f"limit-exceeded-{level}{'-1' if level.startswith('line') else ''}"]
    assert confirm(manager, draft, accepted=ticks_on(draft)).status_code == 302


def test_what_was_billed_before_counts_and_other_drafts_do_not(company, draft):
    company.approved(4)
    second = company.draft()
    limit(company, "line", 2000)
    assert (exceeded(draft), exceeded(second)) == ([], [])
    company.confirm(draft)
    assert exceeded(second) == ["limit-exceeded-line-1"]
    limit(company, "line", 2400)
    assert exceeded(second) == []


def test_each_line_and_the_contract_are_warned_of_with_a_tick_each(company, draft):
    other = company.fixed_price_line()
    company.milestone("500", line=other)
    second = company.draft()
    company.confirm(draft)
    company.approved(1)
    company.ready()
    third = company.draft()
    for level, amount in (("line", 499), ("contract", 2099)):
        limit(company, level, amount)
    assert exceeded(second) == ["limit-exceeded-line-2", "limit-exceeded-contract"]
    assert exceeded(third) == ["limit-exceeded-line-1"]


def test_a_proforma_that_asks_for_nothing_exceeds_no_limit(company, draft):
    company.confirm(draft)
    company.approved(1, billing_type=BillingType.COMPLIMENTARY)
    free = company.draft()
    limit(company, "contract", 1000)
    assert exceeded(free) == []


def test_proformas_confirmed_together_are_warned_of_what_they_bill_together(company, draft):
    company.approved(4)
    second = company.draft()
    limit(company, "contract", 2000)
    both = list(Proforma.objects.select_related("contract", "customer", "legal_entity").order_by("number"))
    checks = checks_of(both, tax_estimates(both))
    (warning,) = [one for one in checks[second.pk] if one.code.startswith("limit")]
    assert warning.message == "Exceeds the limit of the contract by €400.00"
    assert not [one for one in checks[draft.pk] if one.code.startswith("limit")]


def test_what_is_blocked_uses_up_no_limit_of_what_is_confirmed_beside_it(company, draft):
    first, second = company.is_shared_by("50", "50")
    company.approved(4)
    company.ready()
    company.drafts()
    Customer.objects.filter(pk=first.pk).update(is_on_hold=True)
    limit(company, "contract", 400)
    every = list(Proforma.objects.select_related("contract", "customer", "legal_entity").order_by("number"))
    checks = checks_of(every, tax_estimates(every))
    messages = {
        one.customer: [check.message for check in checks[one.pk] if check.code.startswith("limit")]
        for one in every[1:]
    }
    # Each asks for 400; only beside a proforma that is confirmed as well would 400 be too much.
    assert messages == {first: [], second: []}


def test_what_blocks_takes_the_button_away(manager, draft):
    Customer.objects.update(is_on_hold=True)
    page = manager.get(reverse("proforma-confirm", args=[draft.number])).content.decode()
    assert ("something blocks it" in page, f"Confirm {draft.number} for" in page) == (True, False)
    assert confirm(manager, draft).status_code == 422


def test_a_selection_is_confirmed_after_its_summary_and_without_what_is_blocked(manager, company, draft):
    other = Company()
    ProjectContract.objects.filter(pk=other.contract.pk).update(manager=company.manager)
    other.admit(company.manager, PROJECT_MANAGER)
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
    assert [one.proforma for one in summary.blocked] == [blocked]
    unseen = manager.post(address, rows | {"go": "1", "seen": ["EUR:2:2160.0000"]})
    assert [one.code for one in unseen.context["refusals"]] == ["changed-meanwhile"]
    assert (unseen.status_code, fresh(draft).status) == (422, ProformaStatus.DRAFT)
    seen = [one.seen for one in summary.sums]
    assert manager.post(address, rows | {"go": "1", "seen": seen}).status_code == 302
    assert (fresh(draft).status, fresh(blocked).status) == (ProformaStatus.CONFIRMED, ProformaStatus.DRAFT)


def test_warnings_of_a_selection_need_a_tick(manager, company, draft):
    company.edit(draft, price="0")
    company.approved(1)
    second = company.draft()
    company.edit(second, price="0")
    rows = {"row": [draft.pk, second.pk], "go": "1"}
    shown = manager.post(reverse("proformas-confirm"), {"row": rows["row"]})
    rows["seen"] = [one.seen for one in shown.context["summary"].sums]
    # The same warning on two documents is two boxes.
    refused = manager.post(reverse("proformas-confirm"), rows | {"accepted": ticks_on(draft)})
    (reason,) = [one for one in refused.context["refusals"] if "rate" in str(one.message)]
    assert (reason.code, reason.subject) == ("warnings-open", second.number)
    assert {fresh(draft).status, fresh(second).status} == {ProformaStatus.DRAFT}
    ticks = [*ticks_on(draft), *ticks_on(second)]
    assert manager.post(reverse("proformas-confirm"), rows | {"accepted": ticks}).status_code == 302
    assert {fresh(draft).status, fresh(second).status} == {ProformaStatus.CONFIRMED}


def test_many_at_once_are_confirmed_by_typing_how_many(manager, draft, monkeypatch):
    monkeypatch.setattr(bulk_confirmation, "MANY", 0)
    rows = {"row": [draft.pk], "go": "1"}
    shown = manager.post(reverse("proformas-confirm"), {"row": rows["row"]})
    rows["seen"] = [one.seen for one in shown.context["summary"].sums]
    refused = manager.post(reverse("proformas-confirm"), rows | {"count": "2"})
    assert [one.code for one in refused.context["refusals"]] == ["count-not-typed"]
    assert manager.post(reverse("proformas-confirm"), rows | {"count": " 1"}).status_code == 302


def test_the_summary_asks_as_often_for_many_as_for_one(manager, company, draft):
    address = reverse("proformas-confirm")
    company.approved(1)
    # Their periods overlap.
    two = [draft.pk, company.draft(on=date(2026, 5, 30)).pk]
    company.approved(1)
    three = [*two, company.draft(on=date(2026, 5, 29)).pk]
    manager.post(address, {"row": two})
    with CaptureQueriesContext(connection) as few:
        manager.post(address, {"row": two})
    with CaptureQueriesContext(connection) as many:
        manager.post(address, {"row": three})
    assert (len(few), len(many)) == (CONFIRM_QUERIES, CONFIRM_QUERIES)
