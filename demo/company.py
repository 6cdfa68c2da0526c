"""The demo company's set-up: legal entity, taxes, books, periods, rates, roles and categories."""

from datetime import date
from decimal import Decimal

from accounting.models import (
    CostRevenueProfile,
    CostRevenueRule,
)
from accounting.setting_up import create_chart_of_accounts, create_fiscal_periods
from billing.models import InvoiceFrequency, NumberSeries
from billing.numbering import USUAL_PREFIX
from billing.states import FrequencyPeriod
from demo.days import Days, month_end, months_after
from projects.models import (
    ExchangeRate,
    ItemSalesTaxGroup,
    LegalEntity,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import BillingMethod, TaxKind, TransactionClass

ROLES = ("Consultant", "Senior consultant", "Architect", "Developer", "Project lead", "Data scientist")
PERIODS_AFTER = 3
GERMAN_RATES = {
    "de-full": ("19", "16", "19"),
    "de-reduced": ("7", "5", "7"),
}
REASONS = {
    "eu-reverse": {
        "reason_en": "The recipient is liable for VAT (Article 196, Directive 2006/112/EC).",
        "reason_de": "Die Steuer schuldet der Leistungsempfänger (Artikel 196, Richtlinie 2006/112/EG).",
        "reason_id": "PPN terutang oleh penerima jasa (Pasal 196, Direktif 2006/112/EC).",
    },
    "export": {
        "reason_en": "Not taxable in Germany: the place of supply is where the recipient is established.",
        "reason_de": "In Deutschland nicht steuerbar: Leistungsort ist der Sitz des Leistungsempfängers.",
        "reason_id": "Bukan objek pajak di Jerman: tempat penyerahan jasa adalah tempat kedudukan penerima.",
    },
}
RATES_FROM = (date(2007, 1, 1), date(2020, 7, 1), date(2021, 1, 1))
RATES_OF_POUND = ("1.1720", "1.1684", "1.1751", "1.1702", "1.1668", "1.1593", "1.1547", "1.1612", "1.1580")
RATE_OF_MONTH_END = Decimal("1.1634")
RATES_OF_DOLLAR = ("0.8540", "0.8571", "0.8615", "0.8583", "0.8549", "0.8602", "0.8648", "0.8590", "0.8627")


def create_company(days: Days) -> LegalEntity:
    """Write the set-up tables of the company; returns its legal entity."""
    taxes = _taxes()
    entity = LegalEntity.objects.create(
        code="nordkai",
        name="Nordkai Consulting GmbH",
        short_name="Nordkai",
        currency="EUR",
        timezone="Europe/Berlin",
        address="Kaispeicher 12\n20457 Hamburg",
        country="DE",
        contact="accounts@nordkai.example\n+49 40 555 0100",
        registered_office="Hamburg",
        managing_directors="Marit Olsson",
        register_entry="Amtsgericht Hamburg HRB 000000",
        tax_number="27/000/00000",
        vat_id="DE999999999",
        iban="DE89370400440532013000",
        bic="NKAIDEHHXXX",
        bank_name="Hafenbank Hamburg",
        milestone_item_tax_group=taxes["full"],
    )
    _categories(taxes)
    Role.objects.bulk_create(Role(name=name) for name in ROLES)
    _books(entity, days)
    _rates(entity, days)
    InvoiceFrequency.objects.create(name="Monthly on the 1st", period=FrequencyPeriod.MONTHLY, day_of_month=1)
    InvoiceFrequency.objects.create(name="Every second Monday", period=FrequencyPeriod.BIWEEKLY, weekday=0)
    return entity


def _taxes() -> dict[str, ItemSalesTaxGroup]:
    full = ItemSalesTaxGroup.objects.create(code="full", name="Full rate")
    reduced = ItemSalesTaxGroup.objects.create(code="reduced", name="Reduced rate")
    codes = {
        code: TaxCode.objects.create(code=code, name=name, kind=kind, **REASONS.get(code, {}))
        for code, name, kind in (
            ("de-full", "VAT, full rate", TaxKind.STANDARD),
            ("de-reduced", "VAT, reduced rate", TaxKind.STANDARD),
            ("eu-reverse", "Reverse charge", TaxKind.REVERSE_CHARGE),
            ("export", "Not taxable in Germany", TaxKind.EXEMPT),
        )
    }
    TaxRate.objects.bulk_create(
        TaxRate(tax_code=codes[code], starts_on=starts_on, percent=Decimal(percent))
        for code, percents in GERMAN_RATES.items()
        for starts_on, percent in zip(RATES_FROM, percents, strict=True)
    )
    meet = {
        ("domestic", "Germany"): ("de-full", "de-reduced"),
        ("eu", "European Union, business"): ("eu-reverse", "eu-reverse"),
        ("export", "Outside the European Union"): ("export", "export"),
    }
    for (code, name), (of_full, of_reduced) in meet.items():
        group = SalesTaxGroup.objects.create(code=code, name=name)
        for item_group, tax_code in ((full, of_full), (reduced, of_reduced)):
            TaxRule.objects.create(
                sales_tax_group=group, item_sales_tax_group=item_group, tax_code=codes[tax_code]
            )
    return {"full": full, "reduced": reduced}


def _categories(taxes: dict[str, ItemSalesTaxGroup]) -> None:
    rows = (
        ("Consulting", TransactionClass.TIME, "h", "full"),
        ("Travel", TransactionClass.EXPENSE, "pcs", "full"),
        ("Devices", TransactionClass.MATERIAL, "pcs", "full"),
        ("Printed matter", TransactionClass.MATERIAL, "pcs", "reduced"),
        ("Licence", TransactionClass.FEE, "pcs", "full"),
    )
    TransactionCategory.objects.bulk_create(
        TransactionCategory(
            name=name,
            transaction_class=of,
            unit=unit,
            item_sales_tax_group=taxes[tax],
            is_default=name == "Consulting",
        )
        for name, of, unit, tax in rows
    )


def _books(entity: LegalEntity, days: Days) -> None:
    create_chart_of_accounts(entity)
    hours, fixed = BillingMethod.TIME_AND_MATERIAL, BillingMethod.FIXED_PRICE
    CostRevenueProfile.objects.create(
        legal_entity=entity,
        name="Time and material, accrued",
        billing_method=hours,
        accrues_time=True,
        accrues_expense=True,
        accrues_material=True,
        accrues_fee=True,
    )
    for name, method in (("Time and material, no WIP", hours), ("Fixed price, no WIP", fixed)):
        profile = CostRevenueProfile.objects.create(legal_entity=entity, name=name, billing_method=method)
        CostRevenueRule.objects.create(profile=profile)
    last = months_after(days.this_month, PERIODS_AFTER)
    create_fiscal_periods(entity, days.books_begin, last)
    NumberSeries.objects.bulk_create(
        NumberSeries(legal_entity=entity, kind=kind, year=year, prefix=prefix)
        for kind, prefix in USUAL_PREFIX.items()
        for year in range(days.books_begin.year, last.year + 1)
    )


def _rates(entity: LegalEntity, days: Days) -> None:
    for currency, rates in (("GBP", RATES_OF_POUND), ("USD", RATES_OF_DOLLAR)):
        ExchangeRate.objects.bulk_create(
            ExchangeRate(
                legal_entity=entity,
                currency=currency,
                starts_on=months_after(days.this_month, 1 - len(rates) + index),
                rate=Decimal(rate),
            )
            for index, rate in enumerate(rates)
        )
    # Foreign balances are valued at the rate of the very day.
    ExchangeRate.objects.create(
        legal_entity=entity, currency="GBP", starts_on=month_end(days.last_month), rate=RATE_OF_MONTH_END
    )
