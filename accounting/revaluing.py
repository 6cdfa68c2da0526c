"""Revalue foreign balances at the rate of a day, and reverse that (C9)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.journal_voucher_checks import reasons_against_posting_on
from accounting.models import FiscalPeriod, Revaluation, RevaluationLine, VoucherLine
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.querysets import RevaluationQuerySet
from accounting.receivable_checks import reasons_against_accounts
from accounting.states import PostingType, VoucherSource
from accounting.valued_balances import (
    ForeignBalance,
    foreign_balances,
    rates_of_the_day,
    without_rate,
)
from billing.states import SeriesKind
from core.activity_log import as_text, log_activity
from core.money import ZERO
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.broken_books import reasons_while_broken
from projects.models import LegalEntity
from projects.querysets import LegalEntityQuerySet

BATCH = 500
ONE_DAY = timedelta(days=1)
ROLES = (PostingType.REVALUATION, PostingType.UNREALISED_GAIN, PostingType.UNREALISED_LOSS)
Valued = tuple[PostingContext, list[ForeignBalance], dict[str, Decimal]]
"""The books of a company, what it holds in foreign currencies, and the rates of the day."""


class Moved(NamedTuple):
    """One side of a voucher, in the company's currency alone: the balance in its own does not change."""

    account_id: int
    currency: str
    base: Decimal
    customer_id: int | None
    project_id: int | None


Moves = dict[int, list[Moved]]
"""What revaluations move, by key."""


def revalue_balances(
    entities: LegalEntityQuerySet, *, on: date, actor: User, at: datetime
) -> list[Revaluation]:
    """Post what foreign balances of companies are worth at the rates of a day, all of them or none.

    What each balance misses of its worth, in the company's currency and rounded once, goes to the account of
    revaluations against unrealised gain or loss; the same is reversed on the next day at once, so that
    payments find the books as they were. Locks the periods of the day, then the number series. A fixed
    number of statements for each company. Raises Refused: books-broken, date-ahead, period-missing,
    period-closed, revalued-already, account-missing, exchange-rate-missing, nothing-to-value (C9, P21).
    """
    with transaction.atomic(durable=True):
        chosen = list(entities.order_by("pk"))
        periods = _periods_held(chosen, on)
        contexts = posting_contexts_of(chosen)
        valued = {
            one.pk: (contexts[one.pk], foreign_balances(one, on), rates_of_the_day(one, on)) for one in chosen
        }
        broken = reasons_while_broken(chosen)
        refuse_if([*broken, *(reason for one in valued.values() for reason in _against(one, on, at))])

        counts = _counts(one.pk for one in periods.values())
        made = Revaluation.objects.bulk_create(
            [_revaluation(periods[one.pk], counts[periods[one.pk].pk], on, actor, at) for one in chosen],
            batch_size=BATCH,
        )
        lines = [
            _line(one, balance, rates[balance.currency], context.legal_entity.currency)
            for one in made
            for context, balances, rates in [valued[one.legal_entity_id]]
            for balance in balances
        ]
        RevaluationLine.objects.bulk_create(lines, batch_size=BATCH)
        _post(made, _moves(lines, contexts), contexts, actor=actor, at=at)
        _log("revalued", made, lines, actor=actor, at=at)
    return made


def reverse_revaluations(revaluations: RevaluationQuerySet, *, actor: User, at: datetime) -> int:
    """Reverse revaluations on their own days, to the cent; their periods may then be valued anew.

    Locks the revaluations, then the number series. Returns how many. Raises Refused: books-broken,
    reversed-already, period-closed, period-missing (C9, P21).
    """
    with transaction.atomic(durable=True):
        chosen = list(revaluations.select_related("legal_entity", "period").locked())
        contexts = posting_contexts_of(one.legal_entity for one in chosen)
        broken = reasons_while_broken(one.legal_entity for one in chosen)
        refuse_if([*broken, *_against_reversing(chosen, contexts)])

        counts = _counts(one.period_id for one in chosen)
        back = Revaluation.objects.bulk_create(
            [_reversal(one, counts[one.period_id], actor, at) for one in chosen], batch_size=BATCH
        )
        by_original = {original.pk: one for original, one in zip(chosen, back, strict=True)}
        rows = RevaluationLine.objects.filter(revaluation__in=chosen).order_by("pk")
        lines = [_reversal_line(row, by_original[row.revaluation_id]) for row in rows]
        RevaluationLine.objects.bulk_create(lines, batch_size=BATCH)
        _post(back, _moves_back(by_original), contexts, actor=actor, at=at)
        log_activity("revaluation reversed", chosen, actor=actor, at=at)
    return len(chosen)


def reasons_against_revaluing(entity: LegalEntity, on: date, at: datetime) -> list[Refusal]:
    """Why a company is not revalued on a day, so that a page can show it before; locks and raises nothing."""
    valued = (PostingContext.of(entity), foreign_balances(entity, on), rates_of_the_day(entity, on))
    return list(_against(valued, on, at))


def _periods_held(entities: Sequence[LegalEntity], on: date) -> dict[int, FiscalPeriod]:
    """The period of a day of each company: who closes it, or values it as well, waits."""
    periods = FiscalPeriod.objects.filter(legal_entity__in=entities, starts_on__lte=on, ends_on__gte=on)
    return {one.legal_entity_id: one for one in periods.locked()}


def _against(valued: Valued, on: date, at: datetime) -> Iterator[Refusal]:
    context, balances, rates = valued
    entity, subject = context.legal_entity, context.legal_entity.name
    if on > entity.day_of(at):
        message = _("%(day)s has not come yet.") % {"day": written(on)}
        yield Refusal("date-ahead", message, subject, _("Choose a day up to today."))
    for day in (on, on + ONE_DAY):
        yield from reasons_against_posting_on(day, context, subject, is_chosen=day == on)
    period = {"period__starts_on__lte": on, "period__ends_on__gte": on}
    standing = Revaluation.objects.standing().filter(legal_entity=entity, **period).first()
    if standing is not None:
        message = _("The period was revalued on %(day)s.") % {"day": written(standing.valued_on)}
        yield Refusal("revalued-already", message, subject, _("Reverse that first, or leave it."))
    yield from reasons_against_accounts(ROLES, context, on, subject)
    missing = without_rate(balances, rates)
    for currency in missing:
        message = _("There is no exchange rate of %(name)s of %(day)s.") % {
            "name": currency,
            "day": written(on),
        }
        way_out = _("Enter the rate of that day; an earlier one is not used.")
        yield Refusal("exchange-rate-missing", message, subject, way_out)
    worth = [one.difference(rates[one.currency], entity.currency) for one in balances if not missing]
    if not missing and not any(worth):
        message = _("No balance in a foreign currency differs from its worth on %(day)s.") % {
            "day": written(on)
        }
        yield Refusal("nothing-to-value", message, subject, _("There is nothing to post."))


def _against_reversing(
    revaluations: Sequence[Revaluation], contexts: Mapping[int, PostingContext]
) -> Iterator[Refusal]:
    standing = Revaluation.objects.standing().filter(pk__in=[one.pk for one in revaluations])
    stands = set(standing.values_list("pk", flat=True))
    for one in revaluations:
        subject = str(one)
        if one.pk not in stands:
            message = _("It is reversed already, or reverses another one.")
            yield Refusal("reversed-already", message, subject, _("Look at the list of revaluations."))
        for day in (one.valued_on, one.reversed_on):
            context = contexts[one.legal_entity_id]
            yield from reasons_against_posting_on(day, context, subject, is_chosen=False)


def _revaluation(period: FiscalPeriod, count: int, on: date, actor: User, at: datetime) -> Revaluation:
    return Revaluation(
        legal_entity_id=period.legal_entity_id,
        period=period,
        nth=count + 1,
        valued_on=on,
        reversed_on=on + ONE_DAY,
        posted_by=actor,
        posted_at=at,
    )


def _reversal(original: Revaluation, count: int, actor: User, at: datetime) -> Revaluation:
    return Revaluation(
        legal_entity_id=original.legal_entity_id,
        period=original.period,
        nth=count + 1,
        valued_on=original.valued_on,
        reversed_on=original.reversed_on,
        reverses=original,
        posted_by=actor,
        posted_at=at,
    )


def _counts(periods: Iterable[int]) -> dict[int, int]:
    """How many revaluations periods have, with their reversals."""
    rows = Revaluation.objects.filter(period__in=list(periods)).order_by()
    return defaultdict(int, rows.values_list("period").annotate(count=Count("pk")))


def _line(revaluation: Revaluation, balance: ForeignBalance, rate: Decimal, own: str) -> RevaluationLine:
    row = balance.row
    return RevaluationLine(
        revaluation=revaluation,
        account_id=balance.account_id,
        customer_transaction=row,
        customer_id=row.customer_id if row else None,
        project_id=balance.project_id,
        currency=balance.currency,
        rate=rate,
        amount=balance.amount,
        base_amount=balance.base,
        difference=balance.difference(rate, own),
    )


def _reversal_line(line: RevaluationLine, back: Revaluation) -> RevaluationLine:
    facts = ("account_id", "customer_transaction_id", "customer_id", "project_id", "currency", "rate")
    return RevaluationLine(
        revaluation=back,
        amount=-line.amount,
        base_amount=-line.base_amount,
        difference=-line.difference,
        **{name: getattr(line, name) for name in facts},
    )


def _moves(lines: Sequence[RevaluationLine], contexts: Mapping[int, PostingContext]) -> Moves:
    """Debit the account of revaluations what a balance gained, credit it what it lost; zero moves nothing."""
    moves: Moves = defaultdict(list)
    for line in lines:
        revaluation = line.revaluation
        context, on = contexts[revaluation.legal_entity_id], revaluation.valued_on
        is_gain = line.difference > ZERO
        result = PostingType.UNREALISED_GAIN if is_gain else PostingType.UNREALISED_LOSS
        for role, base in ((PostingType.REVALUATION, line.difference), (result, -line.difference)):
            account = context.account(role, on=on)
            assert account is not None  # noqa: S101 - refused before
            moved = Moved(account, line.currency, base, line.customer_id, line.project_id)
            moves[revaluation.pk].append(moved)
    return moves


def _moves_back(by_original: Mapping[int, Revaluation]) -> Moves:
    """The negation of what revaluations moved, on the accounts of their vouchers."""
    moves: Moves = defaultdict(list)
    rows = VoucherLine.objects.filter(
        voucher__source_kind=VoucherSource.REVALUATION, voucher__source_id__in=by_original
    ).order_by("pk")
    facts = ("account", "currency", "base_amount", "customer", "project")
    for key, account, currency, base, customer, project in rows.values_list("voucher__source_id", *facts):
        moves[by_original[key].pk].append(Moved(account, currency, -base, customer, project))
    return moves


def _post(
    made: Sequence[Revaluation],
    moves: Moves,
    contexts: Mapping[int, PostingContext],
    *,
    actor: User,
    at: datetime,
) -> None:
    """Two vouchers for each: one of its day, and its reversal of the day after."""
    vouchers = []
    kinds = (
        (VoucherSource.REVALUATION, "valued_on", 1),
        (VoucherSource.REVALUATION_REVERSAL, "reversed_on", -1),
    )
    for kind, day, sign in kinds:
        for one in sorted(made, key=lambda each: each.legal_entity_id):
            (voucher,) = open_vouchers(
                contexts[one.legal_entity_id].legal_entity,
                SeriesKind.JOURNAL_VOUCHER,
                [(one.pk, getattr(one, day))],
                source_kind=kind,
                actor=actor,
                at=at,
            )
            vouchers.append(voucher)
            write_lines(
                VoucherLine(
                    voucher=voucher,
                    account_id=moved.account_id,
                    currency=moved.currency,
                    amount=ZERO,
                    base_amount=sign * moved.base,
                    customer_id=moved.customer_id,
                    project_id=moved.project_id,
                )
                for moved in moves[one.pk]
            )
    seal_vouchers(vouchers)


def _log(
    verb: str, made: Sequence[Revaluation], lines: Sequence[RevaluationLine], *, actor: User, at: datetime
) -> None:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.revaluation_id] += line.difference
    facts = {
        one.pk: {"on": str(one.valued_on), "difference": as_text(sums.get(one.pk, ZERO))} for one in made
    }
    log_activity(verb, made, actor=actor, at=at, own_facts=facts)
