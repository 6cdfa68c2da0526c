"""The list of contracts: sums per currency, groups, views with their counts, and what stops a contract."""

from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import ProjectContract
from projects.states import ContractStatus
from tests.billing.test_pages_contracts import furnished
from tests.company import rows

pytestmark = pytest.mark.django_db


def test_list_sums_per_currency(at, manager):
    furnished(at)
    rows.contract(at.entity, at.customer, manager=at.manager, currency="IDR")
    response = manager.get(reverse("contracts"))
    assert [(one.currency, one.count, one.amount) for one in response.context["totals"]] == [
        ("EUR", 1, Decimal(1950)),
        ("IDR", 1, Decimal(0)),
    ]
    amounts = {str(kpi["label"]): kpi["amounts"] for kpi in response.context["kpis"][:3]}
    assert amounts["Unbilled"] == [(Decimal(1950), "EUR"), (Decimal(0), "IDR")]
    assert amounts["Left after unbilled"] == [(Decimal(2950), "EUR")]
    assert amounts["Ready to invoice"] == [(Decimal(1150), "EUR"), (Decimal(0), "IDR")]


def test_views_find_what_they_say(at, manager):
    furnished(at)
    lonely = rows.contract(at.entity, at.customer, manager=at.manager)
    rows.contract_line(lonely, at.customer)
    shown = manager.get(reverse("contracts"), {"unscheduled": "1"}).context["table"].rows
    assert [row.record for row in shown] == [lonely]
    shown = manager.get(reverse("contracts"), {"method": "fixed_price"}).context["table"].rows
    assert [row.record for row in shown] == [at.contract]


def test_quick_views_say_how_many_each_holds_and_the_first_is_what_one_manages(at, manager, accountant):
    """1,950 of a limit of 2,400 used beside 1,100: more than 80 %; the second is held, the third a draft."""
    furnished(at)
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=3800)
    held = rows.contract(at.entity, at.customer, manager=at.manager, status=ContractStatus.ON_HOLD)
    draft = rows.draft_contract(at, manager=at.manager)
    rows.contract(at.entity, at.customer)  # of nobody
    shown = manager.get(reverse("contracts"))
    views = [(str(view.label), view.count, current) for view, current in shown.context["saved_views"]]
    assert views == [
        ("Mine", 3, True),
        ("Limit at 80% or more", 1, False),
        ("No schedule", 1, False),
        ("Ending in 60 days", 0, False),
        ("All", 3, False),
    ]
    for view, _current in shown.context["saved_views"]:
        assert len(manager.get(f"{reverse('contracts')}?{view.query}").context["table"].rows) == view.count
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=3900)
    assert [view.count for view, _now in manager.get(reverse("contracts")).context["saved_views"]][1] == 0
    look = manager.get(reverse("contracts")).context["kpis"][-1]
    assert (look["value"], look["detail"]) == ("2 contracts", ["1 on hold", "1 not confirmed"])

    page = " ".join(shown.content.decode().split())
    who = at.manager.get_full_name() or at.manager.username
    assert f"On hold, so nothing of it can be invoiced. {who} can resume it." in page
    assert f"Not confirmed yet, so nothing of it can be invoiced. {who} can confirm it." in page
    assert held.number in page
    assert draft.number in page

    views = [view for view, _now in accountant.get(reverse("contracts")).context["saved_views"]]
    assert (str(views[0].label), views[0].count) == ("All", 4)


def test_contracts_are_grouped_by_currency_with_what_is_unbilled_of_each(at, manager):
    furnished(at)
    rows.contract(at.entity, at.customer, manager=at.manager, currency="IDR")
    table = manager.get(reverse("contracts")).context["table"]
    groups = [(one["group"].title, one["group"].amount, len(one["rows"])) for one in table.sections()]
    assert groups == [("EUR", Decimal(1950), 1), ("IDR", Decimal(0), 1)]
