"""Why fiscal periods cannot be closed together, each reason with what clears it (C8)."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from accounting.models import FiscalPeriod
from accounting.outside_books import outside_books
from accounting.states import PeriodStatus
from core.refusals import Refusal


def reasons_against_closing(periods: Sequence[FiscalPeriod]) -> Iterable[Refusal]:
    """Why these periods cannot be closed together, each reason with what clears it; entities are loaded.

    A few statements for each period. Locks and raises nothing, so that a page can show it before (C8).
    """
    keys = [period.pk for period in periods]
    for period in periods:
        entity = period.legal_entity
        earlier = FiscalPeriod.objects.open().filter(legal_entity=entity, ends_on__lt=period.starts_on)
        if period.status != PeriodStatus.OPEN:
            yield Refusal("not-open", _("It is closed already."), str(period))
        # An earlier period that is closed together with this one is not open any more when it counts.
        if earlier.exclude(pk__in=keys).exists():
            message = _("An earlier period is still open.")
            yield Refusal("earlier-period-open", message, str(period), _("Close the earlier ones first."))
        yield from outside_books(period)
