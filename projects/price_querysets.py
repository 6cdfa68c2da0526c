"""Querysets of price lists: visible and changeable ones, by day, with state (A7)."""

from datetime import date
from typing import Self

from django.db.models import Case, CharField, Count, F, Q, Value, When

from core.querysets import AnyUser, VisibleQuerySet
from projects.access import entities_of, sees_cost, sees_whole_entity
from projects.querysets import related
from projects.states import PriceContext, PriceListState


class PriceListQuerySet(VisibleQuerySet):
    """Price lists, their spans of days, and whose they are."""

    def visible_to(self, user: AnyUser) -> Self:
        """Lists of the user's entities: the general ones and those of contracts the user may see.

        Lists of cost are for those who may see what work costs.
        """
        seen = self.filter(legal_entity__in=entities_of(user))
        if not sees_cost(user):
            seen = seen.exclude(context=PriceContext.COST)
        if sees_whole_entity(user):
            return seen
        contracts = related(self, "contract").visible_to(user).values("pk")
        return seen.filter(Q(contract=None) | Q(contract__in=contracts))

    def changeable_by(self, user: AnyUser) -> Self:
        """All visible ones for those who see the whole entity; a manager's are those of own contracts.

        Own contracts are those a manager may change, also in the place of a manager who is not named.
        """
        seen = self.visible_to(user)
        if sees_whole_entity(user):
            return seen
        return seen.filter(contract__in=related(self, "contract").managed_by(user).values("pk"))

    def alike(self, one: object) -> Self:
        """Lists of the same legal entity, context, currency and contract as `one`, itself among them."""
        names = ("legal_entity", "context", "currency", "contract")
        return self.filter(**{name: getattr(one, name) for name in names})

    def holding_between(self, first: date | None, last: date | None) -> Self:
        """Lists that hold on a day from `first` to `last`; None is an open end."""
        rows = self
        if last is not None:
            rows = rows.filter(Q(starts_on=None) | Q(starts_on__lte=last))
        if first is not None:
            rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=first))
        return rows

    def in_time(self) -> Self:
        """In order of their days; one without a first day comes first, on both engines."""
        return self.order_by(F("starts_on").asc(nulls_first=True), "pk")

    def starting_before(self, day: date | None) -> Self:
        """Lists that begin earlier than a day; none where there is no such day."""
        return self.none() if day is None else self.filter(Q(starts_on=None) | Q(starts_on__lt=day))

    def holding_on(self, day: date) -> Self:
        """Lists that hold on one day."""
        return self.holding_between(day, day)

    def with_state(self, today: date) -> Self:
        """Each with its state today and with how many prices it has."""
        ended = When(ends_on__lt=today, then=Value(PriceListState.ENDED))
        to_come = When(starts_on__gt=today, then=Value(PriceListState.TO_COME))
        state = Case(ended, to_come, default=Value(PriceListState.IN_FORCE), output_field=CharField())
        return self.annotate(
            state=state,
            role_count=Count("role_prices", distinct=True),
            other_count=Count("category_prices", distinct=True) + Count("material_prices", distinct=True),
        )

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))


class OfPriceListQuerySet(VisibleQuerySet):
    """Rows of a price list: those of the lists a user may see."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(price_list__in=related(self, "price_list").visible_to(user).values("pk"))
