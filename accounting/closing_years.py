"""Close fiscal years: a draft moves what they earned and spent to retained earnings (C8)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import JournalVoucher, JournalVoucherLine
from accounting.posting_context import posting_contexts_of
from accounting.querysets import PeriodQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus, PostingType
from accounting.year_ends import FiscalYear, closing_moves, reasons_against_year, results_of, year_to
from core.activity_log import as_text, log_activity
from core.money import ZERO
from core.refusals import refuse_if
from core.templatetags.display import day as written
from projects.broken_books import reasons_while_broken
from projects.models import LegalEntity

BATCH = 500


def close_years(periods: PeriodQuerySet, *, actor: User, at: datetime) -> list[JournalVoucher]:
    """Draft the close of the fiscal years whose last periods these are, all of them or none.

    Every account of revenue and expense gives its balance to retained earnings, dimension by dimension, in
    the currency of the company, on the first day of the next year. Another person posts the draft, and the
    results of the year stay as they were in every report. Locks the legal entities. A few statements for each
    year. Raises Refused: books-broken, longer-than-a-year, year-open, year-closed, next-year-missing,
    account-missing, nothing-to-close (C8).
    """
    with transaction.atomic(durable=True):
        chosen = list(periods.select_related("legal_entity").order_by("starts_on", "pk"))
        entities = LegalEntity.objects.filter(pk__in=[one.legal_entity_id for one in chosen])
        # Held, so that two people do not both close one year.
        list(entities.order_by("pk").select_for_update())
        contexts = posting_contexts_of(one.legal_entity for one in chosen)
        years = [year_to(one) for one in chosen]
        broken = reasons_while_broken(one.legal_entity for one in chosen)
        reasons = [
            reason for one in years for reason in reasons_against_year(one, contexts[one.legal_entity.pk])
        ]
        refuse_if([*broken, *reasons])

        drafts = JournalVoucher.objects.bulk_create(
            [_draft(one, actor, at) for one in years], batch_size=BATCH
        )
        facts = {}
        for draft, year in zip(drafts, years, strict=True):
            retained = contexts[draft.legal_entity_id].account(PostingType.RETAINED_EARNINGS, on=draft.date)
            assert retained is not None  # noqa: S101 - refused before
            results = results_of(year)
            moves = closing_moves(results, retained)
            JournalVoucherLine.objects.bulk_create(
                [
                    JournalVoucherLine(
                        journal_voucher=draft,
                        position=position,
                        account_id=account,
                        currency=year.legal_entity.currency,
                        amount=amount,
                        dimension=dimension,
                    )
                    for position, (account, dimension, amount) in enumerate(moves, start=1)
                ],
                batch_size=BATCH,
            )
            facts[draft.pk] = {"amount": as_text(sum(results.values(), ZERO)), "lines": len(moves)}
        log_activity(
            "written", drafts, actor=actor, at=at, to_state=JournalVoucherStatus.DRAFT, own_facts=facts
        )
    return drafts


def _draft(year: FiscalYear, actor: User, at: datetime) -> JournalVoucher:
    return JournalVoucher(
        legal_entity=year.legal_entity,
        date=year.next_day,
        text=_("Close of the fiscal year %(first)s to %(last)s")
        % {"first": written(year.first), "last": written(year.last)},
        kind=JournalVoucherKind.YEAR_END,
        written_by=actor,
        written_at=at,
    )
