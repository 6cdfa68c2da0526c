"""Drafting what is selected on the backlog: preview, the drafts of one click, what limits keep back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Proforma
from projects.models import BacklogItem, ProjectContract
from projects.roles import FINANCE_CONTROLLER
from projects.states import BillingStatus, BillingType, ContractStatus
from tests.company import rows
from tests.company.invoicing_rows import status_of
from tests.company.people import signed_in
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db


def complimentary(at: Any) -> Any:
    """Hours that will stand on the invoice and cost nothing."""
    opened = rows.event(at)
    item = rows.work_item(at, opened, "1", "100")
    rows.cost(item, opened)
    sales = rows.actual(item, opened, billing_type=BillingType.COMPLIMENTARY)
    rows.seal(opened)
    return sales


def ready(*actuals: Any) -> None:
    BacklogItem.objects.filter(pk__in=[one.pk for one in actuals]).update(status=BillingStatus.READY)


def test_preview_has_a_row_per_customer_and_contract_and_drafts_what_it_says(at, manager):
    first, second, late = (
        rows.approved_hours(at),
        rows.approved_hours(at, "1", "100"),
        rows.approved_hours(at, transaction_date=DAY + timedelta(days=40)),
    )
    free = complimentary(at)
    ready(first, second, late, free)
    keys = [one.pk for one in (first, second, late, free)]
    day = {"invoice_date": "2026-03-31"}
    asked = manager.post(reverse("backlog-draft"), {"row": keys, **day})
    (preview,) = [one.preview for one in asked.context["placements"]]
    assert (preview.entries, preview.free, preview.left) == (2, 1, 1)
    assert preview.amount == Decimal("900.0000")
    assert Proforma.objects.count() == 0
    response = manager.post(reverse("backlog-draft"), {"row": keys, **day, "go": "1"}, follow=True)
    draft = Proforma.objects.get()
    assert draft.net_amount == preview.amount
    assert [row.record.number for row in response.context["table"].rows] == [draft.number]
    assert status_of(first, second, late) == [
        BillingStatus.ON_DRAFT,
        BillingStatus.ON_DRAFT,
        BillingStatus.READY,
    ]


def test_preview_says_what_drafting_will_refuse(at, manager):
    sales = rows.approved_hours(at)
    ready(sales)
    at.contract.hold()
    at.contract.save()
    asked = manager.post(reverse("backlog-draft"), {"row": [sales.pk]})
    (preview,) = [one.preview for one in asked.context["placements"]]
    assert [one.code for one in preview.refusals] == ["contract-not-confirmed"]
    assert asked.context["drafted"] == 0
    response = manager.post(
        reverse("backlog-draft"), {"row": [sales.pk], "invoice_date": "2026-03-31", "go": "1"}
    )
    assert response.status_code == 422
    assert at.contract.status == ContractStatus.ON_HOLD
    assert Proforma.objects.count() == 0


def test_drafts_of_one_click_are_shown_to_the_one_who_clicked(at, manager, stranger):
    sales = rows.approved_hours(at)
    ready(sales)
    form = {"row": [sales.pk], "invoice_date": "2026-03-31", "go": "1"}
    address = manager.post(reverse("backlog-draft"), form).url
    assert len(manager.get(address).context["table"].rows) == 1
    assert len(stranger.get(address).context["table"].rows) == 0


@pytest.mark.parametrize(
    "at_moment", ["", "x", "2026-01-01", "9999-99-99T00:00", "0001-01-01T00:00:00+00:00"]
)
def test_hostile_moments_show_no_drafts(manager, at_moment):
    response = manager.get(reverse("drafted"), {"at": at_moment})
    assert response.status_code == 200
    assert len(response.context["table"].rows) == 0


# --- Limits ---------------------------------------------------------------------------


def capped_at(at, amount):
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=Decimal(amount))


def test_limits_are_checked_for_what_is_ticked_and_the_row_says_by_how_much(at, manager):
    first, second = rows.approved_hours(at), rows.approved_hours(at)
    capped_at(at, 1000)
    sent = {"row": [first.pk, second.pk]}
    response = manager.post(reverse("backlog-check-limits"), sent, follow=True)
    assert [str(one) for one in response.context["messages"]] == ["2 entries checked, 1 exceeds a limit"]
    assert "Exceeds the limit of the contract by €600.00" in response.content.decode()
    limits = BacklogItem.objects.order_by("pk").values_list("not_to_exceed_status", flat=True)
    assert list(limits) == ["committed", "failed"]


def test_limits_are_reset_and_then_not_evaluated(at, manager):
    sales = rows.approved_hours(at)
    response = manager.post(reverse("backlog-reset-limits"), {"row": [sales.pk]}, follow=True)
    assert "Limits: Not evaluated" in response.content.decode()
    assert BacklogItem.objects.get().not_to_exceed_status == "not_evaluated"


@pytest.mark.parametrize("name", ["backlog-check-limits", "backlog-reset-limits"])
def test_who_may_not_mark_does_not_touch_limits(at, stranger, name):
    sales = rows.approved_hours(at)
    assert stranger.post(reverse(name), {"row": [sales.pk]}).status_code == 409
    controller = signed_in(at.person(FINANCE_CONTROLLER))
    assert controller.post(reverse(name), {"row": [sales.pk]}).status_code == 403
    assert BacklogItem.objects.get().not_to_exceed_status == "not_applicable"


def test_drafting_says_what_a_limit_kept_back(at, manager):
    first, second = rows.approved_hours(at), rows.approved_hours(at)
    ready(first, second)
    capped_at(at, 800)
    sent = {"row": [first.pk, second.pk], "invoice_date": "2026-03-31", "go": "1"}
    response = manager.post(reverse("backlog-draft"), sent, follow=True)
    assert [str(one) for one in response.context["messages"]] == [
        "1 proforma created. 1 entry of €800.00 stays in the backlog: it exceeds the limit of the contract"
    ]
