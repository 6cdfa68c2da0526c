"""A refusal that names a next step leads to its page, for those to whom the page is open (I7)."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from config.ways_out import WAYS_OUT
from projects.maintaining import hold_customers
from projects.roles import PROJECT_MANAGER, ROLES
from tests.architecture.source_tree import ROOT
from tests.company import Company, only
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", sorted(WAYS_OUT))
def test_each_leads_to_a_page_that_is_there_and_that_some_role_opens(code: str) -> None:
    page = WAYS_OUT[code]
    assert reverse(page.url_name)
    app, _dot, name = page.permission.partition(".")
    assert Permission.objects.filter(content_type__app_label=app, codename=name).exists()
    assert any(page.permission in held for held in ROLES.values())


def test_every_code_is_one_that_somebody_is_refused_with() -> None:
    apps = (ROOT / name for name in ("projects", "billing", "accounting"))
    sources = "\n".join(read(path) for app in apps for path in app.rglob("*.py"))
    assert [code for code in WAYS_OUT if not re.search(rf'"{code}"', sources)] == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_page_of_a_refusal_has_the_link() -> None:
    at = Company()
    at.is_managed_by(at.admit(at.manager, PROJECT_MANAGER))
    at.approved(8)
    draft = at.draft()
    client = signed_in(at.manager)
    hold_customers(only(at.customer), reason="Does not pay", on=DAY, actor=at.manager, at=NOW)
    address = reverse("proforma-confirm", args=[draft.number])
    sent = {"expected": str(draft.gross_amount), "token": "one2three"}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert (
        f'<a href="{reverse("customers")}?state=held">Open customers on hold</a>' in refused.content.decode()
    )
