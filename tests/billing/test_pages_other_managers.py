"""Whose contract it is decides who changes anything about it, whatever address or key somebody types (A2).

Every form of billing is taken from the pages of the manager of a contract and sent by other managers: one of
another contract, one who manages a project of the contract and sees it, one who was asked for a review.
"""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connection
from django.urls import resolve, reverse

from billing.asking_reviews import submit_for_review
from billing.models import Proforma
from projects.models import Project
from projects.roles import PROJECT_MANAGER
from tests.billing.everything import Written, contract_of_everything, undone
from tests.billing.other_managers import ACTING, forms_sent
from tests.company import Company, only
from tests.company.people import signed_in
from tests.company.rows import NOW
from tests.pages.forms import forms_of
from tests.pages.walking import PARAMETER

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PATTERNS = {one.name: one.pattern for one in ACTING}
NAMES = [*PATTERNS]

ANSWERS = {"proforma-review-approve", "proforma-review-return", "proforma-confirm"}
"""What whoever was asked for a review does with that proforma, and nobody else."""

NOT_THERE = {403, 404, 405}
ASKED = {"proforma-review-approve", "proforma-review-return"}
"""Open to everybody who sees the proforma; the verb refuses whoever was not asked."""


@pytest.fixture
def at(db: None) -> Company:
    return contract_of_everything()


def of_another_contract(at: Company) -> Any:
    return at.person(PROJECT_MANAGER)


def of_a_project(at: Company) -> Any:
    who = at.person(PROJECT_MANAGER)
    Project.objects.filter(contract_lines__contract=at.contract).update(manager=who)
    return who


def asked_for_a_review(at: Company) -> Any:
    who = at.person(PROJECT_MANAGER)
    draft = Proforma.objects.filter(contract=at.contract).open().first()
    submit_for_review(only(draft), reviewer=who, note="", actor=at.manager, at=NOW)
    return who


def sendings(forms: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, address and content: each kind of form once for each status of a proforma."""
    kinds = set()
    for address, contents in forms.items():
        name = resolve(address).view_name
        number = Proforma.objects.filter(number__in=address.split("/")).values_list("status", flat=True)
        status = number.first()
        for sent in contents:
            if name in NAMES and (kind := (name, tuple(sorted(sent)), status)) not in kinds:
                kinds.add(kind)
                yield name, address, sent | {"token": f"t{len(kinds)}"}


@pytest.mark.parametrize("made", [of_another_contract, of_a_project, asked_for_a_review])
def test_no_form_of_a_contract_is_answered_to_another_manager(at: Company, made: Any):
    other, owner = signed_in(made(at)), signed_in(at.manager)
    forms, reached, done = forms_sent(owner, at.contract), set(), []
    cookies = {name: one.value for name, one in other.cookies.items()}
    for name, address, sent in sendings(forms):
        other.cookies, written = SimpleCookie(cookies), Written()
        with undone(), connection.execute_wrapper(written):
            code = other.post(address, sent).status_code
        reached.add(name)
        is_answer = made is asked_for_a_review and name in ANSWERS
        is_there = PARAMETER.search(PATTERNS[name]) and code not in NOT_THERE and name not in ASKED
        if not is_answer and (written.statements or is_there):
            done.append(f"{name} {address}: {code}, {len(written.statements)} written")
    assert done == []
    assert reached == set(NAMES)


def test_who_manages_it_is_answered(at: Company):
    owner = signed_in(at.manager)
    (draft,) = Proforma.objects.filter(contract=at.contract).open()[:1]
    for name in ("proforma-heading", "proforma-line-add", "proforma-refresh", "proforma-confirm"):
        assert owner.get(reverse(name, args=[draft.number])).status_code == 200, name


def test_the_manager_of_a_project_sees_the_proforma_without_a_way_to_change_it(at: Company):
    other = signed_in(of_a_project(at))
    (draft,) = Proforma.objects.filter(contract=at.contract).open()[:1]
    answer = other.get(reverse("proforma", args=[draft.number]))
    assert answer.context["rights"] == {"draft": False, "confirm": False, "contract": True}
    sent = [form.action for form in forms_of(answer.content.decode(), "/") if form.method == "post"]
    assert [one for one in sent if one.startswith(f"/proformas/{draft.number}/")] == []


def test_rows_of_others_are_refused_in_words_and_nothing_is_done(at: Company):
    other = signed_in(of_a_project(at))
    (draft,) = Proforma.objects.filter(contract=at.contract).open()[:1]
    answer = other.post(reverse("proformas-delete"), {"row": [str(draft.pk)], "go": "1"})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["managed-by-others"]
    assert Proforma.objects.filter(pk=draft.pk).exists()
