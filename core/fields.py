"""Fixed-point fields: Decimal in Python, an integer number of ten-thousandths in the database.

SQLite keeps a DecimalField as a binary float, which loses cents in sums and refuses correct check
constraints; integers add and compare exactly on both engines (D1).
"""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, UUIDField
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from core.money import HUNDRED, STORED_PLACES

MOST_DIGITS = 18
"""Digits that a bigint holds whatever they are."""


class FixedPointField(models.BigIntegerField):
    """An exact decimal with a fixed number of places; refuses what does not fit instead of rounding it."""

    if TYPE_CHECKING:
        # What the type checker may assume about attributes of this kind; without it they would be int.
        _pyi_private_set_type: Decimal | int | str | models.expressions.Combinable  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]

    places = STORED_PLACES
    default_error_messages = {
        "invalid": _("“%(value)s” is not a number."),
        "places": _("“%(value)s” has more than %(places)s decimal places."),
    }

    def db_check(self, connection: Any) -> str | None:
        """SQLite keeps whatever it is given; half a ten-thousandth would be no amount (M1)."""
        # The type of an expression has no column.
        if connection.vendor != "sqlite" or not hasattr(self, "column"):
            return None
        column = connection.ops.quote_name(self.column)
        return f"{column} IS NULL OR typeof({column}) = 'integer'"

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": value}) from error
        if not number.is_finite():
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": value})
        return number

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        number = self.to_python(value)
        scaled = number.scaleb(self.places)
        if scaled != scaled.to_integral_value():
            params = {"value": value, "places": self.places}
            raise ValidationError(self.error_messages["places"], "places", params)
        return int(scaled)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    @property
    def validators(self) -> list[Any]:
        """The integer range validators compare the wrong magnitude; get_prep_value guards instead."""
        return []

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        options: dict[str, Any] = {
            "form_class": forms.DecimalField,
            "decimal_places": self.places,
            "max_digits": MOST_DIGITS,
        }
        # IntegerField.formfield would add limits of the stored integer.
        return models.Field.formfield(self, **options | kwargs)


class AmountField(FixedPointField):
    """An amount of money in the row's currency, rounded to its minor unit before it gets here."""


class PriceField(FixedPointField):
    """A price per unit in the row's currency, up to four places."""


class QuantityField(FixedPointField):
    """A quantity in the row's unit: hours, pieces, kilometres."""


class PercentField(FixedPointField):
    """A percentage: 19.0000 means 19 %."""


class ShareField(PercentField):
    """A percentage of a whole: more than 0 and at most 100; forms say so at the field."""

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        least = Decimal(1).scaleb(-self.places)
        return super().formfield(**{"min_value": least, "max_value": HUNDRED} | kwargs)


class ExchangeRateField(FixedPointField):
    """Units of the entity's currency for one unit of the document's currency, nine places."""

    places = 9


class NthRow(Func):
    """Which row of a statement this is, from one on, in the order of an expression."""

    template = "row_number() OVER (ORDER BY %(expressions)s)"
    output_field = models.BigIntegerField()


class RandomKey(Func):
    """A new random key for each row of a statement; each engine has its own way to say it."""

    template = "gen_random_uuid()"
    output_field = UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[str | int, ...]]:
        """Django keeps keys as 32 hexadecimal digits there."""
        return self.as_sql(compiler, connection, template="lower(hex(randomblob(16)))", **context)


class StateField(FSMField):
    """A state that only transitions change (django-fsm); migrations see the column alone.

    Each field of django-fsm listens to every model class that is made after it, and migrations make each
    class many times: an empty database took twice as long to migrate.
    """

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs
