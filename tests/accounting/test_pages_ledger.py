"""Trial balance, result, balance sheet and account statement: every figure and where it leads."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.account_lines import lines_of, page_of, totals_of
from accounting.balances import Span, balances_of, by_kind, summed
from accounting.models import Account, FiscalPeriod
from projects.models import Project
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

MARCH, APRIL = Span(date(2026, 3, 1), date(2026, 3, 31)), Span(date(2026, 4, 1), date(2026, 4, 30))
BALANCES, STATEMENT = "/admin/ledger/balances/", "/admin/ledger/statement/"


@pytest.fixture
def company() -> Company:
    company = Company()
    company.billed(8)
    return company


@pytest.fixture
def accountant(company: Company) -> Client:
    return signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))


def figures(span: Span, company: Company, compared: Span | None = None) -> dict[str, tuple[str, ...]]:
    return {
        one.account.number: tuple(
            f"{value:.2f}" for value in (one.opening, one.debit, one.credit, one.closing, one.change)
        )
        for one in balances_of(company.entity, span, compared)
        if one.account and not one.is_empty
    }


def of_customers() -> Account:
    return Account.objects.get(control="customer")


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def march_of(company: Company) -> FiscalPeriod:
    return FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=MARCH.first)


def test_every_account_before_in_and_after_a_month(company: Company) -> None:
    """Eight hours at 200.00 with 20 % tax, invoiced in March: debits, credits and balances."""
    assert figures(MARCH, company) == {
        "1400": ("0.00", "1920.00", "0.00", "1920.00", "1920.00"),
        "1450": ("0.00", "1600.00", "1600.00", "0.00", "0.00"),
        "1776": ("0.00", "0.00", "320.00", "-320.00", "-320.00"),
        "4100": ("0.00", "800.00", "0.00", "800.00", "800.00"),
        "4199": ("0.00", "0.00", "800.00", "-800.00", "-800.00"),
        "8400": ("0.00", "0.00", "1600.00", "-1600.00", "-1600.00"),
        "8450": ("0.00", "1600.00", "1600.00", "0.00", "0.00"),
    }
    assert figures(APRIL, company, MARCH)["1400"] == ("1920.00", "0.00", "0.00", "1920.00", "0.00")
    rows = balances_of(company.entity, MARCH)
    total = summed(rows)
    assert (total.opening, total.debit, total.credit, total.closing) == (
        0,
        Decimal("5920"),
        Decimal("5920"),
        0,
    )
    kinds = [(kind.value, sums.closing) for kind, _rows, sums in by_kind(rows) if not sums.is_empty]
    assert kinds == [("asset", 1920), ("liability", -320), ("revenue", -1600), ("expense", 0)]


def test_a_month_is_compared_with_the_one_before(company: Company) -> None:
    """Nothing of April is in March, and the movement of March stands beside that of April."""
    [revenue] = [one for one in balances_of(company.entity, APRIL, MARCH) if one.account.number == "8400"]
    assert (revenue.movement, revenue.compared_movement, revenue.compared, revenue.change) == (
        0,
        -1600,
        -1600,
        0,
    )


def test_the_page_shows_every_figure_with_its_statement(company: Company, accountant: Client) -> None:
    march = march_of(company)
    answer = accountant.get(BALANCES, {"period": march.pk})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Debit = credit" in page
    statement = f"{STATEMENT}?first=2026-03-01&amp;last=2026-03-31&amp;account={of_customers().pk}"
    assert f'<a href="{statement}">1,920.00</a>' in page
    assert answer.context["result"].movement == -1600
    for show, heading, absent in [
        ("trial", "Trial balance", "Result, not closed yet"),
        ("profit", "Profit and loss", "Result, not closed yet"),
        ("position", "Result, not closed yet", "Debit = credit"),
    ]:
        part = text_of(accountant.get(BALANCES, {"period": march.pk, "show": show}))
        assert heading in part
        assert absent not in part


def test_accounts_without_postings_are_shown_where_asked_for(company: Company, accountant: Client) -> None:
    march = march_of(company)
    posted = accountant.get(BALANCES, {"period": march.pk, "accounts": "posted"}).context["groups"]
    every = accountant.get(BALANCES, {"period": march.pk, "accounts": "all"}).context["groups"]
    count = Account.objects.filter(legal_entity=company.entity).count()
    assert sum(len(one.accounts) for one in posted) == 7
    assert sum(len(one.accounts) for one in every) == count


def test_the_trial_balance_is_exported(company: Company, accountant: Client) -> None:
    answer = accountant.get(BALANCES, {"period": march_of(company).pk, "export": "csv"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(content.splitlines()))
    assert rows[0] == ["account", "name", "kind", "opening", "debit", "credit", "closing"]
    assert rows[1] == ["1400", "Trade receivables", "asset", "0.00", "1920.00", "0.00", "1920.00"]
    assert len(rows) == 8


def test_the_statement_of_an_account_ends_with_its_balance(company: Company, accountant: Client) -> None:
    company.billed(4)
    account = of_customers()
    answer = accountant.get(STATEMENT, {"account": account.pk, "first": "2026-03-01", "last": "2026-12-31"})
    page = text_of(answer)
    assert [(line.base_amount, line.balance) for line, _document in answer.context["rows"]] == [
        (1920, 1920),
        (960, 2880),
    ]
    documents = [document for _line, document in answer.context["rows"]]
    assert documents == list(company.entity.customer_invoices.order_by("pk").values_list("number", flat=True))
    assert "0.00 + 2,880.00 − 0.00 = <b>2,880.00</b>" in page
    export = accountant.get(
        STATEMENT, {"account": account.pk, "first": "2026-03-01", "last": "2026-12-31", "export": "csv"}
    )
    rows = list(csv.reader(b"".join(export.streaming_content).decode("utf-8-sig").splitlines()))
    assert [(row[5], row[6], row[7], row[8]) for row in rows[1:]] == [
        ("1920.00", "", "1920.00", "EUR"),
        ("960.00", "", "2880.00", "EUR"),
    ]


def test_a_statement_goes_on_where_the_page_before_ended(company: Company) -> None:
    company.billed(4)
    company.billed(2)
    lines = lines_of(of_customers())
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    totals = totals_of(lines, year)
    assert (totals.opening, totals.debit, totals.credit, totals.closing, totals.count) == (
        0,
        3360,
        0,
        3360,
        3,
    )
    first = page_of(lines, year, None, 2)
    assert (first.brought_forward, first.carried_forward) == (0, 2880)
    day, key = first.next_key.split("-")
    second = page_of(lines, year, (date.fromisoformat(day), int(key)), 2)
    assert (second.brought_forward, second.carried_forward, second.next_key) == (2880, 3360, "")
    assert [line.base_amount for line in second.lines] == [480]
    whole = page_of(lines, year, None, 3)
    assert (whole.carried_forward, whole.next_key) == (3360, "")


def test_what_was_posted_before_the_first_day_is_brought_forward(
    company: Company, accountant: Client
) -> None:
    answer = accountant.get(
        STATEMENT, {"account": of_customers().pk, "first": "2026-12-01", "last": "2026-12-31"}
    )
    page, totals = answer.context["page"], answer.context["totals"]
    assert (totals.opening, totals.debit, totals.closing, totals.count) == (1920, 0, 1920, 0)
    assert (page.brought_forward, page.carried_forward, page.lines) == (1920, 1920, [])


@pytest.mark.parametrize(
    ("address", "data", "field"),
    [
        (BALANCES, {"period": "999999"}, "period"),
        (BALANCES, {"period": "x"}, "period"),
        (STATEMENT, {"account": "999999"}, "account"),
        (STATEMENT, {"account": "", "first": "2026-02-30"}, "first"),
        (STATEMENT, {"account": "1", "first": "2026-03-31", "last": "2026-03-01"}, "last"),
        (STATEMENT, {"account": "1", "customer": "abc"}, "customer"),
    ],
)
def test_what_cannot_be_shown_is_said_at_its_field(company, accountant, address, data, field) -> None:
    if data.get("account") == "1":
        data = data | {"account": of_customers().pk}
    answer = accountant.get(address, data)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert "rows" not in answer.context
    assert "groups" not in answer.context


def test_an_address_that_names_no_line_begins_at_the_first(company: Company, accountant: Client) -> None:
    for after in ("x", "20269999-1", "20260301-99999999999999999999", "\x00", "20260301-٣"):
        answer = accountant.get(
            STATEMENT,
            {"account": of_customers().pk, "first": "2026-01-01", "last": "2026-12-31", "after": after},
        )
        assert [line.balance for line, _document in answer.context["rows"]] == [1920], after


def test_a_statement_is_narrowed_to_a_customer_or_dimension(company: Company, accountant: Client) -> None:
    Project.objects.filter(pk=company.project.pk).update(dimension="north")
    company.billed(4)
    days = {"first": "2026-01-01", "last": "2026-12-31"}

    def closing(number: str, **asked: object) -> Decimal:
        account = Account.objects.get(number=number)
        answer = accountant.get(STATEMENT, {"account": account.pk, **days, **asked})
        return answer.context["totals"].closing

    assert closing("1400", customer=company.customer.pk) == 2880
    # Lines of revenue name no customer.
    assert (closing("8400"), closing("8400", customer=company.customer.pk)) == (-2400, 0)
    assert (closing("8400", dimension="north"), closing("8400", dimension="south")) == (-800, 0)


def test_balances_of_a_dimension_and_where_every_figure_leads(company: Company, accountant: Client) -> None:
    Project.objects.filter(pk=company.project.pk).update(dimension="north")
    company.billed(4)
    march = march_of(company)
    april = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=APRIL.first)
    answer = accountant.get(BALANCES, {"period": april.pk, "compared": march.pk, "dimension": "north"})
    assert answer.context["total"].closing == -800
    page, key = text_of(answer), Account.objects.get(number="8400").pk
    for days in (
        "first=2026-01-01&amp;last=2026-03-31",
        "first=2026-04-01&amp;last=2026-04-30",
        "first=2026-03-01&amp;last=2026-03-31",
    ):
        assert f'href="{STATEMENT}?{days}&amp;dimension=north&amp;account={key}">' in page
    # Of March against April, which lies later, the change is that of the days between both ends.
    back = text_of(accountant.get(BALANCES, {"period": march.pk, "compared": april.pk}))
    assert f"{STATEMENT}?first=2026-04-01&amp;last=2026-04-30&amp;account=" in back


def test_statements_do_not_grow_with_lines(company: Company, accountant: Client) -> None:
    data = {"account": of_customers().pk, "first": "2026-01-01", "last": "2026-12-31"}
    accountant.get(STATEMENT, data)
    with CaptureQueriesContext(connection) as few:
        accountant.get(STATEMENT, data)
    company.billed(4)
    company.billed(2)
    with CaptureQueriesContext(connection) as many:
        accountant.get(STATEMENT, data)
    assert len(many) == len(few)


def test_other_companies_and_other_roles_see_nothing_of_it(company: Company, accountant: Client) -> None:
    other = Company()
    other.billed(8)
    foreign = Account.objects.get(legal_entity=other.entity, control="customer")
    answer = accountant.get(STATEMENT, {"account": foreign.pk, "first": "2026-01-01", "last": "2026-12-31"})
    assert "account" in answer.context["form"].errors
    theirs = FiscalPeriod.objects.filter(legal_entity=other.entity).first()
    assert "period" in accountant.get(BALANCES, {"period": theirs.pk}).context["form"].errors
    manager = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    assert manager.get(BALANCES).status_code == 403
    assert manager.get(STATEMENT).status_code == 403


def test_the_menu_of_the_books_leads_there_and_counts_what_waits(
    company: Company, accountant: Client
) -> None:
    company.approved(3)
    company.confirm(company.draft())
    company.propose()
    for address in (BALANCES, reverse("admin:index"), reverse("admin:accounting_voucher_changelist")):
        page = text_of(accountant.get(address))
        assert f'<a href="{BALANCES}"' in page
        assert f'<a href="{reverse("admin:accounting_invoiceproposal_changelist")}"' in page
    entries = {
        str(entry["label"]): entry["count"]
        for section in accountant.get(BALANCES).context["navigation"]
        for entry in section["entries"]
    }
    assert entries["Invoice proposals"] == 1
    assert "Accounting" not in entries
