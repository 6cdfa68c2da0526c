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
class Billed:
    """Chargeable sales that stand billed, by the key of their actual; whether a draft corrects them."""

    work_item: int
    customer: int
    quantity: Decimal
    price: Decimal
    is_being_corrected: bool = False

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass
class Corrected:
    """What a draft wants to stay billed of a row; nothing where the quantity is zero."""

    quantity: Decimal
    price: Decimal


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
class Total:
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
    brought_in: dict[int, Total] = field(default_factory=dict)
    billed: dict[int, Total] = field(default_factory=dict)
    unposted: dict[int, Decimal] = field(default_factory=dict)
    accrued: dict[int, Decimal] = field(default_factory=dict)
    confirmed: dict[int, tuple[Decimal, list[int]]] = field(default_factory=dict)
    invoiced: list[Decimal] = field(default_factory=list)
    standing: dict[int, Billed] = field(default_factory=dict)
    corrections: dict[int, dict[int, Corrected]] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)

    def opens(self, key: int, row: Open) -> None:
        self.open[key] = row
        self.unposted[key] = row.amount if row.billing_type == CHARGEABLE else ZERO

    def approves(self, key: int, row: Open) -> None:
        self.opens(key, row)
        self.brought_in.setdefault(row.work_item, Total()).add(row.quantity, row.amount)

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
            billed = self.billed.setdefault(row.work_item, Total())
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

    def corrects(self, draft: int, key: int, remaining: Corrected) -> None:
        self.corrections[draft] = {key: remaining}
        self.standing[key].is_being_corrected = True

    def drops_correction(self, draft: int) -> None:
        for key in self.corrections.pop(draft):
            self.standing[key].is_being_corrected = False

    def net_of(self, draft: int) -> Decimal:
        """What a draft charges for its work."""
        return sum((detail.chargeable for detail in self.drafts[draft].values()), ZERO)

    def net_of_correction(self, draft: int) -> Decimal:
        return sum(
            (new.quantity * new.price - self.standing[key].amount)
            for key, new in self.corrections[draft].items()
        )

    def confirms_correction(self, draft: int) -> list[Open]:
        """Take billed rows back; return the rests that are open again, whose keys the database has to say."""
        rests = []
        self.confirmed[draft] = (self.net_of_correction(draft), [])
        for key, new in self.corrections.pop(draft).items():
            row = self.standing.pop(key)
            change = (new.quantity - row.quantity, new.quantity * new.price - row.amount)
            self.billed[row.work_item].add(*change)
            self.brought_in[row.work_item].add(*change)
            rest = row.quantity - new.quantity
            if rest > 0:
                self.brought_in[row.work_item].add(rest, rest * row.price)
                rests.append(Open(row.work_item, row.customer, rest, row.price))
        return rests

    def cancels(self, keys: list[int]) -> None:
        """Approved work is taken back whole, and what the books accrued of it with the next journal."""
        for key in keys:
            row = self.open.pop(key)
            self.brought_in[row.work_item].add(-row.quantity, -row.amount)
            if self.unposted.pop(key, None) is None:
                self.taken_back.add(key)

    def posts_journals(self) -> None:
        self.accrued |= self.unposted
        self.unposted = {}
        for key in self.taken_back:
            del self.accrued[key]
        self.taken_back = set()

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
