"""The milestones page: what goes next by percentage or amount, per customer, and whether lines add up."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.milestone_plans import PlannedMilestone
from billing.models import MilestoneShare, Proforma
from billing.planning import plan_milestones
from billing.states import MilestoneStatus
from core.models import Activity
from projects.models import ContractLine, ProjectContract
from projects.roles import PROJECT_MANAGER
from tests.company import Company
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

ALL = {"all": "1"}


@pytest.fixture
def at(company: Company) -> Company:
    """A company with a fixed-price line of 72,000, of which 70,000 are planned."""
    company.works_at_a_fixed_price()
    ContractLine.objects.filter(pk=company.line.pk).update(contracted_amount=Decimal(72000))
    company.line.refresh_from_db()
    return company


@pytest.fixture
def client(at: Company) -> Client:
    return signed_in(at.admit(at.manager, PROJECT_MANAGER))


def planned(at: Company, *amounts: str) -> list[MilestoneShare]:
    plans = [PlannedMilestone(f"Step {number}", DAY, Decimal(one)) for number, one in enumerate(amounts, 1)]
    plan_milestones(at.line, plans, actor=at.manager, at=NOW)
    return list(MilestoneShare.objects.order_by("pk"))


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def field(response: Any, name: str) -> Any:
    return response.context["table"].form[name]


def typed(share: MilestoneShare, percent: str = "", amount: str = "", **more: Any) -> dict[str, Any]:
    return {f"percent-{share.pk}": percent, f"amount-{share.pk}": amount, **more}


def state(share: MilestoneShare) -> tuple[Any, ...]:
    share = MilestoneShare.objects.get(pk=share.pk)
    return share.status, share.next_amount


def test_a_quarter_is_three_thousand_and_the_rest_stays(at: Company, client: Client):
    (share,) = planned(at, "12000")
    response = client.post(reverse("milestones-next"), typed(share, "25", filter="all=1"), follow=True)
    assert [str(one) for one in response.context["messages"]] == ["1 milestone saved"]
    assert state(share) == (MilestoneStatus.NOT_READY, 3000)
    page = client.get(reverse("milestones"), ALL)
    assert field(page, f"percent-{share.pk}").value() == "25.00"
    assert field(page, f"amount-{share.pk}").value() == "3000.00"
    assert "In progress" in text_of(page) or "Overdue" in text_of(page)
    (row,) = page.context["table"].paginated_rows
    assert row.get_cell("stays") == "9,000.00"


def test_an_amount_is_typed_and_the_percentage_follows(at: Company, client: Client):
    (share,) = planned(at, "12000")
    client.post(reverse("milestones-next"), typed(share, amount="4000"))
    assert state(share)[1] == 4000
    page = client.get(reverse("milestones"), ALL)
    assert field(page, f"percent-{share.pk}").value() == "33.33"
    # The percentage is rounded; sent back unchanged it changes nothing.
    again = client.post(reverse("milestones-next"), typed(share, "33.33", "4000.00"))
    assert again.status_code == 422
    assert [one.code for one in again.context["refusals"]] == ["nothing-changed"]
    client.post(reverse("milestones-next"), typed(share, "50", "4000.00"))
    assert state(share)[1] == 6000
    client.post(reverse("milestones-next"), typed(share))
    assert state(share)[1] is None


def test_the_form_asks_when_both_changed_and_do_not_agree(at: Company, client: Client):
    (share,) = planned(at, "12000")
    response = client.post(reverse("milestones-next"), typed(share, "25", "4000"), follow=True)
    (error,) = field(response, f"percent-{share.pk}").errors
    assert error == "This percentage is €3,000.00. Change one of the two, or clear one."
    assert field(response, f"amount-{share.pk}").value() == "4000"
    assert state(share)[1] is None
    client.post(reverse("milestones-next"), typed(share, "25", "3000"))
    assert state(share)[1] == 3000


@pytest.mark.parametrize(
    ("percent", "amount", "at_field", "words"),
    [
        ("", "12000.01", "amount", "more than the €12,000.00 left"),
        ("104.17", "", "percent", "more than the €12,000.00 left"),
        ("", "0", "amount", "above zero"),
        ("", "-1", "amount", "above zero"),
        ("", "0.001", "amount", "more decimals than EUR"),
        ("0", "", "percent", "above zero"),
        ("x", "", "percent", ""),
        ("", "1e3", "amount", ""),
    ],
)
def test_what_cannot_be_a_part_is_said_at_its_field(
    at: Company, client: Client, percent: str, amount: str, at_field: str, words: str
):
    (share,) = planned(at, "12000")
    for name in ("milestones-next", "milestones-ready", "milestones-draft"):
        sent = typed(share, percent, amount, row=[share.pk], query="all=1")
        response = client.post(reverse(name), sent, follow=True)
        (error,) = field(response, f"{at_field}-{share.pk}").errors
        assert words in error
        assert response.context["table"].ticks.holds(share.pk)
        assert state(share) == (MilestoneStatus.NOT_READY, None)
    assert Proforma.objects.count() == 0


def test_ready_and_draft_take_what_was_typed(at: Company, client: Client):
    (share,) = planned(at, "12000")
    client.post(reverse("milestones-ready"), typed(share, "25", row=[share.pk]))
    assert state(share) == (MilestoneStatus.READY, 3000)
    sent = typed(share, "40", "3000.00", row=[share.pk], invoice_date="2026-03-31")
    asked = client.post(reverse("milestones-draft"), sent)
    (placement,) = asked.context["placements"]
    assert (placement.preview.milestones, placement.preview.amount) == (1, 4800)
    fields = dict(asked.context["sent_fields"])
    # Looking at what would be drafted has stored nothing; the answer brings along what was typed.
    assert state(share) == (MilestoneStatus.READY, 3000)
    assert "is not stored yet" in text_of(asked)
    client.post(reverse("milestones-draft"), fields | {"invoice_date": "2026-03-31", "go": "1"})
    assert Proforma.objects.get().net_amount == 4800
    assert state(share) == (MilestoneStatus.ON_DRAFT, 4800)
    page = client.get(reverse("milestones"), ALL)
    assert f"percent-{share.pk}" not in page.context["table"].form.fields
    assert Proforma.objects.get().number in text_of(page)


@pytest.mark.parametrize("name", ["milestones-ready", "milestones-not-ready"])
def test_what_was_typed_is_not_stored_where_the_mark_is_refused(at: Company, client: Client, name: str):
    typed_at, other = planned(at, "12000", "6000")
    # One of the two is in the other state already, so that neither mark is possible for both.
    client.post(reverse("milestones-ready"), {"row": [other.pk]})
    before = Activity.objects.count()
    sent = typed(typed_at, "25", row=[typed_at.pk, other.pk], query="all=1")
    refused = client.post(reverse(name), sent)
    assert refused.status_code == 422
    assert {one.code for one in refused.context["refusals"]} == {"not-markable"}
    assert "Nothing was changed" in text_of(refused)
    assert state(typed_at) == (MilestoneStatus.NOT_READY, None)
    assert state(other) == (MilestoneStatus.READY, None)
    assert Activity.objects.count() == before
    # The way back finds the field as it was typed.
    back = client.get(refused.context["view"].cancel_url)
    assert field(back, f"percent-{typed_at.pk}").value() == "25"


@pytest.mark.parametrize("name", ["milestones-draft", "milestones-add"])
def test_what_was_typed_is_stored_with_the_drafts_or_not_at_all(at: Company, client: Client, name: str):
    share, other = planned(at, "12000", "6000")
    client.post(reverse("milestones-ready"), {"row": [share.pk]})
    before = Activity.objects.count()
    both = typed(share, "25") | typed(other, amount="1000")
    asked = client.post(reverse(name), both | {"row": [share.pk], "invoice_date": "2026-03-31"})
    assert (asked.context["totals"][0].amount, Activity.objects.count()) == (3000, before)
    answer = dict(asked.context["sent_fields"]) | {"invoice_date": "2026-03-31", "go": "1"}
    # Another person takes the mark back between the preview and the answer.
    client.post(reverse("milestones-not-ready"), {"row": [share.pk]})
    before = Activity.objects.count()
    refused = client.post(reverse(name), answer)
    assert [one.code for one in refused.context["refusals"]] == ["nothing-drafted"]
    assert (state(share)[1], state(other)[1], Activity.objects.count()) == (None, None, before)
    client.post(reverse("milestones-ready"), {"row": [share.pk]})
    assert client.post(reverse(name), answer).status_code == 302
    assert Proforma.objects.get().net_amount == 3000
    assert (state(share), state(other)) == (
        (MilestoneStatus.ON_DRAFT, 3000),
        (MilestoneStatus.NOT_READY, 1000),
    )


def test_a_part_that_somebody_else_set_meanwhile_is_not_undone(at: Company, client: Client):
    share, other = planned(at, "12000", "6000")
    client.post(reverse("milestones-ready"), {"row": [share.pk, other.pk]})
    both = typed(share, "25", "12000.00") | typed(other, "100.00", "6000.00")
    asked = client.post(reverse("milestones-draft"), both | {"row": [share.pk], "invoice_date": "2026-03-31"})
    answer = dict(asked.context["sent_fields"]) | {"invoice_date": "2026-03-31", "go": "1"}
    assert not any(str(other.pk) == name.rpartition("-")[2] for name in answer)
    client.post(reverse("milestones-next"), typed(other, amount="1500"))
    client.post(reverse("milestones-draft"), answer)
    assert (state(share)[1], state(other)[1]) == (3000, 1500)
    assert Proforma.objects.get().net_amount == 3000


def test_a_part_is_added_to_an_open_draft_in_one_go(at: Company, client: Client):
    share, other = planned(at, "12000", "6000")
    client.post(reverse("milestones-ready"), {"row": [share.pk, other.pk]})
    client.post(reverse("milestones-draft"), {"row": [other.pk], "invoice_date": "2026-03-31", "go": "1"})
    sent = typed(share, "25", "12000.00", row=[share.pk], invoice_date="2026-03-31")
    asked = client.post(reverse("milestones-add"), sent)
    assert state(share)[1] is None
    (placement,) = asked.context["placements"]
    assert (placement.is_added, placement.preview.amount) == (True, 3000)
    into = {placement.field: placement.chosen, "invoice_date": "2026-03-31", "go": "1"}
    client.post(reverse("milestones-add"), dict(asked.context["sent_fields"]) | into)
    assert (state(share)[1], Proforma.objects.get().net_amount) == (3000, 9000)


def test_each_payer_has_a_row_with_its_own_readiness(at: Company, client: Client):
    _first, second = at.is_shared_by("60", "40")
    one, other = planned(at, "12000")
    client.post(reverse("milestones-ready"), {"row": [one.pk]})
    page = client.get(reverse("milestones"), ALL)
    assert f"{second.name}, 40%; 1 of 2 payers ready" in text_of(page)
    sent = typed(other, amount="5000", query="all=1")
    response = client.post(reverse("milestones-next"), sent, follow=True)
    (error,) = field(response, f"amount-{other.pk}").errors
    assert error == (
        f"€5,000.00 is more than the €4,800.00 left for {second.name}. Enter what is left, or less."
    )


def test_lines_say_whether_they_add_up_and_lead_to_the_rest(at: Company, client: Client):
    planned(at, "70000")
    page = client.get(reverse("milestones"), ALL)
    (group,) = page.context["table"].groups.values()
    assert (group.amount, group.note) == (72000, "contracted; €2,000.00 not planned yet.")
    add = client.get(group.note_url)
    assert add.context["form"]["amount"].value() == "2000.00"
    sent = {"line": at.line.pk, "name": "Rest", "due_on": "2026-04-01", "amount": "2000"}
    assert client.post(group.note_url, sent).status_code == 302
    (group,) = client.get(reverse("milestones"), ALL).context["table"].groups.values()
    assert (group.note, group.note_url) == ("contracted; adds up", "")


def test_a_contract_on_hold_blocks_its_milestones(at: Company, client: Client):
    (share,) = planned(at, "5000")
    client.post(reverse("milestones-ready"), {"row": [share.pk]})
    ProjectContract.objects.filter(pk=at.contract.pk).update(status="on_hold")
    page = client.get(reverse("milestones"), ALL)
    assert "Contract on hold: " in text_of(page)
    ready, *_others = page.context["kpis"]
    assert ready["amounts"] == [(Decimal(0), "EUR")]
    blocked = client.get(reverse("milestones"), {"status": "blocked"})
    assert len(blocked.context["table"].paginated_rows) == 1
    views = {str(view.label): view.count for view, _current in page.context["saved_views"]}
    assert (views["Ready"], views["Blocked"], views["Not fully invoiced"]) == (0, 1, 1)


def test_lines_to_plan_on_are_listed_with_what_is_left(at: Company, client: Client, stranger: Client):
    planned(at, "70000")
    page = client.get(reverse("milestones-plan"))
    ((line, rest),) = page.context["lines"]
    assert (line.pk, rest) == (at.line.pk, 2000)
    assert stranger.get(reverse("milestones-plan")).context["lines"] == []
    for query in ("line=x&amount=y", "line=99999999999999999999&amount=1e9", "amount=%00"):
        assert client.get(f"{reverse('milestone-add', args=[at.contract.number])}?{query}").status_code == 200


def test_somebody_without_the_right_gets_no_fields_and_changes_nothing(at: Company, stranger: Client):
    (share,) = planned(at, "5000")
    response = stranger.post(reverse("milestones-next"), typed(share, amount="100"))
    assert response.status_code == 422
    assert state(share)[1] is None
