"""Who pays what is drafted: customers on hold, and the sales tax group of each (B5, C3, decision 19)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from core.refusals import Refusal
from projects.models import ContractLine, ContractLineCustomer, Customer, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import SalesTaxGroupMethod

PAYER_IS_FREE = Q(customer__is_on_hold=False)
Payer = tuple[int, int]
"""Contract and customer: who one proforma asks."""


def payers_of(items: QuerySet, shares: QuerySet) -> set[Payer]:
    """Contract and customer of ready items and shares; a customer may have one without the other."""
    of_shares = shares.order_by().values_list("milestone__contract_line__contract", "customer")
    return {*items.values_list("contract_id", "customer_id").distinct(), *of_shares.distinct()}


def held_customers_of(contracts: Iterable[ProjectContract], payers: Iterable[Payer]) -> Iterable[Refusal]:
    """Why contracts get nothing because all who would pay now are on hold; one statement.

    Who is on hold stops nobody else: where others pay too, they are invoiced and the share of this one waits
    (decision 19). Locks and raises nothing.
    """
    by_contract: dict[int, set[int]] = defaultdict(set)
    for contract_id, customer_id in payers:
        by_contract[contract_id].add(customer_id)
    asked = {customer for customers in by_contract.values() for customer in customers}
    held = Customer.objects.filter(is_on_hold=True).in_bulk(asked)
    for contract in contracts:
        customers = sorted(by_contract[contract.pk])
        if customers and all(one in held for one in customers):
            for one in customers:
                yield on_hold(held[one], str(contract))


def payers_missing(items: BacklogQuerySet) -> Iterable[Refusal]:
    """Ready work whose customer no longer pays for its line, and would be left on no line; one statement.

    Locks and raises nothing (B5, decision 19).
    """
    paying = ContractLineCustomer.objects.filter(
        contract_line=OuterRef("contract_line"), customer=OuterRef("customer")
    )
    lost = items.filter(~Exists(paying)).order_by()
    names = lost.values_list("contract__number", "contract_line__name", "customer__name").distinct()
    for contract, line, customer in sorted(names):
        message = _("%(customer)s has ready work on the line %(line)s and is no payer of it any more.")
        way_out = _("Add the customer to the payers of the line again, or cancel the approval of the work.")
        yield Refusal("payer-missing", message % {"customer": customer, "line": line}, contract, way_out)


def on_hold(customer: Customer, subject: str) -> Refusal:
    """That a customer is on hold, and who releases it."""
    return Refusal(
        "customer-on-hold",
        _("Customer %(customer)s is on hold.") % {"customer": customer},
        subject,
        _("Release the customer first."),
    )


def sales_tax_groups(
    contracts: Sequence[ProjectContract], payers: Iterable[Payer]
) -> dict[Payer, int | None]:
    """The group of each payer by its entity's method; searching asks project, contract, customer (C3).

    The customer is the one who pays, who may live in another country than the one that signed.
    """
    projects = ContractLine.objects.filter(contract__in=contracts).exclude(project__sales_tax_group=None)
    of_project: dict[int, int] = {}
    for contract_id, group in projects.order_by("-number").values_list(
        "contract", "project__sales_tax_group"
    ):
        of_project[contract_id] = group
    contract_of = {contract.pk: contract for contract in contracts}
    of_customer = dict(
        Customer.objects.filter(pk__in={customer for _contract, customer in payers}).values_list(
            "pk", "sales_tax_group"
        )
    )
    groups: dict[Payer, int | None] = {}
    for contract_id, customer_id in payers:
        contract = contract_of[contract_id]
        choices: dict[str, int | None] = {
            SalesTaxGroupMethod.PROJECT: of_project.get(contract.pk),
            SalesTaxGroupMethod.CONTRACT: contract.sales_tax_group_id,
            SalesTaxGroupMethod.CUSTOMER: of_customer[customer_id],
        }
        # Dictionaries keep their order, so this is project, then contract, then customer.
        first_of_all = next((group for group in choices.values() if group is not None), None)
        groups[contract_id, customer_id] = choices.get(contract.legal_entity.tax_group_method, first_of_all)
    return groups
