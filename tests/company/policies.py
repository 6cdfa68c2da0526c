"""Rules of the approval policy in tests, and what they said of a submission."""

from decimal import Decimal
from typing import Any

from projects.models import Approval, ApprovalRule
from projects.roles import FINANCE_CONTROLLER
from tests.company import Company
from tests.company.rows import NOW


def rule(
    company: Company, kind: str, effect: str = "flag", number: str | None = None, **columns: Any
) -> ApprovalRule:
    return ApprovalRule.objects.create(
        legal_entity=company.entity,
        kind=kind,
        effect=effect,
        number=None if number is None else Decimal(number),
        author=columns.pop("author", company.manager),
        written_at=NOW,
        **columns,
    )


def said(approval: Approval) -> list[tuple[str, str]]:
    """Effect and sentence of each reason."""
    return [(one.effect, one.sentence.replace("\u00a0", " ")) for one in approval.reasons.order_by("pk")]


def controller(company: Company) -> Any:
    return company.person(FINANCE_CONTROLLER)
