"""Prepaid hours by page: the card, the blocks before they are agreed, changes, expiry; roles (A12)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from billing.models import Retainer
from billing.prepaid_facts import statement_of
from core.documents.hours_labels import HOURS_LABELS
from core.documents.hours_statement import hours_data
from core.documents.labels import LABELS
from projects.models import PrepaidExpiry, PrepaidHours, Project
from projects.prepaid_use import hours_left, use_of
from projects.roles import PROJECT_MANAGER
from tests.company import Company
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.prepaid import agreed, invoice_block, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture(autouse=True)
def november():
    """The last day of November in Vienna."""
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
        yield


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def typed(at, **changes):
    values = {
        "line": at.line.pk,
        "hours": "50",
        "block_rate": "120",
        "overage_rate": "148",
        "roll_over_hours": "10",
        "first_month": "2026-08-15",
        "months": "3",
    }
    return values | changes


def worked_as_drawn(at):
    agreement = agreed(at)
    work(
        at,
        *((8, day, "11.5") for day in (3, 4, 5, 6)),
        *((9, day, "13") for day in (1, 2, 3, 4)),
        *((10, day, "14.5") for day in (1, 2, 5)),
        *((11, day, "14") for day in (2, 3, 4, 5)),
        (11, 27, "5"),
        (11, 30, "1.5"),
    )
    return agreement


def test_the_card_is_as_drawn(at, manager):
    agreement = worked_as_drawn(at)
    page = text_of(manager.get(reverse("prepaid-hours")))
    assert "Prepaid hours: Hours" in page
    assert "4.00 h over" in page
    assert (
        "50.00 h a month at 120.00; unused hours roll over once, at most 10.00 h; above that 148.00" in page
    )
    assert "Statement for November 2026" in page
    assert "62.50 h used: Rolled over, used first 8.50 h, Block of November 2026 50.00 h, Over 4.00 h" in page
    assert "6 entries" in page
    assert "The 4.00 h over" in page
    assert "30 Nov 2026" in page
    assert "1.50 h, €222.00" in page
    assert "2.50 h, €370.00" in page
    assert "€592.00 of it is on the backlog." in page
    assert "Prepaid hours over in November 2026" in page
    assert "€592.00 at its own rate" in page
    assert "Let 50" not in page
    one = text_of(manager.get(reverse("prepaid", args=[agreement.pk])))
    assert "Overage EUR" in one
    october = reverse("prepaid", args=[agreement.pk]) + "?month=2026-10"
    assert "Statement for October 2026" in text_of(manager.get(october))
    for odd in ("2026-13", "x", "1999-01"):
        assert manager.get(reverse("prepaid", args=[agreement.pk]) + f"?month={odd}").status_code == 200
    advances = text_of(manager.get(reverse("advances")))
    assert "Prepaid hours over in November 2026" in advances


def test_prepaid_hours_are_shown_before_they_are_planned(at, manager):
    address = reverse("prepaid-plan")
    assert at.contract.number in text_of(manager.get(f"{address}?line={at.line.pk}"))
    shown = text_of(manager.post(address, typed(at)))
    assert "50 h prepaid for August 2026" in shown
    assert "Agree 3 blocks, €18,000.00" in shown
    assert not PrepaidHours.objects.exists()
    answer = manager.post(address, typed(at, make="1"))
    agreement = PrepaidHours.objects.get()
    assert answer.url == reverse("prepaid", args=[agreement.pk])
    assert Retainer.objects.filter(status="ready").count() == 3


def test_what_is_wrong_is_said_at_the_first_look_and_at_the_second(at, manager):
    address = reverse("prepaid-plan")
    said = "An hour beyond the block costs what one within it does."
    assert said in text_of(manager.post(address, typed(at, overage_rate="120")))
    answer = manager.post(address, typed(at, overage_rate="120", make="1"))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not PrepaidHours.objects.exists()


def test_they_are_extended_and_ended_early(at, manager):
    agreement = agreed(at)
    manager.post(reverse("prepaid-extend", args=[agreement.pk]), {"months": "2"})
    assert agreement.months.count() == 6
    address = reverse("prepaid-end", args=[agreement.pk])
    assert "October 2026" in text_of(manager.get(address))
    manager.post(address, {"last_month": "2026-10-01"})
    assert agreement.months.count() == 3


def test_hours_expire_after_a_page_that_says_which(at, manager):
    agreement = agreed(at)
    for month in (8, 9, 10):
        invoice_block(at, month)
    address = reverse("prepaid-expire", args=[agreement.pk])
    page = text_of(manager.get(address))
    assert "40.00 h of August 2026 expire, €4,800.00." in page
    assert "50.00 h of September 2026 expire, €6,000.00." in page
    manager.post(address)
    assert [one.hours for one in PrepaidExpiry.objects.order_by("pk")] == [40, 50, 50]
    assert "Expired" in text_of(manager.get(reverse("prepaid", args=[agreement.pk])))


def test_only_those_who_may_see_and_plan_them_do(at, stranger, team_member):
    agreement = agreed(at)
    names = ("prepaid", "prepaid-extend", "prepaid-end", "prepaid-expire")
    for name in names:
        assert stranger.get(reverse(name, args=[agreement.pk])).status_code == 404
        assert team_member.get(reverse(name, args=[agreement.pk])).status_code == 403
    assert "Prepaid hours: Hours" not in text_of(stranger.get(reverse("prepaid-hours")))
    assert team_member.get(reverse("prepaid-hours")).status_code == 403


def test_who_manages_a_project_of_the_contract_sees_them_and_changes_nothing(at, manager):
    at.is_managed_by(at.person(PROJECT_MANAGER))
    agreement = agreed(at)
    card = reverse("prepaid", args=[agreement.pk])
    changes = [reverse(f"prepaid-{name}", args=[agreement.pk]) for name in ("extend", "end", "expire")]
    pages = (card, reverse("prepaid-hours"))
    owner = signed_in(at.manager)
    assert all(changes[0] in owner.get(page).content.decode() for page in pages)
    project = Project.objects.get(contract_lines=at.line)
    project.manager = at.person(PROJECT_MANAGER)
    project.save()
    other = signed_in(project.manager)
    for page in pages:
        seen = other.get(page).content.decode()
        assert at.line.name in seen
        assert not any(address in seen for address in changes)
    for address in changes:
        assert other.get(address).status_code == 404
        assert other.post(address, {"months": "1", "last_month": "2026-08-01"}).status_code == 404
    assert agreement.months.count() == 4


def test_who_manages_a_project_of_the_contract_plans_none(at):
    at.is_managed_by(at.person(PROJECT_MANAGER))
    project = Project.objects.get(contract_lines=at.line)
    project.manager = at.person(PROJECT_MANAGER)
    project.save()
    answer = signed_in(project.manager).post(reverse("prepaid-plan"), typed(at, make="1"))
    assert "line" in answer.context["form"].errors
    assert not PrepaidHours.objects.exists()


def test_a_line_of_two_payers_is_refused_before_blocks_are_shown(at, manager):
    at.is_shared_by("50", "50")
    page = text_of(manager.post(reverse("prepaid-plan"), typed(at)))
    assert "A block of hours is bought by one customer, and 2 pay for this line." in page
    assert "The blocks" not in page


def test_the_list_costs_the_same_for_many_agreements_and_goes_on(at, manager):
    agreed(at)
    one = statements(lambda: manager.get(reverse("prepaid-hours")))
    for _each in range(10):
        other = at.with_another_customer()
        other.customer.sales_tax_group = at.customer.sales_tax_group
        other.customer.save()
        agreed(other)
    many = statements(lambda: manager.get(reverse("prepaid-hours")))
    assert many <= one + 1
    page = text_of(manager.get(reverse("prepaid-hours")))
    assert page.count("Statement for") == 10
    last = PrepaidHours.objects.order_by("pk")[9].pk
    assert f"?after={last}" in page
    following = text_of(manager.get(reverse("prepaid-hours") + f"?after={last}"))
    assert following.count("Statement for") == 1


def test_a_line_that_begins_later_shows_its_first_month(at, manager):
    agreement = agreed(at)
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False):
        page = text_of(manager.get(reverse("prepaid", args=[agreement.pk])))
    assert "Statement for August 2026" in page
    assert agreement.first_month == date(2026, 8, 1)


def test_the_inbox_and_the_entry_say_what_is_left_of_the_block(at, manager):
    agreed(at)
    at.project.manager = at.manager
    at.project.save()
    work(at, (11, 2, "14"), (11, 3, "14"), (11, 4, "14"), (11, 5, "14.5"))
    waiting = at.submitted(8, date=date(2026, 11, 9))
    # Ten hours of October rolled over: 60 less 56.5.
    said = "No limit. 3.50 h of the block left"
    assert said in text_of(manager.get(reverse("approvals")))
    one = text_of(manager.get(reverse("decide-approval", args=[waiting.pk])))
    assert "No limit<br>3.50 h of the block left" in one
    # October has a block of its own, and ten hours of September.
    earlier = at.submitted(8, date=date(2026, 10, 9))
    assert "60.00 h of the block left" in text_of(manager.get(reverse("decide-approval", args=[earlier.pk])))


def test_the_draft_says_what_is_left_of_the_block(at, manager):
    agreed(at)
    Retainer.objects.filter(status="ready").update(invoice_on=date(2027, 1, 1))
    work(at, (8, 3, "14"), (8, 4, "14"), (8, 5, "14"), (8, 6, "4.5"))
    draft = at.draft(date(2026, 8, 31))
    page = text_of(manager.get(reverse("proforma", args=[draft.number])))
    assert "Prepaid hours left, Hours</a> </dt> <dd>3.50 h</dd>" in page
    at.confirm(draft)
    assert "Prepaid hours left" not in text_of(manager.get(reverse("proforma", args=[draft.number])))


def test_nothing_is_said_of_a_block_where_none_was_bought(at, manager):
    waiting = at.submitted(8, date=date(2026, 11, 9))
    for address in (reverse("approvals"), reverse("decide-approval", args=[waiting.pk])):
        assert "of the block left" not in text_of(manager.get(address))
    at.approved(8)
    draft = at.draft()
    assert "Prepaid hours left" not in text_of(manager.get(reverse("proforma", args=[draft.number])))


def test_the_hours_left_of_many_submissions_take_four_statements(at):
    agreed(at)
    few = [at.submitted(1, date=date(2026, 11, day)) for day in (2, 3)]
    many = [at.submitted(1, date=date(2026, month, day)) for month in (8, 9, 10) for day in range(4, 8)]
    assert statements(lambda: hours_left(few)) == statements(lambda: hours_left(many)) == 4
    assert hours_left(many)[many[0].pk] == 50


def test_the_statement_of_a_month_is_printed(at, manager, stranger, team_member):
    agreement = worked_as_drawn(at)
    address = reverse("prepaid-statement", args=[agreement.pk])
    assert f"{address}?month=2026-11" in text_of(manager.get(reverse("prepaid", args=[agreement.pk])))
    answer = manager.get(f"{address}?month=2026-11")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{at.contract.number}-2026-11.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert stranger.get(address).status_code == 404
    assert team_member.get(address).status_code == 403
    for odd in ("2026-13", "x", "1999-01"):
        assert manager.get(f"{address}?month={odd}").status_code == 200


def test_the_statement_says_what_the_card_says(at):
    agreement = worked_as_drawn(at)
    (use,) = use_of([agreement])
    data = hours_data(statement_of(use, use.plan.of(date(2026, 11, 30)), at.customer, date(2026, 11, 30)))
    month, worked = data["sections"]
    assert [(row["text"], row["qty"], row["note"]) for row in month["rows"]] == [
        ("Rolled over from the month before", "8.50", ""),
        ("Bought", "50.00", ""),
        ("Used", "62.50", ""),
        ("Beyond the block", "4.00", "€148.00 an hour"),
    ]
    # The entry of the 27th is divided: 2.5 hours within the block, 2.5 beyond it.
    assert [(row["qty"], row["note"]) for row in worked["rows"]][4:] == [
        ("2.50", ""),
        ("2.50", "Beyond the block"),
        ("1.50", "Beyond the block"),
    ]
    assert [(row["label"], row["value"]) for row in data["totals"]] == [
        ("Beyond the block, net", "€592.00"),
        ("Left of the month", "0.00\u00a0h"),
    ]
    assert data["title"] == "Statement of hours"


def test_the_statement_has_every_word_in_every_language():
    assert HOURS_LABELS.keys() == LABELS.keys()
    assert len({frozenset(words) for words in HOURS_LABELS.values()}) == 1
