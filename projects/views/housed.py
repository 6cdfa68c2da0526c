"""What every page of this floor has: the door that answers, the store of form tokens, and today's date."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from projects import access
from projects.models import FormToken


class Housed:
    """First base of every page of this floor."""

    door = staticmethod(access.may)
    tokens = FormToken.objects


def today_of(user: Any) -> date:
    """Today where the user's legal entity keeps its books; the server's date for those who belong to none."""
    zone = access.visible_entities(user).order_by("pk").values_list("timezone", flat=True).first()
    return timezone.localdate(timezone=ZoneInfo(zone) if zone else None)
