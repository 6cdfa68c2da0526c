"""What the pages of several apps share: the day it is where the user's legal entity is."""

from datetime import date
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from core.pages import PageMixin
from projects.models import LegalEntity


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
        user, now = cast(User, request.user), timezone.now()
        entity = LegalEntity.objects.visible_to(user).order_by("pk").first()
        request.entity_today = entity.day_of(now) if entity else timezone.localdate(now)  # type: ignore[attr-defined]
    today: date = request.entity_today  # type: ignore[attr-defined]
    return today
