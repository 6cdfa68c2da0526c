"""What mappings may be filtered by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from projects.models import ImportMapping


class ImportMappingFilter(django_filters.FilterSet):
    """Search in names."""

    q = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label=_("Search name"), max_length=80
    )

    class Meta:
        model = ImportMapping
        fields: list[str] = []
