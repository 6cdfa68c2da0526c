"""The product once more in plain Python: what is open, drafted, billed and booked, without a database.

Knows nothing of verbs, triggers or SQL. Hours sell for a whole number of euros and come in quarters, so that
no amount here is ever rounded.
"""

from dataclasses import dataclass, field
from decimal import Decimal

CHARGEABLE, NON_CHARGEABLE = 1, 2
ZERO = Decimal(0)


@dataclass
class Open:
    """Unbilled sales that nobody has taken back, by the key of their actual."""

    work_item: int
    customer: int
    quantity: Decimal
    price: Decimal
    billing_type: int = CHARGEABLE
    status: str = "not_ready"

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass
class Detail:
    """What a draft says of the actual it holds."""

    quantity: Decimal
    price: Decimal
    billing_type: int
    keeps_rest: bool = False

    @property
    def chargeable(self) -> Decimal:
        return self.quantity * self.price if self.billing_type == CHARGEABLE else ZERO


@dataclass
class Sum:
    quantity: Decimal = ZERO
    amount: Decimal = ZERO

    def add(self, quantity: Decimal, amount: Decimal) -> None:
        self.quantity += quantity
        self.amount += amount


@dataclass
class Ledger:
    """All that a company with one contract has done; drafts and open sales by the database's keys."""

    open: dict[int, Open] = field(default_factory=dict)
    drafts: dict[int, dict[int, Detail]] = field(default_factory=dict)
    brought_in: dict[int, Sum] = field(default_factory=dict)
    billed: dict[int, Sum] = field(default_factory=dict)
    unposted: dict[int, Decimal] = field(default_factory=dict)
    accrued: dict[int, Decimal] = field(default_factory=dict)
    confirmed: dict[int, tuple[Decimal, list[int]]] = field(default_factory=dict)
    invoiced: list[Decimal] = field(default_factory=list)

    def opens(self, key: int, row: Open) -> None:
        self.open[key] = row
        self.unposted[key] = row.amount if row.billing_type == CHARGEABLE else ZERO

    def approves(self, key: int, row: Open) -> None:
        self.opens(key, row)
        self.brought_in.setdefault(row.work_item, Sum()).add(row.quantity, row.amount)

    def drafts_ready(self, draft: int, customer: int) -> None:
        held = [key for key, row in self.open.items() if row.status == "ready" and row.customer == customer]
        self.drafts[draft] = {}
        for key in held:
            row = self.open[key]
            row.status = "on_draft"
            self.drafts[draft][key] = Detail(row.quantity, row.price, row.billing_type)

    def releases(self, draft: int, key: int) -> None:
        del self.drafts[draft][key]
        self.open[key].status = "ready"

    def deletes(self, draft: int) -> None:
        for key in list(self.drafts[draft]):
            self.releases(draft, key)
        del self.drafts[draft]

    def confirms(self, draft: int) -> list[Open]:
        """Bill a draft; return the rests that stay open, whose keys the database has yet to say."""
        details = self.drafts.pop(draft)
        kept = []
        for key, detail in details.items():
            row = self.open.pop(key)
            billed = self.billed.setdefault(row.work_item, Sum())
            billed.add(detail.quantity, detail.quantity * detail.price)
            brought_in = self.brought_in[row.work_item]
            brought_in.add(detail.quantity - row.quantity, detail.quantity * detail.price - row.amount)
            rest = row.quantity - detail.quantity
            if rest <= 0:
                continue
            brought_in.add(rest, rest * row.price)
            if detail.keeps_rest:
                kept.append(Open(row.work_item, row.customer, rest, row.price, row.billing_type))
            else:
                billed.add(rest, rest * row.price)
        self.confirmed[draft] = (sum((one.chargeable for one in details.values()), ZERO), list(details))
        return kept

    def posts_journals(self) -> None:
        self.accrued |= self.unposted
        self.unposted = {}

    def invoices(self) -> list[Decimal]:
        """Post everything that is confirmed; return the net amounts in the order of the proformas."""
        nets = [net for _draft, (net, _keys) in sorted(self.confirmed.items())]
        for _net, keys in self.confirmed.values():
            for key in keys:
                del self.accrued[key]
        self.confirmed = {}
        self.invoiced += nets
        return nets

    @property
    def work_in_progress(self) -> Decimal:
        return sum(self.accrued.values(), ZERO)
