"""What people type as numbers and durations: one reading is read, two are asked, the rest is refused."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.durations import Duration, Unreadable, read_decimal, read_duration
from core.number_errors import SENTENCES, sentence_of
from core.number_inputs import DurationField, NumberField, QuantityOrDurationField, typed

LANGUAGES = ("en-gb", "de", "id")


def refused(read, text, **terms):
    with pytest.raises(Unreadable) as caught:
        read(text, **{"language": "en-gb", **terms})
    return caught.value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7.5", "7.5"),
        ("7,5", "7.5"),
        (" 8 ", "8"),
        (".5", "0.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("7.50000", "7.5"),
        ("00099999999999", "99999999999"),
    ],
)
def test_a_number_with_one_reading_is_read_in_every_language(language, text, number):
    assert read_decimal(text, language=language) == Decimal(number)


@pytest.mark.parametrize(
    ("language", "text", "readings"),
    [
        ("de", "1.234", ("1234", "1,234")),
        ("id", "12.500", ("12500", "12,500")),
        ("de-CH", "999.999", ("999999", "999,999")),
        ("en-gb", "1,234", ("1234", "1.234")),
    ],
)
def test_a_number_with_two_readings_is_asked_and_both_are_offered(language, text, readings):
    error = refused(read_decimal, text, language=language)
    assert (error.code, error.readings) == ("ambiguous", readings)
    # What is offered is read without another question.
    assert [read_decimal(one, language=language) for one in error.readings] == [
        Decimal(text.replace(".", "").replace(",", "")),
        Decimal(text.replace(",", ".")),
    ]


@pytest.mark.parametrize(("language", "text"), [("de", "1,234"), ("id", "1,234"), ("en-gb", "1.234")])
def test_the_decimal_mark_of_the_language_needs_no_question(language, text):
    assert read_decimal(text, language=language) == Decimal("1.234")


def test_an_amount_offers_a_reading_that_fits_its_places():
    assert refused(read_decimal, "1.234", language="de", places=2).readings == ("1234", "1,23")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u00a0", "empty"),
        ("-2", "negative"),
        ("\u22122", "negative"),
        ("1e3", "exponent"),
        ("1,5E-2", "exponent"),
        ("NaN", "not-finite"),
        ("-Infinity", "negative"),
        ("inf", "not-finite"),
        ("1 000", "space-inside"),
        ("1\u202f000,5", "space-inside"),
        ("٧", "other-digits"),
        ("７.5", "other-digits"),
        ("7½", "other-digits"),
        ("100000000000", "too-large"),
        ("9" * 5000, "too-large"),
        ("7.12345", "too-many-places"),
        ("much", "not-a-number"),
        ("7.", "not-a-number"),
        ("+7", "not-a-number"),
        ("0x10", "not-a-number"),
        ("1_000", "not-a-number"),
        ("1,23,456", "not-a-number"),
        ("1.23,456.7", "not-a-number"),
        ("7;5", "not-a-number"),
        ("\x00", "not-a-number"),
    ],
)
def test_what_is_no_number_says_why(text, code):
    assert refused(read_decimal, text).code == code


def test_a_minus_is_read_where_a_sign_is_allowed():
    assert read_decimal("-6,5", language="de", signed=True) == Decimal("-6.5")
    assert refused(read_decimal, "--6", signed=True).code == "negative"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "hours", "seconds"),
    [
        ("7,5", "7.5", 27000),
        ("7.5", "7.5", 27000),
        ("7:30", "7.5", 27000),
        ("7h30", "7.5", 27000),
        ("7h", "7", 25200),
        ("7,5 h", "7.5", 27000),
        ("90m", "1.5", 5400),
        ("90 min", "1.5", 5400),
        ("1h 15m", "1.25", 4500),
        ("1H15M", "1.25", 4500),
        ("1h5m", "1.0833", 3900),
        ("0:20", "0.3333", 1200),
        ("0:20:30", "0.3417", 1230),
        ("0.3333", "0.3333", None),
        ("0.0001", "0.0001", None),
        ("27:00", "27", 97200),
    ],
)
def test_a_duration_is_hours_to_four_places_and_its_exact_seconds(language, text, hours, seconds):
    assert read_duration(text, language=language) == Duration(Decimal(hours), seconds)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7:60", "minutes-not-possible"),
        ("7:5", "minutes-not-possible"),
        ("7:300", "minutes-not-possible"),
        ("1:20:61", "minutes-not-possible"),
        ("1h 90m", "minutes-not-possible"),
        ("7h3", "not-a-duration"),
        ("h", "not-a-duration"),
        (":30", "not-a-duration"),
        ("7:30:00:00", "not-a-duration"),
        ("1,234h", "ambiguous"),
        ("1,234", "ambiguous"),
        ("-7:30", "negative"),
        ("-1", "negative"),
        ("1e1", "exponent"),
        ("٧:٣٠", "other-digits"),
        ("7 5", "space-inside"),
        ("100000", "too-large"),
        ("99999:01", "too-large"),
        ("9" * 5000 + "m", "too-large"),
        ("9" * 5000 + ":00", "too-large"),
        ("7.12345", "too-many-places"),
        ("", "empty"),
    ],
)
def test_what_is_no_duration_says_why(text, code):
    assert refused(read_duration, text).code == code


def test_every_reason_has_a_sentence_that_names_what_to_write():
    error = refused(read_duration, "1.234", language="de")
    assert sentence_of(error) == "“1.234” can be read in two ways. Write 1234 or 1,234."
    assert sentence_of(refused(read_decimal, "100000000000")) == (
        "The number is too large: 99999999999 is the most that fits."
    )
    assert sentence_of(refused(read_decimal, "1.234567")) == "The number has more than 4 decimal places."
    for code in SENTENCES:
        assert sentence_of(Unreadable(code, "x" * 90, readings=("1", "2"), limit="3"))


@given(st.text(max_size=12))
def test_no_text_is_read_as_a_number_that_cannot_be_stored(text):
    for language in LANGUAGES:
        for read in (read_decimal, read_duration):
            try:
                value = read(text, language=language)
            except Unreadable as error:
                assert error.code in SENTENCES
            else:
                number = value.quantity if isinstance(value, Duration) else value
                assert 0 <= number < 10**11
                assert number == number.quantize(Decimal("0.0001"))


@given(st.decimals(min_value=0, max_value=99_999, places=4), st.sampled_from(LANGUAGES))
def test_what_a_form_shows_reads_as_the_same_number(number, language):
    with translation.override(language):
        for least in (0, 2):
            assert NumberField(least=least).clean(typed(number, least)) == number
            assert QuantityOrDurationField(least=least).clean(typed(number, least)) == number


@pytest.mark.parametrize(("language", "shown"), [("en-gb", "7.5"), ("de", "7,5"), ("id", "7,5")])
def test_a_form_writes_numbers_as_its_language_does(language, shown):
    with translation.override(language):
        assert NumberField().prepare_value(Decimal("7.5000")) == shown
        assert DurationField().prepare_value(Duration(Decimal("7.5000"), 27000)) == shown
        assert NumberField(least=2).prepare_value(Decimal(8)).replace(",", ".") == "8.00"


def test_a_field_refuses_with_the_code_and_the_sentence_of_the_reader():
    with translation.override("de"), pytest.raises(ValidationError) as caught:
        DurationField().clean("1.234")
    assert (caught.value.code, "1234" in caught.value.message) == ("ambiguous", True)


def test_another_way_to_write_the_same_number_is_no_change():
    field = NumberField(least=2)
    assert not field.has_changed(Decimal(8), "8,0")
    assert field.has_changed(Decimal(8), "8.01")
    assert field.has_changed(Decimal(8), "eight")
