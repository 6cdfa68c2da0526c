"""Change the dates and the description of open drafts; the tax is estimated anew (B7, decision 17)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from billing.changing_drafts import frozen
from billing.draft_dates import reasons_against_dates
from billing.models import Proforma
from billing.querysets import ProformaQuerySet
from billing.totalling import add_up
from core.activity_log import changes_of, log_activity
from core.refusals import refuse_if
from core.seen_values import Seen, edited_since


@dataclass(frozen=True)
class HeadingChanges:
    """What to change on the heading of a draft; None leaves a thing as it is."""

    invoice_date: date | None = None
    cut_off: date | None = None
    description: str | None = None

    def named(self) -> dict[str, Any]:
        """The new values by field, without the fields that stay as they are."""
        values = {
            "invoice_date": self.invoice_date,
            "cut_off_date": self.cut_off,
            "description": self.description,
        }
        return {name: value for name, value in values.items() if value is not None}


def change_headings(
    proformas: ProformaQuerySet,
    changes: HeadingChanges,
    *,
    seen: Seen | None = None,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Give open drafts another invoice date, cut-off or description; a draft keeps its number.

    Totals and estimated tax are added up again, in each draft's currency. What is held stays: an earlier
    cut-off must cover it. `seen` is what whoever changes them has seen. Locks the drafts. Raises Refused:
    frozen, edited-meanwhile, period-locked, cut-off-after-invoice, work-after-cut-off (B7).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.select_related("legal_entity").locked())
        dates = {"invoice_date": changes.invoice_date, "cut_off": changes.cut_off}
        meanwhile = edited_since(chosen, seen)
        refuse_if([*frozen(chosen), *meanwhile, *reasons_against_dates(chosen, **dates)])

        values = changes.named()
        before_and_after = changes_of(chosen, values)
        for draft in chosen:
            for name, value in values.items():
                setattr(draft, name, value)
        if values:
            Proforma.objects.bulk_update(chosen, list(values), batch_size=200)
        add_up(chosen, by=actor)
        changed = [draft for draft in chosen if draft.pk in before_and_after]
        log_activity("redated", changed, actor=actor, at=at, changes=before_and_after)
    return chosen
