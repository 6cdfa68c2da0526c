"""Journal vouchers of every month: repeated, proposed when their day has come, stopped (C6)."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import JournalVoucher, JournalVoucherLine, RecurringVoucher
from accounting.querysets import JournalVoucherQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus
from billing.clock_user import clock_user
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from projects.legal_entities import with_day
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet

BATCH = 500
MONTHS = 12


@dataclass(frozen=True)
class MonthlyTerms:
    """From which month to which, on which day of it, and whether it is reversed on the first of the next.

    Of both months any day is meant; without a last one it goes on until it is stopped.
    """

    first: date
    last: date | None = None
    day: int = 31
    is_reversed: bool = False


def repeat_journal_vouchers(
    vouchers: JournalVoucherQuerySet, terms: MonthlyTerms, *, actor: User, at: datetime
) -> list[RecurringVoucher]:
    """Have posted journal vouchers proposed again every month, all of them or none.

    Their lines and their text are taken as they were posted; nothing is written before the clock proposes the
    first month. Locks the journal vouchers. Raises Refused: not-posted, reverses-another, closes-a-year,
    ends-before-start, day-of-month (C6).
    """
    with transaction.atomic(durable=True):
        chosen = list(vouchers.select_related("legal_entity").locked())
        refuse_if([*_against_terms(terms), *_against_repeating(chosen)])

        first = terms.first.replace(day=1)
        made = RecurringVoucher.objects.bulk_create(
            [
                RecurringVoucher(
                    legal_entity=one.legal_entity,
                    source=one,
                    first_month=first,
                    last_month=terms.last.replace(day=1) if terms.last else None,
                    next_month=first,
                    day=terms.day,
                    is_reversed=terms.is_reversed,
                    entered_by=actor,
                    entered_at=at,
                )
                for one in chosen
            ],
            batch_size=BATCH,
        )
        log_activity("repeated monthly", chosen, actor=actor, at=at, facts={"from": str(first)})
    return made


def stop_recurring_vouchers(recurring: OfEntityQuerySet, *, actor: User, at: datetime) -> int:
    """Propose nothing of them any more; what was proposed stays. Locks them. Returns how many.

    Raises Refused: stopped-already (C6).
    """
    with transaction.atomic(durable=True):
        chosen = list(recurring.select_related("source").locked())
        refuse_if(_stopped(chosen))

        RecurringVoucher.objects.filter(pk__in=[one.pk for one in chosen]).update(stopped_at=at)
        log_activity("stopped", chosen, actor=actor, at=at)
    return len(chosen)


def propose_recurring_vouchers(*, at: datetime) -> int:
    """Draft what recurring journal vouchers are due by now, in the name of whoever repeated them.

    Months that were missed are drafted as well, each once, however often and on however many machines this
    runs. Another person posts the drafts, and is refused where the period is not open. Locks the recurring
    ones. Statements depend on the months that are due, not on the vouchers. Returns how many (C6).
    """
    proposed = 0
    today = {one.pk: day for one, day in with_day(LegalEntity.objects.all(), at)}
    if not today:
        return 0
    with transaction.atomic(durable=True):
        waiting = RecurringVoucher.objects.filter(
            legal_entity__in=today, stopped_at__isnull=True, next_month__lte=max(today.values())
        )
        due = _due(waiting.select_related("source").locked(), today)
        while due:
            proposed += _propose(due, at)
            due = _due(due, today)
    return proposed


def _due(recurring: Iterable[RecurringVoucher], today: dict[int, date]) -> list[RecurringVoucher]:
    return [
        one
        for one in recurring
        if one.next_month is not None and _day_in(one, one.next_month) <= today[one.legal_entity_id]
    ]


def _propose(due: Sequence[RecurringVoucher], at: datetime) -> int:
    drafts = JournalVoucher.objects.bulk_create([_draft(one, at) for one in due], batch_size=BATCH)
    of_source: dict[int, list[JournalVoucherLine]] = defaultdict(list)
    sources = {one.source_id for one in due}
    for line in JournalVoucherLine.objects.filter(journal_voucher__in=sources).order_by("position"):
        of_source[line.journal_voucher_id].append(line)
    JournalVoucherLine.objects.bulk_create(
        [
            _copied(line, draft)
            for draft, one in zip(drafts, due, strict=True)
            for line in of_source[one.source_id]
        ],
        batch_size=BATCH,
    )
    for one in due:
        assert one.next_month is not None  # noqa: S101 - only such are due
        following = next_month(one.next_month)
        is_over = one.last_month is not None and following > one.last_month
        one.next_month = None if is_over else following
    RecurringVoucher.objects.bulk_update(due, ["next_month"], batch_size=BATCH)
    to_state = JournalVoucherStatus.DRAFT
    log_activity("proposed", drafts, actor=clock_user(), at=at, to_state=to_state)
    return len(drafts)


def next_month(month: date) -> date:
    """The first day of the month after one."""
    months = MONTHS * month.year + month.month
    return date(months // MONTHS, months % MONTHS + 1, 1)


def _day_in(one: RecurringVoucher, month: date) -> date:
    return month.replace(day=min(one.day, calendar.monthrange(month.year, month.month)[1]))


def _draft(one: RecurringVoucher, at: datetime) -> JournalVoucher:
    assert one.next_month is not None  # noqa: S101 - only such are due
    return JournalVoucher(
        legal_entity_id=one.legal_entity_id,
        date=_day_in(one, one.next_month),
        text=one.source.text,
        reversed_on=next_month(one.next_month) if one.is_reversed else None,
        recurring=one,
        month=one.next_month,
        written_by_id=one.entered_by_id,
        written_at=at,
    )


def _copied(line: JournalVoucherLine, draft: JournalVoucher) -> JournalVoucherLine:
    facts = (
        *("position", "account_id", "currency", "amount", "text", "customer_id", "project_id", "dimension"),
        *("percent", "whole", "first_part"),
    )
    # In the company's currency it is worth what the rate of its own date makes of it.
    return JournalVoucherLine(journal_voucher=draft, **{name: getattr(line, name) for name in facts})


def _against_terms(terms: MonthlyTerms) -> Iterator[Refusal]:
    if terms.last is not None and terms.last.replace(day=1) < terms.first.replace(day=1):
        message, way_out = _("The last month lies before the first."), _("Choose a later one, or none.")
        yield Refusal("ends-before-start", message, _("Last month"), way_out)
    if not 1 <= terms.day <= 31:
        message, way_out = _("No month has such a day."), _("Enter 1 to 31; 31 is the last day of any month.")
        yield Refusal("day-of-month", message, _("Day of the month"), way_out)


def _against_repeating(vouchers: Sequence[JournalVoucher]) -> Iterator[Refusal]:
    for one in vouchers:
        if one.status != JournalVoucherStatus.POSTED:
            message = _("It is not in the ledger.")
            yield Refusal("not-posted", message, str(one), _("Have it posted first."))
        if one.reverses_id is not None:
            message = _("It reverses another journal voucher.")
            yield Refusal("reverses-another", message, str(one), _("Repeat the other one."))
        if one.kind == JournalVoucherKind.YEAR_END:
            message = _("It closes a fiscal year.")
            yield Refusal("closes-a-year", message, str(one), _("Close the next year when it is over."))


def _stopped(recurring: Sequence[RecurringVoucher]) -> Iterator[Refusal]:
    for one in recurring:
        if one.stopped_at is not None or one.next_month is None:
            message = _("Nothing of it is proposed any more.")
            yield Refusal("stopped-already", message, str(one), _("Look at the list of recurring vouchers."))
