"""Numbers that no column can hold match no row, on both engines.

An address, a filter and a form may name a row by a number of any length. Django answers such a number with
no row where it is compared with a column of integers, but not where it is compared with a foreign key or
stands in a list: SQLite then raises OverflowError. Both are closed here, for every query of the product.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import IntegerField
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In


def within(values: Any, output_field: Any, connection: Any) -> list[Any]:
    """Those of the values that the column of a field can hold; others than whole numbers are kept."""
    column = output_field
    while column.remote_field:
        column = column.target_field
    if not isinstance(column, IntegerField):
        return list(values)
    # Not every type of column has limits of its own; one without any takes all values.
    low, high = connection.ops.integer_field_range(column.get_internal_type())
    return [
        value
        for value in values
        if not isinstance(value, int) or ((low is None or low <= value) and (high is None or value <= high))
    ]


class KeyExact(RelatedExact):
    """A foreign key that equals a number; none does where the number does not fit its column."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        """The value as SQL, or no row at all."""
        if self.rhs_is_direct_value() and not within([self.rhs], self.lhs.output_field, connection):
            raise EmptyResultSet
        return super().process_rhs(compiler, connection)


class FittingValues(In):
    """A list of numbers without those that do not fit the column."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        """The values that fit as SQL, or no row at all where none does."""
        if self.rhs_is_direct_value():
            self.rhs = within(self.rhs, self.lhs.output_field, connection)
        return super().process_rhs(compiler, connection)


class KeyIn(FittingValues, RelatedIn):
    """A foreign key that is one of a list."""


def register() -> None:
    """Put them in the place of Django's own; called once, before any query is made."""
    ForeignObject.register_lookup(KeyExact)
    ForeignObject.register_lookup(KeyIn)
    IntegerField.register_lookup(FittingValues)
