"""Plan, extend and end prepaid hours of a line: an agreement, its months and their retainers (A12)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Retainer
from billing.prepaid_terms import (
    PrepaidTerms,
    months_after,
    payers_of,
    reasons_against_line,
    reasons_against_months,
    retainer_of,
)
from core.activity_log import came_with, log_activity, went_with
from core.days import last_of_month, months_later
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import (
    Actual,
    ContractLine,
    Customer,
    PrepaidExpiry,
    PrepaidHours,
    PrepaidMonth,
    ProjectContract,
)
from projects.prepaid_querysets import PrepaidHoursQuerySet
from projects.prepaid_reckoning import count_prepaid_hours
from projects.re_evaluation import evaluate_again
from projects.states import ENDED_CONTRACTS, BillingType, TransactionClass

TERMS = ("hours", "block_rate", "overage_rate", "roll_over_hours", "first_month", "last_month")


def plan_prepaid_hours(
    line: ContractLine, terms: PrepaidTerms, *, actor: User, on: date, at: datetime
) -> PrepaidHours:
    """Agree hours that the customer of a line buys for each month; a retainer for each is ready to invoice.

    A retainer is hours times rate of the block, net in the contract's currency, invoiced on the last day of
    the month before. Approved work of these months that is open, and what waits for approval, is priced
    again. Locks the contract, the approvals of the project, then open work. Raises Refused: prepaid-already,
    month-billed, those of `reasons_against_line` and of `PrepaidTerms.reasons_against` (A12).
    """
    with transaction.atomic(durable=True):
        held, customers = _locked(line)
        refuse_if(
            [
                *reasons_against_line(held, customers),
                *terms.reasons_against(held),
                *_prepaid_already(held),
                *_billed_already(held, terms),
            ]
        )

        agreement = PrepaidHours.objects.create(
            contract_line=held,
            hours=terms.hours,
            block_rate=terms.block_rate,
            overage_rate=terms.overage_rate,
            roll_over_hours=terms.roll_over_hours,
            first_month=terms.days[0],
            last_month=terms.last_month,
        )
        retainers = _write_months(agreement, terms.days, held, customers[0])
        agreed = came_with([agreement], *TERMS)
        log_activity("planned", [agreement], actor=actor, at=at, changes=agreed)
        changes = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=changes)
        _price_again(held, terms, actor=actor, on=on, at=at)
    return agreement


def extend_prepaid_hours(
    agreements: PrepaidHoursQuerySet, months: int, *, actor: User, on: date, at: datetime
) -> PrepaidHours:
    """Add months at the end of an agreement, at its hours and rates, with their retainers.

    Amounts and further effects as in `plan_prepaid_hours`; hours of the month that was the last roll over.
    Locks as it does. Raises Refused: months-not-possible, hours-expired, month-billed, and those of
    `reasons_against_line` (A12).
    """
    with transaction.atomic(durable=True):
        agreement = agreements.select_related("contract_line").get()
        held, customers = _locked(agreement.contract_line)
        agreement = PrepaidHours.objects.select_for_update().get(pk=agreement.pk)
        first = months_later(agreement.last_month, 1)
        refuse_if(
            [
                *reasons_against_line(held, customers),
                *reasons_against_months(months, held.name),
                *_expired_already(agreement, agreement.last_month, _("Add another line for what follows.")),
                *_billed_already(held, _further(agreement, first, months)),
            ]
        )

        before = agreement.last_month
        days = months_after(first, months)
        agreement.last_month = days[-1]
        agreement.save(update_fields=["last_month"])
        retainers = _write_months(agreement, days, held, customers[0])
        changes = {agreement.pk: {"last_month": [before.isoformat(), days[-1].isoformat()]}}
        log_activity("extended", [agreement], actor=actor, at=at, changes=changes)
        further = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=further)
        _price_again(held, _further(agreement, first, months), actor=actor, on=on, at=at)
    return agreement


def end_prepaid_hours(
    agreements: PrepaidHoursQuerySet, last_month: date, *, actor: User, on: date, at: datetime
) -> PrepaidHours:
    """End an agreement early with a month: later months and their retainers are deleted while untouched.

    Open work of the deleted months is priced by the price lists again. `last_month` is any day of the month.
    Locks as `plan_prepaid_hours`. Raises Refused: contract-ended, not-a-later-month, month-billed,
    retainer-used, hours-expired (A12).
    """
    with transaction.atomic(durable=True):
        agreement = agreements.select_related("contract_line").get()
        held, _customers = _locked(agreement.contract_line)
        agreement = PrepaidHours.objects.select_for_update().get(pk=agreement.pk)
        last, before = last_month.replace(day=1), agreement.last_month
        gone = PrepaidMonth.objects.filter(prepaid_hours=agreement, month__gt=last)
        retainers = list(Retainer.objects.filter(prepaid_month__in=gone).locked())
        count = len(retainers)
        refuse_if(
            [
                *_ended(held.contract),
                *_not_within(agreement, last),
                *_used(retainers),
                *_expired_already(agreement, last, _("End with a later month.")),
                *(_billed_already(held, _further(agreement, months_later(last, 1), count)) if count else ()),
            ]
        )

        deleted = went_with(retainers, "amount", "invoice_on")
        log_activity("deleted", retainers, actor=actor, at=at, changes=deleted)
        Retainer.objects.filter(pk__in=[one.pk for one in retainers]).delete()
        gone.delete()
        agreement.last_month = last
        agreement.save(update_fields=["last_month"])
        changes = {agreement.pk: {"last_month": [before.isoformat(), last.isoformat()]}}
        log_activity("ended early", [agreement], actor=actor, at=at, changes=changes)
        if count:
            _price_again(held, _further(agreement, months_later(last, 1), count), actor=actor, on=on, at=at)
    return agreement


def _locked(line: ContractLine) -> tuple[ContractLine, Sequence[Customer]]:
    """The line with its contract locked, and who pays for it."""
    contract = ProjectContract.objects.select_related("legal_entity").locked().get(pk=line.contract_id)
    held = ContractLine.objects.select_related("project").get(pk=line.pk)
    held.contract = contract
    return held, payers_of(held)


def _write_months(
    agreement: PrepaidHours, days: Sequence[date], line: ContractLine, customer: Customer
) -> list[Retainer]:
    months = PrepaidMonth.objects.bulk_create(
        PrepaidMonth(prepaid_hours=agreement, month=day, hours=agreement.hours) for day in days
    )
    retainers = Retainer.objects.bulk_create(
        retainer_of(month, line, customer, agreement.block_rate) for month in months
    )
    # Agreed for every month, so that each is invoiced on its day.
    Retainer.objects.walk(retainers, Retainer.mark_ready)
    return retainers


def _price_again(line: ContractLine, terms: PrepaidTerms, *, actor: User, on: date, at: datetime) -> None:
    """Give open work of these months, and what waits, the prices of the agreement as it is now."""
    days = terms.days[0], last_of_month(terms.last_month)
    projects = [line.project] if line.project else []
    evaluate_again([line.contract], projects, [line.pk], days=days, actor=actor, on=on, at=at)
    # Where no row is written again the block may still have grown or shrunk.
    count_prepaid_hours([line.pk], actor=actor, on=on, at=at)


def _further(agreement: PrepaidHours, first: date, months: int) -> PrepaidTerms:
    """The terms of an agreement for other months."""
    return PrepaidTerms(
        agreement.hours,
        agreement.block_rate,
        agreement.overage_rate,
        agreement.roll_over_hours,
        first,
        months,
    )


# --- Reasons against ------------------------------------------------------------------------------


def _prepaid_already(line: ContractLine) -> Iterable[Refusal]:
    if PrepaidHours.objects.filter(contract_line=line).exists():
        message = _("The line has prepaid hours already.")
        yield Refusal("prepaid-already", message, line.name, _("Extend those, or add another line."))


def _billed_already(line: ContractLine, terms: PrepaidTerms) -> Iterable[Refusal]:
    """Work that was billed or is on a draft was priced without the block, or with it."""
    if terms.months < 1:
        return
    last = months_later(terms.last_month, 1)
    work = Actual.objects.filter(
        work_item__contract_line=line,
        work_item__transaction_class=TransactionClass.TIME,
        work_item__approval__isnull=False,
        work_item__transaction_date__gte=terms.days[0],
        work_item__transaction_date__lt=last,
        billing_type=BillingType.CHARGEABLE,
    )
    billed = work.billed_sales().unreversed() | work.filter(backlog_item__status="on_draft")
    first = billed.order_by("work_item__transaction_date").select_related("work_item").first()
    if first is not None:
        yield Refusal(
            "month-billed",
            _("Work of %(month)s is billed or on a draft.")
            % {"month": written(first.work_item.transaction_date, "whole_month")},
            line.name,
            _("Choose a later month, or take that work back first."),
        )


def _expired_already(agreement: PrepaidHours, last: date, way_out: str) -> Iterable[Refusal]:
    """What expired of the last month, or of a later one, was worked out with the last month as it was."""
    expired = PrepaidExpiry.objects.filter(
        prepaid_month__prepaid_hours=agreement, prepaid_month__month__gte=last
    )
    latest = expired.select_related("prepaid_month").order_by("-prepaid_month__month").first()
    if latest is not None:
        message = _("Hours of %(month)s have expired.")
        month = written(latest.prepaid_month.month, "whole_month")
        yield Refusal("hours-expired", message % {"month": month}, str(agreement), way_out)


def _ended(contract: ProjectContract) -> Iterable[Refusal]:
    if contract.status in ENDED_CONTRACTS:
        message = _("The contract is “%(status)s”.") % {"status": contract.get_status_display()}
        yield Refusal("contract-ended", message, str(contract), _("Reopen the contract first."))


def _not_within(agreement: PrepaidHours, last: date) -> Iterable[Refusal]:
    if not agreement.first_month <= last < agreement.last_month:
        yield Refusal(
            "not-a-later-month",
            _("It runs from %(first)s to %(last)s.")
            % {
                "first": written(agreement.first_month, "whole_month"),
                "last": written(agreement.last_month, "whole_month"),
            },
            str(agreement),
            _("Choose one of its months before the last."),
        )


def _used(retainers: Iterable[Retainer]) -> Iterable[Refusal]:
    for retainer in retainers:
        if not retainer.is_untouched:
            yield Refusal(
                "retainer-used",
                _("It is “%(status)s”.") % {"status": retainer.get_status_display()},
                str(retainer),
                _("End with its month, or take it off its draft first."),
            )
