"""Which not-to-exceed limits proformas would exceed by being confirmed (A6, B7)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import InvoiceLine, Proforma
from core.templatetags.display import money
from projects.contract_limits import ContractLimits, Payment, limited
from projects.models import ProjectContract
from projects.states import LimitLevel


@dataclass(frozen=True)
class ExceededLimit:
    """A limit, whose it is, and what would be billed of it; amounts are in the contract's currency."""

    level: LimitLevel
    line: InvoiceLine | None
    whose: str
    limit: Decimal
    billed: Decimal
    currency: str

    @property
    def code(self) -> str:
        """Unique on its proforma, which may exceed the limits of several lines."""
        number = f"-{self.line.contract_line.number}" if self.line else ""
        return f"limit-exceeded-{self.level.value}{number}"

    @property
    def message(self) -> str:
        """Which limit would be exceeded, and by how much."""
        return _("Exceeds the limit of the %(level)s by %(amount)s") % {
            "level": self.level.label,
            "amount": money(self.billed - self.limit, self.currency),
        }

    @property
    def detail(self) -> str:
        """What would be billed of it, and the way out."""
        words = _("%(whose)s: %(billed)s of %(limit)s would be billed. Raise the limit, or remove details.")
        return words % {
            "whose": self.whose,
            "billed": money(self.billed, self.currency),
            "limit": money(self.limit, self.currency),
        }


def limits_exceeded_by(
    proformas: Sequence[Proforma], *, without: Collection[int] = ()
) -> dict[int, list[ExceededLimit]]:
    """The limits on contract, customer and line that each open proforma would exceed, by its key.

    What counts is what was billed before and the proformas with a lower key, as they are confirmed together,
    in whatever order they are given; those `without` confirmation, by key, count for none of the others.
    Contract and customer are loaded. Seven statements, one where no contract has a limit; locks nothing.
    """
    contracts = ProjectContract.objects.filter(pk__in={one.contract_id for one in proformas})
    keys = set(limited(contracts).values_list("pk", flat=True))
    asking = [one for one in proformas if one.is_open and one.contract_id in keys]
    # A page shows them by number, a run confirms them by key: both count the same before each.
    asking.sort(key=lambda one: one.pk)
    if not asking:
        return {}
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(proforma__in=asking).select_related("contract_line"):
        lines[line.proforma_id].append(line)
    limits = ContractLimits.billed(keys)
    exceeded: dict[int, list[ExceededLimit]] = {}
    for one in asking:
        payments = {_payment(one, line): line.amount for line in lines[one.pk]}
        exceeded[one.pk] = _exceeded(one, lines[one.pk], payments, limits)
        if one.pk not in without:
            limits.add(payments)
    return exceeded


def _payment(proforma: Proforma, line: InvoiceLine) -> Payment:
    return proforma.contract_id, line.contract_line_id, proforma.customer_id


def _exceeded(
    proforma: Proforma,
    lines: Sequence[InvoiceLine],
    payments: dict[Payment, Decimal],
    limits: ContractLimits,
) -> list[ExceededLimit]:
    own = {line.contract_line_id: line for line in lines}
    customer, contract = str(proforma.customer), str(proforma.contract)
    exceeded = []
    for level, billed in limits.exceeded_with(payments).items():
        kind, key, _customer = level
        line = own[key] if kind in (LimitLevel.LINE, LimitLevel.LINE_CUSTOMER) else None
        whose = {
            LimitLevel.LINE_CUSTOMER: f"{line}, {customer}",
            LimitLevel.LINE: str(line),
            LimitLevel.CONTRACT_CUSTOMER: customer,
            LimitLevel.CONTRACT: contract,
        }
        exceeded.append(
            ExceededLimit(kind, line, whose[kind], limits.agreed[level], billed, proforma.currency)
        )
    return exceeded
