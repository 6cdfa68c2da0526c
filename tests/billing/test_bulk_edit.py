"""Several details of a draft are changed at once, after a look at the new totals (B7)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing.editing import Changes, edit_in_bulk, totals_after
from billing.models import Proforma
from core.models import Activity
from core.seen_values import seen_of
from tests.company import Company, details_of
from tests.company.checking import refused, statements, unchanged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight and four hours at 200: 2,400.00 net, 480.00 tax."""
    company.approved(8)
    company.approved(4)
    return company.draft()


def bulk(company: Company, draft: Proforma, changes: Changes, percent: str | None = None, **more):
    by = None if percent is None else Decimal(percent)
    return edit_in_bulk(details_of(draft), changes, percent=by, actor=company.manager, at=NOW, **more)


def net_of(draft: Proforma) -> Decimal:
    return Proforma.objects.get(pk=draft.pk).net_amount


def test_rates_rise_by_percent_and_one_row_of_the_log_says_from_what_to_what(company, draft):
    bulk(company, draft, Changes(), "12.5")
    assert {one.price for one in details_of(draft)} == {225}
    assert net_of(draft) == 2700
    (logged,) = Activity.objects.filter(verb="edited in bulk")
    assert (logged.subject_id, [one["changes"] for one in logged.facts["details"]]) == (
        draft.pk,
        [{"price": ["200", "225"]}] * 2,
    )
    assert not Activity.objects.filter(verb="edited")


def test_a_rate_type_and_text_are_set_on_all(company, draft):
    bulk(company, draft, Changes(price=Decimal(150), external_description="Workshop"))
    assert [(one.price, one.external_description) for one in details_of(draft)] == [(150, "Workshop")] * 2
    bulk(company, draft, Changes(billing_type=3))
    assert net_of(draft) == 0


@pytest.mark.parametrize(
    ("changes", "percent", "code"),
    [
        (Changes(), None, "nothing-to-change"),
        (Changes(), "-100", "percent-not-possible"),
        (Changes(), "1000.1", "percent-not-possible"),
    ],
)
def test_what_cannot_be_changed_together(company, draft, changes, percent, code):
    with refused(code):
        bulk(company, draft, changes, percent)


def test_a_milestone_keeps_its_price_in_a_selection_too(company):
    company.milestone("5000")
    (draft,) = company.drafts()
    with refused("milestone-fixed"):
        bulk(company, draft, Changes(), "10")


def test_what_somebody_else_has_changed_meanwhile_is_refused(company, draft):
    seen = {one.pk: seen_of(one, ["price"]) for one in details_of(draft)}
    company.edit_only(details_of(draft).filter(quantity=4), price=Decimal(180))
    with refused("edited-meanwhile"):
        bulk(company, draft, Changes(price=Decimal(150)), seen=seen)


def test_the_preview_says_what_will_come_of_it_and_writes_nothing(company, draft):
    with unchanged():
        (after,) = totals_after(details_of(draft), Changes(), percent=Decimal("3.33"), actor=company.manager)
    bulk(company, draft, Changes(), "3.33")
    now = Proforma.objects.get(pk=draft.pk)
    assert (
        (after.net_amount, after.tax_amount)
        == (now.net_amount, now.tax_amount)
        == (
            Decimal("2479.92"),
            Decimal("495.98"),
        )
    )


def test_by_page_the_totals_are_shown_before_the_click_that_saves(manager, company, draft):
    address = reverse("proforma-lines-edit", args=[draft.number])
    assert address in manager.get(reverse("proforma", args=[draft.number])).content.decode()
    rows = {"row": [one.pk for one in details_of(draft)]}
    asked = manager.post(address, rows)
    assert (asked.status_code, "Change 2 details" in asked.content.decode()) == (200, True)
    seen = asked.context["seen"]
    shown = manager.post(address, rows | {"percent": "10", "seen": seen})
    assert (shown.context["after"].net_amount, net_of(draft)) == (2640, 2400)
    assert "2,640.00" in shown.content.decode()
    answer = manager.post(address, rows | {"percent": "10", "seen": seen, "go": "1"})
    assert (answer.status_code, net_of(draft)) == (302, 2640)
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert "Price: 200.00 → 220.00" in page


def test_by_page_an_edit_since_then_is_shown_first(manager, company, draft):
    address = reverse("proforma-lines-edit", args=[draft.number])
    rows = {"row": [one.pk for one in details_of(draft)]}
    seen = manager.post(address, rows).context["seen"]
    company.edit_only(details_of(draft).filter(quantity=4), price=Decimal(180))
    sent = rows | {"price": "150", "go": "1"}
    refusal = manager.post(address, sent | {"seen": seen})
    assert [one.code for one in refusal.context["refusals"]] == ["edited-meanwhile"]
    assert net_of(draft) == 2320
    # Sent again from the page that shows theirs, it is meant.
    assert manager.post(address, sent | {"seen": refusal.context["seen"]}).status_code == 302
    assert net_of(draft) == 1800


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"price": "1000000000000000"}, "price"),
        ({"percent": "NaN"}, "percent"),
        ({"price": "1e9"}, "price"),
        ({"price": "100", "percent": "10"}, "percent"),
    ],
)
def test_figures_that_cannot_be_are_refused_at_their_field(manager, draft, sent, field):
    address = reverse("proforma-lines-edit", args=[draft.number])
    rows = {"row": [one.pk for one in details_of(draft)], "go": "1"}
    answer = manager.post(address, rows | sent)
    assert (answer.status_code, list(answer.context["form"].errors), net_of(draft)) == (422, [field], 2400)


def test_nothing_ticked_leads_nowhere(manager, draft):
    address = reverse("proforma-lines-edit", args=[draft.number])
    assert manager.post(address, {}).status_code == 422
    assert manager.get(address)["Location"] == reverse("proforma", args=[draft.number])


def test_many_details_take_the_same_statements_as_few(company):
    def drafted(count: int) -> Proforma:
        for _each in range(count):
            company.approved(1)
        return company.draft()

    few, many = drafted(2), drafted(40)
    assert statements(lambda: bulk(company, few, Changes(), "10")) == statements(
        lambda: bulk(company, many, Changes(), "10")
    )
