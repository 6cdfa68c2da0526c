"""The ledger lines of a customer invoice, prepared in memory from sums the database made (C6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum, Value

from accounting.account_search import ANYWHERE, PostingPlace
from accounting.advance_bases import AdvanceBooks, AdvanceLine, AdvancesOfInvoice, advance_lines
from accounting.dimension_rules import dimension_of_revenue
from accounting.models import InvoiceProposal, InvoiceProposalLine, VoucherLine
from accounting.posting_context import PostingContext
from accounting.profiles import Situation, revenue_account, undiscounted_account
from accounting.states import PostingType
from billing.tax_days import sales_tax_group, tax_day
from core.money import ONE, ZERO, apportioned, converted, minor_places
from projects.states import BALANCES, BillingMethod, TransactionClass
from projects.tax_rules import day_of_change
from projects.taxing import GroupPair, RateMissing, TaxBase, TaxCodeFacts, TaxGroup, tax_groups

SITUATION = {
    "transaction_class": F("detail__transaction_class"),
    "billing_method": F("detail__line__contract_line__billing_method"),
    "project": F("detail__line__contract_line__project"),
    "project_group": F("detail__line__contract_line__project__group"),
    "category": F("detail__category"),
    "category_group": F("detail__category__group"),
    "booked_on": dimension_of_revenue(),
}
Earned = tuple[str, int, int | None, str | None]
"""A posting type that an invoice credits, its account, a project, and a dimension where it has its own."""
WAITING_MONEY = (PostingType.CUSTOMER_ADVANCES, PostingType.RETENTION_RECEIVABLE)


@dataclass(frozen=True)
class Accrued:
    """What the journal booked on an account for a project's part of a proposal, and on which dimension."""

    account_id: int
    project_id: int | None
    dimension: str
    amount: Decimal
    base_amount: Decimal


@dataclass
class Sums:
    """What the database added up for one proposal."""

    revenue: list[tuple[dict[str, Any], Decimal]] = field(default_factory=list)
    accrued: list[Accrued] = field(default_factory=list)
    bases: list[TaxBase] = field(default_factory=list)
    advances: list[AdvanceLine] = field(default_factory=list)


@dataclass
class PreparedInvoice:
    """What posting a proposal would write: taxes, totals, unsaved ledger lines; or why it cannot.

    `net_amount`, `tax_amount` and `retained`, the part of the net that is kept back or released, are in the
    proforma's currency, `base_amount` is what the customer owes in
    the currency of the legal entity at `rate`, and `advances` what advances come to in it. `problems` are
    texts of the form `kind:name`.
    """

    proposal: InvoiceProposal
    taxes: list[TaxGroup] = field(default_factory=list)
    lines: list[VoucherLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    net_amount: Decimal = ZERO
    retained: Decimal = ZERO
    tax_amount: Decimal = ZERO
    base_amount: Decimal = ZERO
    rate: Decimal = ONE
    advances: AdvancesOfInvoice = field(default_factory=AdvancesOfInvoice)

    @property
    def charged_net(self) -> Decimal:
        """What documents and pages call the net: without what is kept back or released (B12)."""
        return self.net_amount - self.retained

    @property
    def gross_amount(self) -> Decimal:
        """What the customer pays: net and tax."""
        return self.net_amount + self.tax_amount


def sums_of(
    proposals: Sequence[InvoiceProposal],
    rules: Mapping[GroupPair, TaxCodeFacts],
    invoice_date: date | None = None,
) -> dict[int, Sums]:
    """Add up revenue, accruals and tax bases of proposals, by the proposal's key.

    The invoice date, which may decide the rate of tax (decision 17), is each proposal's own unless given.
    Amounts are in the proposals' currencies and, for accruals, in the entity's as well, as they were posted.
    Three statements for any number of proposals and lines, one more where there are advances or retentions;
    locks nothing.
    """
    sums: dict[int, Sums] = defaultdict(Sums)
    # `order_by()`: the ordering of the model would become part of GROUP BY and split the sums.
    lines = InvoiceProposalLine.objects.filter(proposal__in=proposals).order_by()
    for row in lines.values("proposal", **SITUATION).annotate(net=Sum("amount")):
        sums[row["proposal"]].revenue.append((dict(row), row["net"]))
    invoiced_on = F("proposal__accounting_date") if invoice_date is None else Value(invoice_date)
    # The tax on what is kept back is asked for at once (B12).
    taxed = lines.exclude(detail__transaction_class=TransactionClass.RETENTION)
    dated = taxed.annotate(day=tax_day("detail__", invoiced_on))
    grouped = dated.annotate(
        since=day_of_change("day", rules), sales_group=sales_tax_group("detail__", "proposal__")
    )
    bases = grouped.values_list(
        "proposal", "sales_group", "detail__is_taxed_apart", "item_sales_tax_group", "since"
    )
    for proposal_id, sales_group, is_apart, item_group, since, net in bases.annotate(net=Sum("amount")):
        base = TaxBase((sales_group, item_group), since, net, is_apart=bool(is_apart))
        sums[proposal_id].bases.append(base)
    for proposal_id, *booked in _accrued(proposals):
        sums[proposal_id].accrued.append(Accrued(*booked))
    with_advances = [key for key, one in sums.items() if any(_waits(row) for row, _net in one.revenue)]
    for proposal_id, advances in (advance_lines(with_advances) if with_advances else {}).items():
        sums[proposal_id].advances = advances
    return sums


def _waits(row: Mapping[str, Any]) -> bool:
    return row["transaction_class"] in BALANCES


def _nets(revenue: Iterable[tuple[dict[str, Any], Decimal]]) -> tuple[Decimal, Decimal]:
    """The net, and the part of it that is kept back or released."""
    rows = [(net, row["transaction_class"] == TransactionClass.RETENTION) for row, net in revenue]
    return sum((net for net, _kept in rows), ZERO), sum((net for net, kept in rows if kept), ZERO)


def _accrued(proposals: Sequence[InvoiceProposal]) -> QuerySet:
    # What was posted and where, not what the set-up says today: it may have been changed in between (C2).
    actual = "voucher__journal_line__actual"
    proposal = f"{actual}__invoice_detail__proposal_line__proposal"
    accruals = VoucherLine.objects.filter(
        **{"voucher__journal_line__is_accrued": True, f"{proposal}__in": proposals}
    )
    booked = accruals.order_by().values_list(proposal, "account", "project", "dimension")
    return booked.annotate(amount=Sum("amount"), base=Sum("base_amount"))


def prepare_invoice(
    proposal: InvoiceProposal,
    sums: Sums,
    context: PostingContext,
    rules: dict[GroupPair, TaxCodeFacts],
    books: AdvanceBooks,
    day: date,
) -> PreparedInvoice:
    """Prepare the ledger lines of a proposal: amounts in its currency and, at the day's rate, the entity's.

    The customer is debited with the gross amount, revenue and tax are credited, and what the journal accrued
    while the work was unbilled is taken back with exactly the amounts it posted. Tax is computed on the sum
    of its code and rate. Each line is converted and rounded once to the minor unit; what then
    remains goes to the rounding account (G8). What is missing in the set-up is noted among the problems
    instead of raised, so that a preview can show all of it. Pure: no statement (C6).
    """
    prepared = PreparedInvoice(proposal)
    currency, rounding = proposal.proforma.currency, context.legal_entity.tax_rounding
    rate = context.sales_rate_on(currency, proposal.proforma.contract_id, day)
    if rate is None:
        prepared.problems.append(f"exchange-rate:{currency}")
        return prepared
    try:
        prepared.taxes = tax_groups(sums.bases, rules, currency=currency, rounding=rounding)
    except RateMissing as missing:
        prepared.problems.append(f"tax-rate:{missing}")
        return prepared
    prepared.rate, prepared.problems = rate, list(_without_tax(sums.bases, rules))
    # Only now: without the exchange rate and the tax no line has an amount.
    prepared.net_amount, prepared.retained = _nets(sums.revenue)
    prepared.tax_amount = sum((group.tax_amount for group in prepared.taxes), ZERO)
    lines = _VoucherLines(prepared, context, rate, day)
    lines.add_for(PostingType.CUSTOMER_BALANCE, prepared.gross_amount, customer=True)
    prepared.advances = books.count_in(sums.advances, rate, context.legal_entity.currency)
    lines.add_revenue(_revenue(sums, lines))
    lines.add_for(PostingType.SALES_TAX_PAYABLE, -prepared.tax_amount)
    for booked in sorted(sums.accrued, key=lambda one: one.amount):
        lines.take_back(booked)
    lines.balance()
    return prepared


def _without_tax(bases: Iterable[TaxBase], rules: Mapping[GroupPair, TaxCodeFacts]) -> Iterable[str]:
    """What is missing where no tax code applies: nobody sells without tax by mistake (C3).

    Who takes none has a group whose code is exempt and says why.
    """
    for base in bases:
        if not base.amount or base.pair in rules:
            continue
        sales_group, item_group = base.pair
        if sales_group is None:
            yield "sales-tax-group:"
        if item_group is None:
            yield "item-tax-group:"
        if sales_group is not None and item_group is not None:
            yield f"tax-rule:{sales_group}/{item_group}"


def _revenue(sums: Sums, lines: "_VoucherLines") -> dict[Earned, Decimal]:
    revenue: dict[Earned, Decimal] = defaultdict(lambda: ZERO)
    context, problems = lines.context, lines.prepared.problems
    for row, net in sums.revenue:
        situation = Situation(
            billing_method=row["billing_method"],
            project_id=row["project"],
            project_group=row["project_group"] or "",
            contract_id=lines.prepared.proposal.proforma.contract_id,
        )
        profile = context.profile(situation)
        if profile is None:
            problems.append(f"profile:{BillingMethod(situation.billing_method).label}")
            continue
        place = PostingPlace(
            row["project"], row["project_group"] or "", row["category"], row["category_group"] or ""
        )
        role = revenue_account(profile, row["transaction_class"])
        if role == PostingType.SALES_DISCOUNT and context.account(role, place, lines.day) is None:
            # A company that keeps no account of discounts sees them in the revenue of the line.
            role = undiscounted_account(profile)
        # Advances may come to nothing in their currency and to something in the entity's; so may retentions.
        is_moved = net or role in WAITING_MONEY
        account_id = lines.account(role, place) if is_moved else None
        if account_id is not None:
            # One line per account, project and dimension, because the ledger shows revenue by them (C4).
            own = None if role in WAITING_MONEY else row["booked_on"] or None
            revenue[role, account_id, row["project"], own] += net
    return revenue


def _paid_by_advances(
    revenue: Mapping[Earned, Decimal], advances: AdvancesOfInvoice, currency: str
) -> dict[Earned, Decimal]:
    """By how much the revenue of work that advances pay for differs from that of today's rate."""
    # Work on the same invoice, with the opposite sign of what is taken off: of a correction it is negative.
    weights = {
        key: abs(net)
        for key, net in revenue.items()
        if key[0] not in WAITING_MONEY and net * advances.applied < ZERO
    }
    if not weights or not advances.for_work:
        return {}
    return apportioned(advances.for_work, weights, places=minor_places(currency))


class _VoucherLines:
    """Collects the lines of one voucher and notes the accounts that are missing."""

    def __init__(self, prepared: PreparedInvoice, context: PostingContext, rate: Decimal, day: date):
        self.prepared, self.context, self.rate, self.day = prepared, context, rate, day

    def account(self, role: str, place: PostingPlace = ANYWHERE) -> int | None:
        """The account that plays a role on the day of the invoice; one that is missing is noted."""
        account = self.context.account(role, place, self.day)
        if account is None:
            self.prepared.problems.append(f"account:{PostingType(role).label}")
        return account

    def add_for(
        self, role: str, amount: Decimal, *, base: Decimal | None = None, customer: bool = False
    ) -> None:
        """A line on the account of a role that belongs to no project."""
        # A line over nothing says nothing, so it needs no account either.
        account_id = self.account(role) if amount or base else None
        if account_id is not None:
            self.add(account_id, None, amount, base=base, customer=customer)

    def add(
        self,
        account_id: int,
        project_id: int | None,
        amount: Decimal,
        *,
        base: Decimal | None = None,
        customer: bool = False,
        dimension: str | None = None,
    ) -> VoucherLine | None:
        """A line of the voucher; without a dimension of its own it has that of the proposal (C4)."""
        # A line over nothing says nothing; what rounding left over is something in the entity's currency.
        if not amount and not base:
            return None
        proposal = self.prepared.proposal
        if base is None:
            base = converted(amount, self.rate, self.context.legal_entity.currency)
        if customer:
            self.prepared.base_amount = base
        line = VoucherLine(
            account_id=account_id,
            currency=proposal.proforma.currency,
            amount=amount,
            base_amount=base,
            customer_id=proposal.proforma.customer_id if customer else None,
            project_id=project_id,
            dimension=proposal.dimension if dimension is None else dimension,
        )
        self.prepared.lines.append(line)
        return line

    def take_back(self, booked: Accrued) -> None:
        """The opposite of what was accrued, where it was accrued.

        At the amounts of the journal, not at today's rate: work in progress must end at zero (G5).
        """
        self.add(
            booked.account_id,
            booked.project_id,
            -booked.amount,
            base=-booked.base_amount,
            dimension=booked.dimension,
        )

    def add_revenue(self, revenue: Mapping[Earned, Decimal]) -> None:
        """Credit revenue, and take advances and retentions off at what they were booked with (P15, P18)."""
        advances, currency = self.prepared.advances, self.context.legal_entity.currency
        paid_for = _paid_by_advances(revenue, advances, currency)
        for earned, net in revenue.items():
            role, account_id, project_id, dimension = earned
            base = converted(net, self.rate, currency) + paid_for.get(earned, ZERO)
            if role == PostingType.CUSTOMER_ADVANCES:
                base = advances.of_project.get(project_id, ZERO)
            elif role == PostingType.RETENTION_RECEIVABLE:
                base = advances.kept_of_project.get(project_id, ZERO)
            line = self.add(account_id, project_id, -net, base=-base, dimension=dimension)
            if line is not None and role in WAITING_MONEY:
                # Whose money it is, so that the statement of the account can be asked for one customer.
                line.customer_id = self.prepared.proposal.proforma.customer_id
        # Money that goes back is money again: the rate has moved, and no work has earned it.
        left = advances.given_back + (ZERO if paid_for else advances.for_work)
        self.add_for(PostingType.EXCHANGE_DIFFERENCE, ZERO, base=-left)

    def balance(self) -> None:
        """Put what rounding left over in the entity's currency on its own line."""
        # Each line was rounded alone, so together they may miss zero by cents, which the seal refuses (G8).
        left = sum((line.base_amount for line in self.prepared.lines), ZERO)
        self.add_for(PostingType.ROUNDING, ZERO, base=-left)


def names_of(problems: Iterable[str]) -> list[tuple[str, str]]:
    """Problems as (kind, name), each once, in order."""
    return [(kind, name) for kind, _colon, name in (one.partition(":") for one in dict.fromkeys(problems))]
