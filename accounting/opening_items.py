"""Bring open items of customers from another system, and reverse them while nothing settled them (C13)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.journal_voucher_checks import reasons_against_posting_on
from accounting.models import CustomerTransaction, OpeningItem, Settlement
from accounting.opening_checks import NewOpeningItem, reasons_against_opening
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.querysets import OpeningItemQuerySet
from accounting.receivable_rows import SettlementPlan, SubledgerPosting, base_of, post_to_subledger, settle
from accounting.receivable_undoing import negated_postings
from accounting.states import PostingType, VoucherSource
from core.activity_log import as_text, log_activity
from core.refusals import Refusal, refuse_if
from projects.broken_books import reasons_while_broken
from projects.models import LegalEntity

BATCH = 500


def enter_opening_items(
    entity: LegalEntity, items: Sequence[NewOpeningItem], *, on: date, actor: User, at: datetime
) -> list[OpeningItem]:
    """Post open items of another system on the opening date, all of them or none.

    Each debits its customer, keeps its number and due date, and credits the account of opening balances,
    against which the opening trial balance was posted; tax is not posted again. Locks the legal entity, then
    the number series. Statements do not depend on how many. Raises Refused: books-broken, period-missing,
    period-closed, account-missing, other-company, number-missing, number-taken, nothing-moved,
    amount-too-fine, date-after-start, due-before-invoice, exchange-rate-missing, base-differs (C13, P22).
    """
    with transaction.atomic(durable=True):
        # Held, so that two files do not bring the same invoice.
        held = LegalEntity.objects.select_for_update().get(pk=entity.pk)
        context = PostingContext.of(held)
        broken = reasons_while_broken([held])
        refuse_if([*broken, *reasons_against_opening(items, context, on)])

        made = OpeningItem.objects.bulk_create(
            [_item(new, context, on, actor, at) for new in items], batch_size=BATCH
        )
        account = context.account(PostingType.OPENING_BALANCE, on=on)
        assert account is not None  # noqa: S101 - refused before
        entries = [
            SubledgerPosting(
                one.pk,
                held,
                one.customer_id,
                on,
                one.currency,
                one.amount,
                one.base_amount,
                ((account, one.currency, -one.amount, -one.base_amount),),
                due_date=one.due_date,
                reference=one.number,
            )
            for one in made
        ]
        post_to_subledger(VoucherSource.OPENING_ITEM, entries, {held.pk: context}, actor=actor, at=at)
        facts = {one.pk: {"amount": as_text(one.amount), "currency": one.currency} for one in made}
        log_activity("brought in", made, actor=actor, at=at, own_facts=facts)
    return made


def reverse_opening_items(items: OpeningItemQuerySet, *, actor: User, at: datetime) -> int:
    """Reverse open items on the opening date while nothing settled them; the number is free again.

    Their reversals are posted and settled with them. Locks the items and their rows, then the number series.
    Returns how many. Raises Refused: books-broken, reversed-already, settled-already, period-missing,
    period-closed (C13, P22).
    """
    with transaction.atomic(durable=True):
        chosen = list(items.select_related("legal_entity").locked())
        rows = _rows_of(chosen)
        contexts = posting_contexts_of(one.legal_entity for one in chosen)
        broken = reasons_while_broken(one.legal_entity for one in chosen)
        refuse_if([*broken, *_against_reversing(chosen, rows, contexts)])

        back = OpeningItem.objects.bulk_create(
            [_reversal(one, actor, at) for one in chosen], batch_size=BATCH
        )
        pairs = [(new.pk, one.opened_on, rows[one.pk]) for one, new in zip(chosen, back, strict=True)]
        numbers = {one.pk: one.number for one in back}
        entries = [
            replace(one, reference=numbers[one.source_id]) for one in negated_postings(pairs, contexts)
        ]
        made = post_to_subledger(VoucherSource.OPENING_ITEM, entries, contexts, actor=actor, at=at)
        plans = [
            SettlementPlan(day, ((row, row.amount), (made[key], made[key].amount))) for key, day, row in pairs
        ]
        settle(plans, contexts, actor=actor, at=at)
        log_activity("opening item reversed", chosen, actor=actor, at=at)
    return len(chosen)


def _against_reversing(
    items: Sequence[OpeningItem],
    rows: Mapping[int, CustomerTransaction],
    contexts: Mapping[int, PostingContext],
) -> Iterator[Refusal]:
    stands = set(
        OpeningItem.objects.standing().filter(pk__in=[one.pk for one in items]).values_list("pk", flat=True)
    )
    keys = [row.pk for row in rows.values()]
    settled = Settlement.objects.standing().touching(keys)
    touched = {key for pair in settled.values_list("debit", "credit") for key in pair}
    for one in items:
        subject = str(one)
        if one.pk not in stands:
            message = _("It is reversed already, or reverses another one.")
            yield Refusal("reversed-already", message, subject, _("Look at the list of open items."))
        elif rows[one.pk].pk in touched:
            message = _("Something of it was settled.")
            yield Refusal("settled-already", message, subject, _("Undo its settlement first."))
        context = contexts[one.legal_entity_id]
        yield from reasons_against_posting_on(one.opened_on, context, subject, is_chosen=False)


def _rows_of(items: Sequence[OpeningItem]) -> dict[int, CustomerTransaction]:
    """The rows of the subledger that items wrote, held, by the key of the item."""
    mine = CustomerTransaction.objects.filter(
        voucher__source_kind=VoucherSource.OPENING_ITEM, voucher__source_id__in=[one.pk for one in items]
    )
    return {row.voucher.source_id: row for row in mine.select_related("voucher", "invoice").locked()}


def _item(new: NewOpeningItem, context: PostingContext, on: date, actor: User, at: datetime) -> OpeningItem:
    base = new.base if new.base is not None else base_of(context, new.currency, new.amount, on)
    return OpeningItem(
        legal_entity=context.legal_entity,
        customer=new.customer,
        number=new.number,
        document_date=new.document_date,
        due_date=new.due_date,
        opened_on=on,
        currency=new.currency,
        amount=new.amount,
        base_amount=base,
        entered_by=actor,
        entered_at=at,
    )


def _reversal(one: OpeningItem, actor: User, at: datetime) -> OpeningItem:
    facts = ("legal_entity_id", "customer_id", "number", "document_date", "due_date", "opened_on", "currency")
    return OpeningItem(
        amount=-one.amount,
        base_amount=-one.base_amount,
        reverses=one,
        entered_by=actor,
        entered_at=at,
        **{name: getattr(one, name) for name in facts},
    )
