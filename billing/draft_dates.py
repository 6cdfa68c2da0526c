"""The dates of open drafts: the invoice date lies in an open period, the cut-off covers what is held (B7)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.closed_periods import reasons_against_days
from billing.models import InvoiceLineDetail, Proforma
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import number

CLAIMED = Q(actual__isnull=False) | Q(milestone_share__isnull=False)


def reasons_against_dates(
    drafts: Sequence[Proforma], *, invoice_date: date | None = None, cut_off: date | None = None
) -> Iterable[Refusal]:
    """Why drafts cannot have these dates; None leaves a date as it is. Legal entities are loaded.

    Two statements. Codes: period-locked, period-missing, cut-off-after-invoice, work-after-cut-off.
    """
    later = _held_after(drafts, cut_off) if cut_off is not None else {}
    if invoice_date is not None:
        yield from reasons_against_days((draft.legal_entity, invoice_date, draft.number) for draft in drafts)
    for draft in drafts:
        day, until = invoice_date or draft.invoice_date, cut_off or draft.cut_off_date
        # A draft that came with a later cut-off keeps it until somebody sets one of the two.
        if until > day and (invoice_date, cut_off) != (None, None):
            yield Refusal(
                "cut-off-after-invoice",
                _("Its work up to %(until)s would be invoiced on %(day)s already.")
                % {"until": written(until), "day": written(day)},
                draft.number,
                _("Set the invoice date to %(until)s or later, or the cut-off to %(day)s or earlier.")
                % {"until": written(until), "day": written(day)},
            )
        if later.get(draft.pk):
            count = later[draft.pk]
            message = ngettext(
                "%(count)s detail of it is dated after %(day)s.",
                "%(count)s details of it are dated after %(day)s.",
                count,
            )
            yield Refusal(
                "work-after-cut-off",
                message % {"count": number(count), "day": written(until)},
                draft.number,
                _("Remove them first or move them to another draft, or choose a later cut-off."),
            )


def _held_after(drafts: Sequence[Proforma], day: date) -> dict[int, int]:
    """How many claimed details of each draft are dated after a day; what was added by hand has no cut-off."""
    details = InvoiceLineDetail.objects.filter(CLAIMED, line__proforma__in=drafts, transaction_date__gt=day)
    return dict(details.order_by().values_list("line__proforma").annotate(count=Count("pk")))
