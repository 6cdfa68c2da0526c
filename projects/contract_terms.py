"""What was agreed about a set of entries: their contract lines, chargeability and prices, read once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from projects.models import (
    CategoryPrice,
    Chargeability,
    ContractLine,
    Entry,
    MaterialPrice,
    PriceList,
    RolePrice,
)
from projects.pricing import CategoryRule, Price, PriceListFacts, Work, price_for
from projects.states import BillingType, PriceContext, TransactionClass


@dataclass(frozen=True)
class ContractTerms:
    """Lines by project, the tasks each line is limited to, rules by line, and price lists by entity."""

    lines: dict[int, list[ContractLine]]
    tasks: dict[int, set[int]]
    rules: dict[int, list[Chargeability]]
    price_lists: dict[int, list[PriceListFacts]]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "ContractTerms":
        """Read all that `entries` need, in a number of statements that does not depend on how many."""
        projects = {entry.project_id for entry in entries}
        lines: dict[int, list[ContractLine]] = defaultdict(list)
        of_projects = ContractLine.objects.filter(project__in=projects)
        for line in of_projects.select_related("contract").order_by("contract", "number"):
            if line.project_id is not None:
                lines[line.project_id].append(line)
        tasks: dict[int, set[int]] = defaultdict(set)
        limited = ContractLine.tasks.through.objects.filter(contractline__project__in=projects)
        for line_id, task_id in limited.values_list("contractline_id", "task_id"):
            tasks[line_id].add(task_id)
        rules: dict[int, list[Chargeability]] = defaultdict(list)
        for rule in Chargeability.objects.filter(contract_line__project__in=projects):
            rules[rule.contract_line_id].append(rule)
        entities = {entry.legal_entity_id for entry in entries}
        return cls(dict(lines), dict(tasks), dict(rules), _price_lists(entities))

    def line_of(self, entry: Entry) -> ContractLine | None:
        """The contract line that (project, task, class) resolves to; a line limited to the task wins (A3)."""
        including = [
            line
            for line in self.lines.get(entry.project_id, [])
            if getattr(line, f"includes_{entry.transaction_class}", False)
        ]
        for line in including:
            if entry.task_id is not None and entry.task_id in self.tasks.get(line.pk, ()):
                return line
        return next((line for line in including if line.pk not in self.tasks), None)

    def billing_type_of(self, entry: Entry, line: ContractLine | None) -> BillingType:
        """Not available without a line; else what was reported, unless a rule says non-chargeable (A4)."""
        if line is None:
            return BillingType.NOT_AVAILABLE
        if not self._is_chargeable(entry, line):
            return BillingType.NON_CHARGEABLE
        return BillingType(entry.billing_type)

    def sales_price_of(
        self, entry: Entry, line: ContractLine | None, cost_price: Decimal, cost_currency: str
    ) -> tuple[Decimal, str, bool]:
        """Unit price in the contract's currency, its source, whether it has one; fixed price needs none."""
        if line is None or not line.is_time_and_material:
            return ZERO, "", True
        if entry.transaction_class == TransactionClass.FEE and entry.price is not None:
            return entry.price, "", True
        currency = line.contract.currency
        price = self.price_of(entry, line, PriceContext.SALES, currency, cost_price, cost_currency)
        return price.unit_price, price.source, price.is_found

    def price_of(
        self,
        entry: Entry,
        line: ContractLine | None,
        context: PriceContext,
        currency: str,
        cost_price: Decimal = ZERO,
        cost_currency: str = "",
    ) -> Price:
        """The unit price of an entry in one context and currency."""
        work = Work(
            transaction_class=entry.transaction_class,
            day=entry.date,
            currency=currency,
            contract_id=line.contract_id if line else None,
            role_id=entry.role_id,
            category_id=entry.category_id,
            product=entry.product,
            unit=entry.unit,
            cost_price=cost_price,
            cost_currency=cost_currency,
        )
        return price_for(work, self.price_lists.get(entry.legal_entity_id, ()), context)

    def _is_chargeable(self, entry: Entry, line: ContractLine) -> bool:
        of_time = entry.transaction_class == TransactionClass.TIME
        of_expense = entry.transaction_class == TransactionClass.EXPENSE
        if of_time and entry.role is not None and not self._by_role(entry, line):
            return False
        if of_expense and entry.category is not None and not self._by_category(entry, line):
            return False
        return all(
            rule.is_chargeable
            for rule in self.rules.get(line.pk, ())
            if rule.task_id is not None and rule.task_id == entry.task_id
        )

    def _by_role(self, entry: Entry, line: ContractLine) -> bool:
        rules = [rule for rule in self.rules.get(line.pk, ()) if rule.role_id == entry.role_id]
        return all(rule.is_chargeable for rule in rules) if rules else entry.role.is_chargeable

    def _by_category(self, entry: Entry, line: ContractLine) -> bool:
        rules = [rule for rule in self.rules.get(line.pk, ()) if rule.category_id == entry.category_id]
        return all(rule.is_chargeable for rule in rules) if rules else entry.category.is_chargeable


def _price_lists(entities: Iterable[int]) -> dict[int, list[PriceListFacts]]:
    lists = list(PriceList.objects.filter(legal_entity__in=entities))
    roles: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for role_price in RolePrice.objects.filter(price_list__in=lists):
        roles[role_price.price_list_id][role_price.role_id] = role_price.price
    categories: dict[int, dict[int, CategoryRule]] = defaultdict(dict)
    for rule in CategoryPrice.objects.filter(price_list__in=lists):
        categories[rule.price_list_id][rule.category_id] = CategoryRule(
            rule.method, rule.price, rule.markup_percent
        )
    materials: dict[int, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for material in MaterialPrice.objects.filter(price_list__in=lists):
        materials[material.price_list_id][material.product, material.unit] = material.price
    facts: dict[int, list[PriceListFacts]] = defaultdict(list)
    for one in lists:
        facts[one.legal_entity_id].append(
            PriceListFacts(
                name=one.name,
                context=one.context,
                currency=one.currency,
                rank=one.pk,
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                contract_id=one.contract_id,
                roles=roles[one.pk],
                categories=categories[one.pk],
                materials=materials[one.pk],
            )
        )
    return facts
