"""Which proformas a proforma corrects, and which correct it (B9)."""

from typing import Any

from billing.models import InvoiceLineDetail, Proforma


def corrections_of(proforma: Proforma) -> dict[str, list[Proforma]]:
    """Proformas on both sides, drafts among them, oldest first; two statements at most."""
    details = InvoiceLineDetail.objects.corrections()
    events = details.filter(line__proforma=proforma).values("corrects__event")
    sides: dict[str, Any] = {"corrects": Proforma.objects.with_net().filter(event__in=events)}
    if proforma.event_id is not None:
        theirs = details.filter(corrects__event=proforma.event_id).values("line__proforma")
        sides["corrected_by"] = Proforma.objects.with_net().filter(pk__in=theirs)
    return {side: list(proformas.order_by("pk")) for side, proformas in sides.items()}
