"""What estimates of fixed prices are made from: what was agreed, cost to date, what was recognised (C10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from accounting.models import (
    IntegrationJournalLine,
    InvoiceProposalLine,
    PostingAccount,
    RevenueEstimate,
    VoucherLine,
)
from accounting.querysets import VoucherLineQuerySet
from accounting.states import EstimateStatus, PostingType, ProposalStatus, Recognition, VoucherSource
from core.money import HUNDRED, ZERO, minor_places, rounded_fraction
from projects.models import ContractLine, Project
from projects.states import BillingMethod, TransactionClass, TransactionType

PERCENT_PLACES = 4
ByProject = dict[int, Decimal]


@dataclass(frozen=True)
class Agreed:
    """What was agreed for a project at a fixed price: its contract, its currency and the amount."""

    contract_id: int
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Progress:
    """How far a project is: percent of the whole, and what is to be recognised to date."""

    percent: Decimal
    to_date: Decimal


def agreed_of(projects: Iterable[Project]) -> dict[int, list[Agreed]]:
    """What is agreed at fixed prices, by project and contract."""
    lines = ContractLine.objects.filter(
        project__in=list(projects), billing_method=BillingMethod.FIXED_PRICE, contracted_amount__isnull=False
    ).order_by("project", "contract")
    sums = lines.values_list("project", "contract", "contract__currency").annotate(Sum("contracted_amount"))
    agreed: dict[int, list[Agreed]] = {}
    for project_id, *columns in sums:
        agreed.setdefault(project_id, []).append(Agreed(*columns))
    return agreed


def costs_to_date(projects: Iterable[Project], through: date) -> ByProject:
    """Cost in the books through a day, by project, in the currency of the legal entity."""
    costs = IntegrationJournalLine.objects.posted().filter(
        actual__type=TransactionType.COST, project__in=list(projects), accounting_date__lte=through
    )
    return dict(costs.order_by().values_list("project").annotate(Sum("base_amount")))


def recognised_of(projects: Iterable[Project]) -> ByProject:
    """What posted estimates have recognised, by project."""
    posted = RevenueEstimate.objects.filter(project__in=list(projects), status=EstimateStatus.POSTED)
    return dict(posted.order_by().values_list("project").annotate(Sum("amount")))


def progress(
    method: str,
    contract: Decimal,
    cost: Decimal,
    *,
    total: Decimal | None,
    percent: Decimal | None,
    currency: str,
) -> Progress:
    """How far a project is, by cost against the estimated total unless a percentage is given.

    By completed contract what is recognised is the cost itself. Rounded once, half away from zero: the
    percentage to four places, the amount to the minor unit; it follows the exact share.
    """
    share = Fraction(0)
    if percent is not None:
        share = Fraction(percent) / 100
    elif total:
        share = min(Fraction(cost) / Fraction(total), Fraction(1))
    exact = Fraction(contract) * share
    to_date = (
        cost if method == Recognition.COMPLETED_CONTRACT else rounded_fraction(exact, minor_places(currency))
    )
    return Progress(min(rounded_fraction(share * 100, PERCENT_PLACES), HUNDRED), to_date)


@dataclass(frozen=True)
class BookedAmount:
    """What stands on an account for a project, debits positive."""

    account_id: int
    project_id: int
    currency: str
    amount: Decimal
    base_amount: Decimal


def on_account_of(projects: Sequence[int]) -> list[BookedAmount]:
    """What is invoiced on account of projects and not eliminated, by the account that an invoice credited."""
    accounts = PostingAccount.objects.filter(posting_type=PostingType.WIP_INVOICED_ON_ACCOUNT).values(
        "account"
    )
    return _balances(VoucherLine.objects.filter(account__in=accounts, project__in=projects))


def discounts_of(projects: Iterable[int]) -> ByProject:
    """Discounts of fixed prices on posted invoices of projects, below zero; those of hours do not count."""
    discounts = InvoiceProposalLine.objects.filter(
        proposal__status=ProposalStatus.POSTED,
        detail__transaction_class=TransactionClass.DISCOUNT,
        detail__line__contract_line__project__in=list(projects),
        detail__line__contract_line__billing_method=BillingMethod.FIXED_PRICE,
    )
    by_project = discounts.order_by().values_list("detail__line__contract_line__project")
    return dict(by_project.annotate(Sum("amount")))


def estimated_of(estimates: Sequence[int]) -> list[BookedAmount]:
    """What posting these estimates left on each account; vouchers that were reversed come to nothing."""
    lines = VoucherLine.objects.filter(
        voucher__source_kind=VoucherSource.ESTIMATE,
        voucher__source_id__in=RevenueEstimate.objects.filter(pk__in=estimates).values("events"),
    )
    return _balances(lines)


def _balances(lines: VoucherLineQuerySet) -> list[BookedAmount]:
    sums = lines.order_by("account", "project").values_list("account", "project", "currency")
    rows = sums.annotate(amount=Sum("amount"), base=Sum("base_amount"))
    return [BookedAmount(*row) for row in rows if row[3] or row[4] != ZERO]
