"""Whether a VAT id, an IBAN, a country and a currency are written as they have to be (A1)."""

import re
from collections.abc import Mapping

VAT_ID_PATTERNS: Mapping[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}|\d{12}|GD\d{3}|HA\d{3}",
}
"""What follows the two letters of the country in the VAT ids of the European Union."""

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
CURRENCY = re.compile(r"[A-Z]{3}")
COUNTRY = re.compile(r"[A-Z]{2}")
IBAN_MODULUS = 97


def compacted(text: str) -> str:
    """Capital letters without the blanks, full stops and hyphens that people group by."""
    return re.sub(r"[\s.\-]", "", text).upper()


def is_vat_id(text: str) -> bool:
    """Whether a VAT id has the form of its country; outside the European Union every form is accepted."""
    compact = compacted(text)
    pattern = VAT_ID_PATTERNS.get(compact[:2])
    return pattern is None or re.fullmatch(pattern, compact[2:]) is not None


def is_iban(text: str) -> bool:
    """Whether an IBAN has the form and the check digits that ISO 13616 asks for."""
    compact = compacted(text)
    if not IBAN.fullmatch(compact):
        return False
    # Letters count as 10 to 35, and the first four characters stand last.
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % IBAN_MODULUS == 1
