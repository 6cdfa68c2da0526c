"""Impossible filters and addresses in the admin are answered, never with a server error."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from django.urls import reverse

from tests.admin.admin_client import AdminClient
from tests.admin.test_matrix import ADMIN_PAGES
from tests.company import Company

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

IMPOSSIBLE = ["99999", "0", "-1", "abc", "9" * 40, "1e5", "\x00", "", "x" * 5000, "١٢", "2026-13-45", "1.5"]
KEYS = ["0", "-1", "abc", str(2**63), str(2**64), "9" * 40, "1/x", "%00"]
ENDINGS = ["__year", "__id__exact", "__exact", "__gte", "__in", "", "__isnull", "__month", "__day", "__lt"]
PARTS = ["change/", "act/post/", "history/", "", "delete/"]
ALLOWED = {200, 302, 400}


def queries() -> Iterator[tuple[str, dict[str, str]]]:
    """For each filter of each admin page, one lookup after the other, with an impossible value."""
    endings, values = cycle(ENDINGS), cycle(IMPOSSIBLE)
    others = cycle(["p", "o", "q", "all", "password", "id__gt", "_to_field", "_popup"])
    for name, page in sorted(ADMIN_PAGES.items()):
        lookups = [f"{one}{next(endings)}" for one in page.filter_names()]
        for lookup in [*lookups, next(others)]:
            yield name, {lookup: next(values)}


def test_no_filter_of_a_list_is_a_server_error(
    company: Company, controller: AdminClient, administrator: AdminClient, accountant: AdminClient
):
    company.billed()
    whose = {"auth": administrator, "projects.teammember": accountant}
    answered = 0
    for name, query in queries():
        admin_client = whose.get(name) or whose.get(name.split(".")[0]) or controller
        answer = admin_client.shown(f"{name.replace('.', '_')}_changelist", **query)
        assert answer.status_code in ALLOWED, (name, query)
        answered += 1
    assert answered > 100


@pytest.mark.parametrize("value", IMPOSSIBLE)
def test_a_day_far_from_ours_leads_back_to_the_list(company: Company, accountant: AdminClient, value: str):
    company.billed()
    for part in ("year", "month", "day"):
        query = {
            "accounting_date__year": "2026",
            "accounting_date__month": "3",
            f"accounting_date__{part}": value,
        }
        answer = accountant.shown("accounting_integrationjournalline_changelist", **query)
        assert answer.status_code in ALLOWED, query


def test_a_year_that_no_calendar_has_is_answered_with_the_whole_list(
    company: Company, accountant: AdminClient
):
    company.billed()
    query = {"accounting_date__year": "99999"}
    answer = accountant.shown("accounting_integrationjournalline_changelist", **query)
    assert (answer.status_code, answer.url.endswith("?e=1")) == (302, True)
    assert accountant.get(answer.url).context["cl"].result_count == 2


@pytest.mark.parametrize(
    "lookup",
    [
        "journal__legal_entity__name__startswith",
        "actual__work_item__customer__vat_id",
        "voucher__posted_by__password",
    ],
)
def test_columns_that_are_not_shown_cannot_be_asked_for(accountant: AdminClient, lookup: str):
    answer = accountant.shown("accounting_integrationjournalline_changelist", **{lookup: "a"})
    assert answer.status_code == 400


def test_things_that_do_not_exist_are_not_found(controller: AdminClient, administrator: AdminClient):
    keys, parts = cycle(KEYS), cycle(PARTS)
    for name in sorted(ADMIN_PAGES):
        admin_client = administrator if name.startswith("auth.") else controller
        address = reverse(f"admin:{name.replace('.', '_')}_changelist")
        for _each in range(3):
            place = f"{address}{next(keys)}/{next(parts)}"
            assert admin_client.get(place).status_code in {301, 302, 403, 404}, place
