"""What previews say that limits will keep back is what drafting then leaves behind (A6, X4)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.drafts_ahead import Preview
from billing.models import Proforma
from billing.previewing import Expected, preview_run
from projects.limiting import reset_limits
from projects.models import (
    BacklogItem,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    ProjectContract,
)
from projects.states import BillingType
from tests.company import Company
from tests.company.batch import Batch
from tests.company.checking import statements, unchanged
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LEVELS: dict[str, Any] = {
    "line_customer": ContractLineCustomer,
    "line": ContractLine,
    "contract_customer": ContractCustomer,
    "contract": ProjectContract,
}


@pytest.fixture
def batch() -> Batch:
    """Six hours of March at 200 each are ready and due on the first of October; no limit yet."""
    made = Batch()
    company = made.company
    company.is_managed_by(company.manager)
    made.schedule(company.line, period="monthly", day_of_month=1)
    work(company, *(date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9)))
    return made


@pytest.fixture
def at(batch: Batch) -> Company:
    return batch.company


def work(company: Company, *days: date, **columns: Any) -> None:
    """One hour at 200 on each of these days, ready to be invoiced."""
    for day in days:
        company.approved(1, date=day, **columns)
    company.ready()


def agree(company: Company, level: str, amount: str) -> None:
    """Agree a limit on one level, after the work was approved."""
    ContractCustomer.objects.get_or_create(contract=company.contract, customer=company.customer)
    LEVELS[level].objects.update(not_to_exceed_amount=Decimal(amount))


def summary(one: Expected) -> tuple[date, str, int, Decimal, list[tuple[str, int, Decimal]]]:
    kept = [(each.level.value, each.entries, each.amount) for each in one.kept]
    return one.run_date, one.outcome, one.entries, one.amount, kept


def foretold(batch: Batch, day: date = NOVEMBER) -> list[Any]:
    with unchanged():
        return [summary(one) for one in preview_run(batch.job, day)]


def drafted(batch: Batch) -> list[tuple[date | None, Decimal]]:
    return list(Proforma.objects.order_by("pk").values_list("scheduled_for", "net_amount"))


@pytest.mark.parametrize("level", LEVELS)
def test_limit_1000_and_ready_work_for_1200_foresee_1000_and_name_the_limit(batch, at, level):
    agree(at, level, "1000")
    assert foretold(batch, OCTOBER) == [(OCTOBER, "create", 5, 1000, [(level, 1, 200)])]
    (kept,) = preview_run(batch.job, OCTOBER)[0].kept
    run = batch.by_hand(OCTOBER)
    assert drafted(batch) == [(OCTOBER, 1000)]
    (outcome,) = run.outcomes.all()
    assert outcome.message == str(kept)
    label = kept.level.label
    assert str(kept) == f"1 entry of €200.00 stays in the backlog: it exceeds the limit of the {label}"


def test_what_waits_for_a_later_row_counts_already(batch, at):
    work(at, date(2026, 10, 5), date(2026, 10, 6))
    agree(at, "contract", "1400")
    held = [("contract", 1, 200)]
    assert foretold(batch) == [(OCTOBER, "create", 5, 1000, held), (NOVEMBER, "create", 2, 400, held)]
    batch.by_hand(NOVEMBER)
    assert drafted(batch) == [(OCTOBER, 1000), (NOVEMBER, 400)]


def test_what_an_earlier_row_takes_is_used_up_for_the_later_one(batch, at):
    work(at, date(2026, 10, 5), date(2026, 10, 6))
    agree(at, "contract", "1400")
    # What was reset counts only once it is on a draft.
    reset_limits(BacklogItem.objects.all(), actor=at.manager, at=NOW)
    assert foretold(batch) == [
        (OCTOBER, "create", 6, 1200, []),
        (NOVEMBER, "create", 1, 200, [("contract", 1, 200)]),
    ]
    batch.by_hand(NOVEMBER)
    assert drafted(batch) == [(OCTOBER, 1200), (NOVEMBER, 200)]


def test_what_failed_before_is_named_at_every_cut_off_and_counted_once(batch, at):
    agree(at, "line", "1000")
    work(at, date(2026, 3, 10))
    work(at, date(2026, 10, 5), billing_type=BillingType.COMPLIMENTARY)
    held = [("line", 2, 400)]
    assert foretold(batch) == [(OCTOBER, "create", 5, 1000, held), (NOVEMBER, "create", 1, 0, held)]
    batch.by_hand(NOVEMBER)
    assert drafted(batch) == [(OCTOBER, 1000), (NOVEMBER, 0)]


def test_work_of_another_contract_uses_none_of_the_limit(batch, at):
    agree(at, "contract", "1200")
    other = at.with_another_customer()
    batch.schedule(other.line, period="monthly", day_of_month=1)
    work(other, date(2026, 3, 2), date(2026, 3, 3))
    assert foretold(batch, OCTOBER) == [
        (OCTOBER, "create", 6, 1200, []),
        (OCTOBER, "create", 2, 400, []),
    ]


def test_nothing_that_fits_is_nothing_to_bill(batch, at):
    agree(at, "contract", "100")
    assert foretold(batch, OCTOBER) == [(OCTOBER, "nothing", 0, 0, [("contract", 6, 1200)])]
    batch.by_hand(OCTOBER)
    assert drafted(batch) == []


def test_work_given_away_counts_as_an_entry_and_not_as_money(batch, at):
    work(at, date(2026, 3, 10), billing_type=BillingType.COMPLIMENTARY)
    assert foretold(batch, OCTOBER) == [(OCTOBER, "create", 7, 1200, [])]
    batch.by_hand(OCTOBER)
    assert drafted(batch) == [(OCTOBER, 1200)]


def test_a_blocked_row_takes_nothing_so_the_later_one_finds_all_of_it(batch, at):
    agree(at, "contract", "1000")
    at.entity.locked_through = OCTOBER
    at.entity.save()
    rows_shown = foretold(batch)
    assert [one[:4] for one in rows_shown] == [
        (OCTOBER, "blocked", 6, 1200),
        (NOVEMBER, "create", 5, 1000),
    ]
    assert [one[4] for one in rows_shown] == [[], [("contract", 1, 200)]]
    batch.by_hand(NOVEMBER)
    assert drafted(batch) == [(NOVEMBER, 1000)]


def test_statements_do_not_grow_with_contracts_that_have_limits(batch, at):
    agree(at, "contract", "1000")
    expected = statements(lambda: preview_run(batch.job, OCTOBER))
    for _each in range(3):
        other = at.with_another_customer()
        batch.schedule(other.line, period="monthly", day_of_month=1)
        work(other, date(2026, 3, 2), date(2026, 3, 3))
    agree(at, "contract", "300")
    assert statements(lambda: preview_run(batch.job, OCTOBER)) == expected


def test_the_page_names_what_a_run_would_leave_behind(batch, at):
    agree(at, "contract", "1000")
    reader = signed_in(at.admit(at.accountant, "Project accountant"))
    asked = {"job": batch.job.pk, "business_date": OCTOBER.isoformat()}
    shown = reader.get(reverse("run-request"), asked)
    page = shown.content.decode()
    assert "1 entry of €200.00 stays in the backlog: it exceeds the limit of the contract" in page
    assert shown.context["preview"]["sums"] == [("EUR", 1000)]


# --- A selection ------------------------------------------------------------------------


def previewed(company: Company) -> list[Preview]:
    return [one.preview for one in asked(company).context["placements"]]


def asked(company: Company, **more: str) -> Any:
    """The page that drafts all open work of the company, or the answer to it."""
    sent = {"row": list(BacklogItem.objects.values_list("pk", flat=True)), "invoice_date": "2026-03-31"}
    return signed_in(company.admit(company.manager, "Project manager")).post(
        reverse("backlog-draft"), sent | more, follow=True
    )


def test_a_selection_foresees_what_fits_and_names_what_does_not(at):
    agree(at, "contract", "1000")
    shown = asked(at)
    (row,) = [one.preview for one in shown.context["placements"]]
    assert (row.entries, row.left, row.amount) == (5, 1, 1000)
    assert [(total.currency, total.amount) for total in shown.context["totals"]] == [("EUR", 1000)]
    sentence = "1 entry of €200.00 stays in the backlog: it exceeds the limit of the contract"
    assert sentence in shown.content.decode()
    done = asked(at, go="1")
    assert [str(one) for one in done.context["messages"]] == [f"1 proforma created. {sentence}"]
    assert Proforma.objects.get().net_amount == 1000


def test_each_customer_of_a_selection_has_its_own_limit():
    company = Company()
    company.is_managed_by(company.manager)
    first, second = company.is_shared_by("50", "50")
    work(company, date(2026, 3, 2), date(2026, 3, 3))
    ContractLineCustomer.objects.filter(customer=second).update(not_to_exceed_amount=Decimal(150))
    foreseen = {row.customer: (row.entries, row.left, row.amount) for row in previewed(company)}
    assert foreseen == {first: (2, 0, 200), second: (1, 1, 100)}
    asked(company, go="1")
    assert dict(Proforma.objects.values_list("customer", "net_amount")) == {first.pk: 200, second.pk: 100}


def test_where_all_is_kept_back_no_proforma_is_foreseen(at):
    agree(at, "line", "100")
    (row,) = previewed(at)
    assert (row.is_drafted, row.entries, row.left, row.amount) == (False, 0, 6, 0)
    assert asked(at, go="1").context["messages"]
    assert not Proforma.objects.exists()
