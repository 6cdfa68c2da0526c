"""Plan, extend and end prepaid hours of a line: an agreement, its months and their retainers (A12)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Retainer
from billing.prepaid_months import (
    billed_already,
    expired_already,
    locked_line,
    price_months_again,
    terms_of,
    write_months,
)
from billing.prepaid_terms import TERMS, PrepaidTerms, reasons_against_line, reasons_against_months
from core.activity_log import as_text, came_with, log_activity, went_with
from core.days import months_later
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import ContractLine, PrepaidHours, PrepaidMonth, ProjectContract
from projects.prepaid_querysets import PrepaidHoursQuerySet
from projects.states import ENDED_CONTRACTS


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
        held, customers = locked_line(line)
        refuse_if(
            [
                *reasons_against_line(held, customers),
                *terms.reasons_against(held),
                *_prepaid_already(held),
                *billed_already(held, terms.days),
            ]
        )

        agreement = PrepaidHours.objects.create(
            contract_line=held, first_month=terms.days[0], last_month=terms.last_month
        )
        retainers = write_months(agreement, terms, held, customers[0])
        agreed = {name: ["", as_text(getattr(terms, name))] for name in TERMS}
        span = came_with([agreement], "first_month", "last_month")[agreement.pk]
        log_activity("planned", [agreement], actor=actor, at=at, changes={agreement.pk: agreed | span})
        changes = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=changes)
        price_months_again(held, terms.days, actor=actor, on=on, at=at)
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
        held, customers = locked_line(agreement.contract_line)
        agreement = PrepaidHours.objects.select_for_update().get(pk=agreement.pk)
        last = PrepaidMonth.objects.get(prepaid_hours=agreement, month=agreement.last_month)
        further = terms_of(last, months_later(last.month, 1), months)
        refuse_if(
            [
                *reasons_against_line(held, customers),
                *reasons_against_months(months, held.name),
                *expired_already(agreement, agreement.last_month, _("Add another line for what follows.")),
                *billed_already(held, further.days),
            ]
        )

        agreement.last_month = further.last_month
        agreement.save(update_fields=["last_month"])
        retainers = write_months(agreement, further, held, customers[0])
        changes = {agreement.pk: {"last_month": [last.month.isoformat(), further.last_month.isoformat()]}}
        log_activity("extended", [agreement], actor=actor, at=at, changes=changes)
        added = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=added)
        price_months_again(held, further.days, actor=actor, on=on, at=at)
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
        held, _customers = locked_line(agreement.contract_line)
        agreement = PrepaidHours.objects.select_for_update().get(pk=agreement.pk)
        last, before = last_month.replace(day=1), agreement.last_month
        gone = PrepaidMonth.objects.filter(prepaid_hours=agreement, month__gt=last)
        retainers = list(Retainer.objects.filter(prepaid_month__in=gone).locked())
        days = list(gone.order_by("month").values_list("month", flat=True))
        refuse_if(
            [
                *_ended(held.contract),
                *_not_within(agreement, last),
                *_used(retainers),
                *expired_already(agreement, last, _("End with a later month.")),
                *billed_already(held, days),
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
        price_months_again(held, days, actor=actor, on=on, at=at)
    return agreement


# --- Reasons against ------------------------------------------------------------------------------


def _prepaid_already(line: ContractLine) -> Iterable[Refusal]:
    if PrepaidHours.objects.filter(contract_line=line).exists():
        message = _("The line has prepaid hours already.")
        yield Refusal("prepaid-already", message, line.name, _("Extend those, or add another line."))


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
