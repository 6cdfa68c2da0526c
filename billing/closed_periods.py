"""Days that are closed or in no fiscal period: why nothing is dated on them, and ways on (decision 18)."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from core.days import day_after
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import FiscalSpan, LegalEntity


def first_open_day(entity: LegalEntity) -> date | None:
    """The first day on which something of a legal entity may be dated; None where nothing is closed."""
    return None if entity.locked_through is None else day_after(entity.locked_through)


def period_locked(entity: LegalEntity, day: date, subject: str, *, is_draft: bool = False) -> Refusal:
    """That a day is closed; `is_draft` where an open draft carries it, whose date can be changed.

    The ways: another date here, or a finance controller who opens the period again.
    """
    ways = {"day": written(first_open_day(entity))}
    choose = _("Choose %(day)s or a later date, or ask a finance controller to reopen the period.") % ways
    change = _("Set its invoice date to %(day)s or later, or ask a finance controller to reopen the period.")
    return Refusal(
        "period-locked",
        _("%(day)s lies in a closed period.") % {"day": written(day)},
        subject,
        change % ways if is_draft else choose,
    )


def reasons_against_days(
    dated: Iterable[tuple[LegalEntity, date, str]], *, is_draft: bool = False
) -> Iterator[Refusal]:
    """Why things cannot be dated on their days: closed, or in no fiscal period; each with what it is about.

    One statement where something is not closed. `is_draft` as in `period_locked`. Codes: period-locked,
    period-missing (decision 18).
    """
    dated = list(dated)
    spans: dict[int, list[tuple[date, date]]] = {entity.pk: [] for entity, _day, _subject in dated}
    if any(not entity.is_locked_on(day) for entity, day, _subject in dated):
        rows = FiscalSpan.objects.filter(legal_entity__in=spans)
        for key, starts_on, ends_on in rows.values_list("legal_entity", "starts_on", "ends_on"):
            spans[key].append((starts_on, ends_on))
    for entity, day, subject in dated:
        if entity.is_locked_on(day):
            yield period_locked(entity, day, subject, is_draft=is_draft)
        elif not any(starts_on <= day <= ends_on for starts_on, ends_on in spans[entity.pk]):
            message = _("No fiscal period covers %(day)s.") % {"day": written(day)}
            way_out = _("Choose another date, or ask a finance controller to open the fiscal year.")
            yield Refusal("period-missing", message, subject, way_out)
