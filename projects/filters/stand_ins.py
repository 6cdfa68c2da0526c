"""By what stand-ins can be filtered."""

import django_filters
from django.utils.translation import gettext_lazy as _

from projects.models import ApprovalDelegation

STATES = [("0", _("named")), ("1", _("withdrawn"))]


class StandInFilter(django_filters.FilterSet):
    """Whether a stand-in was withdrawn."""

    withdrawn = django_filters.ChoiceFilter(choices=STATES, field_name="is_withdrawn", label=_("State is"))

    class Meta:
        model = ApprovalDelegation
        fields: list[str] = []
