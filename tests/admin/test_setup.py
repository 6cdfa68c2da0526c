"""Set-up in the admin: changed before its first use, never taken back from what is posted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.models import Account, FiscalPeriod
from accounting.states import PeriodStatus
from billing.models import BatchJob, BatchRun, InvoiceFrequency, InvoiceSchedule, NumberSeries
from core.models import Activity, OutboxEntry
from projects.models import ExchangeRate, PriceList, SalesTaxGroup, Task, TaxCode
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def no_rows(*prefixes: str) -> dict[str, str]:
    """The management of inline rows that are left as they are."""
    return {f"{prefix}-{part}_FORMS": "0" for prefix in prefixes for part in ("TOTAL", "INITIAL")}


def test_an_account_is_changed_until_a_voucher_uses_it(company: Company, controller: AdminClient):
    company.billed()
    used = Account.objects.get(number="8400")
    idle = Account.objects.get(number="4400")
    data = {"number": "9999", "name": "Renamed", "kind": "asset", "control": ""}
    assert controller.sent("accounting_account_change", used.pk, data=data).status_code == 409
    assert controller.sent("accounting_account_change", idle.pk, data=data).status_code == 302
    assert Account.objects.get(pk=used.pk).number == "8400"
    assert Account.objects.get(pk=idle.pk).name == "Renamed"
    log = Activity.objects.about(idle).get()
    assert (log.verb, log.actor) == ("changed", controller.user)
    assert log.changes == {
        "number": ["4400", "9999"],
        "name": ["Cost of items", "Renamed"],
        "kind": ["expense", "asset"],
    }


def test_the_same_account_twice_is_refused_at_its_field(company: Company, controller: AdminClient):
    data = {
        "legal_entity": company.entity.pk,
        "number": "8400",
        "name": "Again",
        "kind": "revenue",
        "control": "",
    }
    answer = controller.sent("accounting_account_add", data=data)
    assert answer.status_code == 200
    assert "already exists" in str(answer.context["errors"])
    assert Account.objects.filter(number="8400").count() == 1


@pytest.mark.parametrize("rate", ["1e5", "1_000", "٣.١", "NaN", "-1", "0", "1,5", "9" * 30, ""])
def test_a_rate_is_plain_digits_above_zero(company: Company, controller: AdminClient, rate: str):
    data = {"legal_entity": company.entity.pk, "currency": "GBP", "starts_on": "2026-03-01", "rate": rate}
    assert controller.sent("projects_exchangerate_add", data=data).status_code == 200
    assert not ExchangeRate.objects.exists()


def test_a_rate_is_added_and_never_changed(company: Company, controller: AdminClient):
    project = company.with_another_customer().project
    Task.objects.create(project=project, code="T1", name="Build", budget_amount=Decimal(100))
    data = {"legal_entity": company.entity.pk, "currency": "GBP", "starts_on": "2026-03-01", "rate": "1.165"}
    assert controller.sent("projects_exchangerate_add", data=data).status_code == 302
    added = ExchangeRate.objects.get()
    assert added.rate == Decimal("1.165")
    # Budgets count other currencies by it, so they are looked at again.
    waiting = OutboxEntry.objects.filter(kind="budgets-changed").values_list("payload", flat=True)
    assert list(waiting) == [{"key": project.pk}]
    data["rate"] = "2"
    assert controller.sent("projects_exchangerate_change", added.pk, data=data).status_code == 403


def test_a_used_tax_code_takes_new_rates_and_keeps_the_old_ones(company: Company, controller: AdminClient):
    company.billed()
    code, rate = company.tax_code, company.tax_code.rates.get()
    rows = {
        "rates-TOTAL_FORMS": "2",
        "rates-INITIAL_FORMS": "1",
        "rates-0-id": rate.pk,
        "rates-0-tax_code": code.pk,
        "rates-0-starts_on": "2020-01-01",
        "rates-0-percent": "1",
        "rates-1-id": "",
        "rates-1-tax_code": code.pk,
        "rates-1-starts_on": "2027-01-01",
        "rates-1-percent": "21",
    }
    data = {"code": "other", "name": "Other", "kind": "exempt", "reason_en": "none", **rows}
    assert controller.sent("projects_taxcode_change", code.pk, data=data).status_code == 302
    kept = TaxCode.objects.get(pk=code.pk)
    assert (kept.code, kept.kind) == (code.code, code.kind)
    assert list(kept.rates.values_list("starts_on", "percent")) == [
        (date(2020, 1, 1), Decimal(20)),
        (date(2027, 1, 1), Decimal(21)),
    ]


def test_tax_groups_are_the_controllers(accountant: AdminClient, controller: AdminClient):
    data = {"code": "swiss", "name": "Switzerland"}
    assert accountant.sent("projects_salestaxgroup_add", data=data).status_code == 403
    assert controller.sent("projects_salestaxgroup_add", data=data).status_code == 302
    assert SalesTaxGroup.objects.filter(code="swiss").count() == 1


def test_a_prefix_is_chosen_before_the_first_number(company: Company, controller: AdminClient):
    company.billed()
    used = NumberSeries.objects.get(kind="customer_invoice", year=2026)
    data = {"legal_entity": company.entity.pk, "kind": "customer_invoice", "year": 2027, "prefix": "IN"}
    assert controller.sent("billing_numberseries_add", data=data | {"last_number": "7"}).status_code == 302
    made = NumberSeries.objects.get(year=2027)
    assert (made.prefix, made.last_number) == ("IN", 0)
    assert controller.sent("billing_numberseries_change", made.pk, data={"prefix": "INV"}).status_code == 302
    assert controller.sent("billing_numberseries_change", used.pk, data={"prefix": "XX"}).status_code == 409
    assert list(NumberSeries.objects.filter(kind="customer_invoice").values_list("prefix", flat=True)) == [
        "RE",
        "INV",
    ]


def test_periods_are_closed_and_reopened_by_verbs_that_say_what_stands_in_the_way(
    company: Company, controller: AdminClient
):
    january, february = FiscalPeriod.objects.order_by("starts_on")[:2]
    page = controller.chosen("accounting_fiscalperiod", "close", february)
    refused = controller.confirms(page)
    assert (refused.status_code, [one.code for one in refused.context["refusals"]]) == (
        422,
        ["earlier-period-open"],
    )

    answer = controller.confirms(controller.chosen("accounting_fiscalperiod", "close", january, february))
    assert messages_of(answer)[-1] == "2 periods closed."
    company.entity.refresh_from_db()
    assert company.entity.locked_through == february.ends_on

    answer = controller.confirms(controller.shown("accounting_fiscalperiod_action", february.pk, "reopen"))
    assert messages_of(answer)[-1] == "1 period reopened."
    assert FiscalPeriod.objects.filter(status=PeriodStatus.CLOSED).get() == january
    data = {"name": "x", "starts_on": "2026-01-02", "ends_on": "2026-01-03"}
    assert controller.sent("accounting_fiscalperiod_change", january.pk, data=data).status_code == 409
    assert FiscalPeriod.objects.get(pk=january.pk).name == january.name


def test_periods_share_no_day(company: Company, controller: AdminClient):
    data = {
        "legal_entity": company.entity.pk,
        "name": "Odd",
        "starts_on": "2026-12-15",
        "ends_on": "2027-01-15",
    }
    answer = controller.sent("accounting_fiscalperiod_add", data=data)
    assert "It shares days with" in str(answer.context["errors"])
    data |= {"starts_on": "2027-01-01", "ends_on": "2027-01-31"}
    assert controller.sent("accounting_fiscalperiod_add", data=data).status_code == 302


def test_prices_are_the_accountants(company: Company, accountant: AdminClient, controller: AdminClient):
    prices = company.sales
    role = prices.role_prices.get()
    assert 'value="200"' in accountant.shown("projects_pricelist_change", prices.pk).content.decode()
    data = {
        "name": "Renamed",
        "starts_on": "",
        "ends_on": "",
        **no_rows("category_prices", "material_prices"),
        "role_prices-TOTAL_FORMS": "1",
        "role_prices-INITIAL_FORMS": "1",
        "role_prices-0-id": role.pk,
        "role_prices-0-price_list": prices.pk,
        "role_prices-0-role": role.role_id,
        "role_prices-0-unit": role.unit,
        "role_prices-0-ends_on": "",
        "role_prices-0-price": "210.50",
    }
    assert controller.sent("projects_pricelist_change", prices.pk, data=data).status_code == 403
    assert (
        accountant.sent("projects_pricelist_change", prices.pk, data=data | {"currency": "USD"}).status_code
        == 302
    )
    changed = PriceList.objects.get(pk=prices.pk)
    assert (changed.name, changed.currency) == ("Renamed", prices.currency)
    assert changed.role_prices.get().price == Decimal("210.50")
    assert [one.verb for one in Activity.objects.about(changed).order_by("pk")] == ["changed", "prices set"]


def test_a_list_made_in_the_admin_goes_through_the_verb(company: Company, accountant: AdminClient):
    data = {
        "legal_entity": company.entity.pk,
        "name": "Second list",
        "context": "sales",
        "currency": "EUR",
        "starts_on": "",
        "ends_on": "",
        "contract": "",
        **no_rows("role_prices", "category_prices", "material_prices"),
    }
    answer = accountant.sent("projects_pricelist_add", data=data)
    assert answer.status_code == 422
    assert "It shares days with sales prices" in answer.content.decode()
    data |= {"currency": "GBP", "material_prices-TOTAL_FORMS": "1", "material_prices-0-product": "Cable"}
    data |= {"material_prices-0-unit": "m", "material_prices-0-price": "2.5", "material_prices-0-ends_on": ""}
    assert accountant.sent("projects_pricelist_add", data=data).status_code == 302
    made = PriceList.objects.get(currency="GBP")
    assert (made.name, made.material_prices.get().price) == ("Second list", Decimal("2.5"))


def test_lists_are_ended_and_deleted_while_unused(company: Company, accountant: AdminClient):
    prices = company.sales
    page = accountant.shown("projects_pricelist_action", prices.pk, "end")
    accountant.confirms(page, last_day="2026-06-30")
    assert PriceList.objects.get(pk=prices.pk).ends_on == date(2026, 6, 30)
    page = accountant.shown("projects_pricelist_action", prices.pk, "delete-unused")
    accountant.confirms(page)
    assert not PriceList.objects.filter(pk=prices.pk).exists()


def job(company: Company, admin_client: AdminClient) -> BatchJob:
    data = {"name": "Nightly", "legal_entity": company.entity.pk, "is_active": "on", "runs_at": "05:30"}
    assert admin_client.sent("billing_batchjob_add", data=data).status_code == 302
    return BatchJob.objects.get()


def test_a_job_is_run_by_hand_for_a_date_and_once_at_a_time(company: Company, accountant: AdminClient):
    nightly = job(company, accountant)
    page = accountant.shown("billing_batchjob_action", nightly.pk, "run")
    answer = accountant.confirms(page, business_date="2026-03-31")
    run = BatchRun.objects.get()
    assert messages_of(answer)[-1] == f"Run {run.pk} is queued."
    assert (run.business_date, run.requested_by) == (date(2026, 3, 31), accountant.user)
    again = accountant.confirms(page, business_date="2026-03-31")
    assert (again.status_code, [one.code for one in again.context["refusals"]]) == (422, ["run-active"])
    assert BatchRun.objects.count() == 1


def test_a_schedule_is_generated_on_the_page_of_the_line(company: Company, accountant: AdminClient):
    monthly = InvoiceFrequency.objects.create(name="Monthly", period="monthly", day_of_month=1)
    page = accountant.shown("projects_contractline_action", company.line.pk, "schedule")
    data = {"frequency": monthly.pk, "starts_on": "2026-01-01", "ends_on": "2026-06-30"}
    assert messages_of(accountant.confirms(page, **data))[-1] == "The schedule has 6 runs."
    assert InvoiceSchedule.objects.count() == 6
    answer = accountant.confirms(page, **(data | {"ends_on": "2025-01-01"}))
    assert [one.code for one in answer.context["refusals"]] == ["ends-before-start"]
    answer = accountant.confirms(page, **(data | {"ends_on": "9999-12-31"}))
    assert list(answer.context["form"].errors) == ["ends_on"]


def test_parked_work_is_tried_again_and_other_work_is_left_alone(accountant: AdminClient):
    columns: dict[str, Any] = {
        "kind": "invoice-posted",
        "created_at": NOW,
        "last_error": "disk full",
        "attempts": 5,
    }
    parked = OutboxEntry.objects.create(effect_key="a", status="parked", **columns)
    done = OutboxEntry.objects.create(effect_key="b", status="done", **columns)
    answer = accountant.chosen("core_outboxentry", "try-again", parked, done)
    refusals = [str(one) for one in answer.context["refusals"]]
    assert (answer.status_code, refusals) == (422, ["b: It is not parked. Choose parked entries only."])
    assert OutboxEntry.objects.get(pk=parked.pk).status == "parked"
    answer = accountant.sent("core_outboxentry_action", parked.pk, "try-again")
    assert messages_of(answer)[-1] == "1 entry will be tried again."
    again = OutboxEntry.objects.get(pk=parked.pk)
    assert (again.status, again.attempts, again.last_error) == ("pending", 0, "")


def test_a_mail_that_was_perhaps_sent_is_taken_as_sent_or_sent_again(accountant: AdminClient):
    columns: dict[str, Any] = {"kind": "review-asked", "created_at": NOW, "last_error": "gone"}
    first, second = (
        OutboxEntry.objects.create(effect_key=key, status="in_doubt", **columns) for key in ("a", "b")
    )
    assert "2 mails perhaps sent" in accountant.get("/admin/").content.decode()
    answer = accountant.sent("core_outboxentry_action", first.pk, "take-as-sent")
    assert messages_of(answer)[-1] == "1 mail is taken as sent."
    answer = accountant.chosen("core_outboxentry", "send-again", first, second)
    refusals = [str(one) for one in answer.context["refusals"]]
    assert refusals == ["a: It is no mail that was perhaps sent. Choose entries that were perhaps sent."]
    answer = accountant.sent("core_outboxentry_action", second.pk, "send-again")
    assert messages_of(answer)[-1] == "1 mail will be sent again."
    assert list(OutboxEntry.objects.order_by("pk").values_list("status", flat=True)) == ["done", "pending"]


def test_a_frequency_that_is_none_is_said_in_a_sentence(accountant: AdminClient):
    wrong = [
        ({"period": "monthly", "weekday": "4", "occurrence": "5"}, "not always a fifth"),
        ({"period": "monthly", "weekday": "4", "occurrence": "0"}, "not always a fifth"),
        ({"period": "monthly", "day_of_month": "32"}, "A month has the days 1 to 31."),
        ({"period": "weekly", "day_of_month": "3"}, "It does not say on which weekday it runs."),
    ]
    for columns, sentence in wrong:
        page = accountant.sent("billing_invoicefrequency_add", data={"name": "Wrong"} | columns)
        assert sentence in page.content.decode(), columns
    data = {"name": "Twice", "period": "monthly", "day_of_month": "15", "second_day_of_month": "31"}
    assert accountant.sent("billing_invoicefrequency_add", data=data).status_code == 302
    page = accountant.shown("billing_invoicefrequency_changelist")
    assert "Monthly, day 15 and last day" in page.content.decode()
    assert InvoiceFrequency.objects.count() == 1


@pytest.mark.parametrize("currency", ["usd", "XYZ", "US$", "EUR", ""])
def test_a_rate_is_of_a_currency_of_the_standard_that_is_not_the_companys(
    company: Company, controller: AdminClient, currency: str
):
    data = {"legal_entity": company.entity.pk, "starts_on": "2026-03-01", "rate": "1.1"}
    answer = controller.sent("projects_exchangerate_add", data=data | {"currency": currency})
    assert answer.status_code == 200
    assert not ExchangeRate.objects.exists()
