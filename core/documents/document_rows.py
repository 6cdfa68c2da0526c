"""The rows of a printed document, as its layout asks for: every detail, or one row for several (C5).

Pure: no Django, no database. Amounts and quantities are added up here because they are exact; nothing is
rounded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.documents.deductions import deduction_sections, has_rows_of_its_own
from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection
from core.documents.formats import Formats, breakable, clean, clip
from core.documents.labels import Labels, language_of
from core.documents.layout_labels import KINDS
from core.documents.layouts import Layout, RowOrder, RowsBy
from core.documents.row_groups import (
    ADDABLE_UNITS,
    KindWords,
    LineGroup,
    group_line,
    groups_of,
    in_order,
    in_sections,
    line_tax,
    named_by,
    recorded_hours,
    undated,
)
from core.money import ZERO

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
    kinds = KINDS[language_of(facts.language)]
    sections = in_sections(facts.sections, layout, kinds, formats)
    if layout.rows == "detail" and count <= rows_in_body:
        details = _details(sections, layout, kinds, formats)
        return DocumentRows({**_table(details, labels, formats), "annex": None}, note="")
    grouped, behind = _grouped(sections, layout, kinds, formats)
    body = {**_table(grouped, labels, formats), "annex": None}
    if layout.rows != "detail" and not layout.annex:
        return DocumentRows(body, note="")
    if count > rows_in_annex:
        return DocumentRows(body, words["electronic"].format(count=formats.count(count)))
    annex = behind if layout.annex else _details(sections, layout, kinds, formats)
    body["annex"] = _annex(facts, annex, labels, formats)
    return DocumentRows(body, words["in_annex"].format(count=formats.count(count)))


def tax_name(label: str, rate: Decimal | None, formats: Formats) -> str:
    """A tax in words: its label, its rate in percent, or both."""
    percent = "" if rate is None else formats.percent(rate)
    return " ".join(filter(None, (clip(label, TAX_CHARACTERS), percent)))


def _annex(
    facts: DocumentFacts, sections: Sequence[DocumentSection], labels: Labels, formats: Formats
) -> dict[str, Any]:
    """Every detail by section; each has a subtotal, because the total hangs on the last one."""
    period = formats.period(*facts.period) if facts.period else ""
    lines = _lines_of(sections)
    table = _table(sections, labels, formats, always_subtotal=True)
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
        "tax": len({line_tax(line, formats) for line in lines if line.amount}) > 1,
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
        "tax": lambda: line_tax(line, formats),
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
        if (recorded := recorded_hours(lines)) is not None:
            sums["recorded"] = formats.quantity(recorded)
    return sums


def _details(
    sections: Sequence[DocumentSection], layout: Layout, kinds: KindWords, formats: Formats
) -> list[DocumentSection]:
    """Every line, in the order of the layout; of one name by date."""
    name_of = named_by("person", kinds, formats)
    return [replace(section, lines=in_order(section.lines, layout.order, name_of)) for section in sections]


def _grouped(
    sections: Sequence[DocumentSection], layout: Layout, kinds: KindWords, formats: Formats
) -> tuple[list[DocumentSection], list[DocumentSection]]:
    """Sections whose rows stand for groups, and the groups with what is behind each.

    A summary without roles has the contract lines themselves as rows.
    """
    by: RowsBy = "summary" if layout.rows == "detail" else layout.rows
    name_of = named_by(by, kinds, formats)
    grouped, behind = [], []
    for section in sections:
        groups = groups_of(section, name_of, formats)
        rows = [(group_line(one, formats.currency, _said_of(one, by, kinds)), one) for one in groups]
        # Months follow one another, whatever their names are.
        order: RowOrder = "date" if by == "month" and layout.order == "name" else layout.order
        lines = in_order((line for line, _group in rows), order, lambda line: clean(line.text))
        grouped.append(replace(section, lines=tuple(undated(line) for line in lines)))
        of_line = {id(line): group for line, group in rows}
        behind += [_behind(of_line[id(line)], by, len(sections), layout, kinds, formats) for line in lines]
    is_plain = by == "summary" and layout.sections == "line"
    if not is_plain or any(
        len(section.lines) > 1 or line.role for section in grouped for line in section.lines
    ):
        return grouped, behind
    titled = [_titled(line, section) for section in grouped for line in section.lines]
    return [DocumentSection(title="", lines=tuple(titled))], behind


def _said_of(group: LineGroup, by: str, kinds: KindWords) -> str:
    """What a row of a person, task or month says beside its name: its only text, or what kind of work."""
    first = group.lines[0]
    if by == "summary" or not group.name or first.quantity is None:
        return ""
    if len(group.lines) == 1:
        return first.text if first.text != group.name else ""
    return "" if first.kind in ("", "time") else kinds.get(first.kind, "")


def _behind(
    group: LineGroup, by: str, sections: int, layout: Layout, kinds: KindWords, formats: Formats
) -> DocumentSection:
    """What is behind one row, as a section of the annex under the words of that row."""
    first = group.lines[0]
    name = group.name if first.quantity is not None else first.text
    own = group.section.title if sections > 1 or not name else ""
    title = " · ".join(filter(None, (own, name))) or first.text
    order: RowOrder = "date" if layout.order == "draft" and by != "summary" else layout.order
    lines = in_order(group.lines, order, named_by("person", kinds, formats))
    return DocumentSection(title=title, lines=lines)


def _titled(line: DocumentLine, section: DocumentSection) -> DocumentLine:
    """The line that stands for a whole contract line; the text of its only detail becomes the note."""
    title = section.title or line.text
    notes = (section.note, line.text if line.text != title else "", line.note)
    return replace(line, text=title, note=" · ".join(filter(None, notes)))


def _lines_of(sections: Sequence[DocumentSection]) -> list[DocumentLine]:
    return [line for section in sections for line in section.lines]
