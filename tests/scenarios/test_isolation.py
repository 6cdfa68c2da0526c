"""What cannot be pulled into the books keeps nobody else back, in no company (O1, C1, C5)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from accounting.models import IntegrationJournal, IntegrationJournalLine, InvoiceProposal
from accounting.outbox_handlers import sweep_outbox
from billing.models import Proforma
from core.models import Activity, OutboxEntry
from core.outbox import enqueue
from core.sweeping import MAX_ATTEMPTS
from projects.approving import approve_entries
from projects.models import Actual
from tests.company import Company, only, rows
from tests.company.checking import statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


def sweep() -> int:
    return sweep_outbox(now=LATER)


def confirmed(company: Company, hours: int) -> Proforma:
    company.approved(hours)
    draft = company.draft()
    company.confirm(draft)
    return draft


def confirmed_without_its_billed_rows(company: Company, hours: int) -> Proforma:
    """It says that it is confirmed, but nothing was billed: what a script past the verbs leaves."""
    company.approved(hours)
    draft = company.draft()
    approval = Actual.objects.latest("pk").event
    stamps = {"confirmed_by": company.manager, "confirmed_at": NOW, "event": approval}
    Proforma.objects.filter(pk=draft.pk).update(status="confirmed", **stamps)
    enqueue("proforma-confirmed", [draft.pk], at=NOW)
    return draft


def rows_of(kind: str) -> dict[int, tuple[str, int]]:
    rows = OutboxEntry.objects.filter(kind=kind)
    return {row.payload["key"]: (row.status, row.attempts) for row in rows}


def proposed() -> set[int]:
    return set(InvoiceProposal.objects.values_list("proforma", flat=True))


# --- Proposals --------------------------------------------------------------------------


def test_a_proforma_that_cannot_be_proposed_stays_behind_alone():
    one, other = Company(), Company()
    before, bad, after = confirmed(one, 8), confirmed_without_its_billed_rows(one, 4), confirmed(one, 2)
    elsewhere = confirmed(other, 1)
    sweep()
    assert proposed() == {before.pk, after.pk, elsewhere.pk}
    assert rows_of("proforma-confirmed") == {
        before.pk: ("done", 0),
        bad.pk: ("pending", 1),
        after.pk: ("done", 0),
        elsewhere.pk: ("done", 0),
    }
    reason = OutboxEntry.objects.get(effect_key=f"proforma-confirmed:{bad.pk}").last_error
    assert "actual_id" in reason
    assert "null" in reason.lower()


def test_the_one_that_cannot_be_proposed_is_parked_and_later_ones_are_not_kept_back():
    company = Company()
    bad = confirmed_without_its_billed_rows(company, 4)
    for _each in range(MAX_ATTEMPTS):
        sweep()
    assert rows_of("proforma-confirmed") == {bad.pk: ("parked", 5)}
    good = confirmed(company, 8)
    assert sweep() == 2
    assert proposed() == {good.pk}
    assert rows_of("proforma-confirmed") == {bad.pk: ("parked", 5), good.pk: ("done", 0)}


def test_a_failure_leaves_nothing_of_the_bad_one():
    company = Company()
    confirmed_without_its_billed_rows(company, 4)
    sweep()
    assert InvoiceProposal.objects.count() == 0
    assert not Activity.objects.filter(verb="proposed").exists()


def test_each_proposal_is_logged_under_whoever_confirmed():
    one, other = Company(), Company()
    first, second = confirmed(one, 8), confirmed(other, 4)
    sweep()
    logged = Activity.objects.filter(verb="proposed").values_list("subject_name", "actor")
    assert set(logged) == {(str(first), one.manager.pk), (str(second), other.manager.pk)}


def test_sweeping_again_proposes_nothing_again():
    company = Company()
    confirmed(company, 8)
    confirmed_without_its_billed_rows(company, 4)
    sweep()
    OutboxEntry.objects.update(status="pending")
    made = proposed()
    sweep()
    assert proposed() == made
    assert InvoiceProposal.objects.count() == 1


def test_many_proformas_are_proposed_in_as_many_statements_as_one():
    few, many = Company(), Company()
    confirmed(few, 8)
    for hours in (1, 2, 3, 4):
        confirmed(many, hours)
    assert statements(few.propose) == statements(many.propose)
    assert InvoiceProposal.objects.count() == 5


# --- Journals ---------------------------------------------------------------------------


def approved_by(company: Company, manager: User, hours: int) -> None:
    approve_entries(only(company.submitted(hours)), actor=manager, on=DAY, at=NOW)


def imported() -> list[tuple[User, int]]:
    logged = Activity.objects.filter(subject_kind="accounting.integrationjournal", verb="imported")
    return [(one.actor, one.facts["lines"]) for one in logged.order_by("pk")]


def beyond_every_amount(company: Company) -> int:
    """An event whose amount, at a rate that somebody mistyped, is larger than any amount can be."""
    company.rate("GBP", "9000000")
    company.approved(1, "fee", price=Decimal(500_000_000))
    return Actual.objects.latest("pk").event_id


def lines_of(company: Company) -> list[Decimal]:
    lines = IntegrationJournalLine.objects.filter(journal__legal_entity=company.entity)
    return list(lines.order_by("actual").values_list("amount", flat=True))


def test_an_event_that_cannot_be_pulled_stays_behind_alone():
    one, other = Company(currency="GBP"), Company()
    one.approved(8)
    bad = beyond_every_amount(one)
    one.approved(4)
    other.approved(2)
    sweep()
    assert lines_of(one) == [800, 1600, 400, 800]
    assert lines_of(other) == [200, 400]
    rows = rows_of("actuals-recorded")
    assert rows.pop(bad) == ("pending", 1)
    assert set(rows.values()) == {("done", 0)}


def test_a_later_event_does_not_wait_for_one_that_cannot_be_pulled():
    company = Company(currency="GBP")
    bad = beyond_every_amount(company)
    sweep()
    company.approved(4)
    assert sweep() == 1
    assert lines_of(company) == [400, 800]
    assert rows_of("actuals-recorded")[bad] == ("pending", 2)


def test_the_journal_names_everybody_whose_events_it_took():
    company = Company()
    anna, boris, clara = rows.user("anna"), rows.user("boris"), rows.user("clara")
    approved_by(company, clara, 8)
    approved_by(company, anna, 4)
    approved_by(company, boris, 2)
    approved_by(company, anna, 1)
    sweep()
    assert IntegrationJournal.objects.count() == 1
    assert imported() == [(anna, 4), (boris, 2), (clara, 2)]


def test_a_line_that_waited_for_its_rate_comes_with_the_next_event_under_its_own_actor():
    company = Company(currency="GBP")
    anna, boris = rows.user("anna"), rows.user("boris")
    approved_by(company, anna, 1)
    sweep()
    assert lines_of(company) == [100]
    company.rate("GBP", "1.25")
    approved_by(company, boris, 2)
    sweep()
    assert lines_of(company) == [100, 200, 200, 400]
    assert imported() == [(anna, 1), (anna, 1), (boris, 2)]


def test_many_events_are_pulled_in_as_many_statements_as_one():
    few, many = Company(), Company()
    few.approved(8)
    of_few = statements(sweep)
    for _each in range(5):
        many.approved(8)
    assert statements(sweep) == of_few
    assert len(lines_of(many)) == 10
