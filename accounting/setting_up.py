"""Create the books of a legal entity: accounts and their roles, profiles, periods, number series (C2, C8)."""

import calendar
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounting.models import Account, CostRevenueProfile, CostRevenueRule, FiscalPeriod, PostingAccount
from accounting.states import AccountKind, ControlKind, PostingType
from billing.numbering import open_series
from billing.states import SeriesKind
from core.activity_log import log_activity
from projects.models import LegalEntity
from projects.states import BillingMethod

ACCOUNTS = (
    (PostingType.CUSTOMER_BALANCE, "1400", "Trade receivables", AccountKind.ASSET, ControlKind.CUSTOMER),
    (
        PostingType.WIP_SALES_VALUE,
        "1450",
        "Work in progress, sales value",
        AccountKind.ASSET,
        ControlKind.NONE,
    ),
    (PostingType.WIP_COST_VALUE, "1460", "Work in progress, cost value", AccountKind.ASSET, ControlKind.NONE),
    (
        PostingType.WIP_INVOICED_ON_ACCOUNT,
        "1470",
        "Invoiced on account",
        AccountKind.LIABILITY,
        ControlKind.NONE,
    ),
    (PostingType.EXPENSE_OFFSET, "1590", "Expense integration", AccountKind.LIABILITY, ControlKind.NONE),
    (PostingType.SALES_TAX_PAYABLE, "1776", "Sales tax payable", AccountKind.LIABILITY, ControlKind.NONE),
    (PostingType.PROJECT_COST, "4100", "Project cost", AccountKind.EXPENSE, ControlKind.NONE),
    (PostingType.PAYROLL_ALLOCATION, "4199", "Payroll allocation", AccountKind.EXPENSE, ControlKind.NONE),
    (PostingType.ITEM_COST, "4400", "Cost of items", AccountKind.EXPENSE, ControlKind.NONE),
    (PostingType.INVOICED_REVENUE, "8400", "Invoiced revenue", AccountKind.REVENUE, ControlKind.NONE),
    (
        PostingType.INVOICED_ON_ACCOUNT,
        "8410",
        "Invoiced revenue, on account",
        AccountKind.REVENUE,
        ControlKind.NONE,
    ),
    (
        PostingType.ACCRUED_REVENUE,
        "8450",
        "Accrued revenue, sales value",
        AccountKind.REVENUE,
        ControlKind.NONE,
    ),
    (PostingType.ROUNDING, "8990", "Rounding differences", AccountKind.EXPENSE, ControlKind.NONE),
)


def create_books(
    legal_entity: LegalEntity, *, first_day: date, last_day: date, actor: User, at: datetime
) -> None:
    """Create the smallest books that can post, for the months from `first_day` to `last_day`.

    A chart of accounts with an account for every posting type, a time-and-material profile that accrues
    revenue, a fixed-price profile, monthly fiscal periods, and the number series of their years. What exists
    stays as it is. Locks the legal entity (C2, C8).
    """
    with transaction.atomic(durable=True):
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        _create_accounts(entity)
        _create_profiles(entity)
        FiscalPeriod.objects.bulk_create(_months(entity, first_day, last_day), ignore_conflicts=True)
        for year in range(first_day.year, last_day.year + 1):
            for kind in SeriesKind:
                open_series(entity, kind, year)
        facts = {"from": str(first_day), "through": str(last_day)}
        log_activity("books created", [entity], actor=actor, at=at, facts=facts)


def _create_accounts(entity: LegalEntity) -> None:
    for role, number, name, kind, control in ACCOUNTS:
        account, _created = Account.objects.get_or_create(
            legal_entity=entity, number=number, defaults={"name": name, "kind": kind, "control": control}
        )
        PostingAccount.objects.get_or_create(
            legal_entity=entity, posting_type=role, project=None, defaults={"account": account}
        )


def _create_profiles(entity: LegalEntity) -> None:
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


def _months(entity: LegalEntity, first: date, last: date) -> list[FiscalPeriod]:
    periods, day = [], first.replace(day=1)
    while day <= last:
        ends_on = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        periods.append(FiscalPeriod(legal_entity=entity, name=f"{day:%Y-%m}", starts_on=day, ends_on=ends_on))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return periods
