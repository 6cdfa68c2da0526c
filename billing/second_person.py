"""Whether a second person must confirm a proforma, and who may be asked (decision 16, B7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.models import Proforma, ProformaReview
from core.people import person_name
from core.refusals import Refusal
from core.templatetags.display import moment, money
from projects.exchange_rates import ExchangeRates

MAY_CONFIRM = "confirm_proforma"


@dataclass(frozen=True)
class SecondPerson:
    """That a second person confirms a proforma: above which amount, and who is asked.

    `above` is written, in the company's currency. `review` is the open one; None while nobody is asked.
    """

    proforma: Proforma
    above: str
    review: ProformaReview | None

    def may_confirm(self, user: User) -> bool:
        """Whether this user is that person: was asked by somebody else, and has not edited it last."""
        return (
            self.review is not None
            and self.review.reviewer_id == user.pk
            and self.review.asked_by_id != user.pk
            and self.proforma.last_edited_by_id != user.pk
        )


def second_persons(proformas: Sequence[Proforma]) -> dict[int, SecondPerson]:
    """Which open proformas need a second person, by key, and who is asked of each.

    The total with tax counts, whichever its sign, at the rate of the invoice date; where that is not known
    a second person is needed. Legal entities are loaded. Two statements, none where no company asks for it;
    locks nothing (decision 16).
    """
    asking = [one for one in proformas if one.is_open and one.legal_entity.second_person_above is not None]
    if not asking:
        return {}
    rates = ExchangeRates.of({one.legal_entity_id: one.legal_entity.currency for one in asking})
    above = [one for one in asking if _is_above(one, rates)]
    waiting = (
        ProformaReview.objects.waiting().filter(proforma__in=above).select_related("reviewer", "asked_by")
    )
    review_of = {review.proforma_id: review for review in waiting}
    return {
        one.pk: SecondPerson(
            one,
            money(one.legal_entity.second_person_above, one.legal_entity.currency),
            review_of.get(one.pk),
        )
        for one in above
    }


def _is_above(proforma: Proforma, rates: ExchangeRates) -> bool:
    entity = proforma.legal_entity
    limit = Decimal(entity.second_person_above or 0)
    rate = rates.rate_on(entity.pk, proforma.currency, proforma.invoice_date)
    # Compared unrounded, as the guard of the database compares.
    return rate is None or abs(proforma.gross_amount) * rate > limit


def reasons_against_confirming_alone(drafts: Sequence[Proforma], actor: User) -> Iterator[Refusal]:
    """Why this person cannot confirm these open proformas: a second one must. Code: second-person-needed.

    Locks nothing; the database refuses it as well, whatever the way in (decision 16).
    """
    for needed in second_persons(drafts).values():
        if not needed.may_confirm(actor):
            message, way_out = _why(needed, actor)
            yield Refusal("second-person-needed", message, needed.proforma.number, way_out)


def _why(needed: SecondPerson, actor: User) -> tuple[str, str]:
    review = needed.review
    if review is None:
        return (
            _("Above %(amount)s a second person confirms, and nobody is asked yet.")
            % {"amount": needed.above},
            _("Open it and ask somebody to review it."),
        )
    if review.reviewer_id == actor.pk:
        return (
            _("Above %(amount)s a second person confirms; you were asked, but have edited it last.")
            % {"amount": needed.above},
            _("Take it back from review and ask somebody else."),
        )
    return (
        _("Above %(amount)s a second person confirms: %(who)s, asked %(when)s.")
        % {"amount": needed.above, "who": person_name(review.reviewer), "when": moment(review.asked_at)},
        _("There is nothing more for you to do; you may remind them."),
    )


def who_may_confirm(proformas: Sequence[Proforma]) -> QuerySet[User]:
    """The people who may confirm all of these proformas: with the right, in each of their companies."""
    holding = Q(groups__permissions__codename=MAY_CONFIRM) | Q(user_permissions__codename=MAY_CONFIRM)
    people = User.objects.filter(Q(is_superuser=True) | holding, is_active=True)
    for entity in {one.legal_entity_id for one in proformas}:
        people = people.filter(entity_memberships__legal_entity=entity)
    return User.objects.filter(pk__in=people.values("pk")).order_by("last_name", "first_name", "username")
