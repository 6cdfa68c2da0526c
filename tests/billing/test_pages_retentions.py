"""Retentions by page: the list, a release, its day, and what a draft keeps back (B12)."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from billing.models import Proforma, Retention
from billing.releasing import release_retentions
from projects.models import ProjectContract
from tests.billing.proforma_pages import form_of, fresh
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
PAST = date(2026, 3, 31)


@pytest.fixture
def at(company):
    ProjectContract.objects.filter(pk=company.contract.pk).update(
        retention_percent=Decimal(10), retention_months=0
    )
    return company


@pytest.fixture
def retention(at):
    at.approved(8)
    at.confirm(at.draft())
    return Retention.objects.get()


def text_of(answer):
    """What a page says, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def send(client, address, **typed):
    return client.post(address, form_of(client.get(address)) | typed)


def test_the_list_says_what_is_open_and_due(manager, retention):
    Retention.objects.filter(pk=retention.pk).update(release_on=PAST)
    shown = manager.get(reverse("retentions"))
    page = shown.content.decode()
    assert [(one.currency, one.count, one.amount) for one in shown.context["totals"]] == [("EUR", 1, 160)]
    assert "Release due" in page
    assert reverse("retention-release", args=[retention.pk]) in page
    for asked, count in (("kind=due", 1), ("kind=open", 1), ("contract=none", 0), ("to=2026-03-30", 0)):
        shown = manager.get(f"{reverse('retentions')}?{asked}")
        assert sum(one.count for one in shown.context["totals"]) == count
    assert reverse("retentions") in manager.get(reverse("advances")).content.decode()


def test_the_figures_above_the_tabs_and_the_foot_say_what_is_due(manager, at, retention):
    Retention.objects.filter(pk=retention.pk).update(release_on=PAST, condition="accepted 24 March")
    at.approved(1)
    at.confirm(at.draft())
    Retention.objects.exclude(pk=retention.pk).update(release_on=date(2199, 1, 1))
    for name in ("retentions", "advances"):
        figure = manager.get(reverse(name)).context["kpis"][-1]
        assert (str(figure["label"]), figure["amounts"]) == ("Retention kept back", [(180, "EUR")])
        assert (figure["detail"], figure["url"]) == (
            ["€160.00 due for release"],
            f"{reverse('retentions')}?kind=due",
        )
    shown = manager.get(reverse("retentions"))
    page = shown.content.decode()
    assert [(one.net, one.kept) for one in shown.context["table"].data.data] == [(1600, 160), (200, 20)]
    number = retention.line.proforma.number
    assert f"{number} is due since 31 Mar 2026" in " ".join(page.split())
    assert "accepted 24 March" in page
    assert f'href="{reverse("retention-release", args=[retention.pk])}">Release €160.00</a>' in page
    assert page.count(">Release €") == 1


def test_a_part_is_released_on_a_draft_of_its_own(manager, retention):
    Retention.objects.filter(pk=retention.pk).update(release_on=PAST)
    address = reverse("retention-release", args=[retention.pk])
    answer = send(manager, address, amount="100.00")
    draft = Proforma.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, reverse("proforma", args=[draft.number]))
    assert (draft.net_amount, draft.tax_amount) == (100, 0)
    answer = send(manager, address, amount="100.00")
    assert answer.status_code == 422
    assert "Only €60.00 is open." in answer.content.decode()


def test_its_day_is_entered_when_the_work_is_accepted(manager, retention):
    Retention.objects.filter(pk=retention.pk).update(release_on=None)
    address = reverse("retention-change", args=[retention.pk])
    assert address in manager.get(reverse("retentions")).content.decode()
    send(manager, address, release_on="2026-05-31", condition="Accepted on 30 April")
    now = Retention.objects.get()
    assert (now.release_on, now.condition) == (date(2026, 5, 31), "Accepted on 30 April")


def test_a_draft_keeps_back_another_share(manager, at):
    at.approved(8)
    draft = at.draft()
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    address = reverse("proforma-retention", args=[draft.number])
    assert address in page
    send(manager, address, percent="5")
    now = fresh(draft)
    assert (now.net_amount, now.tax_amount) == (1520, 320)
    shown = manager.get(reverse("proforma", args=[draft.number]))
    assert (shown.context["charged"], shown.context["kept"]) == (1600, -80)
    at.confirm(draft)
    assert manager.get(address).status_code == 404


def test_who_may_not_draft_releases_nothing(at, retention):
    worker = signed_in(at.person("Team member"))
    assert worker.get(reverse("retention-release", args=[retention.pk])).status_code == 403
    assert worker.get(reverse("retentions")).status_code == 403


def test_a_proforma_adds_net_and_tax_up_before_it_says_what_is_kept_back(manager, at):
    at.approved(8, external_description="Route planner")
    draft = at.draft()
    shown = manager.get(reverse("proforma", args=[draft.number]))
    page = text_of(shown)
    assert (
        "Net 1,600.00 Tax 20% on 1,600.00 320.00 "
        "Total, estimated €1,920.00 Kept back -160.00 To pay now, estimated €1,760.00"
    ).replace("-", "\u2212") in page
    work, kept = shown.context["sections"]
    assert (work.amount, kept.amount, kept.is_charged) == (1600, -160, False)
    assert "Route planner 8.00 h 200.00/h 20% 1,600.00" in page
    assert "Retention 10% until 31 Mar 2026 – \u2212160.00" in page
    assert "Net €1,600.00" in page


def test_a_release_beside_work_is_said_below_the_total(manager, at, retention):
    at.approved(2)
    at.ready()
    (draft,) = at.drafts(PAST)
    terms = {"invoice_date": PAST, "actor": at.manager, "at": NOW}
    release_retentions(
        Retention.objects.filter(pk=retention.pk), into=Proforma.objects.filter(pk=draft.pk), **terms
    )
    page = text_of(manager.get(reverse("proforma", args=[draft.number])))
    assert (
        "Total, estimated €480.00 Kept back -40.00 Released 160.00 To pay now, estimated €600.00"
    ).replace("-", "\u2212") in page


def test_a_release_alone_has_a_net_of_nothing_everywhere_and_says_what_is_to_pay(manager, at, retention):
    Retention.objects.filter(pk=retention.pk).update(release_on=PAST)
    send(manager, reverse("retention-release", args=[retention.pk]), amount="160.00")
    draft = Proforma.objects.latest("pk")
    shown = manager.get(reverse("proforma", args=[draft.number]))
    tiles = {str(one["label"]): (one["value"], one["detail"]) for one in shown.context["kpis"]}
    assert tiles["This proforma"] == ("€0.00", ["net", "€160.00 to pay"])
    assert "Total, estimated €0.00 Released 160.00 To pay now, estimated €160.00" in text_of(shown)
    page = text_of(manager.get(reverse("proforma-confirm", args=[draft.number])))
    assert "Net 0.00 Tax, estimated 0.00 Total €0.00 Released 160.00 To pay now €160.00" in page
    assert "unbilled sales" not in page
    sums = manager.post(reverse("proformas-confirm"), {"row": [draft.pk]}).context["summary"].sums
    assert [(one.net, one.tax, one.gross) for one in sums] == [(0, 0, 160)]
    (row,) = manager.get(reverse("proformas")).context["table"].rows
    cells = {column.name: str(cell) for column, cell in row.items()}
    assert (cells["net_amount"], cells["tax_amount"], cells["gross_amount"]) == ("0.00", "0.00", "160.00")
