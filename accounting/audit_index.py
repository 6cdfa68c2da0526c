"""The description of an audit export as tax auditors read it: index.xml of the GDPdU format. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

TEXT, NUMBER, DAY = "AlphaNumeric", "Numeric", "Date"
DTD = "gdpdu-01-09-2004.dtd"
MOST_PLACES = 4
CONTENTS: dict[str, str] = {
    "DataSet": "(Version, DataSupplier?, Media+)",
    "DataSupplier": "(Name, Location, Comment)",
    "Media": "(Name, Table+)",
    "Table": "(URL, Name?, Description?, UTF8?, (DecimalSymbol, DigitGroupingSymbol)?, Range?,"
    " VariableLength)",
    "Range": "(From)",
    "VariableLength": "(ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?, VariableColumn+)",
    "VariableColumn": "(Name, Description?, (Numeric | AlphaNumeric | Date))",
    "Numeric": "(Accuracy?)",
    "Date": "(Format)",
    "AlphaNumeric": "EMPTY",
    "UTF8": "EMPTY",
}
"""What the elements of the description hold, in the order of the standard, as far as they are used here."""
TEXTS = (
    *("Version", "Name", "Location", "Comment", "URL", "Description", "DecimalSymbol"),
    *("DigitGroupingSymbol", "From", "ColumnDelimiter", "RecordDelimiter", "TextEncapsulator"),
    *("Accuracy", "Format"),
)


@dataclass(frozen=True)
class AuditColumn:
    """A column: its name, where its value comes from, its kind, and what it says."""

    name: str
    path: str
    kind: str
    says: str


@dataclass(frozen=True)
class DescribedFile:
    """A file of the export: its name, what it holds, its columns."""

    name: str
    holds: str
    columns: Sequence[AuditColumn]


def dtd() -> str:
    """The document type that the description names: programs that check it look for it beside the file."""
    elements = CONTENTS | dict.fromkeys(TEXTS, "(#PCDATA)")
    return "".join(f"<!ELEMENT {name} {holds}>\n" for name, holds in elements.items())


def index_xml(company: str, place: str, span: tuple[date, date], files: Sequence[DescribedFile]) -> str:
    """The description of all files: comma, quotes, UTF-8, full stop in figures, ISO dates, one head."""
    first, last = span
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<!DOCTYPE DataSet SYSTEM "{DTD}">',
            "<DataSet>",
            "<Version>1.0</Version>",
            "<DataSupplier>",
            f"<Name>{escape(company)}</Name>",
            f"<Location>{escape(place)}</Location>",
            f"<Comment>{first:%Y-%m-%d} - {last:%Y-%m-%d}</Comment>",
            "</DataSupplier>",
            "<Media>",
            "<Name>1</Name>",
            *(line for file in files for line in _table(file)),
            "</Media>",
            "</DataSet>",
            "",
        ]
    )


def _table(file: DescribedFile) -> Iterator[str]:
    yield "<Table>"
    yield f"<URL>{escape(file.name)}</URL>"
    yield f"<Name>{escape(file.name.rpartition('.')[0])}</Name>"
    yield f"<Description>{escape(file.holds)}</Description>"
    yield "<UTF8/>"
    yield "<DecimalSymbol>.</DecimalSymbol>"
    yield "<DigitGroupingSymbol>,</DigitGroupingSymbol>"
    # The first line holds the names of the columns.
    yield "<Range><From>2</From></Range>"
    yield "<VariableLength>"
    yield "<ColumnDelimiter>,</ColumnDelimiter>"
    yield "<RecordDelimiter>&#13;&#10;</RecordDelimiter>"
    yield "<TextEncapsulator>&quot;</TextEncapsulator>"
    for column in file.columns:
        yield "<VariableColumn>"
        yield f"<Name>{escape(column.name)}</Name>"
        yield f"<Description>{escape(column.says)}</Description>"
        yield _kind(column.kind)
        yield "</VariableColumn>"
    yield "</VariableLength>"
    yield "</Table>"


def _kind(kind: str) -> str:
    if kind == NUMBER:
        return f"<Numeric><Accuracy>{MOST_PLACES}</Accuracy></Numeric>"
    return "<Date><Format>YYYY-MM-DD</Format></Date>" if kind == DAY else "<AlphaNumeric/>"
