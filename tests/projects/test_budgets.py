"""Budgets in hours and money: what is used, and one mail for each threshold (A14)."""

from decimal import Decimal

import pytest
from django.core import mail

from accounting.outbox_handlers import sweep_outbox
from core.models import OutboxEntry
from projects.budgets import BudgetUse, budget_use_of, budget_use_of_tasks, percent_of
from projects.maintaining import change_record
from projects.models import BudgetNotice, Project, Task
from projects.watching_budgets import watch_budgets
from tests.company import Company, rows
from tests.company.checking import statements
from tests.company.rows import NOW

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
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(Decimal(10), Decimal(3), Decimal(2000), {})
    burn = budget_use_of_tasks([task])[task.pk]
    assert burn == BudgetUse(Decimal(8), Decimal(3), Decimal(1600), {})
    assert (burn.recorded_hours, percent_of(burn.hours, Decimal(10))) == (11, 80)


def test_what_was_invoiced_stays_used(at):
    at.approved(8)
    at.ready()
    at.confirm(at.draft())
    assert budget_use_of([at.project])[at.project.pk].amount == 1600


def test_expenses_are_money_and_no_hours(at):
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(100))
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(Decimal(0), Decimal(0), Decimal(110), {})


def test_other_currencies_count_against_no_budget():
    at = Company(currency="GBP")
    at.approved(8)
    assert budget_use_of([at.project])[at.project.pk] == BudgetUse(
        Decimal(8), Decimal(0), Decimal(0), {"GBP": Decimal(1600)}
    )


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

    def broken(mails):
        raise ConnectionRefusedError("no server")

    with monkeypatch.context() as patch:
        patch.setattr("accounting.outbox_handlers.send_mails", broken)
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
