"""VAT ids and bank accounts are written as their issuers write them (A1)."""

import pytest

from projects.identifiers import is_iban, is_vat_id


@pytest.mark.parametrize(
    "text",
    ["DE327118450", "de 327 118 450", "ATU12345678", "NL123456789B01", "BE0123456789", "CHE-123.456.789", ""],
)
def test_vat_ids_of_their_countries(text):
    assert is_vat_id(text)


@pytest.mark.parametrize("text", ["DE81123456", "DE3271184501", "NL123456789", "FR12", "ATX12345678"])
def test_no_vat_ids_of_their_countries(text):
    assert not is_vat_id(text)


@pytest.mark.parametrize(
    "text", ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "nl91abna0417164300"]
)
def test_ibans_with_the_right_check_digits(text):
    assert is_iban(text)


@pytest.mark.parametrize("text", ["DE88370400440532013000", "DE89", "", "89DE370400440532013000"])
def test_no_ibans(text):
    assert not is_iban(text)
