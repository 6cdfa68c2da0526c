"""Write journal vouchers as drafts, change and discard them, and draft what reverses a posted one (C6)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.journal_voucher_checks import (
    NewVoucher,
    reasons_against_posting_on,
    reasons_against_vouchers,
)
from accounting.models import JournalVoucher, JournalVoucherLine
from accounting.posting_context import posting_contexts_of
from accounting.querysets import JournalVoucherQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus
from accounting.voucher_reversals import reversal_lines, reversal_of
from core.activity_log import Changes, as_text, log_activity, states_of
from core.money import ZERO
from core.people import person_name
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written_day

BATCH = 500


def write_journal_vouchers(
    vouchers: Sequence[NewVoucher], *, actor: User, at: datetime
) -> list[JournalVoucher]:
    """Write journal vouchers as drafts, all of them or none; nothing is in the ledger until another posts.

    Amounts are in the currency of each line and balance in each; no number is taken yet. Locks nothing.
    Statements do not depend on how many. Raises Refused: text-missing, reversal-too-early, period-missing,
    period-closed, nothing-moved, amount-too-fine, other-company, control-account, exchange-rate-missing,
    dimension-unknown, shares-not-whole, shares-unclear, share-of-nothing, too-few-lines, not-balanced (C4,
    C6).
    """
    with transaction.atomic(durable=True):
        contexts = posting_contexts_of(new.legal_entity for new in vouchers)
        refuse_if(reasons_against_vouchers(vouchers, contexts))

        drafts = JournalVoucher.objects.bulk_create(
            [
                JournalVoucher(
                    legal_entity=new.legal_entity,
                    date=new.date,
                    text=new.text,
                    reversed_on=new.reversed_on,
                    written_by=actor,
                    written_at=at,
                )
                for new in vouchers
            ],
            batch_size=BATCH,
        )
        _write_lines(list(zip(drafts, vouchers, strict=True)))
        facts = {draft.pk: _facts(new) for draft, new in zip(drafts, vouchers, strict=True)}
        log_activity(
            "written", drafts, actor=actor, at=at, to_state=JournalVoucherStatus.DRAFT, own_facts=facts
        )
    return drafts


def rewrite_journal_voucher(
    vouchers: JournalVoucherQuerySet,
    new: NewVoucher,
    *,
    actor: User,
    at: datetime,
    shown: datetime | None = None,
) -> JournalVoucher:
    """Write a draft anew: date, text and all of its lines; whoever does has written it, and another posts it.

    `shown` is when what the actor looked at was written. Locks the draft. Raises Refused: not-draft,
    reverses-another, closes-a-year, other-company, changed-since-shown and those of
    `write_journal_vouchers` (C6).
    """
    with transaction.atomic(durable=True):
        draft = vouchers.select_related("legal_entity", "written_by").locked().get()
        contexts = posting_contexts_of([draft.legal_entity, new.legal_entity])
        refuse_if(
            [
                *_against_rewriting(draft, new),
                *_written_meanwhile(draft, shown),
                *reasons_against_vouchers([new], contexts),
            ]
        )

        before = _amount_moved([line.amount for line in draft.lines.all()])
        after = _amount_moved([line.amount for line in new.lines])
        old_values: Changes = {
            "date": [as_text(draft.date), as_text(new.date)],
            "text": [draft.text, new.text],
            "reversed_on": [as_text(draft.reversed_on), as_text(new.reversed_on)],
            "amount": [before, after],
        }
        changed = {name: pair for name, pair in old_values.items() if pair[0] != pair[1]}
        draft.lines.all().delete()
        JournalVoucher.objects.filter(pk=draft.pk).update(
            date=new.date, text=new.text, reversed_on=new.reversed_on, written_by=actor, written_at=at
        )
        _write_lines([(draft, new)])
        log_activity("rewritten", [draft], actor=actor, at=at, changes={draft.pk: changed}, facts=_facts(new))
    return JournalVoucher.objects.get(pk=draft.pk)


def _written_meanwhile(draft: JournalVoucher, shown: datetime | None) -> Iterator[Refusal]:
    if shown is not None and draft.written_at != shown:
        message = _("%(person)s has written it anew since you opened it.") % {
            "person": person_name(draft.written_by)
        }
        way_out = _("Open the draft again, and type what you want to change in it.")
        yield Refusal("changed-since-shown", message, str(draft), way_out)


def discard_journal_vouchers(vouchers: JournalVoucherQuerySet, *, actor: User, at: datetime) -> int:
    """Discard drafts: they stay readable and are never posted. Locks them. Returns how many.

    Raises Refused: not-draft (C6).
    """
    with transaction.atomic(durable=True):
        chosen = list(vouchers.locked())
        refuse_if(_not_drafts(chosen))

        JournalVoucher.objects.walk(chosen, JournalVoucher.discard)
        before, after = states_of(chosen), JournalVoucherStatus.DISCARDED
        log_activity("discarded", chosen, actor=actor, at=at, from_states=before, to_state=after)
    return len(chosen)


def reverse_journal_vouchers(
    vouchers: JournalVoucherQuerySet, *, on: date, actor: User, at: datetime
) -> list[JournalVoucher]:
    """Draft the reversals of posted journal vouchers on a day: every line with the opposite sign, once.

    Amounts in the company's currency are those of the posting, whatever the rate is now. Another person posts
    the drafts. Locks the vouchers. Statements do not depend on how many. Raises Refused: not-posted,
    reverses-another, already-reversed, date-before-voucher, other-day, period-missing, period-closed (C6).
    """
    with transaction.atomic(durable=True):
        chosen = list(vouchers.select_related("legal_entity").locked())
        refuse_if(_against_reversing(chosen, on))

        drafts = JournalVoucher.objects.bulk_create(
            [reversal_of(one, on, written_by=actor, at=at) for one in chosen],
            batch_size=BATCH,
        )
        by_original = {original.pk: one for original, one in zip(chosen, drafts, strict=True)}
        lines = JournalVoucherLine.objects.filter(journal_voucher__in=chosen).order_by("pk")
        JournalVoucherLine.objects.bulk_create(reversal_lines(lines, by_original), batch_size=BATCH)
        facts = {one.pk: {"on": str(on)} for one in chosen}
        log_activity("reversal written", chosen, actor=actor, at=at, own_facts=facts)
        log_activity("written", drafts, actor=actor, at=at, to_state=JournalVoucherStatus.DRAFT)
    return drafts


def _write_lines(written: Sequence[tuple[JournalVoucher, NewVoucher]]) -> None:
    lines = [line for draft, new in written for line in _lines_of(draft, new)]
    JournalVoucherLine.objects.bulk_create(lines, batch_size=BATCH)


def _lines_of(draft: JournalVoucher, new: NewVoucher) -> Iterator[JournalVoucherLine]:
    """A line for each that was meant, and one for each value where an amount is divided (C4)."""
    position = 0
    for line in new.lines:
        first = position + 1
        for dimension, percent, amount in line.parts:
            position += 1
            yield JournalVoucherLine(
                journal_voucher=draft,
                position=position,
                account=line.account,
                currency=line.currency,
                amount=amount,
                text=line.text,
                customer=line.customer,
                project=line.project,
                dimension=dimension,
                percent=percent,
                whole=None if percent is None else line.amount,
                first_part=None if percent is None else first,
            )


def _facts(new: NewVoucher) -> dict[str, str | int]:
    return {"amount": _amount_moved([line.amount for line in new.lines]), "lines": len(new.lines)}


def _amount_moved(amounts: Sequence[Decimal]) -> str:
    return as_text(sum((amount for amount in amounts if amount > ZERO), ZERO))


def _not_drafts(vouchers: Sequence[JournalVoucher]) -> Iterator[Refusal]:
    for one in vouchers:
        if one.status != JournalVoucherStatus.DRAFT:
            message = _("It is posted or discarded already.")
            yield Refusal("not-draft", message, str(one), _("Write another one, or reverse a posted one."))


def _against_rewriting(draft: JournalVoucher, new: NewVoucher) -> Iterator[Refusal]:
    yield from _not_drafts([draft])
    if draft.reverses_id is not None:
        message = _("It reverses another journal voucher, line by line.")
        way_out = _("Discard it, and reverse the other one on the day that is meant.")
        yield Refusal("reverses-another", message, str(draft), way_out)
    if draft.kind == JournalVoucherKind.YEAR_END:
        message, way_out = _("It closes a fiscal year."), _("Discard it, and close the year anew.")
        yield Refusal("closes-a-year", message, str(draft), way_out)
    if draft.legal_entity_id != new.legal_entity.pk:
        message = _("It belongs to another company.")
        yield Refusal("other-company", message, str(draft), _("Write a voucher of that company."))


def _against_reversing(vouchers: Sequence[JournalVoucher], on: date) -> Iterator[Refusal]:
    contexts = posting_contexts_of(one.legal_entity for one in vouchers)
    standing = JournalVoucher.objects.standing().filter(pk__in=[one.pk for one in vouchers])
    stands = set(standing.values_list("pk", flat=True))
    for one in vouchers:
        if one.status != JournalVoucherStatus.POSTED:
            message = _("It is not in the ledger.")
            yield Refusal("not-posted", message, str(one), _("Discard a draft instead of reversing it."))
        elif one.reverses_id is not None:
            message = _("It reverses another journal voucher.")
            yield Refusal("reverses-another", message, str(one), _("Write a new journal voucher."))
        elif one.pk not in stands:
            message = _("It has a reversal already.")
            yield Refusal("already-reversed", message, str(one), _("Look at the list of journal vouchers."))
        if on < one.date:
            message = _("It was posted on %(day)s, which is later.") % {"day": written_day(one.date)}
            yield Refusal("date-before-voucher", message, str(one), _("Choose that day or a later one."))
        if one.kind == JournalVoucherKind.YEAR_END and on != one.date:
            message = _("The close of a fiscal year is reversed on its own day.")
            way_out = _("Choose %(day)s.") % {"day": written_day(one.date)}
            yield Refusal("other-day", message, str(one), way_out)
        yield from reasons_against_posting_on(on, contexts[one.legal_entity_id], str(one))
