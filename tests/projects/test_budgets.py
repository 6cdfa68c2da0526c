"""Budgets in hours and money: what is used, and one mail for each threshold (A14)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.db import transaction

from accounting.outbox_handlers import sweep_outbox
from core.models import OutboxEntry
from projects.budgets import BudgetUse, budget_use_of, budget_use_of_tasks, percent_of
from projects.cancelling import cancel_approvals
from projects.maintaining import change_record
from projects.models import BudgetNotice, Project, Task
from projects.states import PriceContext
from projects.watching_budgets import look_again, watch_budgets
from tests.company import Company, only, rows, set_up
from tests.company.checking import statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


def task_of(at: Company, **columns: object) -> Task:
    return Task.objects.create(project=at.project, code=f"T{rows.next_number()}", name="Build", **columns)


def budget(at: Company, **columns: object) -> None:
    Project.objects.filter(pk=at.project.pk).update(**columns)


def watch() -> list[tuple[str, str, int, Decimal]]:
    watch_budgets(Project.objects.all(), at=NOW)
    notices = BudgetNotice.objects.order_by("pk")
    return [(str(one.task or one.project.number), one.measure, one.threshold, one.used) for one in notices]


def test_hours_and_sales_value_of_approved_work_are_used(at):
    task = task_of(at)
    at.approved(8, task=task)
    at.approved(2)
    rows.entry(at, quantity=Decimal(3), task=task)
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(Decimal(10), Decimal(3), Decimal(2000))
    burn = budget_use_of_tasks([task])[task.pk]
    assert burn == BudgetUse(Decimal(8), Decimal(3), Decimal(1600))
    assert (burn.recorded_hours, percent_of(burn.hours, Decimal(10))) == (11, 80)


def test_what_was_invoiced_stays_used(at):
    at.approved(8)
    at.ready()
    at.confirm(at.draft())
    assert budget_use_of([at.project])[at.project.pk].amount == 1600


def test_expenses_are_money_and_no_hours(at):
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(100))
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(Decimal(0), Decimal(0), Decimal(110))


def test_other_currencies_count_at_the_rate_of_the_day_of_the_work():
    at = Company(currency="GBP")
    at.rate("GBP", "1.25")
    at.rate("GBP", "1.30", date(2026, 3, 15))
    at.approved(8)
    at.approved(8, date=date(2026, 3, 14))
    at.approved(4, date=date(2026, 3, 15))
    # 1,600 and 1,600 at 1.25, and 800 at 1.30.
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(
        Decimal(20), Decimal(0), Decimal(5040), {"GBP": Decimal(4000)}
    )


def test_each_day_is_converted_and_rounded_once():
    at = Company(currency="GBP")
    at.rate("GBP", "1.23457")
    at.approved("0.37")
    at.approved("0.37", date=date(2026, 3, 3))
    # 74 pounds are 91.35818 euros, twice; their sum would come to 182.72 as well, one by one to 91.36.
    assert budget_use_of([at.project])[at.project.pk].amount == Decimal("182.72")
    at.approved("0.05", date=date(2026, 3, 4))
    assert budget_use_of([at.project])[at.project.pk].amount == Decimal("182.72") + Decimal("12.35")


def test_converted_amounts_of_tasks_add_up_to_their_project():
    at = Company(currency="GBP")
    at.rate("GBP", "1.23457")
    tasks = [task_of(at), task_of(at)]
    for task in tasks:
        at.approved("0.05", task=task)
    # Ten pounds are 12.3457 euros; rounded once together, twenty would be 24.69.
    assert [use.amount for use in budget_use_of_tasks(tasks).values()] == [Decimal("12.35")] * 2
    whole = budget_use_of([at.project])[at.project.pk]
    assert whole.amount == Decimal("24.70")
    assert whole.without(budget_use_of_tasks(tasks).values()) == BudgetUse()


def in_two_currencies() -> tuple[Company, Task]:
    """A project whose own work is sold in euros, and whose task Abroad is sold in pounds at 100 an hour."""
    at = Company()
    abroad = task_of(at)
    line = rows.contract_line(
        rows.contract(at.entity, at.customer, currency="GBP"), at.customer, project=at.project
    )
    home = task_of(at)
    at.line.tasks.set([home])
    line.tasks.set([abroad])
    set_up.create_price_list(at, PriceContext.SALES, "GBP", "100")
    at.approved(8, task=home)
    at.approved(6, task=abroad)
    return at, abroad


def test_a_project_in_two_currencies_has_one_figure_and_its_task_another():
    at, abroad = in_two_currencies()
    at.rate("GBP", "1.25")
    pounds = {"GBP": Decimal(600)}
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(
        Decimal(14), Decimal(0), Decimal(1600) + Decimal(750), pounds
    )
    assert budget_use_of_tasks([abroad])[abroad.pk] == BudgetUse(Decimal(6), Decimal(0), Decimal(750), pounds)


def test_without_a_rate_the_sum_is_left_out_and_said():
    at, abroad = in_two_currencies()
    at.rate("GBP", "1.25", date(2026, 3, 3))
    pounds = {"GBP": Decimal(600)}
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(
        Decimal(14), Decimal(0), Decimal(1600), {}, pounds
    )
    assert budget_use_of_tasks([abroad])[abroad.pk].left_out == pounds


def test_what_is_without_a_task_is_left_over_in_every_currency():
    at, abroad = in_two_currencies()
    at.rate("GBP", "1.25")
    whole, part = budget_use_of([at.project])[at.project.pk], budget_use_of_tasks([abroad])[abroad.pk]
    assert whole.without([part]) == BudgetUse(Decimal(8), Decimal(0), Decimal(1600))
    assert whole.without([whole]) == BudgetUse()


def test_what_was_invoiced_or_cancelled_abroad_counts_as_at_home():
    at = Company(currency="GBP")
    at.rate("GBP", "1.25")
    wrong = at.approved(8)
    at.approved(4, date=date(2026, 3, 3))
    cancel_approvals(only(wrong), comment="Wrong", actor=at.manager, on=DAY, at=NOW)
    at.confirm(at.draft())
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(
        Decimal(4), Decimal(8), Decimal(1000), {"GBP": Decimal(800)}
    )


def test_a_budget_is_reached_by_money_of_all_currencies_together():
    at, _abroad = in_two_currencies()
    at.rate("GBP", "1.25")
    budget(at, budget_amount=Decimal(2900))
    assert watch() == [(at.project.number, "amount", 80, 2350)]


def test_a_rate_that_is_added_later_reaches_the_budget_and_the_mail_says_the_figure():
    at, _abroad = in_two_currencies()
    at.manager.email = "manager@example.com"
    at.manager.save()
    budget(at, budget_amount=Decimal(1600), manager=at.manager)
    for _nth in range(3):
        sweep_outbox(now=NOW)
    assert len(mail.outbox) == 2
    assert "€1,600.00 of a budget of €1,600.00 is 100%." in mail.outbox[1].body
    left_out = "Not counted, because the day of the work has no exchange rate: £600.00."
    assert [left_out in one.body for one in mail.outbox] == [True, True]

    budget(at, budget_amount=Decimal(2350))
    with transaction.atomic():
        at.rate("GBP", "1.25")
        look_again(at.entity, at=NOW)
    for _nth in range(3):
        sweep_outbox(now=NOW)
    assert len(mail.outbox) == 4
    assert "€2,350.00 of a budget of €2,350.00 is 100%." in mail.outbox[3].body
    assert "no exchange rate" not in mail.outbox[3].body


def test_statements_do_not_grow_with_the_projects(at):
    other = at.with_another_customer()
    assert statements(lambda: budget_use_of([at.project])) == statements(
        lambda: budget_use_of([at.project, other.project])
    )
    tasks = [task_of(at) for _nth in range(9)]
    assert statements(lambda: budget_use_of_tasks(tasks[:1])) == statements(
        lambda: budget_use_of_tasks(tasks)
    )


def test_each_threshold_is_noted_once_for_project_and_task(at):
    task = task_of(at, budget_amount=Decimal(1600))
    budget(at, budget_hours=Decimal(10))
    at.approved(7, task=task)
    assert watch() == [(str(task), "amount", 80, 1400)]
    at.approved(1, task=task)
    expected = [
        (str(task), "amount", 80, 1400),
        (at.project.number, "hours", 80, 8),
        (str(task), "amount", 100, 1600),
    ]
    assert watch() == expected
    assert watch() == expected


def test_a_raised_budget_reaches_its_thresholds_anew(at):
    budget(at, budget_hours=Decimal(10))
    at.approved(8)
    watch()
    budget(at, budget_hours=Decimal(9))
    assert [one[2] for one in watch()] == [80, 80]


def test_a_budget_of_nothing_is_no_budget(at):
    budget(at, budget_hours=Decimal(0), budget_amount=None)
    at.approved(8)
    assert watch() == []


def test_an_approval_leads_to_one_mail_to_the_people_named(at):
    reader = at.person()
    reader.email = "reader@example.com"
    reader.save()
    budget(at, budget_hours=Decimal(10))
    at.project.budget_readers.add(reader)
    at.approved(8)
    for _nth in range(3):
        sweep_outbox(now=NOW)
    (sent,) = mail.outbox
    assert sent.to == ["reader@example.com"]
    assert sent.subject == f"{at.project.name}: 80% of the budget reached"
    assert "8.00\N{NO-BREAK SPACE}h approved of a budget of 10.00\N{NO-BREAK SPACE}h is 80%." in sent.body
    assert f"/projects/{at.project.pk}/" in sent.body


def test_without_readers_the_manager_is_written_to(at):
    at.manager.email = "manager@example.com"
    at.manager.save()
    budget(at, budget_amount=Decimal(1000), manager=at.manager)
    at.approved(8)
    for _nth in range(3):
        sweep_outbox(now=NOW)
    assert [one.subject for one in mail.outbox] == [
        f"{at.project.name}: 80% of the budget reached",
        f"{at.project.name}: 100% of the budget reached",
    ]
    assert "€1,600.00 of a budget of €1,000.00 is 160%." in mail.outbox[0].body


def test_a_mail_that_cannot_be_sent_holds_up_no_approval_and_is_tried_again(at, monkeypatch):
    at.manager.email = "manager@example.com"
    at.manager.save()
    budget(at, budget_hours=Decimal(10), manager=at.manager)

    def broken(connection):
        raise ConnectionRefusedError("no server")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.open", broken)
        at.approved(8)
        for _nth in range(2):
            sweep_outbox(now=NOW)
    entry = OutboxEntry.objects.get(kind="budget-reached")
    assert (entry.status, entry.last_error) == ("pending", "no server")
    assert at.backlog()
    sweep_outbox(now=NOW)
    assert len(mail.outbox) == 1


def test_a_budget_that_is_lowered_below_what_is_used_is_noticed(at):
    at.approved(8)
    values = {"budget_hours": Decimal(8)}
    change_record(Project.objects.filter(pk=at.project.pk), values, actor=at.manager, at=NOW)
    for _nth in range(2):
        sweep_outbox(now=NOW)
    assert list(BudgetNotice.objects.order_by("threshold").values_list("threshold", flat=True)) == [80, 100]
