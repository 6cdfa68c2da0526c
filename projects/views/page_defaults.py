"""What the pages of several apps share: the day and the clock where the user's legal entity is."""

from datetime import date, datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from core.pages import PageMixin
from projects.models import LegalEntity

ZONE = "time_zone"
"""What the session calls the time zone of the legal entity the user works for."""


class PageDefaults(PageMixin):
    """A page that knows the day; comes before the class of the kit among the bases."""

    @cached_property
    def today(self) -> date:
        """The day it is where the user's legal entity is."""
        return today_of(self.request)


def today_of(request: HttpRequest) -> date:
    """Today where the user's legal entity keeps its books; the server's date for those who belong to none.

    Read once per request.
    """
    if not hasattr(request, "entity_today"):
        now, entity = timezone.now(), entity_of(cast(User, request.user))
        remember_zone(request, entity)
        request.entity_today = entity.day_of(now) if entity else timezone.localdate(now)  # type: ignore[attr-defined]
    today: date = request.entity_today  # type: ignore[attr-defined]
    return today


def day_for(user: User, moment: datetime) -> date:
    """The day a moment falls on for a user, by the same clock as `today_of`."""
    entity = entity_of(user)
    return entity.day_of(moment) if entity else timezone.localdate(moment)


def entity_of(user: User) -> LegalEntity | None:
    """The legal entity whose day and clock a user goes by: the first that they see."""
    return LegalEntity.objects.visible_to(user).order_by("pk").first()


def remember_zone(request: HttpRequest, entity: LegalEntity | None) -> None:
    """Keep the time zone of a legal entity in the session, where every request finds it without a statement.

    It is written at sign-in, and again by the first page after a company was founded or moved.
    """
    session = getattr(request, "session", None)  # a request that came through no middleware has none
    if entity is not None and session is not None and session.get(ZONE) != entity.timezone:
        session[ZONE] = entity.timezone


def keep_zone_at_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of Django's `user_logged_in`."""
    remember_zone(request, entity_of(user))
