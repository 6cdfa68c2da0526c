"""Let prepaid hours expire that were not used in time: their money becomes revenue (A12)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Retainer
from core.activity_log import log_activity
from core.days import last_of_month
from core.money import ZERO, sum_by, times
from core.outbox import enqueue
from core.refusals import Refusal, Refused, refuse_if
from core.templatetags.display import day as written
from core.templatetags.display import money, number, quantity
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import (
    Actual,
    ActualEvent,
    Approval,
    BacklogItem,
    LegalEntity,
    PrepaidExpiry,
    PrepaidHours,
    PrepaidMonth,
    ProjectContract,
    WorkItem,
)
from projects.prepaid_plans import MonthOfHours
from projects.prepaid_querysets import PrepaidHoursQuerySet
from projects.prepaid_use import PrepaidUse, use_of
from projects.recording import open_event, record_actuals, record_events, record_work_items, seal_events
from projects.states import (
    ENDED_CONTRACTS,
    ApprovalStatus,
    BillingType,
    EventKind,
    TransactionClass,
    TransactionType,
)

logger = logging.getLogger(__name__)

DAYS_TO_APPROVE = timedelta(days=10)
"""How long the clock waits after the end of a month: late work is approved and still uses its hours."""

RELATED = ("contract_line__contract__legal_entity", "contract_line__project")


@dataclass(frozen=True)
class Expired:
    """Hours of a month that expire, the rate at which they were bought, and what they are worth at it."""

    use: PrepaidUse
    month: PrepaidMonth
    hours: Decimal
    rate: Decimal
    amount: Decimal


def expire_prepaid_hours(
    agreements: PrepaidHoursQuerySet, *, until: date, actor: User, on: date, at: datetime
) -> list[PrepaidExpiry]:
    """Let the hours of months that ended up to `until` expire, which no other month may use any more.

    For each month a work item of the contract line stands ready in the backlog, at the rate at which the
    hours were bought, in the contract's currency: the next draft bills it and applies as much of the block's
    money, so that nothing is to be paid and the advance becomes revenue. Hours of two rates are two work
    items. Dated on the last day of its month, in a closed period `on`. Locks the contracts, then the
    agreements. Raises Refused: nothing-to-expire, contract-ended, work-waits, block-not-available,
    period-locked (A12).
    """
    with transaction.atomic(durable=True):
        named = agreements.order_by().values("contract_line__contract")
        list(ProjectContract.objects.filter(pk__in=named).only("pk").locked())
        chosen = list(agreements.select_related(*RELATED).locked())
        expired = [one for use in use_of(chosen) for one in expiring(use, until)]
        refuse_if(
            [
                *_nothing(expired, chosen, until),
                *_on_ended_contracts(chosen),
                *_waiting(chosen, until),
                *_without_money(expired, until),
                *_in_locked_periods(expired, on),
            ]
        )

        expiries = _write(expired, actor=actor, on=on, at=at)
        hours = sum_by((one.use.agreement.pk, one.hours) for one in expired)
        facts = {key: {"hours": f"{sum_of.normalize():f}"} for key, sum_of in hours.items()}
        subjects = [one for one in chosen if one.pk in hours]
        log_activity("hours expired", subjects, actor=actor, at=at, own_facts=facts)
    return expiries


def expiring(use: PrepaidUse, until: date) -> list[Expired]:
    """What expires of an agreement with the months that end up to a day; writes and locks nothing.

    Hours that rolled in from a month of another rate are one by themselves, at that rate.
    """
    currency = use.agreement.contract_line.contract.currency
    return [
        Expired(use, use.terms[plan.month], hours, rate, times(hours, rate, currency))
        for plan in use.plan.months
        if last_of_month(plan.month) <= until
        for hours, rate in _by_rate(use, plan)
        if hours
    ]


def _by_rate(use: PrepaidUse, plan: MonthOfHours) -> list[tuple[Decimal, Decimal]]:
    own = use.terms[plan.month].block_rate
    rolled = use.rolled_rates.get(plan.month, own)
    return [(plan.expires_rolled, rolled), (plan.expires - plan.expires_rolled, own)]


def expire_by_clock(*, at: datetime, actor: User) -> int:
    """Let hours expire whose month ended ten days ago by the calendar of their company.

    Each agreement by itself: one that is refused waits for a person and stops no other (decision 19).
    Returns how many months lost hours.
    """
    count = 0
    living = PrepaidHours.objects.living().select_related(*RELATED).order_by("pk")
    for use in use_of(living.begun_before(at.date())):
        today = use.agreement.contract_line.contract.legal_entity.day_of(at)
        until = today - DAYS_TO_APPROVE
        if not expiring(use, until):
            continue
        one = PrepaidHours.objects.filter(pk=use.agreement.pk)
        try:
            count += len(expire_prepaid_hours(one, until=until, actor=actor, on=today, at=at))
        except Refused as reason:
            # The page says so as well; an hour later it is tried again.
            logger.info("prepaid hours of %s do not expire: %s", use.agreement, reason)
        except Exception:
            logger.exception("prepaid hours of %s do not expire", use.agreement)
    return count


def _write(expired: Sequence[Expired], *, actor: User, on: date, at: datetime) -> list[PrepaidExpiry]:
    entities = {_entity(one).pk: _entity(one) for one in expired}
    events = {
        key: open_event(EventKind.EXPIRY, entity, actor=actor, on=on, at=at)
        for key, entity in sorted(entities.items())
    }
    record_events(events.values())
    payers = _payers(expired)
    items = record_work_items(
        _work_item(one, events[_entity(one).pk], payers[one.use.agreement.pk]) for one in expired
    )
    rows = record_actuals(_unbilled(one, item, on) for one, item in zip(expired, items, strict=True))
    limited = lock_limits(ProjectContract.objects.filter(pk__in=[item.contract_id for item in items]))
    failed = {item.pk for item in commit_new_work(limited, events.values())}
    ready = [BacklogItem(pk=row.pk) for row in rows if row.pk not in failed]
    BacklogItem.objects.walk(ready, BacklogItem.mark_ready)
    seal_events(events.values())
    # The integration journal takes the rows over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)
    return PrepaidExpiry.objects.bulk_create(
        PrepaidExpiry(prepaid_month=one.month, hours=one.hours, rate=one.rate, work_item=item)
        for one, item in zip(expired, items, strict=True)
    )


def _payers(expired: Sequence[Expired]) -> dict[int, int]:
    months = [one.month.pk for one in expired]
    rows = Retainer.objects.filter(prepaid_month__in=months)
    return dict(rows.values_list("prepaid_month__prepaid_hours", "customer"))


def _entity(one: Expired) -> LegalEntity:
    return one.use.agreement.contract_line.contract.legal_entity


def _work_item(one: Expired, event: ActualEvent, customer: int) -> WorkItem:
    line, entity = one.use.agreement.contract_line, event.legal_entity
    words = _("%(hours)s prepaid hours of %(month)s, expired") % {
        "hours": quantity(one.hours),
        "month": written(one.month.month, "whole_month"),
    }
    return WorkItem(
        legal_entity=entity,
        event=event,
        contract=line.contract,
        contract_line=line,
        customer_id=customer,
        project=line.project,
        transaction_class=TransactionClass.FEE,
        transaction_date=last_of_month(one.month.month),
        unit="h",
        currency=line.contract.currency,
        cost_currency=entity.currency,
        quantity=one.hours,
        amount=one.amount,
        description=words,
        external_description=words,
    )


def _unbilled(one: Expired, item: WorkItem, on: date) -> Actual:
    return Actual(
        work_item=item,
        event=item.event,
        type=TransactionType.UNBILLED_SALES,
        billing_type=BillingType.CHARGEABLE,
        quantity=one.hours,
        price=one.rate,
        amount=one.amount,
        accounting_date=_dated(one, on),
    )


def _dated(one: Expired, on: date) -> date:
    last = last_of_month(one.month.month)
    return on if _entity(one).is_locked_on(last) else last


# --- Reasons against ------------------------------------------------------------------------------


def _nothing(expired: Sequence[Expired], chosen: Sequence[PrepaidHours], until: date) -> Iterable[Refusal]:
    if not expired:
        yield Refusal(
            "nothing-to-expire",
            _("No unused hours of a month that ended by %(day)s are left.") % {"day": written(until)},
            ", ".join(str(one) for one in chosen),
            _("Hours expire after their month, when they may not roll over any more."),
        )


def _on_ended_contracts(chosen: Sequence[PrepaidHours]) -> Iterable[Refusal]:
    for one in chosen:
        contract = one.contract_line.contract
        if contract.status in ENDED_CONTRACTS:
            message = _("The contract is “%(status)s”.") % {"status": contract.get_status_display()}
            yield Refusal("contract-ended", message, str(contract), _("Reopen the contract first."))


def _waiting(chosen: Sequence[PrepaidHours], until: date) -> Iterable[Refusal]:
    """Work that waits for its approver would find its hours gone."""
    waiting = Approval.objects.filter(
        contract_line__in=[one.contract_line_id for one in chosen],
        status=ApprovalStatus.SUBMITTED,
        entry__transaction_class=TransactionClass.TIME,
        entry__date__lte=until,
    )
    if count := waiting.count():
        yield Refusal(
            "work-waits",
            ngettext(
                "%(count)s entry of these months waits for its approver.",
                "%(count)s entries of these months wait for their approver.",
                count,
            )
            % {"count": number(count)},
            ", ".join(str(one) for one in chosen),
            _("Approve it or send it back, so that it uses its hours."),
        )


def _to_be_billed(expired: Sequence[Expired], until: date) -> Iterable[tuple[int, Decimal]]:
    """What is open within the blocks up to a day: the money pays for it as well, by agreement."""
    uses = {one.use.agreement.pk: one.use for one in expired}
    for key, use in uses.items():
        for row in use.rows:
            if row.is_open and row.day <= until and not use.is_over(row):
                yield key, row.quantity * row.price
    agreement = "work_item__prepaid_expiry__prepaid_month__prepaid_hours"
    open_items = BacklogItem.objects.off_draft().filter(**{f"{agreement}__in": list(uses)})
    yield from open_items.values_list(agreement, "amount")


def _without_money(expired: Sequence[Expired], until: date) -> Iterable[Refusal]:
    """What was never invoiced, or was refunded, cannot become revenue."""
    needed = sum_by(
        [
            *((one.use.agreement.pk, one.amount) for one in expired),
            *_to_be_billed(expired, until),
        ]
    )
    available = Retainer.objects.available().filter(prepaid_month__prepaid_hours__in=list(needed))
    left = sum_by(available.values_list("prepaid_month__prepaid_hours", "available_amount"))
    named = {one.use.agreement.pk: one.use.agreement for one in expired}
    for key, amount in needed.items():
        if amount > left.get(key, ZERO):
            currency = named[key].contract_line.contract.currency
            yield Refusal(
                "block-not-available",
                _(
                    "Work that is not billed yet and the hours that expire need %(needed)s, and of the "
                    "blocks %(left)s is available."
                )
                % {"left": money(left.get(key, ZERO), currency), "needed": money(amount, currency)},
                str(named[key]),
                _("Invoice the blocks of these months first."),
            )


def _in_locked_periods(expired: Sequence[Expired], on: date) -> Iterable[Refusal]:
    for one in expired:
        if _entity(one).is_locked_on(_dated(one, on)):
            message = _("%(day)s lies in a closed period.") % {"day": written(on)}
            yield Refusal(
                "period-locked", message, str(one.month), _("Ask the controller to reopen the period.")
            )
