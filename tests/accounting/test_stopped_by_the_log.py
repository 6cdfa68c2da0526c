"""The seal of the activity log is a proof like any other: while it is broken, nothing is posted (S5, X6)."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounting.checking_books import check_books
from accounting.estimating import Estimated, create_estimates
from accounting.models import FiscalPeriod, IntegrationJournal, RevenueEstimate
from accounting.posting import post_journals
from accounting.pulling import pull_journals
from accounting.recognising import post_estimates
from accounting.states import CheckOccasion
from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.models import Proforma
from core import guarding
from core.log_chain import close_the_log
from core.models import Activity
from projects.models import LegalEntity
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import DAY, NOW
from tests.scenarios.event_table import company_of, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Iterator[Company]:
    """A draft, a journal, a proposal and an estimate that wait; the log is closed, guards are lifted."""
    made = company_of("FP completed percentage")
    worked(made)
    march = FiscalPeriod.objects.get(legal_entity=made.entity, starts_on=date(2026, 3, 1))
    half = Estimated(made.project, percent=Decimal(50))
    create_estimates([half], march, actor=made.accountant, at=NOW)
    made.milestone("2000", line=made.line)
    made.confirm(*made.drafts())
    made.propose()
    made.milestone("3000", line=made.line)
    made.drafts()
    made.approved(4)
    pull_journals(made.entity, actor=made.accountant, at=NOW)
    close_the_log(at=NOW)
    guarding.lift(connection)
    yield made
    guarding.install(connection)


def verdict() -> list[str]:
    made = check_books(occasion=CheckOccasion.ASKED, clock=lambda: NOW)
    return [one.code for one in made.findings.filter(offenders__gt=0)]


def asking(company: Company) -> dict[str, Callable[[], object]]:
    """What confirms and what posts, by hand."""
    by = {"actor": company.accountant, "at": NOW}
    return {
        "confirm": lambda: company.confirm(Proforma.objects.open().get()),
        "post a journal": lambda: post_journals(IntegrationJournal.objects.postable(), **by),
        "post a proposal": lambda: company.post(company.proposals()),
        "post an estimate": lambda: post_estimates(RevenueEstimate.objects.all(), **by),
    }


def test_a_touched_log_stops_confirming_posting_and_runs_until_it_is_as_it_was(company: Company):
    company.propose()
    row = Activity.objects.filter(verb="confirmed")
    before = row.get().subject_name
    row.update(subject_name="Another one")
    assert verdict() == ["S5"]
    for ask in asking(company).values():
        with refused("books-broken"):
            ask()
    (said,) = run(company)
    assert f"{company.entity.name}: The check of the books on" in said

    row.update(subject_name=before)
    assert verdict() == []
    assert LegalEntity.objects.get(pk=company.entity.pk).books_broken_at is None
    asking(company)["post a journal"]()
    assert len(asking(company)["post a proposal"]()) == 1
    assert asking(company)["post an estimate"]() == 1
    asking(company)["confirm"]()
    assert verdict() == []


def run(company: Company) -> list[str]:
    """What a run that confirms says of the draft."""
    seen = dict(Proforma.objects.open().values_list("number", "gross_amount"))
    drafts = Proforma.objects.open()
    made = request_confirmation(drafts, seen_totals=seen, actor=company.manager, on=DAY, at=NOW)
    confirm_in_bulk(made.pk, clock=timezone.now)
    assert Proforma.objects.open().count() == 1
    return [one.message for one in made.outcomes.all()]
