"""Pure: a milestone before it is one (B2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class PlannedMilestone:
    """One milestone as agreed: its amount is in the contract's currency."""

    name: str
    due_on: date
    amount: Decimal
    external_description: str = ""
