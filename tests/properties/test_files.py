"""Whatever a file holds, reading it ends in rows and errors, never in a fault (X8)."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projects.importing import SENTENCES
from projects.reading import Mapping, known_mappings, parse

SIP, TIMESHEET = known_mappings()["sip"], known_mappings()["timesheet"]
MAPPINGS = st.sampled_from([SIP, TIMESHEET])
HEAD = "id,date,person,project,task,role,category,hours,description\n"
CELLS = st.text(st.characters(exclude_characters='"\r\n'), max_size=12) | st.sampled_from(
    ["2026-03-02", "8", "-1.25", "1e3", "NaN", "Infinity", "0.00001", "9" * 30, "", " ", "--", "1.2.3"]
)


@given(st.binary(max_size=400), st.binary(max_size=200), MAPPINGS)
def test_any_bytes_at_all(data, joined, mapping):
    check(data, joined, mapping)


@given(st.text(max_size=400), MAPPINGS)
def test_any_text_at_all(text, mapping):
    check(text.encode("utf-8", "surrogatepass"), b"", mapping)


@given(st.lists(st.lists(CELLS, max_size=11), max_size=6))
def test_any_cells_under_the_right_head(rows):
    body = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    check((HEAD + body).encode("utf-8", "surrogatepass"), b"", TIMESHEET)


def check(data: bytes, joined: bytes, mapping: Mapping) -> None:
    parsed = parse(data, mapping, joined=joined)
    assert {error.code for error in parsed.errors} <= set(SENTENCES)
    assert len({row.number for row in parsed.rows} & {error.number for error in parsed.errors}) == 0
    for row in parsed.rows:
        assert row.project and row.role and row.resource and row.import_id
        assert row.quantity and row.quantity == row.quantity.quantize(Decimal("0.0001"))


@given(st.lists(st.integers(1, 9999), max_size=8))
def test_every_row_is_read_or_has_an_error(quarters):
    rows = [f"{n},2026-03-02,ann,P1,,Dev,,{Decimal(q) / 4},work" for n, q in enumerate(quarters, start=1)]
    parsed = parse((HEAD + "\n".join(rows)).encode(), TIMESHEET)
    assert parsed.errors == []
    assert parsed.quantity == sum(Decimal(q) / 4 for q in quarters)
    strict = replace(TIMESHEET, date_format="%d/%m/%Y")
    refused = parse((HEAD + "\n".join(rows)).encode(), strict)
    assert (refused.rows, [error.code for error in refused.errors]) == ([], ["no-date"] * len(quarters))
