"""Create the books of a legal entity: accounts and their roles, profiles, periods, series, tax (C2, C8)."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import Account, CostRevenueProfile, CostRevenueRule, FiscalPeriod, PostingAccount
from accounting.states import AccountKind, ControlKind, PostingType
from billing.numbering import open_series
from billing.states import SeriesKind
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from projects.models import ItemSalesTaxGroup, LegalEntity, SalesTaxGroup, TaxCode, TaxRate, TaxRule
from projects.states import BillingMethod

ACCOUNTS = (
    (PostingType.CUSTOMER_BALANCE, "1400", "Trade receivables", AccountKind.ASSET),
    (PostingType.WIP_SALES_VALUE, "1450", "Work in progress, sales value", AccountKind.ASSET),
    (PostingType.WIP_COST_VALUE, "1460", "Work in progress, cost value", AccountKind.ASSET),
    (PostingType.WIP_INVOICED_ON_ACCOUNT, "1470", "Invoiced on account", AccountKind.LIABILITY),
    (PostingType.EXPENSE_OFFSET, "1590", "Expense integration", AccountKind.LIABILITY),
    (PostingType.SALES_TAX_PAYABLE, "1776", "Sales tax payable", AccountKind.LIABILITY),
    (PostingType.PROJECT_COST, "4100", "Project cost", AccountKind.EXPENSE),
    (PostingType.PAYROLL_ALLOCATION, "4199", "Payroll allocation", AccountKind.EXPENSE),
    (PostingType.ITEM_COST, "4400", "Cost of items", AccountKind.EXPENSE),
    (PostingType.INVOICED_REVENUE, "8400", "Invoiced revenue", AccountKind.REVENUE),
    (PostingType.INVOICED_ON_ACCOUNT, "8410", "Invoiced revenue, on account", AccountKind.REVENUE),
    (PostingType.ACCRUED_REVENUE, "8450", "Accrued revenue, sales value", AccountKind.REVENUE),
    (PostingType.ROUNDING, "8990", "Rounding differences", AccountKind.EXPENSE),
)
# Lines on these accounts name the customer, so that the customer subledger can be proven against them (G4).
CONTROLS = {PostingType.CUSTOMER_BALANCE: ControlKind.CUSTOMER}


@dataclass(frozen=True)
class StandardTax:
    """The tax that a company usually charges: its code and rate in percent (19 means 19 %), from a day on.

    Tax tables are shared by all legal entities: companies that charge different taxes name different groups.
    """

    code: str
    name: str
    percent: Decimal
    starts_on: date
    sales_tax_group: str = "domestic"
    item_tax_group: str = "full"


def create_books(
    legal_entity: LegalEntity,
    *,
    first_day: date,
    last_day: date,
    actor: User,
    at: datetime,
    standard_tax: StandardTax | None = None,
) -> None:
    """Create the smallest books that can post, for the months from `first_day` to `last_day`.

    A chart of accounts with an account for every posting type, a time-and-material profile that accrues
    revenue, a fixed-price profile, monthly fiscal periods, and the number series of their years. With a
    `standard_tax` also its groups, its code and its rate, and milestones of the entity are taxed with it;
    without one nothing is taxed. What exists stays as it is. Locks the legal entity. Raises Refused:
    other-tax-rule, other-tax-rate (C2, C8, A13).
    """
    with transaction.atomic(durable=True):
        # Locked, so that two people who set up one company do not both create its books.
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        refuse_if(_reasons_against_tax(standard_tax) if standard_tax else [])

        create_chart_of_accounts(entity)
        _create_profiles(entity)
        create_fiscal_periods(entity, first_day, last_day)
        for year in range(first_day.year, last_day.year + 1):
            for kind in SeriesKind:
                open_series(entity, kind, year)
        if standard_tax is not None:
            _create_tax(entity, standard_tax)
        facts = {"from": str(first_day), "through": str(last_day)}
        log_activity("books created", [entity], actor=actor, at=at, facts=facts)


def create_chart_of_accounts(entity: LegalEntity) -> None:
    """An account for every posting type, in its general role; what exists stays as it is.

    The caller holds the legal entity and its transaction; refuses nothing (C2).
    """
    for role, number, name, kind in ACCOUNTS:
        account, _created = Account.objects.get_or_create(
            legal_entity=entity,
            number=number,
            defaults={"name": name, "kind": kind, "control": CONTROLS.get(role, ControlKind.NONE)},
        )
        PostingAccount.objects.get_or_create(
            legal_entity=entity, posting_type=role, project=None, defaults={"account": account}
        )


def create_fiscal_periods(entity: LegalEntity, first_day: date, last_day: date) -> None:
    """Open months from the one of `first_day` to the one of `last_day`; what exists stays as it is.

    The caller holds the legal entity and its transaction; refuses nothing (C8).
    """
    # A month that exists keeps its state: a closed one is not opened by creating books again.
    FiscalPeriod.objects.bulk_create(_months(entity, first_day, last_day), ignore_conflicts=True)


def _create_profiles(entity: LegalEntity) -> None:
    # Revenue of fixed prices is invoiced by milestones, so only time and material accrues while it waits.
    for method, accrues in ((BillingMethod.TIME_AND_MATERIAL, True), (BillingMethod.FIXED_PRICE, False)):
        profile, _created = CostRevenueProfile.objects.get_or_create(
            legal_entity=entity,
            name=f"{BillingMethod(method).label}{', accrued' if accrues else ''}",
            defaults={
                "billing_method": method,
                "accrues_time": accrues,
                "accrues_expense": accrues,
                "accrues_material": accrues,
                "accrues_fee": accrues,
            },
        )
        CostRevenueRule.objects.get_or_create(profile=profile, contract=None, project=None, project_group="")


def _reasons_against_tax(tax: StandardTax) -> Iterator[Refusal]:
    # Tax tables are shared: setting up one company must not change what another one charges.
    rule = TaxRule.objects.filter(
        sales_tax_group__code=tax.sales_tax_group, item_sales_tax_group__code=tax.item_tax_group
    )
    way_out = _("Name groups of its own for this company.")
    for other in rule.exclude(tax_code__code=tax.code).select_related("tax_code"):
        message = _("These tax groups meet in another tax code already.")
        yield Refusal("other-tax-rule", message, str(other.tax_code), way_out)
    same_day = TaxRate.objects.filter(tax_code__code=tax.code, starts_on=tax.starts_on)
    for rate in same_day.exclude(percent=tax.percent).select_related("tax_code"):
        message = _("Its tax code has another rate from that day on already.")
        yield Refusal("other-tax-rate", message, str(rate), _("Give that rate, or another day or code."))


def _create_tax(entity: LegalEntity, tax: StandardTax) -> None:
    group, _new = SalesTaxGroup.objects.get_or_create(
        code=tax.sales_tax_group, defaults={"name": tax.sales_tax_group.capitalize()}
    )
    items, _new = ItemSalesTaxGroup.objects.get_or_create(
        code=tax.item_tax_group, defaults={"name": tax.item_tax_group.capitalize()}
    )
    code, _new = TaxCode.objects.get_or_create(code=tax.code, defaults={"name": tax.name})
    TaxRate.objects.get_or_create(tax_code=code, starts_on=tax.starts_on, defaults={"percent": tax.percent})
    TaxRule.objects.get_or_create(
        sales_tax_group=group, item_sales_tax_group=items, defaults={"tax_code": code}
    )
    # Milestones without a group would be invoiced without tax; one that somebody chose stays.
    if entity.milestone_item_tax_group_id is None:
        entity.milestone_item_tax_group = items
        entity.save(update_fields=["milestone_item_tax_group"])


def _months(entity: LegalEntity, first: date, last: date) -> list[FiscalPeriod]:
    periods, day = [], first.replace(day=1)
    while day <= last:
        ends_on = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        periods.append(FiscalPeriod(legal_entity=entity, name=f"{day:%Y-%m}", starts_on=day, ends_on=ends_on))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return periods
