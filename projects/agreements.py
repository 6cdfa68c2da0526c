"""The values of a contract, its lines, payers and rules, as verbs take them (A2-A5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from core.money import HUNDRED, ZERO, part_out
from projects.models import (
    Chargeability,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    Customer,
    DocumentLayout,
    LegalEntity,
    PaymentTerms,
    Project,
    ProjectContract,
    Role,
    SalesTaxGroup,
    Task,
    TransactionCategory,
)
from projects.states import IncrementRule, IncrementScope

PERCENT_PLACES = 2


@dataclass(frozen=True)
class PayerShare:
    """A customer with its share in percent and its limit, on a line or on a whole contract."""

    customer: Customer
    split_percent: Decimal = ZERO
    is_rounding: bool = False
    not_to_exceed_amount: Decimal | None = None


@dataclass(frozen=True)
class ChargeRule:
    """Whether work is chargeable for one task, one role or one category."""

    task: Task | None = None
    role: Role | None = None
    category: TransactionCategory | None = None
    is_chargeable: bool = False

    @property
    def about(self) -> tuple[str, int | None]:
        """Kind and key of the one thing it names, comparable; empty where it names none or several."""
        named = [(name, getattr(self, name)) for name in ("task", "role", "category") if getattr(self, name)]
        return (named[0][0], named[0][1].pk) if len(named) == 1 else ("", None)


@dataclass(frozen=True)
class LineTerms:
    """One contract line; `line` is the row that changes, or nothing for a new one.

    Amounts are in the contract's currency. No tasks means the whole project.
    """

    name: str
    billing_method: str
    line: ContractLine | None = None
    project: Project | None = None
    tasks: tuple[Task, ...] = ()
    includes_time: bool = True
    includes_expense: bool = True
    includes_material: bool = True
    includes_fee: bool = True
    contracted_amount: Decimal | None = None
    not_to_exceed_amount: Decimal | None = None
    billing_starts_on: date | None = None
    increment_minutes: int | None = None
    increment_rule: str = IncrementRule.UP
    increment_scope: str = IncrementScope.ENTRY
    day_hours: Decimal | None = None
    discount_percent: Decimal | None = None
    discount_reason: str = ""
    payers: tuple[PayerShare, ...] = ()
    rules: tuple[ChargeRule, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The columns of the line by name."""
        return _columns(self, {"line", "tasks", "payers", "rules"})

    @property
    def decisive(self) -> tuple[Any, ...]:
        """The values that decide how work is billed: if they change, its actuals are replaced (#15)."""
        payers = {(one.customer.pk, one.split_percent, one.is_rounding) for one in self.payers}
        rules = {(*rule.about, rule.is_chargeable) for rule in self.rules}
        steps = (self.increment_minutes, self.increment_rule, self.increment_scope, self.day_hours)
        return self.billing_method, payers, rules, steps


@dataclass(frozen=True)
class ContractHead:
    """The values of a contract without its lines; an empty number takes the next one.

    `customers` have the shares that new lines suggest; the customer of the contract is always among them.
    """

    legal_entity: LegalEntity
    name: str
    customer: Customer
    currency: str
    number: str = ""
    manager: User | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    purchase_order: str = ""
    not_to_exceed_amount: Decimal | None = None
    sales_tax_group: SalesTaxGroup | None = None
    payment_terms: PaymentTerms | None = None
    document_layout: DocumentLayout | None = None
    dimension: str = ""
    retention_percent: Decimal | None = None
    retention_months: int | None = None
    retention_condition: str = ""
    customers: tuple[PayerShare, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The columns of the contract by name."""
        return _columns(self, {"customers"})


def _columns(terms: LineTerms | ContractHead, left_out: set[str]) -> dict[str, Any]:
    return {one.name: getattr(terms, one.name) for one in fields(terms) if one.name not in left_out}


def evenly_distributed(payers: Sequence[PayerShare]) -> tuple[PayerShare, ...]:
    """The same payers with equal shares of two places; the rounding payer, or the last one, takes the rest.

    Three payers pay 33.33, 33.33 and 33.34 percent (A5).
    """
    if not payers:
        return ()
    *_equal, rest = parts = part_out(HUNDRED, len(payers), places=PERCENT_PLACES)
    absorber = next((nth for nth, payer in enumerate(payers) if payer.is_rounding), len(payers) - 1)
    return tuple(
        replace(payer, split_percent=rest if nth == absorber else parts[0], is_rounding=nth == absorber)
        for nth, payer in enumerate(payers)
    )


def head_of(contract: ProjectContract) -> ContractHead:
    """The stored values of a contract; one statement beside those of its relations."""
    values = {
        one.name: getattr(contract, one.name) for one in fields(ContractHead) if one.name != "customers"
    }
    customers = ContractCustomer.objects.filter(contract=contract).select_related("customer")
    return ContractHead(**values, customers=tuple(map(_payer, customers.order_by("pk"))))


def terms_of(contract: ProjectContract) -> tuple[LineTerms, ...]:
    """The stored lines of a contract, in order; four statements for any number of lines."""
    lines = ContractLine.objects.filter(contract=contract).select_related("contract", "project")
    payers: dict[int, list[PayerShare]] = defaultdict(list)
    shares = ContractLineCustomer.objects.filter(contract_line__contract=contract).select_related("customer")
    for share in shares.order_by("pk"):
        payers[share.contract_line_id].append(_payer(share))
    rules: dict[int, list[ChargeRule]] = defaultdict(list)
    chargeability = Chargeability.objects.filter(contract_line__contract=contract)
    for rule in chargeability.select_related("task", "role", "category").order_by("pk"):
        rules[rule.contract_line_id].append(
            ChargeRule(rule.task, rule.role, rule.category, rule.is_chargeable)
        )
    own = [one.name for one in fields(LineTerms) if one.name not in ("line", "tasks", "payers", "rules")]
    return tuple(
        LineTerms(
            **{name: getattr(line, name) for name in own},
            line=line,
            tasks=tuple(line.tasks.all()),
            payers=tuple(payers[line.pk]),
            rules=tuple(rules[line.pk]),
        )
        for line in lines.prefetch_related("tasks").order_by("number")
    )


def _payer(share: ContractCustomer | ContractLineCustomer) -> PayerShare:
    return PayerShare(share.customer, share.split_percent, share.is_rounding, share.not_to_exceed_amount)
