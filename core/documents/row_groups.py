"""Lines of a document put into sections, groups and an order, as its layout asks for (C5).

Pure: no Django, no database. Amounts and quantities are added up because they are exact; nothing is rounded
but the product that shows whether a price holds for a whole group.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.documents.facts import DocumentLine, DocumentSection
from core.documents.formats import Formats, clean
from core.documents.layouts import Layout, RowOrder
from core.money import ZERO, times

ADDABLE_UNITS = frozenset({"h", "day", "km"})
"""Units whose quantities mean something as a sum; forty booklets and two tables do not make 42 pieces."""

NameOf = Callable[[DocumentLine], str]
KindWords = Mapping[str, str]
"""The words for kinds of work, in the language of the document."""
FAR = date.max


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines that one row stands for, and the words of that row; without a name it has the words of a line."""

    section: DocumentSection
    name: str
    lines: tuple[DocumentLine, ...]


def named_by(what: str, kinds: KindWords, formats: Formats) -> NameOf:
    """What a line is called in sections or groups of persons, tasks, months or kinds of work."""
    names: dict[str, NameOf] = {
        "person": lambda line: clean(line.person),
        "task": lambda line: clean(line.task),
        "month": lambda line: formats.month(line.date) if line.date else "",
        "kind": lambda line: kinds.get(line.kind, ""),
        "summary": lambda line: clean(line.role),
    }
    return names[what]


def in_sections(
    sections: Sequence[DocumentSection], layout: Layout, kinds: KindWords, formats: Formats
) -> list[DocumentSection]:
    """The sections that the layout asks for; what was invoiced before and is taken off stays apart, last."""
    if layout.sections == "line":
        return list(sections)
    charged = [line for section in sections if not section.is_apart for line in section.lines]
    apart = [section for section in sections if section.is_apart]
    if layout.sections == "none":
        return [*([DocumentSection(title="", lines=tuple(charged))] if charged else []), *apart]
    is_named = layout.sections == "named"
    name_of = _heading_by(layout) if is_named else named_by(layout.sections, kinds, formats)
    by_name = _collected(charged, name_of)
    if is_named:
        headings = [clean(heading) for heading, _key in layout.named]
        by_name = {heading: by_name[heading] for heading in (*headings, "") if heading in by_name}
    if layout.sections == "month":
        by_name = dict(sorted(by_name.items(), key=lambda item: _first_day(item[1])))
    # What has no name of its own comes last, under a heading that says so where others have one.
    rest = by_name.pop("", [])
    named = [DocumentSection(title=name, lines=tuple(lines)) for name, lines in by_name.items()]
    if rest:
        title = kinds["other"] if named else ""
        named.append(DocumentSection(title=title, lines=tuple(rest)))
    return [*named, *apart]


def _heading_by(layout: Layout) -> NameOf:
    """The heading that the layout has for a line: the first one whose key the line has."""

    def heading_of(line: DocumentLine) -> str:
        return next((clean(heading) for heading, key in layout.named if key in line.keys), "")

    return heading_of


def in_order(lines: Iterable[DocumentLine], order: RowOrder, name_of: NameOf) -> tuple[DocumentLine, ...]:
    """Lines in the order of the layout; amounts alone, such as discounts, stay below what they lower."""
    keys: dict[RowOrder, Callable[[DocumentLine], tuple[object, ...]]] = {
        "draft": lambda line: (),
        "date": lambda line: (line.date or FAR,),
        "name": lambda line: (name_of(line).casefold(), line.date or FAR),
        "amount": lambda line: (-abs(line.amount),),
    }
    key = keys[order]
    return tuple(sorted(lines, key=lambda line: (line.quantity is None and order != "draft", key(line))))


def groups_of(section: DocumentSection, name_of: NameOf, formats: Formats) -> list[LineGroup]:
    """The lines of a section by name, unit and tax rate; free work and amounts alone stand apart."""
    groups: dict[tuple[str, str, str, bool, str | None], list[DocumentLine]] = {}
    for line in section.lines:
        # An amount alone, such as a discount, stays what it is.
        text = line.text if line.quantity is None else None
        unit = line.unit if name_of(line) else ""
        groups.setdefault((name_of(line), unit, line_tax(line, formats), line.is_free, text), []).append(line)
    return [LineGroup(section, key[0], tuple(lines)) for key, lines in groups.items()]


def group_line(group: LineGroup, currency: str, said: str = "") -> DocumentLine:
    """The sum of a group as a line of its own; `said` stands below its name.

    A price is named where every line has the same one and the price times the quantity is the amount.
    """
    first, lines = group.lines[0], group.lines
    units, prices = {line.unit for line in lines}, {line.unit_price for line in lines}
    counted = all(line.quantity is not None for line in lines) and len(units) == 1
    addable = counted and (units <= ADDABLE_UNITS or len(prices) == 1)
    own = len(lines) == 1 or first.quantity is None
    text = "" if first.quantity is None else group.name
    text = text or (first.text if own else group.section.title or first.text)
    quantity = sum((line.quantity or ZERO for line in lines), ZERO) if addable else None
    amount = sum((line.amount for line in lines), ZERO)
    price = first.unit_price if quantity is not None and len(prices) == 1 else None
    if price is not None and len(lines) > 1 and times(quantity or ZERO, price, currency) != amount:
        # Rounded line by line: the product of the sums would contradict the amount beside it.
        price = None
    return DocumentLine(
        text=text,
        note=" · ".join(filter(None, (said, first.note if own else ""))),
        role=first.role,
        date=_first_day(lines),
        quantity=quantity,
        unit=first.unit if addable else "",
        recorded=recorded_hours(lines) if addable else None,
        unit_price=price,
        tax_rate=first.tax_rate,
        is_free=first.is_free,
        amount=amount,
    )


def recorded_hours(lines: Sequence[DocumentLine]) -> Decimal | None:
    """The hours worked on lines that say them; those of others are what is billed, where that is hours."""
    if all(line.recorded is None for line in lines):
        return None
    hours = [line.quantity if line.recorded is None and line.unit == "h" else line.recorded for line in lines]
    return sum((one for one in hours if one is not None), ZERO)


def line_tax(line: DocumentLine, formats: Formats) -> str:
    """The rate of a line; the tax table says why a rate is nothing."""
    return "" if line.tax_rate is None else formats.percent(line.tax_rate)


def undated(line: DocumentLine) -> DocumentLine:
    """A line that stands for several days has none."""
    return replace(line, date=None)


def _collected(lines: Iterable[DocumentLine], name_of: NameOf) -> dict[str, list[DocumentLine]]:
    collected: dict[str, list[DocumentLine]] = {}
    for line in lines:
        collected.setdefault(name_of(line), []).append(line)
    return collected


def _first_day(lines: Iterable[DocumentLine]) -> date:
    return min((line.date for line in lines if line.date), default=FAR)
