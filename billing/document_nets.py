"""The net of a proforma as documents name it, in statements (B12)."""

from django.db.models import ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.fields import AmountField
from core.money import ZERO
from projects.states import TransactionClass

RETAINED = Q(transaction_class=TransactionClass.RETENTION)
"""Details that keep something back or release it."""


def net_of(details: QuerySet, proforma: str = "pk", net: str = "net_amount") -> ExpressionWrapper:
    """What documents and pages call the net: what is kept back or released is part of what is to pay (B12).

    `details` are all there are. `proforma` and `net` are the paths from a row to its proforma and to the net
    that is stored, which holds both; in its currency.
    """
    retained = details.filter(RETAINED, line__proforma=OuterRef(proforma)).order_by()
    sums = retained.values("line__proforma").annotate(sum=Sum("amount")).values("sum")
    return ExpressionWrapper(
        F(net) - Coalesce(Subquery(sums), ZERO, output_field=AmountField()), output_field=AmountField()
    )
