"""K2, L2: what a detail of a draft may claim, and number series that only go up."""

import datetime
import re

from billing.models import InvoiceLine, InvoiceLineDetail, Milestone, MilestoneShare, NumberSeries
from projects.models import Actual, BacklogItem
from projects.states import BillingMethod
from tests.company import Company, invoicing_rows, rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

CLAIM = "a detail claims an open backlog item of its own line, contract, customer, currency and entity"
SHARE = "a detail claims a milestone share of its own contract line and customer"
GOING_UP = "a number series only goes up and keeps its name once used"
TAKEN = re.compile(r"(?i)unique|not replaced")


def _foreign_line(guarded: GuardedRows, **columns: object) -> InvoiceLine:
    """The company's line on a draft that is another in one respect."""
    return invoicing_rows.line(invoicing_rows.proforma(guarded.company, **columns), guarded.company.line)


def _line_of_another_customer(guarded: GuardedRows) -> InvoiceLine:
    return _foreign_line(guarded, customer=rows.customer(guarded.company.entity))


def _line_of_another_contract(guarded: GuardedRows) -> InvoiceLine:
    deal = rows.contract(guarded.company.entity, guarded.company.customer)
    on = rows.contract_line(deal, guarded.company.customer, project=guarded.company.project)
    return invoicing_rows.line(invoicing_rows.proforma(guarded.company, contract=deal), on)


def _line_of_another_component(guarded: GuardedRows) -> InvoiceLine:
    on = rows.contract_line(
        guarded.company.contract, guarded.company.customer, project=guarded.company.project
    )
    return invoicing_rows.line(guarded.draft, on)


def _line_of_another_entity(guarded: GuardedRows) -> InvoiceLine:
    other = Company.bare()
    other.contract, other.customer = guarded.company.contract, guarded.company.customer
    return invoicing_rows.line(invoicing_rows.proforma(other), guarded.company.line)


def _foreign_share(guarded: GuardedRows) -> MilestoneShare:
    """The other payer's share of the same milestone."""
    other = rows.customer(guarded.company.entity)
    shared = MilestoneShare.objects.get(pk=guarded.share.pk)
    payer = shared.line_customer
    payer.pk, payer.customer, payer.is_rounding = None, other, False
    payer.save()
    return MilestoneShare.objects.create(
        milestone=shared.milestone, line_customer=payer, customer=other, amount=1, status="ready"
    )


def _share_line(guarded: GuardedRows) -> InvoiceLine:
    return invoicing_rows.line(guarded.draft, guarded.share.milestone.contract_line)


@each(
    insert(
        "customer",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(_line_of_another_customer(s), actual=s.sales),
    ),
    insert(
        "contract",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(_line_of_another_contract(s), actual=s.sales),
    ),
    insert(
        "component",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(_line_of_another_component(s), actual=s.sales),
    ),
    insert(
        "entity", CLAIM, lambda s: invoicing_rows.unsaved_detail(_line_of_another_entity(s), actual=s.sales)
    ),
    insert(
        "currency",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(_foreign_line(s, currency="USD"), actual=s.sales),
    ),
    insert(
        "after-the-cut-off",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(
            _foreign_line(s, cut_off_date=datetime.date(2026, 3, 1)), actual=s.sales
        ),
    ),
    insert(
        "cost",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(s.draft_line, actual=Actual.objects.cost().first()),
    ),
    insert(
        "mirror",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(s.draft_line, actual=Actual.objects.get(reverses=s.billed)),
    ),
    insert(
        "billed-sales",
        CLAIM,
        lambda s: invoicing_rows.unsaved_detail(s.draft_line, actual=Actual.objects.get(bills=s.billed)),
    ),
    insert(
        "share-on-another-line",
        SHARE,
        lambda s: invoicing_rows.unsaved_detail(s.draft_line, milestone_share=s.share),
    ),
    insert(
        "share-of-another-customer",
        SHARE,
        lambda s: invoicing_rows.unsaved_detail(_share_line(s), milestone_share=_foreign_share(s)),
    ),
    insert(
        "line-of-another-contract",
        "a proforma has lines of its own contract alone",
        lambda s: InvoiceLine(
            proforma=s.draft, contract_line=_line_of_another_contract(s).contract_line, name="x"
        ),
    ),
    insert(
        "claimed-already", TAKEN, lambda s: invoicing_rows.unsaved_detail(_foreign_line(s), actual=s.claimed)
    ),
    update(
        "another-actual",
        "a detail keeps what it claims",
        lambda s: (row(s.draft_detail), {"actual": s.sales}),
    ),
    update(
        "share-instead",
        "a detail keeps what it claims",
        lambda s: (row(s.draft_detail), {"milestone_share": s.share}),
    ),
    update(
        "moved-to-another-customer",
        "a detail moves between drafts of the same contract, line, customer and currency",
        lambda s: (row(s.draft_detail), {"line": _line_of_another_customer(s)}),
    ),
    update(
        "moved-before-its-day",
        "not beyond the cut-off",
        lambda s: (
            row(s.draft_detail),
            {"line": _foreign_line(s, cut_off_date=datetime.date(2026, 3, 1))},
        ),
    ),
    update(
        "cut-off-before-its-claims",
        "a draft holds items up to its cut-off",
        lambda s: (row(s.draft), {"cut_off_date": datetime.date(2026, 3, 1)}),
    ),
    update(
        "draft-for-another-customer",
        "a proforma keeps its contract, customer, currency and entity",
        lambda s: (row(s.draft), {"customer": rows.customer(s.company.entity)}),
    ),
    update(
        "line-on-another-proforma",
        "a line stays on its proforma",
        lambda s: (row(s.draft_line), {"proforma": invoicing_rows.proforma(s.company)}),
    ),
)
def test_a_claim_is_refused(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_a_detail_moves_between_like_drafts(guarded: GuardedRows):
    home = _foreign_line(guarded)
    assert row(guarded.draft_detail).update(line=home) == 1
    assert row(guarded.draft_detail).get().line == home


def test_a_milestone_share_is_claimed(guarded: GuardedRows):
    made = invoicing_rows.unsaved_detail(
        _share_line(guarded), milestone_share=guarded.share, transaction_class="milestone"
    )
    made.save()
    assert guarded.draft.lines.get(details=made).contract_line.billing_method == BillingMethod.FIXED_PRICE
    assert Milestone.objects.get(shares__invoice_details=made) == guarded.share.milestone


def test_a_draft_is_deleted_whole(guarded: GuardedRows):
    key = guarded.draft.pk
    guarded.draft.delete()
    assert not InvoiceLineDetail.objects.filter(line__proforma=key).exists()
    assert BacklogItem.objects.filter(pk=guarded.claimed.pk).count() == 1


# --- Number series ---


@each(
    update("counts-down", GOING_UP, lambda s: (row(s.series), {"last_number": 0})),
    update("renamed", GOING_UP, lambda s: (row(s.series), {"prefix": "XX"})),
    update("of-another-year", GOING_UP, lambda s: (row(s.series), {"year": 2027})),
    update("of-another-entity", GOING_UP, lambda s: (row(s.series), {"legal_entity": Company.bare().entity})),
    delete("deleted", "number series are never deleted", lambda s: row(s.series)),
    delete("deleted-unused", "number series are never deleted", lambda s: row(_unused(s))),
)
def test_a_number_series_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def _unused(guarded: GuardedRows) -> NumberSeries:
    return invoicing_rows.number_series(guarded.company, year=2027)


def test_an_unused_series_may_be_renamed(guarded: GuardedRows):
    assert row(_unused(guarded)).update(prefix="NEW") == 1
