"""The result of checking work against not-to-exceed limits (A6)."""

from dataclasses import dataclass
from decimal import Decimal

from projects.states import NotToExceedStatus


@dataclass(frozen=True)
class Verdict:
    """Whether work fits; where it does not, which limit it would exceed, and by how much."""

    status: NotToExceedStatus
    level: str = ""
    exceeded_by: Decimal | None = None


NOT_APPLICABLE = Verdict(NotToExceedStatus.NOT_APPLICABLE)
COMMITTED = Verdict(NotToExceedStatus.COMMITTED)
