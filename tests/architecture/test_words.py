"""Plain words, one meaning each: what the tree never says, and what the glossary keeps apart."""

from pathlib import Path

import pytest

from tests.architecture import forbidden_words, glossary
from tests.architecture.glossary import Glossary
from tests.architecture.source_tree import ROOT, SourceTree


def listed(findings: list[str]) -> str:
    """Findings one below the other, however many there are."""
    return "\n".join([f"{len(findings)} findings", *findings])


def test_no_forbidden_word_is_used() -> None:
    findings = list(forbidden_words.used(ROOT))
    assert not findings, listed(findings)


def test_nothing_carries_a_forbidden_name() -> None:
    findings = list(forbidden_words.named(ROOT))
    assert not findings, listed(findings)


def test_people_read_reversal() -> None:
    findings = list(forbidden_words.read_by_people(ROOT))
    assert not findings, listed(findings)


def test_no_class_name_has_two_meanings() -> None:
    findings = list(glossary.classes_named_twice(SourceTree()))
    assert not findings, listed(findings)


def test_words_of_the_glossary_keep_to_their_meaning() -> None:
    findings = list(glossary.words_out_of_place(SourceTree(), Glossary(ROOT)))
    assert not findings, listed(findings)


def test_no_word_stands_twice_in_the_glossary() -> None:
    words = Glossary(ROOT).words
    assert {"entry", "actual", "proforma", "voucher", "price list"} <= set(words)
    assert sorted({word for word in words if words.count(word) > 1}) == []


PLANTED = {
    "billing/windows.py": '"""Rooms."""\n\n\nclass Window:\n    def look(found):\n        told = found\n',
    "billing/views/planted.py": '"""A page."""\n\n\nclass Page:\n    def rows(self):\n        return 1\n',
    "templates/planted.html": '<div class="side-rail">browser window</div>\n<p>The mirror of an actual</p>\n',
    "static/css/planted.css": ".kpi-strip { color: red }\n",
    "docs/planted.md": "The door of the house, a balance sheet.\n",
    "accounting/planted.py": 'STOPS = _("write the mirror first")\n',
}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    for file, text in PLANTED.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_forbidden_words_are_found(planted: Path) -> None:
    assert sorted(forbidden_words.used(planted)) == sorted(
        [
            "billing/windows.py:0 window (admin page)",
            "billing/windows.py:1 room (module, layer)",
            "billing/windows.py:4 window (admin page)",
            "billing/windows.py:6 told (shown, named, history)",
            "templates/planted.html:1 rail (sidebar)",
            "static/css/planted.css:1 strip (KPIs, figures)",
            "docs/planted.md:1 door (access policy, permission, entrance)",
            "docs/planted.md:1 house (product, company)",
        ]
    )


def test_forbidden_names_are_found(planted: Path) -> None:
    assert sorted(forbidden_words.named(planted)) == [
        "billing/views/planted.py:4 Page.rows (get_queryset)",
        "billing/windows.py:4 Window (ReadOnlyAdmin)",
        "billing/windows.py:5 found (the thing that was looked up)",
        "billing/windows.py:6 told (the thing that was said)",
    ]


def test_mirrors_that_people_read_are_found(planted: Path) -> None:
    assert sorted(forbidden_words.read_by_people(planted)) == [
        "accounting/planted.py:1 mirror (reversal)",
        "templates/planted.html:2 mirror (reversal)",
    ]


def test_second_meanings_are_found(tmp_path: Path) -> None:
    for file, text in {
        "billing/entries.py": '"""Ledger lines."""\n\n\nclass Plan:\n    pass\n',
        "accounting/charting.py": '"""Accounts."""\n\n\nclass Plan:\n    pass\n',
        "billing/ledger.py": '"""Rows."""\n',
    }.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tree = SourceTree(tmp_path)
    assert list(glossary.classes_named_twice(tree)) == ["Plan: billing.entries, accounting.charting"]
    assert list(glossary.words_out_of_place(tree, Glossary(ROOT))) == [
        "billing.entries: entry is reported time, expense, material or fee, in projects",
        "billing.ledger: ledger is the general ledger, in accounting",
        "accounting.charting: a module says chart_pictures or chart_of_accounts",
    ]
