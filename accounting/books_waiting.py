"""What waits in the books, with its amounts: journals, proposals, periods to close (C5, C8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.blocking import blocking_counts
from accounting.closing_reasons import reasons_against_closing
from accounting.invoicing import posting_outlook
from accounting.models import FiscalPeriod, IntegrationJournal, IntegrationJournalLine, InvoiceProposal
from accounting.refused_proposals import refusals_by_proposal
from accounting.states import JournalLineStatus
from billing.retentions import net_before_retention
from core.money import ZERO
from core.refusals import Refusal
from core.templatetags.display import number
from projects.states import TransactionType

SHOWN = 8
LOOKED_AT = 50
Amounts = list[tuple[Decimal, str]]


@dataclass(frozen=True)
class WaitingJournal:
    """A journal with what of it is not posted; amounts per currency. `error` is one of its lines' reasons."""

    journal: IntegrationJournal
    lines: int
    errors: int
    error: str
    cost: Amounts
    sales: Amounts


def waiting_journals(user: User) -> list[WaitingJournal]:
    """Journals that hold something to post, oldest first: two statements for any number of lines."""
    journals = list(
        IntegrationJournal.objects.visible_to(user)
        .postable()
        .select_related("legal_entity")
        .order_by("period_starts_on", "pk")
    )
    lines = IntegrationJournalLine.objects.unposted().filter(journal__in=journals).order_by()
    grouped = lines.values("journal", "currency", "actual__type").annotate(
        count=Count("pk"),
        total=Sum("amount"),
        errors=Count("pk", filter=Q(status=JournalLineStatus.ERROR)),
        error=Max("error"),
    )
    by_journal: dict[int, list[dict[str, Any]]] = {}
    for row in grouped.order_by("currency", "actual__type"):
        by_journal.setdefault(row["journal"], []).append({**row})
    return [_journal(one, by_journal.get(one.pk, ())) for one in journals]


def _journal(journal: IntegrationJournal, rows: Sequence[dict[str, Any]]) -> WaitingJournal:
    def of_type(kind: int) -> Amounts:
        return [(row["total"], row["currency"]) for row in rows if row["actual__type"] == kind]

    return WaitingJournal(
        journal,
        lines=sum(row["count"] for row in rows),
        errors=sum(row["errors"] for row in rows),
        error=max((row["error"] for row in rows), default=""),
        cost=of_type(TransactionType.COST),
        sales=of_type(TransactionType.UNBILLED_SALES),
    )


@dataclass(frozen=True)
class WaitingProposal:
    """A proposal with its net, and why posting would refuse it now."""

    proposal: InvoiceProposal
    net: Decimal
    refusal: Refusal | None

    @property
    def currency(self) -> str:
        """Of the proforma, and so of the net."""
        return self.proposal.proforma.currency

    @property
    def is_ready(self) -> bool:
        """Whether it could be posted now."""
        return self.refusal is None


@dataclass(frozen=True)
class WaitingProposals:
    """The oldest proposals that wait, looked at; and how many and how much all of them are."""

    rows: list[WaitingProposal]
    count: int
    sums: Amounts
    ready: Amounts = field(default_factory=list)

    @property
    def ready_count(self) -> int:
        """How many of those looked at could be posted now."""
        return sum(one.is_ready for one in self.rows)

    @property
    def has_more(self) -> bool:
        """Whether more wait than were looked at."""
        return self.count > len(self.rows)


def waiting_proposals(user: User) -> WaitingProposals:
    """What of confirmed proformas is not invoiced; the oldest fifty as posting would judge them now."""
    waiting = InvoiceProposal.objects.visible_to(user).unposted()
    net = net_before_retention("proforma", "proforma__net_amount")
    grouped = waiting.annotate(net=net).order_by().values("proforma__currency")
    sums = list(grouped.annotate(count=Count("pk"), sum=Sum("net")).order_by("proforma__currency"))
    keys = list(waiting.order_by("accounting_date", "pk").values_list("pk", flat=True)[:LOOKED_AT])
    chosen: Any = InvoiceProposal.objects.filter(pk__in=keys)
    rows = list(
        chosen.annotate(net=net)
        .select_related("proforma__customer", "legal_entity")
        .order_by("accounting_date", "pk")
    )
    refusals = posting_outlook(chosen, actor=user).refusals if keys else ()
    blocking, against = blocking_counts(rows), refusals_by_proposal(rows, refusals)
    looked_at = [
        WaitingProposal(
            one,
            one.net,
            _lines_wait(one, blocking.get(one.pk, 0)) or next(iter(against.get(one.pk, ())), None),
        )
        for one in rows
    ]
    ready: dict[str, Decimal] = {}
    for one in looked_at:
        if one.is_ready:
            ready[one.currency] = ready.get(one.currency, ZERO) + one.net
    return WaitingProposals(
        looked_at,
        sum(row["count"] for row in sums),
        [(row["sum"], row["proforma__currency"]) for row in sums],
        [(amount, currency) for currency, amount in sorted(ready.items())],
    )


def _lines_wait(proposal: InvoiceProposal, count: int) -> Refusal | None:
    """That lines of it are not posted: first, because nothing else helps before."""
    if not count:
        return None
    said = ngettext(
        "%(count)s line waits for its journal.", "%(count)s lines wait for their journals.", count
    )
    return Refusal(
        "lines-not-posted", said % {"count": number(count)}, str(proposal), _("Post the journals first.")
    )


@dataclass(frozen=True)
class PeriodToClose:
    """The period that is closed next, and what stops it."""

    period: FiscalPeriod
    stops: tuple[Refusal, ...]


def period_to_close(user: User, today: date) -> PeriodToClose | None:
    """The oldest open period that has ended or ends today; none where every one is closed."""
    over = FiscalPeriod.objects.visible_to(user).open().filter(ends_on__lte=today)
    first = over.select_related("legal_entity").order_by("ends_on", "pk").first()
    return closing_of(first) if first is not None else None


def closing_of(period: FiscalPeriod) -> PeriodToClose:
    """A period, and everything that keeps it from being closed."""
    return PeriodToClose(period, tuple(reasons_against_closing([period])))
