"""Contract lines, chargeability and prices of a set of entries, read once for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.money import ZERO, marked_up, times
from projects.exchange_rates import ExchangeRates
from projects.models import (
    CategoryPrice,
    Chargeability,
    ContractLine,
    Entry,
    MaterialPrice,
    PrepaidMonth,
    PriceList,
    RolePrice,
)
from projects.pricing import CategoryRule, Price, PriceListFacts, UnitPrice, Work, no_price, price_for
from projects.states import (
    BillingType,
    ContractStatus,
    PriceContext,
    PriceProblem,
    TransactionClass,
)
from projects.steps import unit_of
from projects.work_coverage import WorkCoverage


@dataclass(frozen=True)
class ContractTerms(WorkCoverage):
    """Lines and their tasks, with rules by line, and price lists and rates by entity."""

    rules: dict[int, list[Chargeability]]
    price_lists: dict[int, list[PriceListFacts]]
    exchange_rates: ExchangeRates
    prepaid: dict[int, dict[date, PrepaidMonth]]
    """By line what was agreed for each month, by its first day."""

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "ContractTerms":
        """Read all that `entries` need, in a number of statements that does not depend on how many."""
        projects = {entry.project_id for entry in entries}
        coverage = WorkCoverage.of_projects(projects)
        rules: dict[int, list[Chargeability]] = defaultdict(list)
        for rule in Chargeability.objects.filter(contract_line__project__in=projects):
            rules[rule.contract_line_id].append(rule)
        currencies = {entry.legal_entity_id: entry.legal_entity.currency for entry in entries}
        rates = ExchangeRates.of(currencies)
        lines = [line for of_project in coverage.lines.values() for line in of_project]
        prepaid = _prepaid_months(lines)
        return cls(coverage.lines, coverage.tasks, dict(rules), price_lists_of(currencies), rates, prepaid)

    def without_drafts(self) -> "ContractTerms":
        """The same terms as if no draft of a contract were there."""
        agreed = {
            project: [line for line in lines if line.contract.status != ContractStatus.DRAFT]
            for project, lines in self.lines.items()
        }
        return replace(self, lines=agreed)

    def priced_by(self, price_list: PriceList) -> "ContractTerms":
        """The same terms, with one general or contract list in the place of all others of its kind.

        It is taken as if it held on every day; lists of another kind stay, so that a price agreed in a
        contract still goes before a general list (B11).
        """
        kind = (price_list.context, price_list.currency, price_list.contract_id)
        facts = [
            replace(one, starts_on=None, ends_on=None) if one.key == price_list.pk else one
            for one in self.price_lists.get(price_list.legal_entity_id, [])
            if one.key == price_list.pk or (one.context, one.currency, one.contract_id) != kind
        ]
        return replace(self, price_lists=self.price_lists | {price_list.legal_entity_id: facts})

    def billing_type_of(self, entry: Entry, line: ContractLine | None) -> BillingType:
        """Not available without a line; else what was reported, unless a rule says non-chargeable (A4)."""
        if line is None:
            return BillingType.NOT_AVAILABLE
        if not self._is_chargeable(entry, line):
            return BillingType.NON_CHARGEABLE
        return BillingType(entry.billing_type)

    def cost_price_of(self, entry: Entry, line: ContractLine | None) -> Price:
        """What one unit costs, in the entry's currency or the entity's.

        The reported price of expenses and material, else the cost list; a fee has no cost.
        """
        if entry.transaction_class == TransactionClass.FEE:
            return Price(ZERO)
        if entry.price is not None:
            return Price(entry.price)
        return self._price_of(entry, line, PriceContext.COST, cost_currency_of(entry))

    def sales_price_of(self, entry: Entry, line: ContractLine | None, cost: Price) -> Price:
        """What one unit sells for in the contract's currency; only time and material needs a price."""
        if line is None or not line.is_time_and_material:
            return Price(ZERO)
        currency = line.contract.currency
        # Whoever reports a fee says its price, in a currency of their own where they name one.
        if entry.transaction_class == TransactionClass.FEE and entry.price is not None:
            rate = self._rate_of(entry, entry.currency or currency, currency)
            if rate is None:
                return no_price(PriceProblem.NO_RATE)
            return Price(marked_up(entry.price, ZERO, rate=rate))
        block = self.prepaid.get(line.pk, {}).get(entry.date.replace(day=1))
        if block is not None and entry.transaction_class == TransactionClass.TIME:
            # What is beyond the block is known when it is approved (A12).
            return Price(block.block_rate, line.contract.number)
        return self._price_of(entry, line, PriceContext.SALES, currency, cost)

    def worth_of(self, entry: Entry, currency: str) -> Decimal | None:
        """What an entry without a line would sell for by the general lists; nothing where none knows it."""
        cost = self.cost_price_of(entry, None)
        price = self._price_of(entry, None, PriceContext.SALES, currency, cost)
        return times(entry.quantity, price.unit_price, currency) if price.is_known else None

    def _price_of(
        self,
        entry: Entry,
        line: ContractLine | None,
        context: PriceContext,
        currency: str,
        cost: Price | None = None,
    ) -> Price:
        work = Work(
            transaction_class=entry.transaction_class,
            day=entry.date,
            currency=currency,
            contract_id=line.contract_id if line else None,
            role_id=entry.role_id,
            category_id=entry.category_id,
            product=entry.product,
            # Sales may be per day; cost is always per recorded unit.
            unit=unit_of(entry, line) if context == PriceContext.SALES else entry.unit,
            day_hours=line.day_hours if line else None,
            cost_price=cost.unit_price if cost is not None and cost.is_known else None,
            cost_rate=self._rate_of(entry, cost_currency_of(entry), currency),
        )
        return price_for(work, self.price_lists.get(entry.legal_entity_id, ()), context)

    def _rate_of(self, entry: Entry, currency: str, wanted: str) -> Decimal | None:
        return self.exchange_rates.rate_between(entry.legal_entity_id, currency, wanted, entry.date)

    def _is_chargeable(self, entry: Entry, line: ContractLine) -> bool:
        of_time = entry.transaction_class == TransactionClass.TIME
        of_expense = entry.transaction_class == TransactionClass.EXPENSE
        if of_time and entry.role is not None and not self._by_role(entry, line):
            return False
        if of_expense and entry.category is not None and not self._by_category(entry, line):
            return False
        # Rules for a task apply to every class of work on it.
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


def cost_currency_of(entry: Entry) -> str:
    """The currency its cost is in: its own where it names one, else that of its legal entity."""
    return entry.currency or entry.legal_entity.currency


def price_lists_of(entities: Iterable[int]) -> dict[int, list[PriceListFacts]]:
    """Every price list of legal entities with its prices, by entity; four statements."""
    lists = list(PriceList.objects.filter(legal_entity__in=entities))
    roles: dict[int, dict[tuple[int, str], UnitPrice]] = defaultdict(dict)
    for role in RolePrice.objects.filter(price_list__in=lists):
        roles[role.price_list_id][role.role_id, role.unit] = UnitPrice(role.price, role.ends_on)
    categories: dict[int, dict[tuple[int, str], CategoryRule]] = defaultdict(dict)
    for rule in CategoryPrice.objects.filter(price_list__in=lists):
        categories[rule.price_list_id][rule.category_id, rule.unit] = CategoryRule(
            rule.method, rule.price, rule.markup_percent, rule.ends_on
        )
    materials: dict[int, dict[tuple[str, str], UnitPrice]] = defaultdict(dict)
    for row in MaterialPrice.objects.filter(price_list__in=lists):
        materials[row.price_list_id][row.product, row.unit] = UnitPrice(row.price, row.ends_on)
    facts: dict[int, list[PriceListFacts]] = defaultdict(list)
    for one in lists:
        facts[one.legal_entity_id].append(
            PriceListFacts(
                name=one.name,
                context=one.context,
                currency=one.currency,
                key=one.pk,
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                contract_id=one.contract_id,
                roles=roles[one.pk],
                categories=categories[one.pk],
                materials=materials[one.pk],
            )
        )
    return dict(facts)


def _prepaid_months(lines: Iterable[ContractLine]) -> dict[int, dict[date, PrepaidMonth]]:
    """What lines with prepaid hours agreed for each month; one statement, none where no line has any."""
    # Which line has them is read with the lines.
    owners = {line.prepaid_hours.pk: line.pk for line in lines if hasattr(line, "prepaid_hours")}
    agreed: dict[int, dict[date, PrepaidMonth]] = defaultdict(dict)
    if owners:
        for one in PrepaidMonth.objects.filter(prepaid_hours__in=list(owners)):
            agreed[owners[one.prepaid_hours_id]][one.month] = one
    return dict(agreed)
