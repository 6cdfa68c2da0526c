"""Which column of a file is what: five time trackers and mappings of one's own (X8)."""

import tomllib

import pytest

from projects.layouts import Mapping, columns_of, known_mappings, mapping_from, mapping_of, raw_of, recognised
from tests.projects.export_samples import CLOCKIFY, HARVEST, HARVEST_GERMAN, KIMAI, TEMPO, TOGGL

MAPPINGS = known_mappings()
HEADS = {"harvest": HARVEST, "toggl": TOGGL, "clockify": CLOCKIFY, "kimai": KIMAI, "tempo": TEMPO}


def head_of(text: str) -> list[str]:
    separator = ";" if ";" in text.splitlines()[0] else ","
    return [name.strip('" ') for name in text.splitlines()[0].split(separator)]


@pytest.mark.parametrize(("name", "text"), HEADS.items())
def test_a_layout_is_recognised_by_its_columns_and_knows_all_of_them(name, text):
    head = head_of(text)
    mapping = recognised(head, MAPPINGS.values())
    assert mapping is not None
    columns = columns_of(head, mapping)
    assert (mapping.name, columns.known, columns.missing) == (name, len(head), ())


def test_headings_follow_the_language_of_the_account():
    mapping = recognised(head_of(HARVEST_GERMAN), MAPPINGS.values())
    assert mapping is MAPPINGS["harvest"]


@pytest.mark.parametrize(
    ("name", "gone", "renamed"),
    [
        ("harvest", {"Hours Rounded", "External Reference URL"}, {}),
        ("toggl", {"Amount (EUR)", "Tags"}, {"User": "Member"}),
        ("clockify", {"Group"}, {"Task": "Activity"}),
        ("kimai", {"Rate", "Tags"}, {"User": "Username"}),
        ("tempo", {"Epic", "Parent Key"}, {}),
    ],
)
def test_columns_come_and_go(name, gone, renamed):
    head = [renamed.get(one, one) for one in head_of(HEADS[name]) if one not in gone]
    mapping = recognised(["Something new", *head], MAPPINGS.values())
    assert mapping is MAPPINGS[name]


def test_what_is_needed_and_not_there_is_said_with_all_its_names():
    columns = columns_of(["Date", "Hours", "First Name"], MAPPINGS["harvest"])
    assert columns.missing == ("Last Name / Nachname", "Project / Projekt / Proyek")
    assert not columns.is_complete


def test_a_column_that_is_there_twice_is_not_chosen_for_somebody():
    columns = columns_of(["date", "date", "person", "project", "hours"], MAPPINGS["timesheet"])
    assert columns.repeated == ("date",)
    assert not columns.is_complete


def test_no_layout_fits_a_file_of_something_else():
    assert recognised(["Name", "Street"], MAPPINGS.values()) is None


def test_ones_own_mapping_comes_first():
    raw = {
        "name": "own:ours",
        "title": "ours",
        "is_own": True,
        "columns": raw_of(MAPPINGS["harvest"])["columns"],
    }
    own = mapping_of(raw)
    assert recognised(head_of(HARVEST), [MAPPINGS["harvest"], own]) is own


def test_a_mapping_is_read_from_its_text():
    text = (
        'name = "n"\ntitle = "t"\nis_total = true\n[columns]\ndate = [["d1"], ["d2", "d3"]]\n'
        'person = ["p", "q"]\nproject = "r"\n'
    )
    columns = {"date": (("d1",), ("d2", "d3")), "person": (("p", "q"),), "project": (("r",),)}
    assert mapping_from(text) == Mapping("n", "t", columns, is_total=True)
    with pytest.raises(KeyError):
        mapping_from('name = "n"')
    with pytest.raises(TypeError):
        mapping_from('name = "n"\ntitle = "t"\nnobody_knows = 1\n[columns]\n')
    with pytest.raises(tomllib.TOMLDecodeError):
        mapping_from("name")


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_a_mapping_is_kept_in_the_database_as_it_is(name):
    assert mapping_of(raw_of(MAPPINGS[name])) == MAPPINGS[name]


def test_the_mappings_that_come_with_the_product():
    assert sorted(MAPPINGS) == ["clockify", "harvest", "kimai", "sip", "tempo", "timesheet", "toggl"]
    totals = {name for name, one in MAPPINGS.items() if one.is_total}
    history = {name for name, one in MAPPINGS.items() if one.is_history}
    assert (totals, history) == ({"sip"}, {"sip", "timesheet"})
    assert [name for name, one in MAPPINGS.items() if not one.makes_master_data] == ["timesheet"]
