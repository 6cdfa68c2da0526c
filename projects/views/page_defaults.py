"""What every page of this floor has: the door that answers, the store of form tokens, and today's date."""

from datetime import date
from typing import Any

from django.utils import timezone

from core import form_tokens
from core.access import may
from projects.models import LegalEntity


class Housed:
    """First base of every page of this floor."""

    door = staticmethod(may)
    tokens = form_tokens


def today_of(user: Any) -> date:
    """Today where the user's legal entity keeps its books; the server's date for those who belong to none."""
    entity, now = LegalEntity.objects.visible_to(user).order_by("pk").first(), timezone.now()
    return entity.day_of(now) if entity else timezone.localdate(now)
