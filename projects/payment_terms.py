"""Which payment terms hold for what is billed under a contract to a customer (C11)."""

from projects.due_days import USUAL_TERMS, AgreedTerms
from projects.models import Customer, ProjectContract


def agreed_terms(contract: ProjectContract, customer: Customer) -> AgreedTerms:
    """The terms of the contract where it has its own, else those of the customer who pays, else 30 days net.

    The terms of a contract hold for each of its payers. Both are loaded with their terms.
    """
    terms = contract.payment_terms or customer.payment_terms
    return terms.facts if terms is not None else USUAL_TERMS
