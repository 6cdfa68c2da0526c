"""What was sent to customers stays as it was sent (C14, J1)."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import models

from accounting.models import HoursList, SentInvoice, SentReceipt
from projects.models import Receipt
from tests.company import rows
from tests.guards.attacks import Attack, delete, each, refused, row, update
from tests.guards.guarded_rows import GuardedRows

AS_SENT, AS_PRINTED = "send the invoice once more", "the first print is kept"
CONTENT = b"%PDF-1.7"


def _hours(guarded: GuardedRows) -> models.Model:
    return HoursList.objects.create(
        invoice=guarded.invoice, pdf=CONTENT, sha256="0" * 64, rendered_at=rows.NOW
    )


def _sent(guarded: GuardedRows) -> SentInvoice:
    return SentInvoice.objects.create(
        invoice=guarded.invoice,
        customer=guarded.company.customer,
        address="a@example.org",
        language="en-gb",
        number=guarded.invoice.number,
        sent_by=guarded.company.manager,
        sent_at=rows.NOW,
    )


def _receipt(guarded: GuardedRows) -> models.Model:
    kept = Receipt.objects.create(
        entry=rows.entry(guarded.company),
        name="hotel.pdf",
        content_type="application/pdf",
        content=CONTENT,
        size=len(CONTENT),
        sha256=sha256(CONTENT).hexdigest(),
        added_by=guarded.company.manager,
        added_at=rows.NOW,
    )
    return SentReceipt.objects.create(sent=_sent(guarded), receipt=kept, name=kept.name, sha256=kept.sha256)


def _to(of: Any, **columns: object) -> tuple[Any, dict[str, Any]]:
    return row(of), columns


@each(
    update("another-recipient", AS_SENT, lambda s: _to(_sent(s), address="b@example.org")),
    update("another-receipt", AS_SENT, lambda s: _to(_receipt(s), sha256="1" * 64)),
    update("other-hours", AS_PRINTED, lambda s: _to(_hours(s), pdf=b"")),
    delete("never-sent", AS_SENT, lambda s: row(_sent(s))),
    delete("receipt-never-sent", AS_SENT, lambda s: row(_receipt(s))),
    delete("hours-never-printed", AS_PRINTED, lambda s: row(_hours(s))),
)
@pytest.mark.django_db
def test_what_was_sent_is_guarded(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)
