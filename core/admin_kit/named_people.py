"""People in lists of the admin: by name as on the pages, in the columns and in the filter."""

from typing import Any

from django.contrib.admin import ModelAdmin, RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest

from core.admin_kit import columns
from core.people import person_name


class PeopleFilter(RelatedOnlyFieldListFilter):
    """The people who stand in the column, in the order of their names."""

    def field_choices(self, field: Any, request: Any, model_admin: Any) -> Any:
        """Key and name of each."""
        keys = model_admin.get_queryset(request).order_by().values_list(field.name, flat=True).distinct()
        people = field.related_model.objects.filter(pk__in=keys)
        return sorted(((one.pk, person_name(one)) for one in people), key=lambda choice: choice[1])


class PeopleByName(ModelAdmin):
    """A list whose columns name people; comes before `ModelAdmin` among the bases."""

    # Django compares the columns of two calls by identity, so each is created once.
    _columns: dict[str, Any]

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns, with people by their names."""
        return [self._person_column(name) for name in super().get_list_display(request)]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """What is said, else every relation that is a column: a person by name is no field to Django."""
        said = super().get_list_select_related(request)
        if said is not False:
            return said
        named = (self.field_named(name) for name in self.list_display if isinstance(name, str))
        return [field.name for field in named if field is not None and field.many_to_one] or False

    def field_named(self, name: str) -> Any:
        """The field of the model; None for another kind of column."""
        try:
            return self.opts.get_field(name)
        except FieldDoesNotExist:
            return None

    def _person_column(self, name: Any) -> Any:
        field = self.field_named(name) if isinstance(name, str) else None
        if field is None or field.related_model is not User:
            return name
        if name not in self._columns:
            self._columns[name] = columns.person(name, field.verbose_name)
        return self._columns[name]
