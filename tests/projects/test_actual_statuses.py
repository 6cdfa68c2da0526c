"""Billing and adjustment status of every actual, derived from what is stored once (matrix 4.1, 4.3, 4.5)."""

from typing import Any

import pytest

from projects.actual_querysets import ActualQuerySet
from projects.models import Actual
from projects.states import ActualBillingStatus, AdjustmentStatus, BillingType
from tests.company import Company
from tests.company.text import table

pytestmark = pytest.mark.django_db


def test_the_life_of_eight_hours_from_approval_to_the_posted_invoice():
    company = Company()
    company.approved(8)
    assert company.statuses() == table("""
        cost      chargeable  +8   +800.00  -          -
        unbilled  chargeable  +8  +1600.00  not_ready  -
    """)
    company.ready()
    assert company.statuses().splitlines()[1] == "unbilled chargeable +8 +1600.00 ready -"
    (draft,) = company.drafts()
    assert company.statuses().splitlines()[1] == "unbilled chargeable +8 +1600.00 on_draft -"
    company.confirm(draft)
    closed = table("""
        cost      chargeable  +8   +800.00  -       -
        unbilled  chargeable  +8  +1600.00  posted  -
        unbilled  chargeable  -8  -1600.00  posted  unadjustable
        billed    chargeable  +8  +1600.00  posted  -
    """)
    assert company.statuses() == closed
    company.invoices()
    assert company.statuses() == closed


@pytest.mark.parametrize(
    ("edit", "replacement"),
    [
        ({"quantity": "6"}, ["+6 +1200.00", "non-chargeable +2 +400.00"]),
        ({"quantity": "10"}, ["+10 +2000.00"]),
        ({"price": "180"}, ["+8 +1440.00"]),
        ({"billing_type": BillingType.COMPLIMENTARY}, ["complimentary +8 +1600.00"]),
    ],
    ids=["n2 reduced", "n3 raised", "n5 cheaper", "n4 given away"],
)
def test_what_an_edited_draft_replaced_is_adjusted_and_cancelled(
    edit: dict[str, Any], replacement: list[str]
):
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, **edit)
    company.confirm(draft)
    said = company.statuses().splitlines()
    assert "unbilled chargeable +8 +1600.00 cancelled adjusted" in said
    assert "unbilled chargeable -8 -1600.00 cancelled unadjustable" in said
    for words in [each if each[0].isalpha() else f"chargeable {each}" for each in replacement]:
        assert f"unbilled {words} posted -" in said
        assert f"billed {words} posted -" in said


def test_rest_that_is_kept_waits_in_the_backlog():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6", remainder="keep")
    company.confirm(draft)
    assert "unbilled chargeable +2 +400.00 not_ready -" in company.statuses()


def test_cost_of_a_class_on_no_line_is_never_billed():
    company = Company()
    company.line.includes_expense = False
    company.line.save()
    company.approved(1, "expense", price=500)
    assert company.statuses() == "cost not-available +1 +500.00 - -"


def test_milestone_is_posted_when_its_proforma_is_confirmed():
    company = Company()
    company.milestone("5000")
    company.confirm(company.draft())
    assert company.statuses() == "billed chargeable +1 +5000.00 posted -"


def test_statuses_cost_one_statement_and_can_be_filtered(django_assert_num_queries: Any):
    company = Company()
    company.approved(8)
    company.approved(4)
    company.ready()
    actuals: ActualQuerySet = Actual.objects.with_statuses()
    with django_assert_num_queries(1):
        assert len(actuals.filter(billing_status=ActualBillingStatus.READY)) == 2
    assert not actuals.exclude(adjustment_status=AdjustmentStatus.NONE).exists()
