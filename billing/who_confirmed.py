"""Who was faster: what is confirmed says by whom and when to those who wanted to change it (B8, I1)."""

from collections.abc import Iterable

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Proforma
from core.people import person_name
from core.templatetags.display import day


def who_confirmed(proformas: Iterable[Proforma]) -> dict[int, str]:
    """A sentence for each of the proformas that is confirmed, by key; one statement for any number."""
    confirmed = [one for one in proformas if not one.is_open]
    prefetch_related_objects(confirmed, "confirmed_by")
    return {one.pk: _sentence(one) for one in confirmed}


def _sentence(proforma: Proforma) -> str:
    who, at = proforma.confirmed_by, proforma.confirmed_at
    if who is None or at is None:
        raise ValueError(f"confirmed by nobody: {proforma}")
    return _("%(who)s confirmed it on %(day)s.") % {
        "who": person_name(who),
        "day": day(timezone.localtime(at).date()),
    }
