"""Correct an exchange rate that was mistyped, while nothing is in the books at it (C9)."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext as _

from accounting.models import IntegrationJournalLine, RevaluationLine, VoucherLine
from accounting.states import VoucherSource
from core.activity_log import changes_of, log_activity
from core.money import ZERO
from core.refusals import Refusal, refuse_if
from projects.models import ExchangeRate, LegalEntity
from projects.querysets import OfEntityQuerySet
from projects.watching_budgets import look_again

OF_REVALUATIONS = (VoucherSource.REVALUATION, VoucherSource.REVALUATION_REVERSAL)


def correct_exchange_rate(
    rates: OfEntityQuerySet, rate: Decimal, *, reason: str, actor: User, at: datetime
) -> ExchangeRate:
    """Give one exchange rate another value; its currency and its first day stay.

    Units of the company's currency for one of the other, up to nine places. Refused once a voucher or a line
    of the integration journal has an amount in that currency on its days, or a revaluation stands that used
    it; a revaluation that was reversed does not. Locks the legal entity and the rate. Raises Refused:
    reason-missing, rate-not-positive, rate-unchanged, rate-in-use (C9).
    """
    with transaction.atomic(durable=True):
        # Held with its company, so that two corrections come one after the other.
        held = LegalEntity.objects.select_for_update().get(pk__in=rates.order_by().values("legal_entity"))
        one = rates.select_related("legal_entity").locked().get()
        refuse_if([*_against_value(one, rate, reason), *_against_use(one)])

        changes = changes_of([one], {"rate": rate})
        one.rate = rate
        one.save(update_fields=["rate"])
        log_activity(
            "rate corrected", [one], actor=actor, at=at, changes=changes, facts={"reason": reason.strip()}
        )
        look_again(held, at=at)
    return one


def is_in_use(one: ExchangeRate) -> bool:
    """Whether anything is in the books at a rate, or waits in a journal converted by it; three statements."""
    days = _days_of(one)
    lines = VoucherLine.objects.filter(voucher__legal_entity=one.legal_entity_id, currency=one.currency)
    booked = lines.exclude(voucher__source_kind__in=OF_REVALUATIONS).filter(_within("voucher__date", days))
    journal = IntegrationJournalLine.objects.filter(
        _within("accounting_date", days), journal__legal_entity=one.legal_entity_id, currency=one.currency
    )
    valued = RevaluationLine.objects.filter(
        revaluation__legal_entity=one.legal_entity_id,
        revaluation__valued_on=one.starts_on,
        revaluation__reverses__isnull=True,
        revaluation__reversed_by__isnull=True,
        currency=one.currency,
    )
    return booked.exists() or journal.exists() or valued.exists()


def _days_of(one: ExchangeRate) -> tuple[date, date | None]:
    """From its first day to the first one of the next rate, if there is one."""
    later = ExchangeRate.objects.filter(
        legal_entity=one.legal_entity_id, currency=one.currency, starts_on__gt=one.starts_on
    )
    return one.starts_on, later.aggregate(first=Min("starts_on"))["first"]


def _within(field: str, days: tuple[date, date | None]) -> Q:
    first, before = days
    condition = Q(**{f"{field}__gte": first})
    return condition & Q(**{f"{field}__lt": before}) if before else condition


def _against_value(one: ExchangeRate, rate: Decimal, reason: str) -> Iterator[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Nothing says why."), str(one), _("Give a reason."))
    if not rate.is_finite() or rate <= ZERO:
        message, way_out = _("A rate is above zero."), _("Enter the rate of that day.")
        yield Refusal("rate-not-positive", message, str(one), way_out)
    elif rate == one.rate:
        message, way_out = _("It is this rate already."), _("Enter another one, or cancel.")
        yield Refusal("rate-unchanged", message, str(one), way_out)


def _against_use(one: ExchangeRate) -> Iterator[Refusal]:
    if is_in_use(one):
        message = _("Something is in the books at it, or waits in a journal.")
        way_out = _("Reverse the revaluation of that day first, or enter another rate from a later day.")
        yield Refusal("rate-in-use", message, str(one), way_out)
