"""What the books of a new company begin with; read by its form and by the verb that founds it (A13, C2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounting.chart_of_accounts import USUAL_CHART
from accounting.usual_taxes import UsualTaxes


@dataclass(frozen=True)
class Books:
    """What the books of a company begin with: its chart, months, taxes, and what its people are billed as.

    `accrues` says whether revenue of time and material is accrued before it is invoiced.
    """

    first_day: date
    last_day: date
    chart: str = USUAL_CHART
    accrues: bool = True
    taxes: UsualTaxes | None = None
    role_names: Sequence[str] = ()
