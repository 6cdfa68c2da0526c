"""What all verbs that change open drafts share: their locks, and that what is confirmed stays (B7, I1)."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from billing.who_confirmed import who_confirmed
from core.refusals import Refusal


def lock_details(details: DetailQuerySet, *related: str) -> tuple[list[Proforma], list[InvoiceLineDetail]]:
    """The proformas of details and then the details, locked in order of their keys.

    Proformas first (D10): a confirmation running beside waits, or makes the caller refuse. `related` is
    loaded with each detail.
    """
    keys = details.order_by().values("line__proforma")
    proformas = list(Proforma.objects.filter(pk__in=keys).locked())
    rows = details.select_related(*related) if related else details
    return proformas, list(rows.locked())


def frozen(proformas: Iterable[Proforma]) -> Iterable[Refusal]:
    """That proformas cannot change any more, for each that is confirmed. Code: frozen."""
    chosen = list(proformas)
    confirmed = who_confirmed(chosen)
    for proforma in chosen:
        if not proforma.is_open:
            yield Refusal(
                "frozen",
                confirmed[proforma.pk],
                proforma.number,
                _("To change it, open it and choose “Correct”."),
            )
