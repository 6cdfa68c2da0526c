"""What advances and retentions come to in the entity's currency: the rate of their vouchers (C9, P15, P18).

An advance is owed in work and not in money, so it is never valued again. Whatever takes it off takes it off
at what it was booked with, and the work that it pays for is revenue of that amount. What is kept back leaves
its account at what it was booked with as well; the difference to the rate of the day is one of exchange.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from accounting.models import InvoiceProposalLine, ProjectTransaction
from billing.states import RetainerUse
from core.money import ZERO, converted, minor_places, rounded_fraction
from projects.states import BALANCES, TransactionClass

OF_DETAIL = ("retainer_use", "corrects", "replaces", "transaction_class")


@dataclass(frozen=True)
class AdvanceLine:
    """A line of a proposal about an advance or a retention; `net` is signed as on the invoice."""

    actual_id: int
    work_item_id: int
    project_id: int | None
    net: Decimal
    use: str
    corrects_id: int | None
    replaces_id: int | None
    transaction_class: str

    @property
    def is_retention(self) -> bool:
        """Whether it keeps back or releases."""
        return self.transaction_class == TransactionClass.RETENTION

    @property
    def is_booking(self) -> bool:
        """Whether the advance, or what is kept back, comes into the books by it."""
        # What stays kept back after a correction was booked with the invoice that is corrected.
        is_first = self.corrects_id is None and self.replaces_id is None
        return is_first and (self.net < 0 if self.is_retention else self.use == RetainerUse.INVOICE)


@dataclass
class AdvancesOfInvoice:
    """What advances and retentions of one invoice come to in the entity's currency, signed as on the invoice.

    `of_line` is by line, `of_project` what goes to the account of advances, `kept_of_project` what goes to
    that of retentions. `for_work` and `given_back` are
    what today's rate would make of them beyond that: the first changes the revenue of the work that they pay
    for, the second is an exchange difference.
    """

    of_line: dict[AdvanceLine, Decimal] = field(default_factory=dict)
    of_project: dict[int | None, Decimal] = field(default_factory=dict)
    kept_of_project: dict[int | None, Decimal] = field(default_factory=dict)
    applied: Decimal = ZERO
    for_work: Decimal = ZERO
    given_back: Decimal = ZERO


@dataclass
class AdvanceBooks:
    """What stands in the books of each advance or retention, by work item; invoices are counted in.

    `left` is amount and base amount of what is not taken off, `booked` the same as it came into the books,
    `bases` the base amount of each posted line by its actual.
    """

    left: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    booked: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    bases: dict[int, Decimal] = field(default_factory=dict)

    def count_in(self, lines: Iterable[AdvanceLine], rate: Decimal, currency: str) -> AdvancesOfInvoice:
        """Book the lines of the next invoice at a day's rate into `currency`, that of the entity."""
        invoice = AdvancesOfInvoice()
        for line in lines:
            at_rate = converted(line.net, rate, currency)
            base = self._base_of(line, at_rate, currency)
            self.keep(line, base)
            invoice.of_line[line] = base
            account = invoice.kept_of_project if line.is_retention else invoice.of_project
            account[line.project_id] = account.get(line.project_id, ZERO) + base
            if line.use == RetainerUse.APPLY:
                invoice.applied += line.net
                invoice.for_work += at_rate - base
            else:
                invoice.given_back += at_rate - base
        return invoice

    def _base_of(self, line: AdvanceLine, at_rate: Decimal, currency: str) -> Decimal:
        if line.is_booking:
            return at_rate
        amount, base = self.left.get(line.work_item_id, (ZERO, ZERO))
        # The last use takes the rest, to the cent: nothing of an advance that is used up stays in the books.
        if amount + line.net == ZERO:
            return -base
        if line.corrects_id is not None and line.corrects_id in self.bases:
            return -self.bases[line.corrects_id]
        if abs(line.net) > abs(amount):
            # A later use is posted before what gave it back its balance.
            amount, base = self.booked.get(line.work_item_id, (ZERO, ZERO))
        if not amount:
            return at_rate
        part = Fraction(base) * Fraction(line.net) / Fraction(amount)
        return rounded_fraction(part, minor_places(currency))

    def keep(self, line: AdvanceLine, base: Decimal) -> None:
        """Count a line at what it was booked with."""
        amount_left, base_left = self.left.get(line.work_item_id, (ZERO, ZERO))
        self.left[line.work_item_id] = amount_left + line.net, base_left + base
        self.bases[line.actual_id] = base
        if line.is_booking:
            self.booked[line.work_item_id] = line.net, base


def advance_lines(proposals: Iterable[int]) -> dict[int, list[AdvanceLine]]:
    """The lines of advances and retentions of proposals, by the key of the proposal, in their order."""
    rows = InvoiceProposalLine.objects.filter(
        proposal__in=list(proposals), detail__transaction_class__in=BALANCES
    ).order_by("pk")
    columns = ("proposal", "actual", "actual__work_item", "detail__line__contract_line__project", "amount")
    lines: dict[int, list[AdvanceLine]] = {}
    for proposal_id, *values in rows.values_list(*columns, *(f"detail__{name}" for name in OF_DETAIL)):
        lines.setdefault(proposal_id, []).append(AdvanceLine(*values))
    return lines


def advance_books(lines: Mapping[int, Iterable[AdvanceLine]]) -> AdvanceBooks:
    """What stands in the books of what these lines are about; one statement, none where there is none.

    Locks nothing: who posts holds the advances.
    """
    books = AdvanceBooks()
    items = {line.work_item_id for each in lines.values() for line in each}
    if not items:
        return books
    rows = ProjectTransaction.objects.filter(actual__work_item__in=items, base_amount__isnull=False)
    columns = ("actual", "actual__work_item", "project", "amount")
    of_detail = (f"actual__proposal_line__detail__{name}" for name in OF_DETAIL)
    for *values, base in rows.order_by("pk").values_list(*columns, *of_detail, "base_amount"):
        books.keep(AdvanceLine(*values), base)
    return books
