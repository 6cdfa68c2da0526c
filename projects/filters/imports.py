"""What the imports may be filtered by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from projects.models import ImportBatch


class ImportFilter(django_filters.FilterSet):
    """Search in file names; dates."""

    q = django_filters.CharFilter(
        field_name="file_name", lookup_expr="icontains", label=_("Search file"), max_length=80
    )
    since = django_filters.DateFilter(
        field_name="imported_at", lookup_expr="date__gte", label=_("Imported from")
    )
    to = django_filters.DateFilter(
        field_name="imported_at", lookup_expr="date__lte", label=_("Imported up to")
    )

    class Meta:
        model = ImportBatch
        fields: list[str] = []
