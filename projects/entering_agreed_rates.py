"""Enter exchange rates that are agreed with the customers of contracts (C9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import as_text, log_activity
from core.fields import ExchangeRateField
from core.money import ZERO, has_places
from core.refusals import Refusal, refuse_if
from projects.models import AgreedRate, ProjectContract
from projects.querysets import ContractQuerySet
from projects.states import ENDED_CONTRACTS

BATCH = 500


@dataclass(frozen=True)
class NewRate:
    """Units of the company's currency for one of the contract's, on the days from the first to the last."""

    rate: Decimal
    starts_on: date
    ends_on: date | None = None


def agree_rate(contracts: ContractQuerySet, new: NewRate, *, actor: User, at: datetime) -> list[AgreedRate]:
    """Agree on a rate for contracts in a foreign currency, all of them or none.

    Sales that are accrued or invoiced on its days take it in the place of the exchange rate; what is posted
    keeps the rate that it was posted with. A later agreement takes over from its first day on. Locks the
    contracts. Raises Refused: contract-ended, own-currency, rate-not-usable, ends-before-start (C9).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.select_related("legal_entity").locked())
        refuse_if([*_against_rate(new), *_against_contracts(chosen)])

        made = AgreedRate.objects.bulk_create(
            [
                AgreedRate(
                    contract=one,
                    starts_on=new.starts_on,
                    ends_on=new.ends_on,
                    rate=new.rate,
                    agreed_by=actor,
                    agreed_at=at,
                )
                for one in chosen
            ],
            batch_size=BATCH,
        )
        facts = {"rate": as_text(new.rate), "on": str(new.starts_on), "until": as_text(new.ends_on)}
        log_activity("rate agreed", chosen, actor=actor, at=at, facts=facts)
    return made


def _against_rate(new: NewRate) -> Iterator[Refusal]:
    is_usable = new.rate.is_finite() and new.rate > ZERO and has_places(new.rate, ExchangeRateField.places)
    if not is_usable:
        message = _("A rate is above zero and has at most nine decimal places.")
        yield Refusal("rate-not-usable", message, _("Rate"), _("Enter it as it was agreed."))
    if new.ends_on is not None and new.ends_on < new.starts_on:
        message = _("The last day lies before the first.")
        yield Refusal("ends-before-start", message, _("To"), _("Choose a later day, or none."))


def _against_contracts(contracts: Sequence[ProjectContract]) -> Iterator[Refusal]:
    for one in contracts:
        if one.status in ENDED_CONTRACTS:
            message = _("It has ended.")
            yield Refusal("contract-ended", message, str(one), _("Reopen it first, or leave it."))
        if one.currency == one.legal_entity.currency:
            message = _("It is in %(currency)s, the currency of its company.") % {"currency": one.currency}
            way_out = _("Agree on rates for contracts in a foreign currency.")
            yield Refusal("own-currency", message, str(one), way_out)
