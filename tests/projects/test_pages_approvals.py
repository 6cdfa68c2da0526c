"""The approvals inbox: whose weeks, which entries, what may be done with them and by whom."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import Actual, Approval, ContractLine, Entry, ProjectContract
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER
from projects.states import ApprovalStatus, BillingMethod, BillingType, EntryStatus, PriceProblem
from projects.views.inbox import monday_of, written
from tests.company import Company, rows
from tests.company.checking import statements, unchanged
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

MONDAY, SATURDAY, NEXT_WEEK = date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 11)


@pytest.fixture
def at():
    made = Company.bare()
    made.project.manager = made.person(PROJECT_MANAGER)
    made.project.save()
    return made


@pytest.fixture
def manager(at):
    return signed_in(at.project.manager)


def submitted(at, day=MONDAY, hours="8", note="Workshop", **columns):
    entry = rows.entry(at, date=day, quantity=Decimal(hours), description=note)
    quantities = {"submitted_quantity": Decimal(hours), "billable_quantity": Decimal(hours)}
    return rows.approval(at, entry=entry, sales_amount=Decimal(hours) * 100, **quantities, **columns)


def shown(client, query=""):
    return client.get(reverse("approvals") + query).context


def state_of(approval):
    return Approval.objects.get(pk=approval.pk).status


def test_weeks_stand_newest_first_and_the_first_is_open(at, manager):
    submitted(at)
    late = submitted(at, NEXT_WEEK)
    inbox = shown(manager)["inbox"]
    assert [(week.monday, week.entries, week.hours) for week in inbox.weeks] == [
        (date(2026, 3, 9), 1, Decimal(8)),
        (MONDAY, 1, Decimal(8)),
    ]
    assert list(inbox.rows) == [late]


def test_a_week_is_opened_by_its_address(at, manager):
    early = submitted(at)
    submitted(at, NEXT_WEEK)
    inbox = shown(manager, f"?week=2026-W10&person={at.resource.code}")["inbox"]
    assert (list(inbox.rows), inbox.open_week.monday) == ([early], MONDAY)
    assert (inbox.before.monday, inbox.after) == (date(2026, 3, 9), None)


def test_what_speaks_against_an_entry_is_said_and_leaves_it_unticked(at, manager):
    plain = submitted(at)
    long, late = submitted(at, hours="10.5"), submitted(at)
    rows.reason(rows.approval_rule(at, "above_hours", number=Decimal(10)), long, Decimal("10.5"))
    rows.reason(rows.approval_rule(at, "late", "hold", number=Decimal(7)), late, Decimal(9))
    page = shown(manager)
    ticked = {row.record.pk for row in page["table"].rows if page["table"].tick(row.record).ticked}
    assert ticked == {plain.pk}
    body = manager.get(reverse("approvals")).content.decode().replace("\u00a0", " ")
    assert "10.50 h on this day, over 10.00 h" in body
    assert "Submitted 9 days after the work, later than 7 days" in body
    assert [total.quantity for total in page["inbox"].flagged] == [Decimal("10.5")]
    assert page["inbox"].weeks[0].flags == 2


def test_the_inbox_is_filtered_by_what_is_flagged(at, manager):
    plain, flagged = submitted(at), submitted(at)
    rows.reason(rows.approval_rule(at, "weekend"), flagged)
    assert list(shown(manager, "?flag=yes")["inbox"].rows) == [flagged]
    assert list(shown(manager, "?flag=no")["inbox"].rows) == [plain]


def test_an_entry_that_is_held_is_decided_on_a_page_of_its_own(at, manager):
    held, other = submitted(at), submitted(at)
    rows.reason(rows.approval_rule(at, "weekend", "hold"), held)
    together = manager.post(reverse("approve-entries"), {"row": [held.pk, other.pk]})
    assert (together.status_code, state_of(other)) == (422, ApprovalStatus.SUBMITTED)
    address = reverse("decide-approval", args=[held.pk])
    assert "the entry is held until it is decided individually" in manager.get(address).content.decode()
    silent = manager.post(address, {"comment": ""})
    assert (silent.status_code, state_of(held)) == (422, ApprovalStatus.SUBMITTED)
    answer = manager.post(address, {"comment": "It was the go-live"})
    assert answer["Location"] == f"{reverse('approvals')}?week=2026-W10&person={at.resource.code}"
    assert Approval.objects.get(pk=held.pk).comment == "It was the go-live"
    assert state_of(held) == ApprovalStatus.APPROVED


def test_value_counts_what_will_be_billed_alone(at, manager):
    submitted(at)
    submitted(at, billing_type=BillingType.COMPLIMENTARY)
    submitted(at, is_priced=False, price_problem=PriceProblem.NO_PRICE)
    submitted(at, contract_line=None)
    fixed = rows.contract_line(
        at.contract, at.customer, billing_method=BillingMethod.FIXED_PRICE, project=at.project
    )
    submitted(at, contract_line=fixed)
    assert [(total.amount, total.quantity) for total in shown(manager)["inbox"].totals] == [(800, 8)]


def test_a_limit_is_said_before_anybody_approves(at, manager):
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=Decimal(1000))
    submitted(at)
    submitted(at, date(2026, 3, 3))
    body = manager.get(reverse("approvals")).content.decode()
    assert ("Within the limits" in body, "Exceeds the limit of the contract by €600.00" in body) == (
        True,
        True,
    )


def test_what_no_contract_line_includes_has_no_terms_to_change(at, manager):
    approval = submitted(at, contract_line=None)
    assert manager.get(reverse("approval-terms", args=[approval.pk])).status_code == 404
    sent = {"billable_quantity": "8", "billing_type": BillingType.NOT_AVAILABLE}
    other = submitted(at)
    answer = manager.post(reverse("approval-terms", args=[other.pk]), sent)
    assert (answer.status_code, Approval.objects.get(pk=other.pk).billing_type) == (422, 1)


def test_approving_writes_actuals_and_goes_on_to_the_next_week(at, manager):
    first, other = submitted(at, NEXT_WEEK), submitted(at)
    page = shown(manager)
    sent = {"row": first.pk, "filter": page["filter_query"] or page["inbox"].open_week.query}
    sent["next"] = page["inbox"].after.query
    response = manager.post(reverse("approve-entries"), sent)
    assert response["Location"] == f"{reverse('approvals')}?week=2026-W10&person={at.resource.code}"
    assert (state_of(first), state_of(other)) == (ApprovalStatus.APPROVED, ApprovalStatus.SUBMITTED)
    assert Actual.objects.filter(work_item__approval=first).count() == 2


def test_what_remains_of_a_week_stays_open(at, manager):
    done, _left = submitted(at), submitted(at)
    asked = f"week=2026-W10&person={at.resource.code}"
    response = manager.post(
        reverse("approve-entries"), {"row": done.pk, "filter": asked, "next": "week=2026-W01"}
    )
    assert response["Location"] == f"{reverse('approvals')}?{asked}"


def test_sending_back_needs_a_reason(at, manager):
    approval = submitted(at)
    assert manager.post(reverse("send-back-entries"), {"row": approval.pk, "comment": " "}).status_code == 422
    assert state_of(approval) == ApprovalStatus.SUBMITTED
    manager.post(reverse("send-back-entries"), {"row": approval.pk, "comment": "Which ticket?"})
    assert Entry.objects.with_comment().get().comment == "Which ticket?"
    assert Entry.objects.get().status == EntryStatus.RETURNED


@pytest.mark.parametrize("typed", ["6.5", "6,5", "6:30"])
def test_what_will_be_billed_is_changed_as_people_write_it(at, manager, typed):
    approval = submitted(at)
    sent = {"billable_quantity": typed, "billing_type": BillingType.CHARGEABLE}
    assert manager.post(reverse("approval-terms", args=[approval.pk]), sent).status_code == 302
    changed = Approval.objects.get(pk=approval.pk)
    assert (changed.billable_quantity, changed.sales_amount) == (Decimal("6.5"), Decimal(650))


def test_a_quantity_that_is_none_comes_back_with_the_form_filled(at, manager):
    approval = submitted(at)
    sent = {"billable_quantity": "a lot", "billing_type": BillingType.NON_CHARGEABLE}
    response = manager.post(reverse("approval-terms", args=[approval.pk]), sent)
    assert response.status_code == 422
    assert 'value="a lot"' in response.content.decode()


def test_more_than_the_policy_allows_is_refused_with_the_most_it_allows(at, manager):
    approval = submitted(at)
    address = reverse("approval-terms", args=[approval.pk])
    sent = {"billable_quantity": "12.25", "billing_type": BillingType.CHARGEABLE}
    with unchanged():
        answer = manager.post(address, sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "At most 150 percent of what was submitted may be billable: 12 h." in page
    assert 'value="12.25"' in page
    rows.approval_rule(at, "billable_up_to", "refuse", number=Decimal(100))
    assert manager.post(address, sent | {"billable_quantity": "8.25"}).status_code == 422
    assert manager.post(address, sent | {"billable_quantity": "8"}).status_code == 302


def test_not_available_is_not_among_the_choices(at, manager):
    approval = submitted(at)
    form = manager.get(reverse("approval-terms", args=[approval.pk])).context["form"]
    assert [value for value, _label in form.fields["billing_type"].choices] == [
        BillingType.CHARGEABLE,
        BillingType.NON_CHARGEABLE,
        BillingType.COMPLIMENTARY,
    ]


def test_into_a_closed_period_nothing_is_approved_and_everything_can_be_returned(at, manager):
    approval = submitted(at)
    at.entity.locked_through = MONDAY
    at.entity.save()
    with unchanged():
        refused = manager.post(reverse("approve-entries"), {"row": approval.pk})
    assert (refused.status_code, state_of(approval)) == (422, ApprovalStatus.SUBMITTED)
    assert "2 Mar 2026 lies in a closed period." in refused.content.decode()
    sent = {"row": approval.pk, "comment": "Too late, please date it in April"}
    assert manager.post(reverse("send-back-entries"), sent).status_code == 302
    assert Entry.objects.get().status == EntryStatus.RETURNED


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"billing_method": BillingMethod.FIXED_PRICE},
            "has a fixed price, and fees are not billed on it",
        ),
        (None, "No contract line includes fees of project"),
    ],
)
def test_a_fee_that_its_line_does_not_bill_any_more_is_refused_with_a_sentence(
    at, manager, columns, sentence
):
    approval = submitted(at, hours="1")
    Entry.objects.update(transaction_class="fee")
    if columns:
        ContractLine.objects.update(**columns)
    else:
        Approval.objects.update(contract_line=None)
    with unchanged():
        answer = manager.post(reverse("approve-entries"), {"row": approval.pk})
    assert (answer.status_code, state_of(approval)) == (422, ApprovalStatus.SUBMITTED)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("effect", ["flag", "hold", "approve"])
def test_each_entry_says_what_the_policy_found_whatever_follows_of_it(at, manager, effect):
    kind = "up_to_hours" if effect == "approve" else "above_hours"
    approval = submitted(at, hours="8")
    rows.reason(rows.approval_rule(at, kind, effect, number=Decimal(8)), approval, Decimal(8))
    words = "approved by rule up to 8.00 h" if effect == "approve" else "over 8.00 h"
    waiting = manager.get(reverse("approvals")).content.decode().replace("\u00a0", " ")
    assert f"8.00 h on this day, {words}" in waiting
    address = reverse("decide-approval", args=[approval.pk])
    assert f"8.00 h on this day, {words}" in manager.get(address).content.decode().replace("\u00a0", " ")


def test_nobody_sees_own_work_in_the_inbox(at, manager):
    own = at.project.manager
    mine = submitted(at, worker=own)
    sent_in = submitted(at, submitted_by=own)
    assert shown(manager)["inbox"].open_week is None
    answer = manager.post(reverse("approve-entries"), {"row": [mine.pk, sent_in.pk]})
    assert answer.status_code == 409
    assert {state_of(mine), state_of(sent_in)} == {ApprovalStatus.SUBMITTED}


def test_other_managers_do_not_see_it_and_controllers_do(at):
    submitted(at)
    assert shown(signed_in(at.person(PROJECT_MANAGER)))["inbox"].open_week is None
    assert shown(signed_in(at.person(FINANCE_CONTROLLER)))["inbox"].open_week is not None


@pytest.mark.parametrize("text", ["", "2026", "2026-W60", "9999-W52", "26-W10", "2026-W1x", "-W", "²026-W10"])
def test_a_week_that_is_none_opens_nothing(text):
    assert monday_of(text) is None


def test_a_week_is_written_as_it_is_read():
    assert written(date(2027, 1, 1)) == "2026-W53"
    assert monday_of("2026-W53") == date(2026, 12, 28)


# --- What no contract covers ----------------------------------------------------------------------


def uncovered(at, day=MONDAY):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 2, 28))
    return submitted(at, day, contract_line=None, billing_type=BillingType.NOT_AVAILABLE)


def test_an_approver_reads_beside_the_entry_why_nobody_would_pay(at, manager):
    covered, not_covered = submitted(at), uncovered(at)
    page = shown(manager)
    body = manager.get(reverse("approvals")).content.decode()
    assert f"Contract {at.contract.number} covers work until 28 Feb 2026" in body
    assert body.count("No contract covers it") == 1
    # Who writes contracts is led to the one that would have to cover it.
    assert f'href="{reverse("contract-edit", args=[at.contract.number])}"' in body
    # It is flagged: left unticked, counted, and found by the filter.
    ticked = [row.record for row in page["table"].rows if page["table"].tick(row.record).ticked]
    assert ticked == [covered]
    assert page["inbox"].weeks[0].flags == 1
    assert list(shown(manager, "?flag=yes")["inbox"].rows) == [not_covered]
    decide = manager.get(reverse("decide-approval", args=[not_covered.pk])).content.decode()
    assert f"Contract {at.contract.number} covers work until 28 Feb 2026" in decide


def test_without_a_contract_the_approver_is_led_to_a_new_one(at, manager):
    site = rows.project(at, manager=at.project.manager)
    entry = rows.entry(at, project=site, date=MONDAY, description="Workshop")
    rows.approval(at, entry=entry, contract_line=None, billing_type=BillingType.NOT_AVAILABLE)
    body = manager.get(reverse("approvals")).content.decode()
    assert "No contract line names the project" in body
    assert f"{reverse('contract-add')}?project={site.number}" in body


def test_internal_work_is_no_matter_of_a_contract(at, manager):
    site = rows.project(at, customer=None, manager=at.project.manager)
    entry = rows.entry(at, project=site, date=MONDAY, description="Team meeting")
    rows.approval(at, entry=entry, contract_line=None, billing_type=BillingType.NOT_AVAILABLE)
    page = shown(manager)
    assert page["inbox"].weeks[0].flags == 0
    assert "No contract covers it" not in manager.get(reverse("approvals")).content.decode()


def test_the_inbox_asks_nothing_for_each_entry_that_no_contract_covers(at, manager):
    uncovered(at)
    few = statements(lambda: manager.get(reverse("approvals")))
    for nth in range(1, 5):
        uncovered(at, date(2026, 3, 2 + nth))
    assert statements(lambda: manager.get(reverse("approvals"))) == few


def test_a_price_says_which_list_it_comes_from(at, manager):
    own = submitted(at, price_source="Standard rates, EUR", sales_price=Decimal(100))
    body = manager.get(reverse("approvals")).content.decode()
    assert "100.00 from Standard rates, EUR" in body
    decide = " ".join(manager.get(reverse("decide-approval", args=[own.pk])).content.decode().split())
    assert "<dd>100.00 EUR<br>Standard rates, EUR</dd>" in decide
