"""A legal entity with the smallest books that can post: accounts, their roles, profiles, periods."""

import calendar
from datetime import date

from accounting.models import Account, CostRevenueProfile, CostRevenueRule, FiscalPeriod, PostingAccount
from accounting.states import AccountKind, ControlKind, PostingType
from projects.models import LegalEntity
from projects.states import BillingMethod

CHART = (
    (PostingType.CUSTOMER_BALANCE, "1400", "Trade receivables", AccountKind.ASSET, ControlKind.CUSTOMER),
    (PostingType.WIP_SALES_VALUE, "1450", "Work in progress, sales value", AccountKind.ASSET, ""),
    (PostingType.WIP_COST_VALUE, "1460", "Work in progress, cost value", AccountKind.ASSET, ""),
    (PostingType.WIP_INVOICED_ON_ACCOUNT, "1470", "Invoiced on account", AccountKind.LIABILITY, ""),
    (PostingType.EXPENSE_OFFSET, "1590", "Expense integration", AccountKind.LIABILITY, ""),
    (PostingType.SALES_TAX_PAYABLE, "1776", "Sales tax payable", AccountKind.LIABILITY, ""),
    (PostingType.PROJECT_COST, "4100", "Project cost", AccountKind.EXPENSE, ""),
    (PostingType.PAYROLL_ALLOCATION, "4199", "Payroll allocation", AccountKind.EXPENSE, ""),
    (PostingType.ITEM_COST, "4400", "Cost of items", AccountKind.EXPENSE, ""),
    (PostingType.INVOICED_REVENUE, "8400", "Invoiced revenue", AccountKind.REVENUE, ""),
    (PostingType.INVOICED_ON_ACCOUNT, "8410", "Invoiced revenue, on account", AccountKind.REVENUE, ""),
    (PostingType.ACCRUED_REVENUE, "8450", "Accrued revenue, sales value", AccountKind.REVENUE, ""),
    (PostingType.ROUNDING, "8990", "Rounding differences", AccountKind.EXPENSE, ""),
)


def found_entity(code: str) -> LegalEntity:
    """The legal entity of an imported company, made on first use, with euros as its currency."""
    entity, _made = LegalEntity.objects.get_or_create(
        code=code,
        defaults={
            "name": f"{code.upper()} Services",
            "short_name": f"{code.upper()} Services",
            "currency": "EUR",
            "address": "1 Example Street\n20457 Hamburg",
        },
    )
    return entity


def found_books(entity: LegalEntity, first: date, last: date) -> None:
    """Accounts, roles, a time-and-material profile that accrues, a fixed-price one, and monthly periods.

    What exists stays as it is.
    """
    for role, number, name, kind, control in CHART:
        account, _made = Account.objects.get_or_create(
            legal_entity=entity, number=number, defaults={"name": name, "kind": kind, "control": control}
        )
        PostingAccount.objects.get_or_create(
            legal_entity=entity, posting_type=role, project=None, defaults={"account": account}
        )
    for method, accrues in ((BillingMethod.TIME_AND_MATERIAL, True), (BillingMethod.FIXED_PRICE, False)):
        profile, _made = CostRevenueProfile.objects.get_or_create(
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
    FiscalPeriod.objects.bulk_create(_months(entity, first, last), ignore_conflicts=True)


def _months(entity: LegalEntity, first: date, last: date) -> list[FiscalPeriod]:
    periods, day = [], first.replace(day=1)
    while day <= last:
        ends_on = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        periods.append(FiscalPeriod(legal_entity=entity, name=f"{day:%Y-%m}", starts_on=day, ends_on=ends_on))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return periods
