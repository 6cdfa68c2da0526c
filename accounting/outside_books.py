"""What of a fiscal period is not in the books yet, and what clears it: no month closes over it (C8)."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.models import FiscalPeriod, IntegrationJournalLine, InvoiceProposal
from billing.models import Proforma
from core.refusals import Refusal
from core.templatetags.display import number
from projects.models import Actual

NAMED = 3


def outside_books(period: FiscalPeriod) -> Iterator[Refusal]:
    """Why a period cannot be closed: approved work, journal lines and proformas dated in it not posted.

    Its legal entity is loaded. A statement for each kind, and one more for the names where there is
    something. Locks and raises nothing, so that pages can show it before. Codes: work-not-imported,
    journals-unposted, proformas-not-proposed, proposals-unposted (C8).
    """
    yield from _work(period)
    yield from _lines(period)
    yield from _proformas(period)
    yield from _proposals(period)


def _work(period: FiscalPeriod) -> Iterator[Refusal]:
    known = IntegrationJournalLine.objects.filter(actual=OuterRef("pk"))
    days = {"accounting_date__gte": period.starts_on, "accounting_date__lte": period.ends_on}
    waiting = Actual.objects.for_accounting().filter(
        ~Exists(known), work_item__legal_entity=period.legal_entity, **days
    )
    count = waiting.count()
    if count:
        names = waiting.values_list("work_item__project__number", flat=True)
        names = names.order_by("work_item__project__number")
        message = ngettext(
            "%(count)s actual of approved work is in no integration journal yet: %(names)s.",
            "%(count)s actuals of approved work are in no integration journal yet: %(names)s.",
            count,
        )
        yield _refusal(
            "work-not-imported", message, names, count, period, _("Import what is missing, then post it.")
        )


def _lines(period: FiscalPeriod) -> Iterator[Refusal]:
    lines = IntegrationJournalLine.objects.unposted().filter(journal__legal_entity=period.legal_entity)
    waiting = lines.filter(accounting_date__gte=period.starts_on, accounting_date__lte=period.ends_on)
    count = waiting.count()
    if count:
        names = waiting.order_by("journal__number").values_list("journal__number", flat=True)
        message = ngettext(
            "%(count)s journal line is not posted: %(names)s.",
            "%(count)s journal lines are not posted: %(names)s.",
            count,
        )
        yield _refusal(
            "journals-unposted", message, names, count, period, _("Post its integration journals.")
        )


def _proformas(period: FiscalPeriod) -> Iterator[Refusal]:
    proposed = InvoiceProposal.objects.filter(proforma=OuterRef("pk"))
    waiting = Proforma.objects.waiting_for_posting().filter(
        ~Exists(proposed),
        legal_entity=period.legal_entity,
        invoice_date__gte=period.starts_on,
        invoice_date__lte=period.ends_on,
    )
    count = waiting.count()
    if count:
        names = waiting.order_by("pk").values_list("number", flat=True)
        message = ngettext(
            "%(count)s confirmed proforma has no invoice proposal yet: %(names)s.",
            "%(count)s confirmed proformas have no invoice proposal yet: %(names)s.",
            count,
        )
        yield _refusal(
            "proformas-not-proposed",
            message,
            names,
            count,
            period,
            _("Import what is missing, then post it."),
        )


def _proposals(period: FiscalPeriod) -> Iterator[Refusal]:
    waiting = InvoiceProposal.objects.unposted().filter(
        legal_entity=period.legal_entity,
        accounting_date__gte=period.starts_on,
        accounting_date__lte=period.ends_on,
    )
    count = waiting.count()
    if count:
        names = waiting.order_by("pk").values_list("proforma__number", flat=True)
        message = ngettext(
            "%(count)s confirmed proforma is not posted: %(names)s.",
            "%(count)s confirmed proformas are not posted: %(names)s.",
            count,
        )
        yield _refusal("proposals-unposted", message, names, count, period, _("Post its invoice proposals."))


def _refusal(
    code: str, message: str, names: QuerySet, count: int, period: FiscalPeriod, way_out: str
) -> Refusal:
    # Each name once, and only the first few: a month may hold thousands.
    known = list(names.distinct()[: NAMED + 1])
    named = ", ".join(str(name or "–") for name in known[:NAMED]) + ("…" if len(known) > NAMED else "")
    return Refusal(code, message % {"count": number(count), "names": named}, str(period), way_out)
