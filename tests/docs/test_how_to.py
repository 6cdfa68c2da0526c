"""Every command of every how-to page works, or is at least spelled as its program wants it."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.docs.how_to import MARKS, PAGES, Checkout, all_blocks, blocks_of, outside_of_blocks

BLOCKS = all_blocks()
SHELL = [block for block in BLOCKS if block.language == "sh"]
SETTINGS = [block for block in BLOCKS if block.language == "ini"]
RUN = sorted({block.page for block in SHELL if not block.mark})
# These begin with an installation that was set up for production; the others with an empty one for trying.
IN_PRODUCTION = {"run-in-production"}
# What this page prints is compared with what it shows.
COMPARED = {"bill-real-hours"}


def script_of(page: str) -> str:
    """The commands of a page that are run as they stand."""
    return "\n".join(block.text for block in SHELL if block.page == page and not block.mark)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def database(checkout: Checkout) -> Path:
    """An empty installation: the tables take longest, so they are made once."""
    checkout.run("python3 dev.py manage migrate -v 0")
    return checkout.root / "var/countinghouse.sqlite3"


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in RUN if page not in IN_PRODUCTION | COMPARED])
def test_commands_of_a_page_run(tmp_path: Path, database: Path, page: str) -> None:
    Checkout(tmp_path, database=database).run(script_of(page))


@pytest.mark.slow
def test_real_hours_are_billed_as_the_page_shows(tmp_path: Path, database: Path) -> None:
    fresh = Checkout(tmp_path, database=database)
    page = "bill-real-hours"
    printed = fresh.run(script_of(page))
    figures = next(block.text for block in BLOCKS if block.page == page and block.language == "text")
    assert figures.strip() in printed
    assert " 0 broken" in printed
    again = fresh.run(script_of(page))
    assert figures.strip() in again


@pytest.mark.slow
def test_an_installation_for_production_gets_its_first_company(tmp_path: Path, database: Path) -> None:
    installed = Checkout(tmp_path, mode="production", database=database)
    release, company = [
        block.text
        for block in SHELL
        if block.page == "run-in-production" and not block.mark and "manage.py" in block.text
    ]
    installed.run(release)
    installed.run(
        ".venv/bin/python manage.py createsuperuser --noinput --username set-up --email set-up@example.com",
        DJANGO_SUPERUSER_PASSWORD="a long way to the harbour",
    )
    installed.run(company)
    assert installed.run(f".venv/bin/python manage.py shell -v 0 <<'SHELL'\n{COLLEAGUE}\nSHELL").split() == [
        "302",
        "12",
        "Administrator",
        "north",
    ]


# The account of the set-up signs in and creates a colleague with a role, as the page says it may.
COLLEAGUE = """
from django.contrib.auth.models import Group, User
from django.test import Client
from accounting.models import FiscalPeriod
from projects.models import LegalEntity
browser = Client(SERVER_NAME="billing.example.com")
browser.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
rows = "entity_memberships"
form = {"username": "nina", "first_name": "Nina", "last_name": "Berg", "email": "nina@example.com"}
form |= {"password1": "a quiet afternoon", "password2": "a quiet afternoon", "usable_password": "true"}
form |= {f"{rows}-TOTAL_FORMS": 0, f"{rows}-INITIAL_FORMS": 0}
browser.post("/admin/auth/user/add/", form, secure=True)
nina = User.objects.get(username="nina")
form |= {"is_active": "on", "groups": [Group.objects.get(name="Administrator").pk]}
form |= {f"{rows}-TOTAL_FORMS": 1, f"{rows}-0-legal_entity": LegalEntity.objects.get().pk}
print(browser.post(f"/admin/auth/user/{nina.pk}/change/", form, secure=True).status_code)
print(FiscalPeriod.objects.count())
print(*nina.groups.values_list("name", flat=True))
print(*nina.entity_memberships.values_list("legal_entity__code", flat=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("block", SHELL, ids=lambda block: f"{block.page}-{block.mark or 'run'}")
def test_commands_that_are_not_run_are_spelled_right(checkout: Checkout, block) -> None:
    checkout.spelled(block.text)
    if block.mark:
        assert {
            command: checkout.knows(command) for command in block.commands if checkout.knows(command)
        } == {}


def test_unknown_commands_and_options_are_found(checkout: Checkout) -> None:
    assert checkout.knows(".venv/bin/python manage.py migrate --backwards") == "--backwards"
    assert checkout.knows(".venv/bin/pip install -r requirements/gone.txt") == "requirements/gone.txt"
    assert checkout.knows("python3 dev.py demolish") == "dev.py demolish"
    assert checkout.knows("python3 dev.py test tests/gone") == "tests/gone"
    assert checkout.knows("make all") == "how to check make"


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_command_stands_in_a_block_that_is_tried(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert list(outside_of_blocks(text)) == []
    assert {block.mark for block in blocks_of(text, page.stem) if block.language == "sh"} <= MARKS
    assert [block.text for block in blocks_of(text, page.stem) if not block.language] == []


def test_a_command_outside_of_a_block_is_found() -> None:
    text = "Then:\n\n    python3 dev.py check\n\n```sh\npython3 dev.py test\n```\n"
    assert list(outside_of_blocks(text)) == ["python3 dev.py check"]
    assert [block.commands for block in blocks_of(text, "page")] == [["python3 dev.py test"]]


def test_every_setting_of_the_pages_is_read() -> None:
    settings = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    table = (ROOT / "docs/how-to/run-in-production.md").read_text(encoding="utf-8")
    named = {line.split("=")[0] for block in SETTINGS for line in block.text.splitlines() if "=" in line}
    named |= set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    assert len(named) > 12
    assert sorted(name for name in named if f'"{name}"' not in settings) == []
