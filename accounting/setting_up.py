"""Create a legal entity with its books: accounts, profiles, periods, series, tax (A13, C2, C8)."""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.chart_of_accounts import CHARTS, CONTROLS, NAMES, USUAL_CHART
from accounting.models import (
    Account,
    BankAccount,
    CostRevenueProfile,
    CostRevenueRule,
    FiscalPeriod,
    PostingAccount,
)
from accounting.new_books import Books
from accounting.states import AccountKind, ControlKind
from accounting.usual_taxes import FULL, StandardTax, UsualTaxes, ZeroTax
from billing.numbering import open_series
from billing.states import SeriesKind
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day
from projects.document_layouts import create_usual_layouts
from projects.legal_entities import add_legal_entity, reasons_against_legal_entity
from projects.models import (
    ItemSalesTaxGroup,
    LegalEntity,
    PaymentTerms,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import BillingMethod, TransactionClass

USUAL_NET_DAYS = (14, 30)
MOST_MONTHS = timedelta(days=24 * 31)
UNITS = {
    TransactionClass.TIME: "h",
    TransactionClass.EXPENSE: "pcs",
    TransactionClass.MATERIAL: "pcs",
    TransactionClass.FEE: "pcs",
}


def found_company(entity: LegalEntity, books: Books, *, actor: User, at: datetime) -> LegalEntity:
    """Create a legal entity with books that can post, and let its founder see it: all of it or nothing.

    Besides what `create_books` creates there is a default category for every class of work that has none,
    a role for each name that is new, and payment terms of 14 and 30 days where there are none at all. Takes
    no locks: two of one code at once are refused by the unique key. Raises Refused: code-taken,
    iban-malformed, vat-id-malformed, unknown-currency, unknown-country, unknown-time-zone, no-months and
    those of `create_books` (A1, A13, C2, C8).
    """
    taxes = books.taxes or UsualTaxes("")
    with transaction.atomic(durable=True):
        refuse_if(
            [
                *reasons_against_legal_entity(entity),
                *_reasons_against_months(books.first_day, books.last_day),
                *(reason for tax in taxes.taxes for reason in _reasons_against_tax(tax)),
            ]
        )

        add_legal_entity(entity, actor=actor, at=at)
        _create_books(entity, books.first_day, books.last_day, books.chart, accrues=books.accrues)
        _create_usual_taxes(entity, taxes)
        _create_categories(entity)
        _create_usual_terms()
        create_usual_layouts()
        names = {name.strip() for name in books.role_names if name.strip()}
        Role.objects.bulk_create([Role(name=name) for name in sorted(names)], ignore_conflicts=True)
        facts = {"from": str(books.first_day), "through": str(books.last_day)}
        log_activity("books created", [entity], actor=actor, at=at, facts=facts)
    return entity


def add_fiscal_year(
    legal_entity: LegalEntity, *, first_day: date, last_day: date, actor: User, at: datetime
) -> int:
    """Open the months of a further fiscal year and the number series of its calendar years.

    What exists stays as it is. Returns how many periods are new. Locks the legal entity. Raises Refused:
    no-months, year-is-there (C8, A13).
    """
    with transaction.atomic(durable=True):
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        refuse_if(_reasons_against_months(first_day, last_day))
        before = entity.fiscal_periods.count()
        create_fiscal_periods(entity, first_day, last_day)
        new = entity.fiscal_periods.count() - before
        refuse_if(_nothing_new(new))

        _open_series(entity, first_day, last_day)
        facts = {"from": str(first_day), "through": str(last_day)}
        log_activity("fiscal year added", [entity], actor=actor, at=at, facts=facts)
    return new


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

        _create_books(entity, first_day, last_day, USUAL_CHART, accrues=True)
        if standard_tax is not None:
            _create_tax(entity, standard_tax)
        facts = {"from": str(first_day), "through": str(last_day)}
        log_activity("books created", [entity], actor=actor, at=at, facts=facts)


def create_chart_of_accounts(entity: LegalEntity, chart: str = USUAL_CHART) -> None:
    """An account for every posting type, in its general role; what exists stays as it is.

    The caller holds the legal entity and its transaction; refuses nothing (C2).
    """
    numbers = CHARTS[chart].numbers
    there = set(Account.objects.filter(legal_entity=entity).values_list("number", flat=True))
    # Two roles may share an account; the first one names it.
    roles = {number: role for role, number in reversed(list(numbers.items())) if number not in there}
    Account.objects.bulk_create(
        Account(
            legal_entity=entity,
            number=number,
            name=NAMES[role][0],
            kind=NAMES[role][1],
            control=CONTROLS.get(role, ControlKind.NONE),
        )
        for number, role in roles.items()
    )
    accounts = {account.number: account for account in Account.objects.filter(legal_entity=entity)}
    in_general = PostingAccount.objects.filter(legal_entity=entity, project=None)
    given = set(in_general.values_list("posting_type", flat=True))
    PostingAccount.objects.bulk_create(
        PostingAccount(legal_entity=entity, posting_type=role, account=accounts[number])
        for role, number in numbers.items()
        if role not in given
    )
    _create_bank_account(entity, CHARTS[chart].bank)


def _create_bank_account(entity: LegalEntity, number: str) -> None:
    """The bank account that the entity's invoices name, for payments; none is added where one exists."""
    if BankAccount.objects.filter(legal_entity=entity).exists():
        return
    account, _created = Account.objects.get_or_create(
        legal_entity=entity, number=number, defaults={"name": "Bank", "kind": AccountKind.ASSET}
    )
    # An IBAN is one account of one company; where another company has it, this one is entered by hand.
    is_taken = BankAccount.objects.filter(iban=entity.iban, currency=entity.currency).exists()
    BankAccount.objects.create(
        legal_entity=entity,
        name=entity.bank_name[:60] or "Bank",
        iban="" if is_taken else entity.iban,
        currency=entity.currency,
        account=account,
    )


def create_fiscal_periods(entity: LegalEntity, first_day: date, last_day: date) -> None:
    """Open months from the one of `first_day` to the one of `last_day`; what exists stays as it is.

    The caller holds the legal entity and its transaction; refuses nothing (C8).
    """
    # A month that exists keeps its state: a closed one is not opened by creating books again.
    FiscalPeriod.objects.bulk_create(_months(entity, first_day, last_day), ignore_conflicts=True)


def _create_books(entity: LegalEntity, first_day: date, last_day: date, chart: str, *, accrues: bool) -> None:
    create_chart_of_accounts(entity, chart)
    _create_profiles(entity, accrues=accrues)
    create_fiscal_periods(entity, first_day, last_day)
    _open_series(entity, first_day, last_day)


def _open_series(entity: LegalEntity, first_day: date, last_day: date) -> None:
    for year in range(first_day.year, last_day.year + 1):
        for kind in SeriesKind:
            open_series(entity, kind, year)


def _create_profiles(entity: LegalEntity, *, accrues: bool) -> None:
    # Revenue of fixed prices is invoiced by milestones, so only time and material accrues while it waits.
    methods = ((BillingMethod.TIME_AND_MATERIAL, accrues), (BillingMethod.FIXED_PRICE, False))
    for method, accrues in methods:
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
    way_out = _("Enter other tax groups for this company.")
    for other in rule.exclude(tax_code__code=tax.code).select_related("tax_code"):
        message = _("These tax groups have another tax code already.")
        yield Refusal("other-tax-rule", message, str(other.tax_code), way_out)
    same_day = TaxRate.objects.filter(tax_code__code=tax.code, starts_on=tax.starts_on)
    for rate in same_day.exclude(percent=tax.percent).select_related("tax_code"):
        message = _("Its tax code has another rate from that day on already.")
        yield Refusal("other-tax-rate", message, str(rate), _("Enter that rate, or another day or code."))


def _create_tax(entity: LegalEntity, tax: StandardTax) -> None:
    group, _new = SalesTaxGroup.objects.get_or_create(
        code=tax.sales_tax_group, defaults={"name": tax.sales_tax_group.capitalize()}
    )
    items = _create_item_group(entity, tax.item_tax_group)
    code, _new = TaxCode.objects.get_or_create(code=tax.code, defaults={"name": tax.name})
    TaxRate.objects.get_or_create(tax_code=code, starts_on=tax.starts_on, defaults={"percent": tax.percent})
    TaxRule.objects.get_or_create(
        sales_tax_group=group, item_sales_tax_group=items, defaults={"tax_code": code}
    )


def _create_item_group(entity: LegalEntity, code: str) -> ItemSalesTaxGroup:
    items, _new = ItemSalesTaxGroup.objects.get_or_create(code=code, defaults={"name": code.capitalize()})
    # Milestones without a group are not posted; one that somebody chose stays.
    if entity.milestone_item_tax_group_id is None:
        entity.milestone_item_tax_group = items
        entity.save(update_fields=["milestone_item_tax_group"])
    return items


def _create_usual_taxes(entity: LegalEntity, taxes: UsualTaxes) -> None:
    for tax in taxes.taxes:
        _create_tax(entity, tax)
    items = {tax.item_tax_group for tax in taxes.taxes}
    if taxes.zero_taxes and not items:
        _create_item_group(entity, FULL)
        items = {FULL}
    for zero in taxes.zero_taxes:
        _create_zero_tax(zero, items)
    # Named by the choice, unless somebody has given the group another name already.
    for code, name in taxes.group_names.items():
        SalesTaxGroup.objects.filter(code=code, name=code.capitalize()).update(name=name)


def _create_zero_tax(zero: ZeroTax, item_groups: set[str]) -> None:
    group, _new = SalesTaxGroup.objects.get_or_create(
        code=zero.sales_tax_group, defaults={"name": zero.sales_tax_group.capitalize()}
    )
    reasons = {f"reason_{language}": reason for language, reason in zero.reasons.items()}
    code, _new = TaxCode.objects.get_or_create(
        code=zero.code, defaults={"name": zero.name, "kind": zero.kind, **reasons}
    )
    for items in ItemSalesTaxGroup.objects.filter(code__in=item_groups):
        TaxRule.objects.get_or_create(
            sales_tax_group=group, item_sales_tax_group=items, defaults={"tax_code": code}
        )


def _create_usual_terms() -> None:
    """Plain payment terms to choose from; those that somebody has entered are kept, and none is added."""
    if not PaymentTerms.objects.exists():
        PaymentTerms.objects.bulk_create(
            PaymentTerms(
                name=ngettext("%(days)s day net", "%(days)s days net", days) % {"days": days}, net_days=days
            )
            for days in USUAL_NET_DAYS
        )


def _create_categories(entity: LegalEntity) -> None:
    """A default category for every class that has none, taxed as the entity's milestones are."""
    taken = set(
        TransactionCategory.objects.filter(is_default=True).values_list("transaction_class", flat=True)
    )
    TransactionCategory.objects.bulk_create(
        [
            TransactionCategory(
                name=TransactionClass(kind).label,
                transaction_class=kind,
                unit=unit,
                is_default=True,
                item_sales_tax_group=entity.milestone_item_tax_group,
            )
            for kind, unit in UNITS.items()
            if kind not in taken
        ],
        # A category of that name that is no default is somebody's own choice and stays.
        ignore_conflicts=True,
    )


def _reasons_against_months(first_day: date, last_day: date) -> Iterator[Refusal]:
    if not first_day <= last_day <= first_day + MOST_MONTHS:
        message = _("From %(first)s to %(last)s is no fiscal year.") % {
            "first": day(first_day),
            "last": day(last_day),
        }
        yield Refusal("no-months", message, way_out=_("Give a first month and up to 24 months from it."))


def _nothing_new(count: int) -> Iterator[Refusal]:
    if not count:
        yield Refusal("year-is-there", _("All of these months exist."), way_out=_("Choose a later year."))


def _months(entity: LegalEntity, first: date, last: date) -> list[FiscalPeriod]:
    periods, day = [], first.replace(day=1)
    while day <= last:
        ends_on = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        periods.append(FiscalPeriod(legal_entity=entity, name=f"{day:%Y-%m}", starts_on=day, ends_on=ends_on))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return periods
