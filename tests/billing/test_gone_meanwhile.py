"""What a page has found and somebody has deleted since: every verb says so, and nothing is done."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.adding import add_to_drafts, refresh_drafts
from billing.adding_by_hand import add_manual_detail
from billing.applying import apply_to_drafts, apply_to_open_drafts, set_applied
from billing.asking_reviews import remind_reviewers, return_reviews, submit_for_review, take_back
from billing.confirming import confirm_proformas
from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection
from billing.discounting import Allowance, change_discount, charge_fee, grant_discount
from billing.editing import Changes, edit_details, edit_in_bulk
from billing.milestone_plans import PlannedMilestone
from billing.models import (
    Discount,
    InvoiceLine,
    InvoiceLineDetail,
    Milestone,
    MilestoneShare,
    Proforma,
    Retainer,
    Retention,
)
from billing.moving import move_details
from billing.planning import change_milestone, delete_milestones, split_milestone
from billing.redating import HeadingChanges, change_headings
from billing.releasing import RetentionTerms, keep_share, release_retentions
from billing.removing import delete_drafts, remove_details
from billing.retainer_plans import PlannedRetainer
from billing.retaining import ask_for_refund, change_retainer, delete_retainers, mark_retainers_ready
from billing.reverting import revert_details
from core.answering import failure_of
from projects.models import BacklogItem
from tests.company import Company, only, retainers
from tests.company.checking import assert_proven
from tests.company.corrections import billed_row
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


class Gone:
    """Rows as a page has found them, of a draft, a milestone and an advance that are deleted now."""

    def __init__(self) -> None:
        self.at = at = Company()
        at.approved(8)
        (self.confirmed,) = at.confirm(at.draft())
        at.approved(4)
        retainers.invoiced(at, "300")
        self.draft = at.draft()
        self.line = self.draft.lines.get()
        self.detail = InvoiceLineDetail.objects.filter(line=self.line, actual__isnull=False).get()
        self.applying = retainers.applied_on(self.draft)
        allowance = Allowance(percent=Decimal(5), reason="Friend")
        self.discount = grant_discount(self.line, allowance, **self.by)
        self.share = at.milestone("700", is_ready=False)
        self.retainer = retainers.planned(at, "500")
        self.manual = InvoiceLineDetail(transaction_class="fee", transaction_date=DAY, quantity=1, amount=5)
        delete_drafts(only(self.draft), **self.by)
        delete_milestones(only(self.share.milestone), **self.by)
        delete_retainers(only(self.retainer), **self.by)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.at.manager, "at": NOW}

    def take_back_into_it(self) -> None:
        """A correction of what was billed before, added to the draft."""
        asked = [BilledCorrection(billed_row(self.confirmed), quantity=Decimal(6))]
        correct_billed(asked, invoice_date=CUT_OFF, into=only(self.draft), **self.by)


GONE = "gone-meanwhile"
MILESTONE = PlannedMilestone("Other", DAY, Decimal(700))
ADVANCE = PlannedRetainer("Other", DAY, Decimal(500))

VERBS: dict[str, Callable[[Gone], Any]] = {
    "add": lambda g: add_to_drafts(
        BacklogItem.objects.ready(), MilestoneShare.objects.none(), only(g.draft), **g.by
    ),
    "refresh": lambda g: refresh_drafts(only(g.draft), **g.by),
    "by hand": lambda g: add_manual_detail(g.line, g.manual, **g.by),
    "apply": lambda g: apply_to_drafts(only(g.draft), **g.by),
    "apply to open ones": lambda g: apply_to_open_drafts(only(g.retainer), **g.by),
    "reduce": lambda g: set_applied(only(g.applying), Decimal(1), **g.by),
    "ask": lambda g: submit_for_review(only(g.draft), reviewer=g.at.second_person(), **g.by),
    "take back": lambda g: take_back(only(g.draft), **g.by),
    "return": lambda g: return_reviews(only(g.draft), comment="No", **g.by),
    "remind": lambda g: remind_reviewers(only(g.draft), **g.by),
    "confirm": lambda g: confirm_proformas(only(g.draft), **g.by),
    "correct": Gone.take_back_into_it,
    "grant": lambda g: grant_discount(g.line, Allowance(percent=Decimal(1), reason="x"), **g.by),
    "change a discount": lambda g: change_discount(
        g.discount, Allowance(percent=Decimal(1), reason="x"), **g.by
    ),
    "charge": lambda g: charge_fee(g.line, Decimal(5), "Fee", item_sales_tax_group=g.at.item_group, **g.by),
    "edit": lambda g: edit_details(only(g.detail), Changes(quantity=Decimal(2)), **g.by),
    "edit many": lambda g: edit_in_bulk(only(g.detail), Changes(price=Decimal(2)), **g.by),
    "move": lambda g: move_details(only(g.detail), None, **g.by),
    "redate": lambda g: change_headings(only(g.draft), HeadingChanges(invoice_date=DAY), **g.by),
    "keep back": lambda g: keep_share(g.draft, RetentionTerms(Decimal(5)), **g.by),
    "release": lambda g: release_retentions(Retention.objects.none(), invoice_date=CUT_OFF, **g.by),
    "delete": lambda g: delete_drafts(only(g.draft), **g.by),
    "remove": lambda g: remove_details(only(g.detail), **g.by),
    "revert": lambda g: revert_details(only(g.detail), **g.by),
    "change a milestone": lambda g: change_milestone(only(g.share.milestone), MILESTONE, **g.by),
    "divide": lambda g: split_milestone(only(g.share.milestone), Decimal(1), name="Part", **g.by),
    "delete a milestone": lambda g: delete_milestones(only(g.share.milestone), **g.by),
    "change an advance": lambda g: change_retainer(only(g.retainer), ADVANCE, **g.by),
    "ready": lambda g: mark_retainers_ready(only(g.retainer), **g.by),
    "refund": lambda g: ask_for_refund(only(g.retainer), reason="x", **g.by),
    "delete an advance": lambda g: delete_retainers(only(g.retainer), **g.by),
}


def counts() -> list[int]:
    models = (Proforma, InvoiceLine, InvoiceLineDetail, Discount, Milestone, Retainer, Retention)
    return [model.objects.count() for model in models]


def said(verb: Callable[[Gone], Any], gone: Gone) -> str:
    """The code that a page would show, or that there was nothing to do."""
    try:
        result = verb(gone)
    except Exception as error:  # noqa: BLE001 - whatever it is, a page must have words for it
        failure = failure_of(error)
        return f"{type(error).__name__}: {error}" if failure is None else failure.refusals[0].code
    return "nothing" if not result else f"did {result!r}"


def test_every_verb_has_words_for_what_is_gone(db):
    gone = Gone()
    before = counts()
    said_of = {name: said(verb, gone) for name, verb in VERBS.items()}
    assert {name: words for name, words in said_of.items() if words != "nothing"} == {
        "apply to open ones": "no-open-draft",
        "by hand": GONE,
        "reduce": GONE,
        "correct": GONE,
        "grant": GONE,
        "change a discount": GONE,
        "charge": GONE,
        "move": "nothing-to-move",
        "keep back": GONE,
        "release": "nothing-chosen",
        "change a milestone": GONE,
        "divide": GONE,
        "change an advance": GONE,
    }
    assert counts() == before
    assert_proven()


def test_what_is_released_does_not_go_to_a_new_draft_where_the_one_chosen_is_gone(db):
    at = Company()
    at.approved(8)
    draft = at.draft()
    keep_share(draft, RetentionTerms(Decimal(10), CUT_OFF), actor=at.manager, at=NOW)
    at.confirm(draft)
    kept, nowhere = Retention.objects.all(), Proforma.objects.filter(pk=0)
    with pytest.raises(Proforma.DoesNotExist):
        release_retentions(kept, invoice_date=CUT_OFF, into=nowhere, actor=at.manager, at=NOW)
    assert [one.pk for one in Proforma.objects.all()] == [draft.pk]
    assert_proven()


def test_details_do_not_go_to_a_new_draft_where_the_one_chosen_is_gone(db):
    at = Company()
    at.approved(8)
    draft = at.draft()
    nowhere = Proforma.objects.filter(pk=0)
    details = InvoiceLineDetail.objects.filter(line__proforma=draft)
    with pytest.raises(Proforma.DoesNotExist):
        move_details(details, nowhere, actor=at.manager, at=NOW)
    assert list(Proforma.objects.all()) == [draft]
    assert details.count() == 1
