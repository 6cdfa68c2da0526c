"""Mappings of one's own: made from a file that was sent, changed, deleted (X8)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from projects.models import Entry, ImportBatch, ImportMapping
from projects.roles import PROJECT_ACCOUNTANT, TEAM_MEMBER
from projects.saving_mappings import delete_mappings, save_mapping
from tests.company import Company
from tests.company.checking import refused
from tests.company.files import figures, imported, not_imported, staged
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

COLUMNS = {
    "date": [["Tag"]],
    "person": [["Vorname"], ["Familienname"]],
    "project": [["Auftrag"]],
    "quantity": [["Zeit"]],
    "description": [["Was"], ["Wozu"]],
}
TEXT = "Tag;Vorname;Familienname;Auftrag;Zeit;Was;Wozu\n02.03.2026;Ada;Brandt;{project};7,5;Prüfung;Werft\n"


def mapping(at: Company, **columns: Any) -> ImportMapping:
    columns = {"name": "Our hours", "columns": COLUMNS, "makes_master_data": False} | columns
    return ImportMapping(legal_entity=at.entity, **columns)


def saved(at: Company, **columns: Any) -> ImportMapping:
    return save_mapping(mapping(at, **columns), actor=at.manager, at=NOW)


def text_of(at: Company) -> str:
    at.resource.name = "Ada Brandt"
    at.resource.save()
    return TEXT.format(project=at.project.number)


def test_a_saved_mapping_is_recognised_and_joins_names_and_notes():
    at = Company.bare()
    not_imported(at, "unknown-layout", data=text_of(at))
    saved(at)
    batch = imported(at, text_of(at))
    assert (batch.source, figures(batch)) == ("own:Our hours", "1, 0, 0, 0")
    entry = Entry.objects.get()
    assert (entry.resource, entry.date, entry.quantity) == (at.resource, date(2026, 3, 2), Decimal("7.5"))
    assert entry.description == "Prüfung; Werft"


def test_a_mapping_of_one_company_reads_no_file_of_another():
    at, other = Company.bare(), Company.bare()
    saved(other)
    not_imported(at, "unknown-layout", data=text_of(at))


def test_a_mapping_may_say_that_a_row_is_a_total_and_the_file_is_history():
    at = Company.bare()
    text = text_of(at).replace("7,5", "80,5").replace("2026", "2025")
    one = saved(at, is_total=True)
    assert [error["code"] for error in staged(at, text).rows.get().errors] == ["too-far-back"]
    one.is_history = True
    save_mapping(one, actor=at.manager, at=NOW)
    # History reaches back further, but never to where no period is.
    before_all = staged(at, text.replace("2025", "1999"))
    assert [error["code"] for error in before_all.rows.get().errors] == ["period-missing"]
    batch = imported(at, text)
    assert (figures(batch), batch.is_total, batch.is_history) == ("1, 0, 0, 0", True, True)


@pytest.mark.parametrize("gone", ["date", "person", "project", "quantity"])
def test_a_mapping_needs_date_person_project_and_hours(gone):
    at = Company.bare()
    incomplete = {name: parts for name, parts in COLUMNS.items() if name != gone}
    with refused("mapping-incomplete"):
        saved(at, columns=incomplete)


def test_a_name_is_taken_once_in_a_company():
    at = Company.bare()
    saved(at)
    with refused("name-taken"):
        saved(at, name="OUR hours")
    saved(Company.bare())
    assert ImportMapping.objects.count() == 2


def test_rows_with_an_id_keep_the_name_of_their_mapping():
    at = Company.bare()
    one = saved(at, columns=COLUMNS | {"id": [["Nummer"]]})
    one.name = "Other"
    with refused("name-fixed"):
        save_mapping(one, actor=at.manager, at=NOW)
    two = saved(at, name="Second")
    two.name = "Third"
    assert save_mapping(two, actor=at.manager, at=NOW).name == "Third"


def test_a_mapping_is_deleted_and_what_it_imported_stays():
    at = Company.bare()
    saved(at)
    text = text_of(at)
    imported(at, text)
    assert delete_mappings(ImportMapping.objects.all(), actor=at.manager, at=NOW) == 1
    assert Entry.objects.count() == 1
    saved(at, name="Another name")
    assert figures(imported(at, text)) == "0, 0, 1, 0"


# --- Pages ------------------------------------------------------------------------------------------


@pytest.fixture
def at():
    return Company()


@pytest.fixture
def accountant(at):
    return signed_in(at.person(PROJECT_ACCOUNTANT))


def chosen(**cells: Any) -> dict[str, Any]:
    return {
        "name": "Our hours",
        "column_date": "Tag",
        "column_person": ["Vorname", "Familienname"],
        "column_project": "Auftrag",
        "column_quantity": "Zeit",
        "column_description": ["Was", "Wozu"],
    } | cells


def test_a_mapping_is_made_from_a_file_and_reads_it_at_once(at, accountant):
    batch = staged(at, text_of(at))
    address = reverse("new-import-mapping", args=[batch.pk])
    page = accountant.get(address).content.decode()
    # Each column is offered with its first value, and what is called as elsewhere is proposed.
    for shown in ("Zeit: 7,5", "Auftrag: ", '<option value="Vorname" selected>'):
        assert shown in page
    answer = accountant.post(address, chosen())
    assert answer["Location"] == reverse("import", args=[batch.pk])
    made = ImportMapping.objects.get()
    assert (made.legal_entity, made.columns) == (at.entity, COLUMNS)
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert (batch.shown["mapping"]["title"], batch.rows.get().quantity) == ("Our hours", Decimal("7.5"))


def test_what_a_mapping_lacks_is_said_beside_its_field(at, accountant):
    batch = staged(at, text_of(at))
    answer = accountant.post(reverse("new-import-mapping", args=[batch.pk]), chosen(column_quantity=""))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"column_quantity"}
    assert not ImportMapping.objects.exists()


def test_a_mapping_is_changed_and_deleted_in_its_page(at, accountant):
    one = saved(at)
    assert "Our hours" in accountant.get(reverse("import-mappings")).content.decode()
    address = reverse("change-import-mapping", args=[one.pk])
    assert '<option value="Zeit" selected>' in accountant.get(address).content.decode()
    answer = accountant.post(
        address, chosen(name="New name", is_total="on", hours="comma", column_description=[])
    )
    assert answer.status_code == 302
    one = ImportMapping.objects.get()
    assert (one.name, one.is_total, one.hours, "description" in one.columns) == (
        "New name",
        True,
        "comma",
        False,
    )
    accountant.post(reverse("delete-import-mapping", args=[one.pk]))
    assert not ImportMapping.objects.exists()


def test_others_neither_see_nor_change_a_mapping(at):
    one, batch = saved(at), staged(at, text_of(at))
    member, stranger = signed_in(at.person(TEAM_MEMBER)), signed_in(Company().person(PROJECT_ACCOUNTANT))
    for name, key in (
        ("change-import-mapping", one.pk),
        ("delete-import-mapping", one.pk),
        ("new-import-mapping", batch.pk),
    ):
        assert member.post(reverse(name, args=[key]), chosen()).status_code == 403
        assert stranger.post(reverse(name, args=[key]), chosen()).status_code == 404
    assert ImportMapping.objects.get().name == "Our hours"
