"""Contracts as the page of a contract writes them: head, lines, and what stands afterwards."""

from decimal import Decimal
from typing import Any

from core.activity_log import as_text
from projects.agreements import (
    ContractHead,
    LineTerms,
    PayerShare,
    terms_of,
)
from projects.contracting import confirm_contracts
from projects.models import (
    ProjectContract,
)
from projects.states import BillingMethod
from projects.writing_contracts import (
    create_contract,
)
from tests.company import Company, only, rows
from tests.company.rows import DAY, NOW

HOURS = BillingMethod.TIME_AND_MATERIAL
FIXED = BillingMethod.FIXED_PRICE


def head(at: Company, **terms: Any) -> ContractHead:
    terms = {"name": "Yard management", "customer": at.customer, "currency": "EUR"} | terms
    return ContractHead(legal_entity=at.entity, **terms)


def line(at: Company, **terms: Any) -> LineTerms:
    """Hours on a project of its own, paid by the company's customer."""
    terms = {
        "name": "Hours",
        "billing_method": HOURS,
        "project": terms.pop("project", None) or rows.project(at),
        "payers": (PayerShare(at.customer, Decimal(100), is_rounding=True),),
    } | terms
    return LineTerms(**terms)


def create(at: Company, *lines: LineTerms, **terms: Any) -> ProjectContract:
    return create_contract(head(at, **terms), lines, actor=at.manager, on=DAY, at=NOW)


def confirm(at: Company, contract: ProjectContract) -> None:
    confirm_contracts(only(contract), actor=at.manager, on=DAY, at=NOW)


def written(contract: ProjectContract) -> list[str]:
    """Each line with its number, method, payers, tasks and rules."""
    return [
        f"{one.line.number if one.line else 0} {one.name} {one.billing_method}: "
        + ", ".join(
            f"{payer.customer.short_name} {as_text(payer.split_percent)}{'*' * payer.is_rounding}"
            for payer in one.payers
        )
        + "".join(f" only {task.code}" for task in one.tasks)
        + "".join(f" {'yes' if rule.is_chargeable else 'no'} {rule.about[0]}" for rule in one.rules)
        for one in terms_of(contract)
    ]
