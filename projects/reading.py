"""Pure: from a file's bytes and a mapping to rows, with an error for each row that cannot be read (X8)."""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib import resources

MOST_ROWS = 1_000_000
LONGEST = {"project": 20, "task": 20, "role": 60, "category": 60, "resource": 20, "description": 500}
LONGEST_ID = 60
ROW_NUMBER = "#row"


@dataclass(frozen=True)
class Mapping:
    """Which column of a file is what; read from a TOML file."""

    name: str
    title: str
    encoding: str
    transaction_class: str
    unit: str
    external_id: str
    columns: Lookup[str, str]
    date_columns: tuple[str, ...]
    date_format: str
    makes_master_data: bool = False
    join_on: str = ""
    status_column: str = ""
    non_chargeable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ImportRow:
    """One row as it will be entered; codes are those of the file."""

    number: int
    import_id: str
    project: str
    task: str
    role: str
    category: str
    resource: str
    day: date
    quantity: Decimal
    description: str
    is_chargeable: bool


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row: its number in the file, the column, and a code for the sentence."""

    number: int
    column: str
    code: str
    value: str = ""


@dataclass
class Parsed:
    """What a file holds: readable rows in order, and the errors of the others."""

    rows: list[ImportRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def quantity(self) -> Decimal:
        """The sum of all readable quantities, exact."""
        return sum((row.quantity for row in self.rows), Decimal(0))


def known_mappings() -> dict[str, Mapping]:
    """The mappings that come with the product, by name."""
    folder = resources.files("projects") / "mappings"
    mappings = (
        mapping_from(one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".toml")
    )
    return {mapping.name: mapping for mapping in sorted(mappings, key=lambda one: one.name)}


def mapping_from(text: str) -> Mapping:
    """A mapping from its TOML text. Raises tomllib.TOMLDecodeError or KeyError when it is not one."""
    raw = tomllib.loads(text)
    not_billed = raw.get("non_chargeable", {})
    return Mapping(
        name=raw["name"],
        title=raw["title"],
        encoding=raw["encoding"],
        transaction_class=raw["transaction_class"],
        unit=raw["unit"],
        external_id=raw["external_id"],
        columns=raw["columns"],
        date_columns=tuple(raw["date"]["columns"]),
        date_format=raw["date"]["format"],
        makes_master_data=raw.get("makes_master_data", False),
        join_on=raw.get("join", {}).get("on", ""),
        status_column=not_billed.get("column", ""),
        non_chargeable=frozenset(not_billed.get("values", [])),
    )


def parse(data: bytes, mapping: Mapping, *, joined: bytes = b"") -> Parsed:
    """Read a file by its mapping; a second file of dates is joined by the mapping's key.

    Quantities are exact decimals with a dot, at most four places. Nothing is guessed and nothing is
    dropped: a row is either read or has an error.
    """
    parsed = Parsed()
    rows = _records(data, mapping.encoding, parsed, needed=mapping.columns.values())
    dates: dict[str, dict[str, str]] = {}
    if mapping.join_on:
        for record in _records(joined, mapping.encoding, parsed, needed=[mapping.join_on]):
            dates.setdefault(record.get(mapping.join_on, ""), record)
    for number, record in enumerate(rows, start=1):
        if number > MOST_ROWS:
            parsed.errors.append(RowError(number, "", "too-many-rows"))
            break
        merged = {**record, **dates.get(record.get(mapping.join_on, ""), {})}
        _take(parsed, number, merged, mapping)
    return parsed


def _records(
    data: bytes, encoding: str, parsed: Parsed, *, needed: Iterable[str]
) -> Iterator[dict[str, str]]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        parsed.errors.append(RowError(0, "", "wrong-encoding", encoding + f" @ {error.start}"))
        return
    if "\x00" in text:
        parsed.errors.append(RowError(0, "", "not-a-text-file"))
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or [])]
        if missing:
            parsed.errors.append(RowError(0, ", ".join(missing), "columns-missing"))
            return
        for record in reader:
            yield {
                name: value
                for name, value in record.items()
                if isinstance(name, str) and isinstance(value, str)
            }
    except csv.Error:
        # One cell as long as a file: a quote that never closes, or no text at all.
        parsed.errors.append(RowError(0, "", "not-a-text-file"))


def _take(parsed: Parsed, number: int, record: dict[str, str], mapping: Mapping) -> None:
    values = {name: record.get(column, "").strip() for name, column in mapping.columns.items()}
    errors = list(_faults(number, values, mapping))
    day = _day(record, mapping)
    if day is None:
        errors.append(RowError(number, " / ".join(mapping.date_columns), "no-date"))
    quantity = _quantity(values["quantity"])
    if quantity is None:
        errors.append(RowError(number, mapping.columns["quantity"], "not-a-quantity", values["quantity"]))
    if errors or day is None or quantity is None:
        parsed.errors.extend(errors)
        return
    its_id = str(number) if mapping.external_id == ROW_NUMBER else record.get(mapping.external_id, "").strip()
    if not its_id:
        parsed.errors.append(RowError(number, mapping.external_id, "no-id"))
        return
    if len(its_id) > LONGEST_ID:
        parsed.errors.append(RowError(number, mapping.external_id, "too-long", its_id[:40]))
        return
    parsed.rows.append(
        ImportRow(
            number=number,
            import_id=its_id,
            project=values["project"],
            task=values.get("task", ""),
            role=values.get("role", ""),
            category=values.get("category", ""),
            resource=values.get("resource", ""),
            day=day,
            quantity=quantity,
            description=values.get("description", ""),
            is_chargeable=record.get(mapping.status_column, "") not in mapping.non_chargeable,
        )
    )


def _faults(number: int, values: dict[str, str], mapping: Mapping) -> Iterator[RowError]:
    for name, value in values.items():
        if len(value) > LONGEST.get(name, 500):
            yield RowError(number, mapping.columns[name], "too-long", value[:40])
    for name in ("project", "role", "resource"):
        if not values.get(name):
            yield RowError(number, mapping.columns.get(name, name), "empty")


def _day(record: dict[str, str], mapping: Mapping) -> date | None:
    for column in mapping.date_columns:
        text = record.get(column, "").strip()
        if text:
            try:
                return datetime.strptime(text, mapping.date_format).date()  # noqa: DTZ007 - a plain date
            except ValueError:
                return None
    return None


def _quantity(text: str) -> Decimal | None:
    """A plain decimal with a dot; no exponent, no grouping, no zero, at most four places."""
    if not text or not set(text) <= set("0123456789.-"):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -4 and abs(number) < 10**9  # noqa: PLR2004 - as stored
    return number if fits and number else None
