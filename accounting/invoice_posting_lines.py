"""The ledger lines of a customer invoice, drawn up in memory from sums the database made (DOMAIN 6.6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from accounting.models import IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine, VoucherLine
from accounting.posting_context import PostingContext
from accounting.profiles import ACCRUAL, Situation, revenue_account
from accounting.states import PostingType
from core.money import ZERO, converted
from projects.states import BillingMethod
from projects.taxing import GroupPair, RateMissing, TaxCodeFacts, TaxGroup, tax_groups

SITUATION = {
    "transaction_class": F("detail__transaction_class"),
    "billing_method": F("detail__line__contract_line__billing_method"),
    "project": F("detail__line__contract_line__project"),
    "project_group": F("detail__line__contract_line__project__group"),
}


@dataclass(frozen=True)
class Accrued:
    """What the journal accrued for a project's part of a proposal."""

    project_id: int | None
    amount: Decimal
    base_amount: Decimal


@dataclass
class Sums:
    """What the database added up for one proposal."""

    revenue: list[tuple[dict[str, Any], Decimal]] = field(default_factory=list)
    accrued: list[Accrued] = field(default_factory=list)
    bases: list[tuple[GroupPair, Decimal]] = field(default_factory=list)


@dataclass
class Draft:
    """An invoice drawn up: taxes, totals, unsaved ledger lines; or why it cannot be."""

    proposal: InvoiceProposal
    taxes: list[TaxGroup] = field(default_factory=list)
    lines: list[VoucherLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    net_amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    base_amount: Decimal = ZERO

    @property
    def gross_amount(self) -> Decimal:
        return self.net_amount + self.tax_amount


def sums_of(proposals: Sequence[InvoiceProposal]) -> dict[int, Sums]:
    """Add up revenue, accruals and tax bases of proposals: three statements for any number of lines."""
    sums: dict[int, Sums] = defaultdict(Sums)
    lines = InvoiceProposalLine.objects.filter(proposal__in=proposals).order_by()
    for row in lines.values("proposal", **SITUATION).annotate(net=Sum("amount")):
        sums[row["proposal"]].revenue.append((dict(row), row["net"]))
    pairs = lines.values_list("proposal", "proposal__sales_tax_group", "item_sales_tax_group")
    for proposal_id, sales_group, item_group, net in pairs.annotate(net=Sum("amount")):
        sums[proposal_id].bases.append(((sales_group, item_group), net))
    accrued = (
        IntegrationJournalLine.objects.posted()
        .filter(is_accrued=True, actual__invoice_detail__proposal_line__proposal__in=proposals)
        .order_by()
        .values_list("actual__invoice_detail__proposal_line__proposal", "project")
        .annotate(amount=Sum("amount"), base=Sum("base_amount"))
    )
    for proposal_id, project_id, amount, base in accrued:
        sums[proposal_id].accrued.append(Accrued(project_id, amount, base))
    return sums


def draft_of(
    proposal: InvoiceProposal,
    sums: Sums,
    chart: PostingContext,
    rules: dict[GroupPair, TaxCodeFacts],
    day: Any,
) -> Draft:
    """Draw up the ledger lines of a proposal: amounts in its currency and, at the day's rate, the entity's.

    Each line is converted and rounded once; what then remains goes to the rounding account (G8).
    """
    draft = Draft(proposal)
    rate = chart.rate_on(proposal.proforma.currency, day)
    if rate is None:
        draft.problems.append(f"exchange-rate:{proposal.proforma.currency}")
        return draft
    try:
        draft.taxes = tax_groups(sums.bases, rules, day=day, currency=proposal.proforma.currency)
    except RateMissing as missing:
        draft.problems.append(f"tax-rate:{missing}")
        return draft
    draft.net_amount = sum((net for _row, net in sums.revenue), ZERO)
    draft.tax_amount = sum((group.tax_amount for group in draft.taxes), ZERO)
    book = _Book(draft, chart, rate)
    book.add(PostingType.CUSTOMER_BALANCE, None, draft.gross_amount, customer=True)
    for (role, project_id), net in _revenue(proposal, sums, chart, draft).items():
        book.add(role, project_id, -net)
    book.add(PostingType.SALES_TAX_PAYABLE, None, -draft.tax_amount)
    for accrued in sums.accrued:
        book.add(ACCRUAL.credit, accrued.project_id, accrued.amount, base=accrued.base_amount)
        book.add(ACCRUAL.debit, accrued.project_id, -accrued.amount, base=-accrued.base_amount)
    book.balance()
    return draft


def _revenue(
    proposal: InvoiceProposal, sums: Sums, chart: PostingContext, draft: Draft
) -> dict[tuple[str, int | None], Decimal]:
    revenue: dict[tuple[str, int | None], Decimal] = defaultdict(lambda: ZERO)
    for row, net in sums.revenue:
        situation = Situation(
            billing_method=row["billing_method"] or BillingMethod.TIME_AND_MATERIAL,
            project_id=row["project"],
            project_group=row["project_group"] or "",
            contract_id=proposal.proforma.contract_id,
        )
        profile = chart.profile(situation)
        if profile is None:
            draft.problems.append(f"profile:{BillingMethod(situation.billing_method).label}")
            continue
        revenue[revenue_account(profile, row["transaction_class"]), row["project"]] += net
    return revenue


class _Book:
    """Collects the lines of one voucher and notes the accounts that are missing."""

    def __init__(self, draft: Draft, chart: PostingContext, rate: Decimal):
        self.draft, self.chart, self.rate = draft, chart, rate

    def add(
        self,
        role: str,
        project_id: int | None,
        amount: Decimal,
        *,
        base: Decimal | None = None,
        customer: bool = False,
    ) -> None:
        if not amount and not base:
            return
        account = self.chart.account(role, project_id)
        if account is None:
            self.draft.problems.append(f"account:{PostingType(role).label}")
            return
        proforma = self.draft.proposal.proforma
        base_amount = converted(amount, self.rate, self.chart.legal_entity.currency) if base is None else base
        if customer:
            self.draft.base_amount = base_amount
        self.draft.lines.append(
            VoucherLine(
                account_id=account,
                currency=proforma.currency,
                amount=amount,
                base_amount=base_amount,
                customer_id=proforma.customer_id if customer else None,
                project_id=project_id,
                dimension=self.draft.proposal.dimension,
            )
        )

    def balance(self) -> None:
        """Put what rounding left over in the entity's currency on its own line."""
        left = sum((line.base_amount for line in self.draft.lines), ZERO)
        self.add(PostingType.ROUNDING, None, ZERO, base=-left)


def names_of(problems: Iterable[str]) -> list[tuple[str, str]]:
    """Problems as (kind, name), each once, in order."""
    return [(kind, name) for kind, _colon, name in (one.partition(":") for one in dict.fromkeys(problems))]
