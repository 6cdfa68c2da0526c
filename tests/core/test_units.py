"""Units are read and typed as words of the reader's language, and stored as codes (A1)."""

from decimal import Decimal

import pytest
from django.utils import translation

from core.documents.labels import LABELS
from core.templatetags.display import quantity
from core.units import WORDS, unit_code, unit_word
from projects.forms.choices import UnitField


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal(8), "h", "8.00 h"),
        (Decimal(1), "day", "1.00 day"),
        (Decimal("-1"), "day", "\u22121.00 day"),
        (Decimal("2.5"), "day", "2.50 days"),
        (Decimal(3), "ls", "3.00 flat"),
        (Decimal(3), "licence", "3.00 licence"),
        (Decimal(3), "", "3.00"),
        (None, "h", "–"),
    ],
)
def test_a_quantity_is_written_with_the_word_of_its_unit(value, unit, shown):
    assert quantity(value, unit).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("typed", "code"),
    [("days", "day"), ("Day", "day"), (" pcs ", "pcs"), ("flat", "ls"), ("h", "h"), ("Licence", "Licence")],
)
def test_a_word_that_is_typed_becomes_its_code(typed, code):
    assert unit_code(typed) == code


@pytest.mark.parametrize("language", ["en-gb", "de", "id"])
@pytest.mark.parametrize("code", WORDS)
def test_a_field_gives_back_the_code_that_it_showed(language, code):
    with translation.override(language):
        field = UnitField()
        assert field.clean(field.prepare_value(code)) == code
        # What a reader knows from elsewhere, the stored code, is understood as well.
        assert field.clean(code) == code


def test_pages_and_documents_know_the_same_units():
    for labels in LABELS.values():
        assert set(labels["units"]) == set(WORDS)
    assert unit_word("day") == "day"
