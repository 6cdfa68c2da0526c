"""What standing discounts and retentions will take off drafts, found out before they are made (B12)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.discounts import taken_off
from billing.payers import Payer
from billing.retentions import kept_of
from core.money import ZERO
from projects.models import ContractLine, ContractLineCustomer, ProjectContract

ByLine = Mapping[int, Decimal]
"""What one customer is charged before discounts, by the key of the contract line, without balances."""


@dataclass(frozen=True)
class TermsAhead:
    """What contracts have agreed that lowers each draft, given by key.

    `discounts` are percentages of lines. `keeping` are the lines that a customer pays for and that can keep
    something back: on contracts with a retention, those that have a project.
    """

    discounts: Mapping[int, Decimal]
    keeping: Mapping[Payer, Collection[int]]

    @classmethod
    def of(cls, contracts: Collection[ProjectContract]) -> "TermsAhead":
        """Read the terms; one statement, and one more where a contract has a retention. Locks nothing."""
        keys = [one.pk for one in contracts]
        agreed = ContractLine.objects.filter(contract__in=keys, discount_percent__isnull=False)
        rows = agreed.order_by().values_list("pk", "discount_percent")
        return cls({line: percent for line, percent in rows if percent is not None}, _keeping(contracts))

    def lowered_by(
        self,
        contract: ProjectContract,
        customer: int,
        charged: ByLine,
        *,
        lines: Collection[int] | None = None,
    ) -> tuple[Decimal, Decimal]:
        """What discounts take off a new draft of one customer, by key, and what it keeps back.

        Each discount is rounded once and the retention once, of what is left after discounts, as on the
        draft; in the contract's currency. `lines` are those that the draft will have, unless all.
        """
        off = sum(
            (
                taken_off(amount, self.discounts[line], contract.currency)
                for line, amount in charged.items()
                if line in self.discounts
            ),
            ZERO,
        )
        keeping = self.keeping.get((contract.pk, customer), ())
        if contract.retention_percent is None or not any(lines is None or one in lines for one in keeping):
            return off, ZERO
        net = sum(charged.values(), ZERO) - off
        return off, kept_of(net, contract.retention_percent, contract.currency)


def _keeping(contracts: Iterable[ProjectContract]) -> dict[Payer, set[int]]:
    agreed = [one.pk for one in contracts if one.retention_percent is not None]
    keeping: dict[Payer, set[int]] = defaultdict(set)
    if agreed:
        payers = ContractLineCustomer.objects.filter(
            contract_line__contract__in=agreed, contract_line__project__isnull=False
        )
        rows = payers.order_by().values_list("contract_line__contract", "customer", "contract_line")
        for contract, customer, line in rows:
            keeping[contract, customer].add(line)
    return dict(keeping)
