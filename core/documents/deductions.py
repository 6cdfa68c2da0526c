"""What is paid later than the rest of a document: blocks between its total and what is to pay now (B12).

Tax is asked for on the whole net, so that net and tax make the total, and what is kept back or released
changes only what is to pay now. Pure: no Django, no database; nothing is rounded.
"""

from itertools import groupby

from core.documents.facts import Deduction, DocumentFacts, DocumentLine, DocumentSection
from core.documents.formats import Formats, breakable, clip

LABEL_CHARACTERS = 200
LABEL_TOKEN = 22


def has_rows_of_its_own(facts: DocumentFacts) -> bool:
    """Whether a document is about money that was kept back and nothing else: it then is its table."""
    return bool(facts.deductions) and not facts.sections


def deduction_sections(facts: DocumentFacts) -> tuple[DocumentSection, ...]:
    """The blocks as sections of the table, each amount as it changes what is to pay."""
    return tuple(
        DocumentSection(
            title=heading,
            lines=tuple(DocumentLine(text=one.label, amount=-one.amount) for one in members),
        )
        for heading, members in _blocks(facts)
    )


def deduction_rows(facts: DocumentFacts, formats: Formats) -> list[dict[str, str]]:
    """Rows under the total, in the document's currency: a heading where there is one, then its amounts."""
    rows = []
    for heading, members in _blocks(facts):
        if heading:
            rows.append({"label": clip(heading, LABEL_CHARACTERS), "value": "", "kind": "heading"})
        for one in members:
            label = breakable(clip(one.label, LABEL_CHARACTERS), LABEL_TOKEN)
            rows.append({"label": label, "value": formats.amount(-one.amount), "kind": "plain"})
    return rows


def _blocks(facts: DocumentFacts) -> list[tuple[str, list[Deduction]]]:
    by_heading = groupby(facts.deductions, key=lambda one: one.heading)
    return [(heading, list(members)) for heading, members in by_heading]
