"""Whatever a file holds, reading it ends in rows and errors, never in a fault (X8)."""

import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.table_files import read_table
from projects.column_styles import RowError
from projects.import_plans import plan_for
from projects.import_sentences import refusal_of
from projects.layouts import known_mappings
from projects.reading import Reader, WorkRow

MAPPINGS = known_mappings()
HEAD = "id,date,person,project,task,role,category,hours,description\n"
CELLS = st.text(st.characters(exclude_characters='"\r\n'), max_size=12) | st.sampled_from(
    [
        "2026-03-02",
        "8",
        "-1.25",
        "1e3",
        "NaN",
        "Infinity",
        "0.00001",
        "9" * 30,
        "",
        " ",
        "--",
        "1.2.3",
        "7,5",
        "1:75",
    ]
)
CHOSEN = st.sampled_from([{}, {"mapping": "timesheet"}, {"mapping": "sip"}, {"hours": "comma"}])


@given(st.binary(max_size=400), st.binary(max_size=200), CHOSEN)
def test_any_bytes_at_all(data, dates, chosen):
    check(data, dates, chosen)


@given(st.text(max_size=400), CHOSEN)
def test_any_text_at_all(text, chosen):
    check(text.encode("utf-8", "surrogatepass"), b"", chosen)


@given(st.lists(st.lists(CELLS, max_size=11), max_size=6))
def test_any_cells_under_the_right_head(rows):
    body = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    check((HEAD + body).encode("utf-8", "surrogatepass"), b"", {"dates": "%Y-%m-%d", "hours": "point"})


def read(data: bytes, dates: bytes, chosen: dict[str, str]) -> list[WorkRow | list[RowError]]:
    """The rows of a file, or what keeps it from being read as one row of errors."""
    file = io.BytesIO(data)
    plan, report = plan_for(file, io.BytesIO(dates) if dates else None, MAPPINGS, chosen)
    if plan is None:
        assert report.problems
        return [report.problems]
    reader = Reader(plan.mapping, plan.columns, plan.style, (*plan.head, *plan.mapping.join_fields))
    rows = list(reader.read(plan.rows(file)))
    assert len(rows) == plan.survey.row_count == len(list(read_table(file, plan.form))) - 1
    return rows


def check(data: bytes, dates: bytes, chosen: dict[str, str]) -> None:
    for row in read(data, dates, chosen):
        if not isinstance(row, WorkRow):
            # Every error has a sentence.
            assert all(str(refusal_of(error)) for error in row)
        else:
            assert row.import_id and row.quantity == row.quantity.quantize(Decimal("0.0001")) >= 0
            assert row.quantity == 0 or (row.names["project"] and row.names["person"])


@given(st.lists(st.integers(1, 90), max_size=8))
def test_every_row_is_read_or_has_an_error(quarters):
    lines = [f"{n},2026-03-02,ann,P1,,Dev,,{Decimal(q) / 4},work" for n, q in enumerate(quarters, start=1)]
    data = (HEAD + "\n".join(lines)).encode()
    if not quarters:
        assert [error.code for error in read(data, b"", {})[0]] == ["empty-file"]
        return
    rows = read(data, b"", {})
    assert [row.quantity for row in rows if isinstance(row, WorkRow)] == [Decimal(q) / 4 for q in quarters]
    refused = read(data, b"", {"dates": "%d/%m/%Y"})
    assert [[error.code for error in row] for row in refused if not isinstance(row, WorkRow)] == [
        ["no-date"] for _each in quarters
    ]


@given(st.permutations(range(6)))
def test_rows_are_known_whatever_their_order(order):
    lines = ["2026-03-02,ann,P1,8", "2026-03-02,ann,P1,8", "2026-03-02,bob,P1,8", "2026-03-03,ann,P1,8"]
    lines += ["2026-03-02,ann,P2,8", "2026-03-02,ann,P1,7.5"]
    head = "date,person,project,hours\n"
    ids = [
        {
            row.import_id
            for row in read((head + "\n".join(some)).encode(), b"", {})
            if isinstance(row, WorkRow)
        }
        for some in (lines, [lines[nth] for nth in order])
    ]
    assert ids[0] == ids[1] and len(ids[0]) == 6
