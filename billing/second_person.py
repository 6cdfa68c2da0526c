"""Whether a second person must confirm a proforma, and who may be asked (decision 16, B7)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import Proforma, ProformaReview
from billing.states import ReviewOutcome
from core.money import ZERO
from core.people import person_name
from core.refusals import Refusal
from core.templatetags.display import moment, money
from projects.exchange_rates import ExchangeRates

MAY_CONFIRM = "confirm_proforma"
TOGETHER = timedelta(days=1)
"""What one person confirms of one contract and customer within this time counts as one amount."""

Payer = tuple[int, int, str]


@dataclass(frozen=True)
class SecondPerson:
    """That a second person confirms a proforma: above which amount, and who is asked.

    `above` is written, in the company's currency. `review` is the open one; None while nobody is asked.
    `is_together` says that it is above only with what else the same person confirms.
    """

    proforma: Proforma
    above: str
    review: ProformaReview | None
    is_together: bool = False

    def may_confirm(self, user: User) -> bool:
        """Whether this user is that person: was asked by somebody else, and has not edited it last."""
        return (
            self.review is not None
            and self.review.reviewer_id == user.pk
            and self.review.asked_by_id != user.pk
            and self.proforma.last_edited_by_id != user.pk
        )


def second_persons(proformas: Sequence[Proforma]) -> dict[int, SecondPerson]:
    """Which open proformas need a second person each by itself, by key, and who is asked of each.

    What a proforma asks for or gives back counts with tax, before advances and credits on it, whichever is
    larger, at the rate of the invoice date; where that is not known a second person is needed. Legal entities
    are loaded. Two statements, none where no company asks for it; locks nothing (decision 16).
    """
    asking = _asking(proformas)
    return _above(asking, {one.pk: _weight(one) for one in asking}) if asking else {}


def reasons_against_confirming_alone(
    drafts: Sequence[Proforma], actor: User, *, at: datetime
) -> Iterator[Refusal]:
    """Why this person cannot confirm these open proformas: a second one must. Code: second-person-needed.

    Of one contract and customer in one currency, these together and what the person confirmed alone in the
    day before `at` count as one amount: dividing a draft changes nothing. Locks nothing; the database refuses
    it as well, whatever the way in (decision 16).
    """
    asking = _asking(drafts)
    if not asking:
        return
    needed = _above(asking, {one.pk: _weight(one) for one in asking})
    alone = [one for one in asking if one.pk not in needed]
    together = _confirmed_alone(alone, actor, at)
    for one in alone:
        together[_payer(one)] += _weight(one)
    for key, second in _above(alone, {one.pk: together[_payer(one)] for one in alone}).items():
        needed[key] = replace(second, is_together=True)
    for second in needed.values():
        if not second.may_confirm(actor):
            message, way_out = _why(second, actor)
            yield Refusal("second-person-needed", message, second.proforma.number, way_out)


def _asking(proformas: Sequence[Proforma]) -> list[Proforma]:
    return [one for one in proformas if one.is_open and one.legal_entity.second_person_above is not None]


def _weight(proforma: Proforma) -> Decimal:
    return max(proforma.weighed_amount, abs(proforma.gross_amount))


def _payer(proforma: Proforma) -> Payer:
    return proforma.contract_id, proforma.customer_id, proforma.currency


def _above(proformas: Sequence[Proforma], amounts: dict[int, Decimal]) -> dict[int, SecondPerson]:
    """Those whose amounts, by key and in their currencies, are above what their companies set."""
    if not proformas:
        return {}
    rates = ExchangeRates.of({one.legal_entity_id: one.legal_entity.currency for one in proformas})
    above = [one for one in proformas if _is_above(one, amounts[one.pk], rates)]
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


def _is_above(proforma: Proforma, amount: Decimal, rates: ExchangeRates) -> bool:
    entity = proforma.legal_entity
    limit = Decimal(entity.second_person_above or 0)
    rate = rates.rate_on(entity.pk, proforma.currency, proforma.invoice_date)
    # Compared unrounded, as the guard of the database compares.
    return rate is None or amount * rate > limit


def _confirmed_alone(drafts: Sequence[Proforma], actor: User, at: datetime) -> defaultdict[Payer, Decimal]:
    """What the person confirmed in the day before without having been asked by somebody else, by payer."""
    as_second = ProformaReview.objects.filter(reviewer=actor, outcome=ReviewOutcome.CONFIRMED).exclude(
        asked_by=actor
    )
    rows = (
        Proforma.objects.filter(
            contract__in={one.contract_id for one in drafts},
            confirmed_by=actor,
            confirmed_at__gt=at - TOGETHER,
        )
        .exclude(pk__in=as_second.values("proforma"))
        .order_by()
        .values_list("contract", "customer", "currency")
        .annotate(sum=Sum("weighed_amount"))
    )
    sums: defaultdict[Payer, Decimal] = defaultdict(lambda: ZERO)
    sums.update({(contract, customer, currency): sum_ for contract, customer, currency, sum_ in rows})
    return sums


def _why(needed: SecondPerson, actor: User) -> tuple[str, str]:
    review = needed.review
    if needed.is_together and (review is None or review.reviewer_id != actor.pk):
        return (
            _(
                "With what else you confirm of the same contract and customer within a day it is above "
                "%(amount)s: a second person confirms."
            )
            % {"amount": needed.above},
            _("Open it and ask somebody to review it.")
            if review is None
            else _("There is nothing more for you to do; you may remind them."),
        )
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
