"""What keeps a document from being printed: forms and figures that clipping cannot correct (C7).

Pure: no Django, no database.
"""

import re
from collections.abc import Iterator
from typing import get_args

from core.documents.facts import DocumentFacts, Kind
from core.documents.formats import clean
from core.money import ZERO

# The number must stay what it is; everything else that is too long is clipped.
NUMBER_CHARACTERS = 35
ADDRESS_LINES = {"a4": 6, "us-letter": 4}


def refuse_unprintable(facts: DocumentFacts, region: str) -> None:
    """Raise ValueError, with every reason, for what clipping cannot correct."""
    reasons = [*_wrong_forms(facts, region), *_wrong_figures(facts)]
    if reasons:
        raise ValueError("; ".join(reasons))


def _wrong_forms(facts: DocumentFacts, region: str) -> Iterator[str]:
    if facts.kind not in get_args(Kind):
        yield f"a document is an invoice, a credit or a proforma, not {facts.kind!r}"
    if facts.paper not in ADDRESS_LINES:
        yield f"paper is a4 or us-letter, not {facts.paper!r}"
    if not 0 < len(clean(facts.number)) <= NUMBER_CHARACTERS:
        yield f"a document number has 1 to {NUMBER_CHARACTERS} characters, not {facts.number!r}"
    if not re.fullmatch("[A-Z]{3}", facts.currency):
        yield f"a currency is three capital letters, not {facts.currency!r}"
    if not re.fullmatch("([A-Z]{2})?", region):
        yield f"a region is two letters, not {region!r}"
    if not re.fullmatch("(#[0-9A-Fa-f]{6})?", facts.seller.accent):
        yield f"an accent is a colour such as #1F55D0, not {facts.seller.accent!r}"


def _wrong_figures(facts: DocumentFacts) -> Iterator[str]:
    lines = sum((line.amount for section in facts.sections for line in section.lines), ZERO)
    taxed = facts.net + sum((row.tax for row in facts.tax_rows), ZERO)
    if lines != facts.net:
        yield f"the lines of {facts.number} add up to {lines}, its net total says {facts.net}"
    if taxed != facts.gross:
        yield f"net and tax of {facts.number} add up to {taxed}, its total says {facts.gross}"
