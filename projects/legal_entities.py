"""Why a legal entity may not be saved, and how a new one is saved, with books or without (A1)."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfoNotFoundError, available_timezones

from babel.core import get_global
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.refusals import Refusal
from projects.identifiers import is_iban, is_vat_id
from projects.models import LegalEntity, LegalEntityMembership
from projects.models.party import MINUTES_OF_DAY
from projects.querysets import LegalEntityQuerySet
from projects.usual_rules import add_usual_rules


def add_legal_entity(entity: LegalEntity, *, actor: User, at: datetime) -> None:
    """Save a new legal entity with its usual approval policy, and give its creator access to it.

    Inside the caller's transaction.
    """
    entity.save(force_insert=True)
    # Without it the creator could not see the new legal entity.
    LegalEntityMembership.objects.create(user=actor, legal_entity=entity)
    add_usual_rules(entity, author=actor, at=at)
    log_activity("added", [entity], actor=actor, at=at)


def reasons_against_legal_entity(entity: LegalEntity) -> Iterator[Refusal]:
    """Why a legal entity may not be saved as it is.

    The unique key would refuse a second one of a code too, but could not say which code is taken.
    """
    if LegalEntity.objects.filter(code=entity.code).exclude(pk=entity.pk).exists():
        message = _("Another legal entity has this code.")
        yield Refusal("code-taken", message, entity.code, _("Choose another code."))
    if entity.currency not in get_global("all_currencies"):
        message = _("“%(code)s” is not a currency code.") % {"code": entity.currency}
        yield Refusal("unknown-currency", message, entity.code, _("Use three capital letters, such as EUR."))
    if entity.country not in get_global("territory_currencies"):
        message = _("“%(code)s” is not a country code.") % {"code": entity.country}
        yield Refusal("unknown-country", message, entity.code, _("Use two capital letters, such as DE."))
    if entity.timezone not in available_timezones():
        message = _("“%(name)s” is not a time zone.") % {"name": entity.timezone}
        yield Refusal("unknown-time-zone", message, entity.code, _("Use a name such as Europe/Berlin."))
    if entity.daily_maximum > MINUTES_OF_DAY:
        message = _("A day has 1440 minutes, not %(minutes)s.") % {"minutes": entity.daily_maximum}
        yield Refusal(
            "day-too-long", message, entity.code, _("Use at most 1440 minutes, which are 24 hours.")
        )
    if entity.vat_id and not is_vat_id(entity.vat_id):
        message = _("“%(vat_id)s” is not written like a VAT id of its country.") % {"vat_id": entity.vat_id}
        way_out = _("Correct it, or leave it empty and add it before the first invoice.")
        yield Refusal("vat-id-malformed", message, entity.code, way_out)
    if entity.iban and not is_iban(entity.iban):
        message = _("“%(iban)s” is not an IBAN: its form or its check digits are wrong.") % {
            "iban": entity.iban
        }
        yield Refusal("iban-malformed", message, entity.code, _("Copy it from a bank statement."))


def with_day(entities: LegalEntityQuerySet, moment: datetime) -> list[tuple[LegalEntity, date]]:
    """Each with the day a moment falls on by its clock; without those whose time zone is not known.

    The page of such a one says so; the others do not wait for it. One statement.
    """
    known = []
    for entity in entities.order_by("pk"):
        try:
            known.append((entity, entity.day_of(moment)))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return known
