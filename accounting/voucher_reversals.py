"""What reverses a posted journal voucher: every line on the other side, as it was posted (C6)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from accounting.models import JournalVoucher, JournalVoucherLine
from core.money import ZERO


def reversal_of(
    original: JournalVoucher, on: date, *, written_by: User | int, at: datetime
) -> JournalVoucher:
    """A draft that reverses a posted journal voucher on a day, in memory and without its lines."""
    return JournalVoucher(
        legal_entity_id=original.legal_entity_id,
        date=on,
        text=(_("Reversal: %(text)s") % {"text": original.text})[:200],
        kind=original.kind,
        reverses=original,
        written_by_id=written_by if isinstance(written_by, int) else written_by.pk,
        written_at=at,
    )


def reversal_lines(
    lines: Iterable[JournalVoucherLine], drafts: Mapping[int, JournalVoucher]
) -> list[JournalVoucherLine]:
    """The lines of drafts, by the key of what they reverse, in memory: negated amounts."""
    facts = (
        *("position", "account_id", "currency", "text", "customer_id", "project_id", "dimension"),
        *("percent", "first_part"),
    )
    return [
        JournalVoucherLine(
            journal_voucher=drafts[line.journal_voucher_id],
            amount=-line.amount,
            base_amount=-(line.base_amount or ZERO),
            whole=None if line.whole is None else -line.whole,
            **{name: getattr(line, name) for name in facts},
        )
        for line in lines
    ]
