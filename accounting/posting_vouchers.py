"""Post journal vouchers that somebody else has written: numbers, lines and seal in one transaction (C6)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.journal_voucher_checks import (
    Contexts,
    control_accounts,
    fix_base_amounts,
    reasons_against_posting_on,
    reasons_against_rate,
)
from accounting.models import JournalVoucher, JournalVoucherLine, Voucher, VoucherLine
from accounting.posting_context import posting_contexts_of
from accounting.querysets import JournalVoucherQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus, VoucherSource
from accounting.voucher_reversals import reversal_lines, reversal_of
from accounting.year_ends import reasons_against_posting_close
from billing.states import SeriesKind
from core.activity_log import log_activity, states_of
from core.refusals import Refusal, refuse_if
from projects.broken_books import reasons_while_broken

BATCH = 500
Lines = Mapping[int, list[JournalVoucherLine]]
"""Lines by the key of their journal voucher, in the order in which they were written."""


def post_journal_vouchers(vouchers: JournalVoucherQuerySet, *, actor: User, at: datetime) -> list[Voucher]:
    """Post drafts that others have written, all of them or none; each takes a number of its own series.

    Amounts in the company's currency are fixed at the rate of the date, rounded once; what rounding leaves
    stands on the last line of its currency. A reversal takes those of what it reverses. What is reversed on
    a later day has its reversal posted with it. Locks the drafts, then the number series. Statements do not
    depend on how many. Raises Refused: books-broken, not-draft, own-voucher, period-missing, period-closed,
    control-account, exchange-rate-missing; of the close of a fiscal year also year-open and figures-changed
    (C6, C8, S2).
    """
    with transaction.atomic(durable=True):
        chosen = list(vouchers.select_related("legal_entity").locked())
        contexts = posting_contexts_of(one.legal_entity for one in chosen)
        lines = _lines_of(chosen)
        broken = reasons_while_broken(one.legal_entity for one in chosen)
        refuse_if([*broken, *_reasons_against(chosen, lines, contexts, actor)])

        for one in chosen:
            fix_base_amounts(lines[one.pk], contexts[one.legal_entity_id], one.date)
        written = [line for one in chosen for line in lines[one.pk]]
        # Before the vouchers are posted: afterwards their lines never change.
        JournalVoucherLine.objects.bulk_update(written, ["base_amount"], batch_size=BATCH)
        JournalVoucher.objects.walk(chosen, JournalVoucher.post, posted_by=actor, posted_at=at)
        vouchers_made = _write_vouchers(chosen, lines, actor=actor, at=at)
        vouchers_made += _post_reversals(chosen, lines, actor=actor, at=at)
        facts = {one.source_id: {"number": one.number} for one in vouchers_made}
        log_activity(
            "posted",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=JournalVoucherStatus.POSTED,
            own_facts=facts,
        )
    return vouchers_made


def _post_reversals(
    posted: Sequence[JournalVoucher], lines: Lines, *, actor: User, at: datetime
) -> list[Voucher]:
    """Post the reversals of those that are reversed on a later day, written by those who wrote them."""
    days = [(one, one.reversed_on) for one in posted if one.reversed_on is not None]
    reversed_later = [one for one, _day in days]
    if not reversed_later:
        return []
    backs = JournalVoucher.objects.bulk_create(
        [reversal_of(one, day, written_by=one.written_by_id, at=at) for one, day in days],
        batch_size=BATCH,
    )
    by_original = {original.pk: one for original, one in zip(reversed_later, backs, strict=True)}
    negated = reversal_lines((line for one in reversed_later for line in lines[one.pk]), by_original)
    written = JournalVoucherLine.objects.bulk_create(negated, batch_size=BATCH)
    JournalVoucher.objects.walk(backs, JournalVoucher.post, posted_by=actor, posted_at=at)
    by_back: dict[int, list[JournalVoucherLine]] = defaultdict(list)
    for line in written:
        by_back[line.journal_voucher_id].append(line)
    made = _write_vouchers(backs, by_back, actor=actor, at=at)
    facts = {one.source_id: {"number": one.number} for one in made}
    to_state = JournalVoucherStatus.POSTED
    log_activity("posted", backs, actor=actor, at=at, to_state=to_state, own_facts=facts)
    return made


def _lines_of(vouchers: Sequence[JournalVoucher]) -> Lines:
    lines: dict[int, list[JournalVoucherLine]] = defaultdict(list)
    rows = JournalVoucherLine.objects.filter(journal_voucher__in=[one.pk for one in vouchers])
    for line in rows.select_related("account").order_by("journal_voucher", "position"):
        lines[line.journal_voucher_id].append(line)
    return lines


def _write_vouchers(
    posted: Sequence[JournalVoucher], lines: Lines, *, actor: User, at: datetime
) -> list[Voucher]:
    by_entity: dict[int, list[JournalVoucher]] = defaultdict(list)
    for one in posted:
        by_entity[one.legal_entity_id].append(one)
    made: list[Voucher] = []
    for entity_id in sorted(by_entity):
        made += open_vouchers(
            by_entity[entity_id][0].legal_entity,
            SeriesKind.JOURNAL_VOUCHER,
            [(one.pk, one.date) for one in by_entity[entity_id]],
            source_kind=VoucherSource.JOURNAL_VOUCHER,
            actor=actor,
            at=at,
        )
    write_lines(
        VoucherLine(
            voucher=voucher,
            account_id=line.account_id,
            currency=line.currency,
            amount=line.amount,
            base_amount=line.base_amount,
            customer_id=line.customer_id,
            project_id=line.project_id,
            dimension=line.dimension,
        )
        for voucher in made
        for line in lines[voucher.source_id]
    )
    seal_vouchers(made)
    return made


def _reasons_against(
    vouchers: Sequence[JournalVoucher], lines: Lines, contexts: Contexts, actor: User
) -> Iterator[Refusal]:
    controls = control_accounts(contexts)
    for one in vouchers:
        context, subject = contexts[one.legal_entity_id], str(one)
        if one.status != JournalVoucherStatus.DRAFT:
            message = _("It is posted or discarded already.")
            yield Refusal("not-draft", message, subject, _("Write another one, or reverse a posted one."))
        if one.written_by_id == actor.pk:
            message, way_out = _("You have written it."), _("Another person posts it.")
            yield Refusal("own-voucher", message, subject, way_out)
        yield from reasons_against_posting_on(one.date, context, subject)
        if one.reversed_on is not None:
            yield from reasons_against_posting_on(one.reversed_on, context, subject, is_chosen=False)
        for line in lines[one.pk]:
            if line.account_id in controls:
                message = _("%(account)s is moved by invoices, payments and journals of work alone.") % {
                    "account": line.account
                }
                way_out = _("Discard it, and choose another account.")
                yield Refusal("control-account", message, subject, way_out)
        if one.kind == JournalVoucherKind.YEAR_END and one.reverses_id is None:
            yield from reasons_against_posting_close(one, lines[one.pk])
        for currency in sorted({line.currency for line in lines[one.pk] if line.base_amount is None}):
            yield from reasons_against_rate(currency, one.date, context, subject)
