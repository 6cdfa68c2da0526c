"""What somebody may do about an entry that is not open any more is said by where it stands (A8)."""

from typing import Any

import pytest

from projects.entering import delete_entries
from projects.models import Entry
from projects.requesting_recalls import request_recalls
from projects.submitting import recall_entries
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


def said(caught: Any) -> str:
    return str(caught.value.refusals[0]).partition(": ")[2]


def test_who_is_sent_to_recall_can_recall(at: Company) -> None:
    """Deleting says "recall it first", and recalling then works: the two never contradict."""
    entry = at.submitted().entry
    with refused("not-deletable") as caught:
        delete_entries(only(entry), actor=at.worker, at=NOW)
    assert said(caught) == "It is “Submitted” already. Recall it first."
    recall_entries(only(entry), actor=at.worker, at=NOW)
    delete_entries(only(entry), actor=at.worker, at=NOW)


def test_what_is_approved_is_asked_back_and_not_recalled(at: Company) -> None:
    entry = at.approved().entry
    with refused("not-submitted") as caught:
        recall_entries(only(entry), actor=at.worker, at=NOW)
    assert said(caught) == "It is “Approved”, not submitted. Ask for it back: its approver decides."
    request_recalls(only(entry), reason="Wrong day", actor=at.worker, at=NOW)
    with refused("not-submitted") as caught:
        recall_entries(only(entry), actor=at.worker, at=NOW)
    assert said(caught).endswith("It is asked back already: its approver decides.")


def test_a_draft_need_not_be_recalled(at: Company) -> None:
    entry = at.entry()
    with refused("not-submitted") as caught:
        recall_entries(only(entry), actor=at.worker, at=NOW)
    assert said(caught) == "It is “Draft”, not submitted. It is open already: change it or submit it."
    assert Entry.objects.get().pk == entry.pk
