"""A company's books: accounts, roles, profiles, periods, series and its usual tax (C2, C8, A13)."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from accounting.models import (
    Account,
    CostRevenueProfile,
    CostRevenueRule,
    FiscalPeriod,
    PostingAccount,
)
from accounting.new_books import Books
from accounting.setting_up import (
    StandardTax,
    add_fiscal_year,
    create_books,
    create_fiscal_periods,
    found_company,
)
from accounting.states import PostingType
from accounting.usual_taxes import USUAL_TAXES
from billing.models import NumberSeries
from billing.states import SeriesKind
from core.models import Activity
from projects.models import (
    FiscalSpan,
    ItemSalesTaxGroup,
    LegalEntity,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.tax_rules import tax_rules
from projects.taxing import TaxBase, tax_groups
from tests.company import Company, rows
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

VAT = StandardTax("vat", "VAT", Decimal(19), date(2021, 1, 1))


def create(at: Company, **options) -> LegalEntity:
    options = {"first_day": date(2025, 12, 15), "last_day": date(2026, 2, 1)} | options
    create_books(at.entity, actor=at.manager, at=NOW, **options)
    return LegalEntity.objects.get(pk=at.entity.pk)


def test_every_posting_type_has_an_account_in_general():
    entity = create(Company.bare())
    roles = PostingAccount.objects.filter(legal_entity=entity, project=None)
    assert sorted(roles.values_list("posting_type", flat=True)) == sorted(PostingType.values)
    numbers = dict(roles.values_list("posting_type", "account__number"))
    assert (numbers["customer_balance"], numbers["invoiced_revenue"], numbers["rounding"]) == (
        "1400",
        "8400",
        "8990",
    )


def test_only_the_customer_balance_is_a_control_account():
    entity = create(Company.bare())
    controls = Account.objects.filter(legal_entity=entity).exclude(control="")
    assert list(controls.values_list("number", "control")) == [("1400", "customer")]


def test_time_and_material_accrues_and_a_fixed_price_does_not():
    entity = create(Company.bare())
    profiles = CostRevenueProfile.objects.filter(legal_entity=entity).order_by("billing_method")
    assert [(one.name, one.billing_method, one.accrues_time, one.accrues_fee) for one in profiles] == [
        ("Fixed price", "fixed_price", False, False),
        ("Time and material, accrued", "time_and_material", True, True),
    ]
    rules = CostRevenueRule.objects.filter(profile__legal_entity=entity)
    assert set(rules.values_list("contract", "project", "project_group")) == {(None, None, "")}


def test_whole_months_are_open_periods_and_their_years_have_series():
    entity = create(Company.bare())
    periods = FiscalPeriod.objects.filter(legal_entity=entity)
    assert list(periods.values_list("name", "starts_on", "ends_on", "status")) == [
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31), "open"),
        ("2026-01", date(2026, 1, 1), date(2026, 1, 31), "open"),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), "open"),
    ]
    series = NumberSeries.objects.filter(legal_entity=entity, last_number=0)
    assert set(series.values_list("kind", "year")) == {
        (kind, year) for kind in SeriesKind.values for year in (2025, 2026)
    }


def test_what_exists_stays_and_what_is_missing_is_added():
    at = Company.bare()
    entity = create(at)
    Account.objects.filter(legal_entity=entity, number="8400").update(name="Sales")
    FiscalPeriod.objects.filter(legal_entity=entity, name="2026-01").update(status="closed")
    create(at, last_day=date(2026, 3, 31))
    assert Account.objects.get(legal_entity=entity, number="8400").name == "Sales"
    states = FiscalPeriod.objects.filter(legal_entity=entity).values_list("name", "status")
    assert list(states) == [
        ("2025-12", "open"),
        ("2026-01", "closed"),
        ("2026-02", "open"),
        ("2026-03", "open"),
    ]
    assert Account.objects.filter(legal_entity=entity).count() == len(PostingType) + 1


def test_who_created_the_books_is_logged():
    at = Company.bare()
    entity = create(at)
    log = Activity.objects.about(entity).get()
    assert (log.verb, log.actor, log.facts) == (
        "books created",
        at.manager,
        {"from": "2025-12-15", "through": "2026-02-01"},
    )


def test_periods_may_be_added_alone():
    entity = Company.bare().entity
    create_fiscal_periods(entity, date(2026, 12, 31), date(2027, 1, 1))
    assert list(FiscalPeriod.objects.values_list("name", flat=True)) == ["2026-12", "2027-01"]


def test_without_a_standard_tax_nothing_is_taxed():
    entity = create(Company.bare())
    assert entity.milestone_item_tax_group is None
    assert not TaxCode.objects.exists()


def test_the_standard_tax_is_charged_from_its_day_on_and_on_milestones():
    entity = create(Company.bare(), standard_tax=VAT)
    domestic = SalesTaxGroup.objects.get()
    assert (domestic.code, entity.milestone_item_tax_group.code) == ("domestic", "full")
    pair = (domestic.pk, entity.milestone_item_tax_group.pk)
    (group,) = tax_groups([TaxBase(pair, date(2021, 1, 1), Decimal(100))], tax_rules(), currency="EUR")
    assert (group.percent, group.base_amount, group.tax_amount) == (19, 100, 19)


def test_the_same_tax_again_changes_nothing_and_a_second_company_shares_it():
    create(Company.bare(), standard_tax=VAT)
    second = create(Company.bare(), standard_tax=VAT)
    assert (TaxCode.objects.count(), TaxRate.objects.count(), TaxRule.objects.count()) == (1, 1, 1)
    assert second.milestone_item_tax_group.code == "full"


def test_a_tax_group_that_the_entity_has_for_milestones_is_kept():
    at = Company.bare()
    create(
        at, standard_tax=StandardTax("vat-7", "Reduced", Decimal(7), date(2021, 1, 1), "domestic", "reduced")
    )
    entity = create(at, standard_tax=VAT)
    assert entity.milestone_item_tax_group.code == "reduced"


def test_groups_that_meet_in_another_code_are_refused_and_nothing_is_created():
    create(Company.bare(), standard_tax=VAT)
    at = Company.bare()
    other = StandardTax("iva", "IVA", Decimal(22), date(2021, 1, 1))
    with refused("other-tax-rule"):
        create(at, standard_tax=other)
    own = StandardTax("iva", "IVA", Decimal(22), date(2021, 1, 1), "italy", "italy-full")
    assert create(at, standard_tax=own).milestone_item_tax_group.code == "italy-full"


def test_another_rate_of_the_same_code_on_the_same_day_is_refused():
    create(Company.bare(), standard_tax=VAT)
    at = Company.bare()
    with refused("other-tax-rate"):
        create(at, standard_tax=StandardTax("vat", "VAT", Decimal(20), date(2021, 1, 1)))
    create(at, standard_tax=StandardTax("vat", "VAT", Decimal(20), date(2027, 1, 1)))
    assert list(TaxRate.objects.order_by("starts_on").values_list("percent", flat=True)) == [19, 20]


# --- A company is founded with its books in one step -----------------------------------------------


def company(code: str = "north", **columns: object) -> LegalEntity:
    columns = {
        "name": "North Quay GmbH",
        "short_name": "North",
        "currency": "EUR",
        "address": "1 Quay",
    } | columns
    return LegalEntity(code=code, **columns)


def found(entity: LegalEntity, **options: object) -> LegalEntity:
    options = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)} | options
    return found_company(entity, Books(**options), actor=rows.user("founder"), at=NOW)


def test_a_company_is_founded_with_books_that_can_post_and_its_founder_sees_it():
    entity = found(company(), taxes=USUAL_TAXES["de"], role_names=["Consultant", " ", "Architect "])
    (founder,) = User.objects.filter(entity_memberships__legal_entity=entity)
    assert LegalEntity.objects.visible_to(founder).get() == entity
    assert entity.fiscal_periods.count() == 12
    assert sorted(Role.objects.values_list("name", flat=True)) == ["Architect", "Consultant"]
    categories = TransactionCategory.objects.filter(is_default=True)
    assert sorted(categories.values_list("transaction_class", "unit", "item_sales_tax_group__code")) == [
        ("expense", "pcs", "full"),
        ("fee", "pcs", "full"),
        ("material", "pcs", "full"),
        ("time", "h", "full"),
    ]
    assert [one.verb for one in Activity.objects.about(entity)] == ["books created", "added"]


@pytest.mark.parametrize(
    ("chart", "receivables", "revenue"),
    [("skr03", "1400", "8400"), ("skr04", "1200", "4400"), ("international", "1100", "4000")],
)
def test_every_chart_has_an_account_for_every_posting_type(chart, receivables, revenue):
    entity = found(company(), chart=chart)
    numbers = dict(entity.posting_accounts.values_list("posting_type", "account__number"))
    assert set(numbers) == set(PostingType.values)
    assert len(set(numbers.values())) == len(numbers)
    assert (numbers["customer_balance"], numbers["invoiced_revenue"]) == (receivables, revenue)


def test_revenue_accrues_only_where_the_founder_wants_it():
    entity = found(company(), accrues=False)
    assert set(entity.cost_revenue_profiles.values_list("name", "accrues_time")) == {
        ("Time and material", False),
        ("Fixed price", False),
    }


def test_german_taxes_know_their_history_reverse_charge_and_export():
    found(company(), taxes=USUAL_TAXES["de"])
    items = {one.code: one.pk for one in ItemSalesTaxGroup.objects.all()}
    groups = {one.code: one.pk for one in SalesTaxGroup.objects.all()}

    def taxed(group: str, item: str, day: date) -> tuple[str, Decimal]:
        base = TaxBase((groups[group], items[item]), day, Decimal(100))
        (tax,) = tax_groups([base], tax_rules(), currency="EUR")
        return tax.kind, tax.tax_amount

    assert taxed("de-domestic", "full", date(2026, 3, 1)) == ("standard", 19)
    assert taxed("de-domestic", "full", date(2020, 9, 1)) == ("standard", 16)
    assert taxed("de-domestic", "reduced", date(2026, 3, 1)) == ("standard", 7)
    assert taxed("de-eu", "full", date(2026, 3, 1)) == ("reverse_charge", 0)
    assert taxed("de-outside", "reduced", date(2026, 3, 1)) == ("exempt", 0)


@pytest.mark.parametrize("choice", USUAL_TAXES)
def test_every_choice_of_taxes_can_be_taken_twice(choice):
    found(company(), taxes=USUAL_TAXES[choice])
    before = (TaxCode.objects.count(), TaxRate.objects.count(), TaxRule.objects.count())
    found(company("south"), taxes=USUAL_TAXES[choice])
    assert (TaxCode.objects.count(), TaxRate.objects.count(), TaxRule.objects.count()) == before


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"currency": "EUE"}, "unknown-currency"),
        ({"country": "QQ"}, "unknown-country"),
        ({"timezone": "Berlin"}, "unknown-time-zone"),
        ({"daily_maximum": 1441}, "day-too-long"),
        ({"vat_id": "DE12"}, "vat-id-malformed"),
        ({"iban": "DE21200505501234567890"}, "iban-malformed"),
    ],
)
def test_what_no_company_can_have_is_refused_and_nothing_is_created(columns, code):
    founder = rows.user("founder")
    with refused(code):
        books = Books(date(2026, 1, 1), date(2026, 12, 31))
        found_company(company(**columns), books, actor=founder, at=NOW)


def test_a_company_without_months_or_with_a_code_that_is_taken_is_refused():
    found(company(iban="DE89 3704 0044 0532 0130 00"))
    founder = rows.user("founder")
    with refused("code-taken", "no-months"):
        books = Books(date(2026, 12, 31), date(2026, 1, 1))
        found_company(company(), books, actor=founder, at=NOW)


def test_a_fiscal_year_is_added_once():
    entity = found(company())
    actor = rows.user("controller")
    year = {"first_day": date(2027, 1, 1), "last_day": date(2027, 12, 31), "actor": actor, "at": NOW}
    assert add_fiscal_year(entity, **year) == 12
    assert entity.fiscal_periods.count() == 24
    assert set(entity.number_series.values_list("year", flat=True)) == {2026, 2027}
    with refused("year-is-there"):
        add_fiscal_year(entity, **year)
    with refused("no-months"):
        add_fiscal_year(entity, **year | {"last_day": date(2030, 1, 1)})


def test_the_days_of_a_period_are_known_where_entries_are_taken():
    """The database hands them down, whoever makes, moves or removes a period (decision 18)."""
    at = Company.bare()
    FiscalSpan.objects.all().delete()
    period = FiscalPeriod.objects.create(
        legal_entity=at.entity, name="1", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31)
    )
    spans = FiscalSpan.objects.filter(legal_entity=at.entity).values_list("starts_on", "ends_on")
    assert list(spans.all()) == [(date(2026, 3, 1), date(2026, 3, 31))]
    FiscalPeriod.objects.filter(pk=period.pk).update(ends_on=date(2026, 4, 4))
    assert list(spans.all()) == [(date(2026, 3, 1), date(2026, 4, 4))]
    period.delete()
    assert not spans.exists()
