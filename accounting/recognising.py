"""Post, eliminate and reverse estimates of fixed prices (C10, P14)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.account_search import PostingPlace
from accounting.estimate_checks import closed, left_over, no_account, not_in, not_the_last
from accounting.estimate_facts import BookedAmount, discounts_of, estimated_of, on_account_of
from accounting.estimate_vouchers import Entries, entries_of, opposite, recognised, write_events
from accounting.models import EstimateEvent, RevenueEstimate
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.querysets import EstimateQuerySet
from accounting.states import EstimateStatus, EstimateStep, PostingType, Recognition
from core.activity_log import log_activity, states_of
from core.money import ZERO
from core.querysets import Transition
from core.refusals import refuse_if
from projects.broken_books import reasons_while_broken

RELATED = ("legal_entity", "project", "period")
Contexts = dict[int, PostingContext]
Event = tuple[EstimateEvent, Entries]


def post_estimates(estimates: EstimateQuerySet, *, actor: User, at: datetime) -> int:
    """Post estimates on the last day of their periods, all of them or none.

    Completed percentage debits WIP, sales value, and credits accrued revenue; completed contract debits WIP,
    cost value, and credits project cost. Locks the estimates, then the number series. Returns how many.
    Raises Refused: books-broken, already-posted, period-closed, account-missing (C10, P14, X6).
    """
    with transaction.atomic(durable=True):
        chosen, contexts = _locked(estimates)
        refuse_if(not_in(chosen, EstimateStatus.CREATED, "already-posted", _("It is posted already.")))
        refuse_if(closed(chosen, contexts, lambda one: one.period.ends_on))
        moved = [(one, recognised(one, contexts[one.legal_entity_id])) for one in chosen]
        refuse_if(no_account(one, entries) for one, entries in moved if isinstance(entries, str))

        events = [
            (_event(one, EstimateStep.POSTED, one.period.ends_on, actor, at), entries)
            for one, entries in moved
            if not isinstance(entries, str)
        ]
        _write(chosen, events, contexts, RevenueEstimate.post, EstimateStatus.POSTED, actor, at)
    return len(chosen)


def eliminate_estimates(estimates: EstimateQuerySet, *, on: date, actor: User, at: datetime) -> int:
    """Take everything out of the balance of the projects of estimates, once they are invoiced in full.

    What they recognised goes back to the accounts of their vouchers, against what is invoiced on account: by
    completed percentage WIP, sales value; by completed contract cost is debited again, and the contracted
    amount credited to accrued revenue. What was discounted on its invoices is no revenue: by completed
    percentage it goes back to accrued revenue. All estimates of a project together, in one voucher. Locks
    them, then the number series. Returns how many. Raises Refused: books-broken, not-posted,
    not-complete, not-invoiced-in-full, period-closed, account-missing (C10, P14, X6).
    """
    with transaction.atomic(durable=True):
        chosen, contexts = _locked(_of_same_projects(estimates).exclude(status=EstimateStatus.ELIMINATED))
        refuse_if(not_in(chosen, EstimateStatus.POSTED, "not-posted", _("It is not posted.")))
        last = _last_of_each(chosen)
        projects = [one.project_id for one in last]
        balances, discounts = on_account_of(projects), discounts_of(projects)
        recognised_amounts = estimated_of([one.pk for one in chosen])
        refuse_if(closed(last, contexts, lambda _one: on))
        refuse_if(refusal for one in last for refusal in left_over(one, chosen, balances, discounts))
        moved = [
            (one, _elimination(one, recognised_amounts, balances, contexts[one.legal_entity_id], on))
            for one in last
        ]
        refuse_if(no_account(one, entries) for one, entries in moved if isinstance(entries, str))

        events = [
            (_event(one, EstimateStep.ELIMINATED, on, actor, at), entries)
            for one, entries in moved
            if not isinstance(entries, str)
        ]
        _write(chosen, events, contexts, RevenueEstimate.eliminate, EstimateStatus.ELIMINATED, actor, at)
    return len(chosen)


def withdraw_estimates(estimates: EstimateQuerySet, *, on: date, actor: User, at: datetime) -> int:
    """Reverse the posting of the last estimate of projects: its voucher is negated, and it may be made anew.

    Amounts and accounts are those of the voucher. Locks the estimates, then the number series. Returns how
    many. Raises Refused: books-broken, not-posted, not-the-last, period-closed (C10, X6).
    """
    with transaction.atomic(durable=True):
        chosen, contexts = _locked(estimates)
        refuse_if(not_in(chosen, EstimateStatus.POSTED, "not-posted", _("It is not posted.")))
        refuse_if([*not_the_last(chosen), *closed(chosen, contexts, lambda _one: on)])
        events = _reversals(
            chosen, EstimateStep.POSTED, EstimateStep.POSTING_REVERSED, on=on, actor=actor, at=at
        )
        _write(chosen, events, contexts, RevenueEstimate.withdraw, EstimateStatus.CREATED, actor, at)
    return len(chosen)


def restore_estimates(estimates: EstimateQuerySet, *, on: date, actor: User, at: datetime) -> int:
    """Reverse the elimination of the projects of estimates: its voucher is negated, they are posted again.

    Amounts and accounts are those of the voucher. Locks the estimates, then the number series. Returns how
    many. Raises Refused: books-broken, not-eliminated, period-closed (C10, X6).
    """
    with transaction.atomic(durable=True):
        chosen, contexts = _locked(_of_same_projects(estimates))
        refuse_if(not_in(chosen, EstimateStatus.ELIMINATED, "not-eliminated", _("It is not eliminated.")))
        refuse_if(closed(_last_of_each(chosen), contexts, lambda _one: on))
        events = _reversals(
            chosen, EstimateStep.ELIMINATED, EstimateStep.ELIMINATION_REVERSED, on=on, actor=actor, at=at
        )
        _write(chosen, events, contexts, RevenueEstimate.restore, EstimateStatus.POSTED, actor, at)
    return len(chosen)


def _locked(estimates: EstimateQuerySet) -> tuple[list[RevenueEstimate], Contexts]:
    chosen = list(estimates.select_related(*RELATED).locked())
    refuse_if(reasons_while_broken(one.legal_entity for one in chosen))
    return chosen, posting_contexts_of(one.legal_entity for one in chosen)


def _of_same_projects(estimates: EstimateQuerySet) -> EstimateQuerySet:
    return RevenueEstimate.objects.filter(project__in=estimates.order_by().values("project"))


def _last_of_each(estimates: Iterable[RevenueEstimate]) -> list[RevenueEstimate]:
    last: dict[int, RevenueEstimate] = {}
    for one in sorted(estimates, key=lambda each: each.period.starts_on):
        last[one.project_id] = one
    return list(last.values())


def _elimination(
    last: RevenueEstimate,
    recognised_amounts: Iterable[BookedAmount],
    on_account: Iterable[BookedAmount],
    context: PostingContext,
    on: date,
) -> Entries | str:
    mine = [one for one in recognised_amounts if one.project_id == last.project_id]
    invoiced = [one for one in on_account if one.project_id == last.project_id]
    if last.method == Recognition.COMPLETED_PERCENTAGE:
        # Of what was accrued only the side in the balance leaves: its revenue has been earned.
        accrued = opposite(one for one in mine if one.amount > ZERO)
        return [*opposite(invoiced), *accrued, *_unearned(mine, [*opposite(invoiced), *accrued])]
    place = PostingPlace(last.project_id, last.project.group)
    account_id = context.account(PostingType.ACCRUED_REVENUE, place, on)
    if account_id is None:
        return PostingType.ACCRUED_REVENUE
    earned = [
        BookedAmount(account_id, one.project_id, one.currency, one.amount, one.base_amount)
        for one in invoiced
    ]
    return [*opposite(mine), *opposite(invoiced), *earned]


def _unearned(recognised_amounts: Iterable[BookedAmount], entries: Entries) -> Entries:
    """What was accrued as revenue and then discounted, on the account that was credited with most of it."""
    rest = sum((one.amount for one in entries), ZERO)
    if not rest:
        return []
    most = min(recognised_amounts, key=lambda one: one.amount)
    return [BookedAmount(most.account_id, most.project_id, most.currency, -rest, -rest)]


def _reversals(
    chosen: Sequence[RevenueEstimate],
    step: EstimateStep,
    reversal: EstimateStep,
    *,
    on: date,
    actor: User,
    at: datetime,
) -> list[Event]:
    originals = EstimateEvent.objects.standing(step).filter(estimate__in=chosen)
    events: list[Event] = []
    for original, entries in entries_of(originals.select_related("estimate__project")):
        event = _event(original.estimate, reversal, on, actor, at)
        event.reverses = original
        events.append((event, opposite(entries)))
    return events


def _event(
    estimate: RevenueEstimate, step: EstimateStep, day: date, actor: User, at: datetime
) -> EstimateEvent:
    return EstimateEvent(estimate=estimate, step=step, day=day, actor=actor, at=at)


def _write(
    chosen: list[RevenueEstimate],
    events: Sequence[Event],
    contexts: Contexts,
    transition: Transition,
    to_state: EstimateStatus,
    actor: User,
    at: datetime,
) -> None:
    before = states_of(chosen)
    for entity_id in sorted(contexts):
        mine = [(one, entries) for one, entries in events if one.estimate.legal_entity_id == entity_id]
        write_events(mine, contexts[entity_id], actor=actor, at=at)
    RevenueEstimate.objects.walk(chosen, transition)
    log_activity(transition.__name__, chosen, actor=actor, at=at, from_states=before, to_state=to_state)
