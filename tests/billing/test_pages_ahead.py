"""What a button says before the click is what its page proposes and what the drafts come to (B5, B12)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Proforma
from core.templatetags.display import money
from projects.models import BacklogItem, ContractLine, Customer, ProjectContract
from tests.company.checking import unchanged
from tests.company.retainers import invoiced
from tests.company.rows import CUT_OFF

pytestmark = pytest.mark.django_db

DISCOUNT = {"discount_percent": Decimal(3), "discount_reason": "Framework agreement"}
RETENTION = {"retention_percent": Decimal(10), "retention_months": 3}


@pytest.fixture
def at(company):
    """Hours worth 1,780.00, less 3 %, a tenth kept back and 300.00 of an advance."""
    ContractLine.objects.filter(pk=company.line.pk).update(**DISCOUNT)
    ProjectContract.objects.filter(pk=company.contract.pk).update(**RETENTION)
    invoiced(company, "300")
    for hours in ("1.25", "7.3", "0.35"):
        company.approved(hours)
    company.ready()
    return company


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("projects.views.page_defaults.PageDefaults.today", CUT_OFF)


def selection(**more):
    return {"row": list(BacklogItem.objects.values_list("pk", flat=True)), "scope": "page", **more}


def asked(manager, name="backlog-draft", **sent):
    answer = manager.post(reverse(name), {"ahead": "1", **sent})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return answer.content.decode()


def test_the_button_the_preview_and_the_draft_name_one_sum(manager, at):
    with unchanged():
        assert asked(manager, **selection()) == "Create 1 proforma, €1,426.60"
    preview = manager.post(reverse("backlog-draft"), selection())
    (total,) = preview.context["totals"]
    assert money(total.amount, total.currency) == "€1,426.60"
    manager.post(reverse("backlog-draft"), selection(go="1", invoice_date=CUT_OFF.isoformat()))
    draft = Proforma.objects.latest("pk")
    assert (draft.net, draft.net_amount) == (Decimal("1426.60"), Decimal("1253.94"))


def test_the_button_over_contracts_counts_both(manager, at):
    sent = {"row": [at.contract.pk], "scope": "page"}
    words = asked(manager, "contracts-draft", **sent)
    assert words == "Create 1 proforma from 1 contract, €1,426.60"


def test_all_that_match_are_counted_too(manager, at):
    count, total = BacklogItem.objects.count(), "EUR:1780.00"
    sent = {"scope": "filter", "filter": "", "expect_count": count, "expect_sum": total}
    assert asked(manager, **sent) == "Create 1 proforma, €1,426.60"
    # Something else matches now: the page says so after the click, the button promises nothing.
    assert asked(manager, **sent | {"expect_count": count + 1}) == ""


def test_milestones_are_counted_with_what_is_typed(manager, at):
    at.milestone("1000")
    share = at.contract.lines.get(billing_method="fixed_price").milestones.get().shares.get()
    sent = {"row": [share.pk], "scope": "page"}
    words = asked(manager, "milestones-draft", **sent)
    assert words == "Create 1 proforma, €700.00"
    with unchanged():
        typed = {f"amount-{share.pk}": "500"}
        assert asked(manager, "milestones-draft", **sent, **typed) == "Create 1 proforma, €200.00"
        typed = {f"amount-{share.pk}": "1001"}
        assert asked(manager, "milestones-draft", **sent, **typed) == ""


def test_where_nothing_would_be_made_the_button_keeps_its_words(manager, at):
    assert asked(manager, scope="page") == ""
    Customer.objects.update(is_on_hold=True)
    assert asked(manager, **selection()) == ""
