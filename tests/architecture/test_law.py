"""The rules that the code cites stand in docs/rules.md, and each that is built is held by a test."""

from pathlib import Path

import pytest

from tests.architecture.law import Law, Passage, codes_in
from tests.architecture.source_tree import ROOT


@pytest.fixture(scope="module")
def law() -> Law:
    return Law(ROOT)


def test_every_code_that_is_cited_stands_in_the_rules(law: Law) -> None:
    assert law.unknown() == []


def test_nothing_cites_a_document_that_is_not_here(law: Law) -> None:
    assert law.elsewhere() == []


def test_every_decision_record_that_is_cited_is_there_and_read_as_one(law: Law) -> None:
    assert law.unknown_records() == []


def test_every_rule_that_is_built_names_a_test_that_exists(law: Law) -> None:
    assert law.unheld() == []


def test_no_code_has_two_meanings(law: Law) -> None:
    codes = [rule.code for rule in law.rules]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_the_page_is_read_as_it_is_written(law: Law) -> None:
    """Were rows overlooked, every citation would be unknown or nothing would be compared."""
    groups = {"A": 14, "B": 12, "C": 15, "X": 15, "D": 12, "J": 7, "K": 6, "I": 7, "L": 6, "G": 19, "N": 16}
    assert {letter: sum(code[0] == letter for code in law.codes) for letter in groups} == groups
    assert {f"decision {number}" for number in range(1, 23)} <= law.codes
    assert {f"#{number}" for number in range(1, 17)} <= law.codes
    assert {rule.state.split(":")[0] for rule in law.rules} == {"built", "partly", "planned"}
    assert sum(1 for passage in law.passages() for _code in passage.codes()) > 150


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Conserved (J3).", ["J3"]),
        ("Confirm (A9, N2; decision 4)", ["A9", "N2", "decision 4"]),
        ("All of J1-J3 and K2", ["J1", "J2", "J3", "K2"]),
        ("N1 to N3, N16", ["N1", "N2", "N3", "N16"]),
        ("decisions 1, 10, 11", ["decision 1", "decision 10", "decision 11"]),
        ("decisions 2 to 4", ["decision 2", "decision 3", "decision 4"]),
        ("(matrix 4.1 #2-#4)", ["#2", "#3", "#4"]),
        ("(matrix 4.1 #4b)", ["#4b"]),
        ("(posting table)", []),
        ("see record 0008", []),
        ("UTF8, H2O and E5", []),
    ],
)
def test_citations_are_read(text: str, codes: list[str]) -> None:
    assert codes_in(text) == codes


def test_in_a_message_only_a_bracket_is_a_citation() -> None:
    assert Passage("", 1, "nothing is lost: write a mirror (J2)", is_message=True).codes() == ["J2"]
    assert Passage("", 1, "project P7 of team B2 (see B9 there)", is_message=True).codes() == []


FAULTS = {
    "billing/planted.py": '"""Bills twice (J99)."""\n\nSAYS = "never twice (K77)"  # as decision 88 has it\n',
    "billing/guards/planted.sqlite.sql": "-- Nothing leaks (K55; matrix 4.1 #99)\n",
    "billing/elsewhere.py": '"""As RELIABILITY D2 and UX 5.4 say."""\n',
    "billing/records.py": '"""As record 0099 and docs/decisions/0018 say."""\n',
    "docs/planted.md": "See [decision 5](decisions/0005-invoice.md).\n",
    "accounting/proofs.py": '"""Proofs."""\n\nPROOFS = [Proof("G66a", "Books")]\n',
}


@pytest.fixture
def planted(tmp_path: Path) -> Law:
    (tmp_path / "docs").mkdir()
    rules = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    rules += "| Z1 | Held by nothing. | built | |\n"
    rules += "| Z2 | Held by a ghost. | built | `tests/guards/test_journal.py::test_of_a_ghost` |\n"
    (tmp_path / "docs/rules.md").write_text(rules, encoding="utf-8")
    for file, text in FAULTS.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Law(tmp_path)


def test_citation_of_a_rule_that_does_not_exist_is_found(planted: Law) -> None:
    assert sorted(planted.unknown()) == [
        "accounting/proofs.py:3 cites G66",
        "billing/guards/planted.sqlite.sql:1 cites #99",
        "billing/guards/planted.sqlite.sql:1 cites K55",
        "billing/planted.py:1 cites J99",
        "billing/planted.py:3 cites K77",
        "billing/planted.py:3 cites decision 88",
    ]


def test_citation_of_a_document_elsewhere_is_found(planted: Law) -> None:
    assert planted.elsewhere() == [
        "billing/elsewhere.py:1 cites RELIABILITY D2 and UX 5.4 say.",
    ]


def test_citation_of_a_record_that_is_not_there_or_reads_otherwise_is_found(planted: Law) -> None:
    # The page of rules stands without the records here.
    assert [said for said in planted.unknown_records() if "docs/rules.md" not in said] == [
        "billing/records.py:1 cites record 0099",
        "billing/records.py:1 cites docs/decisions/0018",
        "docs/planted.md:1 cites [decision 5](decisions/",
    ]


def test_rule_without_its_test_is_found(planted: Law) -> None:
    missing = planted.unheld()
    assert "Z1 names no test" in missing
    assert "Z2 names tests/guards/test_journal.py::test_of_a_ghost, which does not exist" in missing
