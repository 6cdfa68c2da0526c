"""The rows of a printed document: every detail, or one row per contract line, role and tax rate (C5).

Pure: no Django, no database. Amounts and quantities are added up here because they are exact; nothing is
rounded and no price is multiplied.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from core.documents.deductions import deduction_sections, has_rows_of_its_own
from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection
from core.documents.formats import Formats, breakable, clean, clip
from core.documents.labels import Labels
from core.money import ZERO

Layout = Literal["detail", "summary"]

ADDABLE_UNITS = frozenset({"h", "day", "km"})
"""Units whose quantities mean something as a sum; forty booklets and two tables do not make 42 pieces."""

TEXT_CHARACTERS = 500
TEXT_TOKEN = 48
NOTE_CHARACTERS = 600
TITLE_CHARACTERS = 120
PERSON_CHARACTERS = 60
PERSON_TOKEN = 16
UNIT_CHARACTERS = 10
TAX_CHARACTERS = 48

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """The document's tables, and a note about details that are not in them."""

    tables: dict[str, Any]
    note: str


def document_rows(
    facts: DocumentFacts,
    labels: Labels,
    formats: Formats,
    layout: Layout,
    *,
    rows_in_body: int,
    rows_in_annex: int,
) -> DocumentRows:
    """Body and annex of a document; `document_data` says which details go where."""
    words = labels["words"]
    if has_rows_of_its_own(facts):
        return DocumentRows({**_table(deduction_sections(facts), labels, formats), "annex": None}, note="")
    count = sum(len(section.lines) for section in facts.sections)
    if layout == "detail" and count <= rows_in_body:
        return DocumentRows({**_table(facts.sections, labels, formats), "annex": None}, note="")
    body = {**_table(_summarised(facts.sections, formats), labels, formats), "annex": None}
    if layout == "summary":
        return DocumentRows(body, note="")
    if count > rows_in_annex:
        return DocumentRows(body, words["electronic"].format(count=formats.count(count)))
    body["annex"] = _annex(facts, labels, formats)
    return DocumentRows(body, words["in_annex"].format(count=formats.count(count)))


def tax_name(label: str, rate: Decimal | None, formats: Formats) -> str:
    """A tax in words: its label, its rate in percent, or both."""
    percent = "" if rate is None else formats.percent(rate)
    return " ".join(filter(None, (clip(label, TAX_CHARACTERS), percent)))


def _annex(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, Any]:
    """Every detail by contract line; each section has a subtotal, because the total hangs on the last one."""
    period = formats.period(*facts.period) if facts.period else ""
    lines = _lines_of(facts.sections)
    table = _table(facts.sections, labels, formats, always_subtotal=True)
    return {
        **table,
        "title": labels["words"]["annex"],
        "subtitle": " · ".join(filter(None, (_title(facts.project), period))),
        "total": {"label": labels["words"]["total"], **_sums(lines, labels, formats)},
    }


def _table(
    sections: Sequence[DocumentSection], labels: Labels, formats: Formats, *, always_subtotal: bool = False
) -> dict[str, Any]:
    columns = _columns(_lines_of(sections), formats)
    heads = labels["columns"] | {"amount": f"{labels['columns']['amount']}\u00a0{formats.currency}"}
    printed, position = [], 1
    for section in sections:
        rows = [_row(line, position + i, columns, labels, formats) for i, line in enumerate(section.lines)]
        position += len(rows)
        subtotal = None
        if always_subtotal or (section.title and len(rows) > 1):
            subtotal = {"label": labels["words"]["subtotal"], **_sums(section.lines, labels, formats)}
        printed.append(
            {"title": _title(section.title), "note": _title(section.note), "rows": rows, "subtotal": subtotal}
        )
    return {
        "columns": columns,
        "heads": {column: heads[column] for column in columns},
        "sections": printed,
    }


def _columns(lines: Sequence[DocumentLine], formats: Formats) -> list[str]:
    """Only columns that say something; where all that is charged has one tax rate, the tax table says it."""
    shown = {
        "date": any(line.date for line in lines),
        "pos": not any(line.date for line in lines),
        "text": True,
        "who": any(line.person for line in lines),
        "qty": any(line.quantity is not None for line in lines),
        "unit": any(line.quantity is not None for line in lines),
        "recorded": any(line.recorded is not None for line in lines) and not all(map(_as_recorded, lines)),
        "rate": any(line.unit_price is not None for line in lines),
        "tax": len({_line_tax(line, formats) for line in lines if line.amount}) > 1,
        "amount": True,
    }
    if shown["recorded"] and shown["tax"]:
        # The text would be left too narrow; the person stands below it instead.
        shown["who"] = False
    return [column for column, says_something in shown.items() if says_something]


def _row(line: DocumentLine, position: int, columns: list[str], labels: Labels, formats: Formats) -> Row:
    cells: dict[str, Callable[[], str]] = {
        "date": lambda: formats.day(line.date) if line.date else "",
        "pos": lambda: str(position),
        "text": lambda: breakable(clip(line.text, TEXT_CHARACTERS), TEXT_TOKEN),
        "who": lambda: breakable(clip(line.person, PERSON_CHARACTERS), PERSON_TOKEN),
        "qty": lambda: "" if line.quantity is None else formats.quantity(line.quantity),
        "unit": lambda: "" if line.quantity is None else _unit(line.unit, labels),
        "recorded": lambda: "" if line.recorded is None else formats.quantity(line.recorded),
        "rate": lambda: _rate(line, labels, formats),
        "tax": lambda: _line_tax(line, formats),
        "amount": lambda: formats.amount(line.amount),
    }
    row = {column: cells[column]() for column in columns}
    person = "" if "who" in columns else line.person
    row["note"] = breakable(clip(_note(line, labels, person), NOTE_CHARACTERS), TEXT_TOKEN)
    return row


def _as_recorded(line: DocumentLine) -> bool:
    """Whether a line is billed at the hours that were worked."""
    return line.recorded is None or (line.unit == "h" and line.recorded == line.quantity)


def _title(text: str) -> str:
    return breakable(clip(text, TITLE_CHARACTERS), TEXT_TOKEN)


def _note(line: DocumentLine, labels: Labels, person: str) -> str:
    return " · ".join(filter(None, (person, line.note, labels["words"]["free"] if line.is_free else "")))


def _line_tax(line: DocumentLine, formats: Formats) -> str:
    """The rate of a line; the tax table says why a rate is nothing."""
    return "" if line.tax_rate is None else formats.percent(line.tax_rate)


def _unit(unit: str, labels: Labels) -> str:
    return labels["units"].get(unit) or clip(unit, UNIT_CHARACTERS)


def _rate(line: DocumentLine, labels: Labels, formats: Formats) -> str:
    """The price with what it is the price of: `200.00/h`; of a lump sum there is one."""
    if line.unit_price is None:
        return ""
    of_one = labels["per_unit"].get(line.unit, clip(line.unit, UNIT_CHARACTERS))
    return f"{formats.amount(line.unit_price)}{f'/{of_one}' if of_one else ''}"


def _sums(lines: Sequence[DocumentLine], labels: Labels, formats: Formats) -> Row:
    """Amount of the lines, and their quantity where all have the same unit and it can be added.

    Amounts without a quantity, such as discounts, change nothing of the quantity.
    """
    sums = {"amount": formats.amount(sum((line.amount for line in lines), ZERO))}
    units = {line.unit for line in lines if line.quantity is not None}
    if len(units) == 1 and units <= ADDABLE_UNITS:
        quantity = sum((line.quantity or ZERO for line in lines), ZERO)
        sums |= {"qty": formats.quantity(quantity), "unit": _unit(units.pop(), labels)}
        if (recorded := _recorded(lines)) is not None:
            sums["recorded"] = formats.quantity(recorded)
    return sums


def _recorded(lines: Sequence[DocumentLine]) -> Decimal | None:
    """The hours worked on lines that say them; those of others are what is billed, where that is hours."""
    if all(line.recorded is None for line in lines):
        return None
    hours = [line.quantity if line.recorded is None and line.unit == "h" else line.recorded for line in lines]
    return sum((one for one in hours if one is not None), ZERO)


def _summarised(sections: Sequence[DocumentSection], formats: Formats) -> list[DocumentSection]:
    """One line per contract line, role and tax, free work apart.

    Without roles the contract lines themselves are the rows.
    """
    grouped = [replace(section, lines=_by_role(section, formats)) for section in sections]
    if any(len(section.lines) > 1 or line.role for section in grouped for line in section.lines):
        return grouped
    rows = [_titled(line, section) for section in grouped for line in section.lines]
    return [DocumentSection(title="", lines=tuple(rows))]


def _titled(line: DocumentLine, section: DocumentSection) -> DocumentLine:
    """The line that stands for a whole contract line; the text of its only detail becomes the note."""
    title = section.title or line.text
    notes = (section.note, line.text if line.text != title else "", line.note)
    return replace(line, text=title, note=" · ".join(filter(None, notes)))


def _by_role(section: DocumentSection, formats: Formats) -> tuple[DocumentLine, ...]:
    groups: dict[tuple[str, str, bool, str | None], list[DocumentLine]] = {}
    for line in section.lines:
        # An amount alone, such as a discount, stays what it is.
        text = line.text if line.quantity is None else None
        key = (clean(line.role), _line_tax(line, formats), line.is_free, text)
        groups.setdefault(key, []).append(line)
    return tuple(_group_line(section, lines) for lines in groups.values())


def _group_line(section: DocumentSection, lines: Sequence[DocumentLine]) -> DocumentLine:
    """The sum of a group as a line of its own; a price is named where the whole group has the same one."""
    first = lines[0]
    units, prices = {line.unit for line in lines}, {line.unit_price for line in lines}
    counted = all(line.quantity is not None for line in lines) and len(units) == 1
    addable = counted and (units <= ADDABLE_UNITS or len(prices) == 1)
    own = len(lines) == 1 or first.quantity is None
    return DocumentLine(
        text=first.role or (first.text if own else section.title),
        note=first.note if own else "",
        role=first.role,
        quantity=sum((line.quantity or ZERO for line in lines), ZERO) if addable else None,
        unit=first.unit if addable else "",
        recorded=_recorded(lines) if addable else None,
        unit_price=first.unit_price if addable and len(prices) == 1 else None,
        tax_rate=first.tax_rate,
        is_free=first.is_free,
        amount=sum((line.amount for line in lines), ZERO),
    )


def _lines_of(sections: Sequence[DocumentSection]) -> list[DocumentLine]:
    return [line for section in sections for line in section.lines]
