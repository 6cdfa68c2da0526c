"""Advances, retentions and the amount for a second person, when people act on them in the same moment."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from billing.applying import apply_to_drafts
from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.models import Proforma, Retention
from billing.releasing import RetentionTerms, keep_share, release_retentions
from billing.seen_contents import contents_of
from projects.models import Actual, LegalEntity
from tests.company import Company, only, retainers
from tests.company.checking import assert_proven
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

ROUNDS = 3


def two_drafts(company: Company) -> tuple[Proforma, Proforma]:
    """Eight hours and four at 200: 1,920 and 960 with tax."""
    company.approved(8)
    first = company.draft()
    company.approved(4, date=DAY + timedelta(days=1))
    return first, company.draft()


def confirm(company: Company, draft: Proforma) -> Any:
    ticks = ticks_of(only(draft))
    return lambda: confirm_proformas(only(draft), actor=company.manager, at=NOW, accepted=ticks)


def test_an_advance_applied_on_two_drafts_at_once_is_applied_once():
    for _each in range(ROUNDS):
        company = Company()
        first, second = two_drafts(company)
        retainer = retainers.invoiced(company, "700")
        at_once(
            *(
                partial(apply_to_drafts, only(draft), actor=company.manager, at=NOW)
                for draft in (first, second)
            )
        )
        now = retainers.fresh(retainer)
        assert (now.invoiced_amount, now.drafted_amount, now.available_amount) == (700, 700, 0)
        assert_proven()


def test_a_retention_released_twice_at_once_is_asked_for_once():
    for _each in range(ROUNDS):
        company = Company()
        company.approved(8)
        draft = company.draft()
        keep_share(draft, RetentionTerms(Decimal(10), CUT_OFF), actor=company.manager, at=NOW)
        company.confirm(draft)
        kept = Retention.objects.filter(line__proforma=draft)
        release = partial(release_retentions, kept, invoice_date=CUT_OFF, actor=company.manager, at=NOW)
        answers = at_once(release, release, release)
        assert codes(answers) == ["nothing-open"] * 2
        (released,) = Proforma.objects.filter(contract=company.contract).exclude(pk=draft.pk)
        assert released.gross_amount == 160
        assert_proven()


def test_two_halves_confirmed_at_once_by_one_person_are_not_both_below_the_amount():
    for _each in range(ROUNDS):
        company = Company()
        first, second = two_drafts(company)
        LegalEntity.objects.filter(pk=company.entity.pk).update(second_person_above=2000)
        answers = at_once(confirm(company, first), confirm(company, second))
        assert codes(answers) == ["second-person-needed"]
        assert Proforma.objects.filter(contract=company.contract).confirmed().count() == 1
        assert_proven()


def test_a_detail_edited_while_a_run_confirms_is_billed_as_seen_or_left_out():
    for _each in range(ROUNDS):
        company = Company()
        edited, other = two_drafts(company)
        both = Proforma.objects.filter(contract=company.contract)
        run = request_confirmation(
            both,
            accepted=ticks_of(both),
            seen_totals={one.number: one.gross_amount for one in both},
            seen_contents=contents_of(list(both)),
            actor=company.manager,
            on=DAY,
            at=NOW,
        )
        answers = at_once(
            partial(confirm_in_bulk, run.pk, clock=lambda: NOW),
            partial(company.edit, edited, quantity="6"),
        )
        now = Proforma.objects.get(pk=edited.pk)
        # Whoever came second was refused: the editor by the freeze, or the run by what it had seen.
        assert (now.status, now.gross_amount, codes(answers)) in [
            ("confirmed", 1920, ["frozen"]),
            ("draft", 1440, []),
        ]
        assert Proforma.objects.get(pk=other.pk).status == "confirmed"
        billed = Actual.objects.billed_sales().filter(event__proforma__in=both)
        assert billed.count() == both.confirmed().count()
        assert_proven()
