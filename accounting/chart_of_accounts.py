"""Charts of accounts to begin with: for every posting type an account, its number and its kind (C2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounting.states import AccountKind, ControlKind, PostingType
from core.refusals import Text

NAMES: Mapping[str, tuple[str, str]] = {
    PostingType.CUSTOMER_BALANCE: ("Trade receivables", AccountKind.ASSET),
    PostingType.WIP_SALES_VALUE: ("Work in progress, sales value", AccountKind.ASSET),
    PostingType.WIP_COST_VALUE: ("Work in progress, cost value", AccountKind.ASSET),
    PostingType.WIP_INVOICED_ON_ACCOUNT: ("Invoiced on account", AccountKind.LIABILITY),
    PostingType.CUSTOMER_ADVANCES: ("Advances of customers", AccountKind.LIABILITY),
    PostingType.EXPENSE_OFFSET: ("Expense integration", AccountKind.LIABILITY),
    PostingType.SALES_TAX_PAYABLE: ("Sales tax payable", AccountKind.LIABILITY),
    PostingType.PROJECT_COST: ("Project cost", AccountKind.EXPENSE),
    PostingType.PAYROLL_ALLOCATION: ("Payroll allocation", AccountKind.EXPENSE),
    PostingType.ITEM_COST: ("Cost of items", AccountKind.EXPENSE),
    PostingType.INVOICED_REVENUE: ("Invoiced revenue", AccountKind.REVENUE),
    PostingType.INVOICED_ON_ACCOUNT: ("Invoiced revenue, on account", AccountKind.REVENUE),
    PostingType.ACCRUED_REVENUE: ("Accrued revenue, sales value", AccountKind.REVENUE),
    PostingType.ROUNDING: ("Rounding differences", AccountKind.EXPENSE),
    PostingType.RETENTION_RECEIVABLE: ("Retentions receivable", AccountKind.ASSET),
    PostingType.SALES_DISCOUNT: ("Sales discounts", AccountKind.REVENUE),
    PostingType.EXCHANGE_DIFFERENCE: ("Exchange differences", AccountKind.EXPENSE),
    PostingType.PROCUREMENT: ("Procurement integration", AccountKind.LIABILITY),
    PostingType.SMALL_DIFFERENCE: ("Small differences of payments", AccountKind.EXPENSE),
    PostingType.RETAINED_EARNINGS: ("Retained earnings", AccountKind.EQUITY),
    PostingType.CASH_DISCOUNT: ("Cash discounts granted", AccountKind.REVENUE),
    PostingType.REVALUATION: ("Revaluation of foreign balances", AccountKind.ASSET),
    PostingType.UNREALISED_GAIN: ("Unrealised exchange gains", AccountKind.REVENUE),
    PostingType.UNREALISED_LOSS: ("Unrealised exchange losses", AccountKind.EXPENSE),
    PostingType.OPENING_BALANCE: ("Opening balances", AccountKind.EQUITY),
}
"""What the account of each posting type is called, and what kind it is."""

# Lines on these accounts name the customer, so that the customer subledger can be proven against them (G4).
CONTROLS: Mapping[str, str] = {PostingType.CUSTOMER_BALANCE: ControlKind.CUSTOMER}


@dataclass(frozen=True)
class Chart:
    """A chart of accounts to choose: its title, the account of every posting type, and that of the bank."""

    title: Text
    numbers: Mapping[str, str]
    bank: str


def _numbered(*numbers: str) -> Mapping[str, str]:
    return dict(zip(NAMES, numbers, strict=True))


CHARTS: Mapping[str, Chart] = {
    "skr03": Chart(
        _("Numbered as in SKR 03"),
        _numbered(
            *("1400", "1450", "1460", "1470", "1710", "1590", "1776", "4100", "4199", "4400", "8400", "8410"),
            *(
                "8450",
                "8990",
                "1410",
                "8700",
                "2150",
                "1600",
                "8995",
                "0860",
                "8730",
                "1405",
                "2661",
                "2151",
                "9000",
            ),
        ),
        bank="1200",
    ),
    "skr04": Chart(
        _("Numbered as in SKR 04"),
        _numbered(
            *("1200", "1080", "1085", "3250", "3272", "3720", "3806", "6000", "6099", "5900", "4400", "4410"),
            *(
                "4815",
                "4840",
                "1210",
                "4700",
                "6880",
                "3300",
                "4845",
                "2970",
                "4730",
                "1205",
                "4847",
                "6881",
                "9000",
            ),
        ),
        bank="1800",
    ),
    "international": Chart(
        _("International, assets 1, liabilities 2, equity 3, revenue 4, expenses 5 and 6"),
        _numbered(
            *("1100", "1150", "1160", "2150", "2300", "2100", "2200", "5000", "5090", "5100", "4000", "4010"),
            *(
                "4050",
                "6900",
                "1120",
                "4090",
                "6910",
                "2110",
                "6920",
                "3000",
                "4095",
                "1105",
                "4910",
                "6911",
                "3900",
            ),
        ),
        bank="1000",
    ),
}
"""The charts that a company may begin with; numbers and names may be changed until an account is used."""

USUAL_CHART = "skr03"
