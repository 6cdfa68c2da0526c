"""The form that says which column of a bank's CSV file is what (C11)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.bank_csv import MOST_COLUMNS, CsvMapping
from accounting.models import BankCsvMapping
from accounting.models.bank_mapping import COLUMNS

MOST_TEXTS = 10
FIELDS = (
    "delimiter",
    "encoding",
    "date_order",
    "decimal_sign",
    "first_row",
    "rows_at_end",
    "date_column",
    "amount_column",
    "debit_column",
    "credit_column",
    "currency_column",
    "text_columns",
    "payer_column",
    "iban_column",
    "reference_column",
)


class BankMappingForm(forms.ModelForm):
    """Columns by their number, as the first rows of the file show them."""

    prefix = "map"

    class Meta:
        model = BankCsvMapping
        fields = FIELDS

    def clean_text_columns(self) -> str:
        """Numbers of columns apart from each other by spaces or commas."""
        parts = self.cleaned_data["text_columns"].replace(",", " ").split()
        if len(parts) > MOST_TEXTS or not all(_is_column(one) for one in parts):
            raise forms.ValidationError(_("Write numbers of columns, such as 5 6."), "no-columns")
        return " ".join(str(int(one)) for one in parts)


def initial_of(mapping: CsvMapping) -> dict[str, Any]:
    """What the form begins with for a file that nobody has mapped yet."""
    initial = {name: getattr(mapping, name) for name in (*FIELDS[:6], *COLUMNS)}
    return initial | {"text_columns": " ".join(map(str, mapping.text_columns))}


def _is_column(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_COLUMNS
