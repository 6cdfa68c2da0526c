"""The months of prepaid hours as verbs write and judge them: locked, planned, priced again (A12)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from billing.models import Retainer
from billing.prepaid_terms import PrepaidTerms, payers_of, retainer_of
from core.days import last_of_month
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import (
    Actual,
    ContractLine,
    Customer,
    PrepaidExpiry,
    PrepaidHours,
    PrepaidMonth,
    ProjectContract,
)
from projects.prepaid_reckoning import count_prepaid_hours
from projects.re_evaluation import evaluate_again
from projects.states import BillingType, TransactionClass


def locked_line(line: ContractLine) -> tuple[ContractLine, Sequence[Customer]]:
    """A contract line with its contract locked, and who pays for it."""
    contract = ProjectContract.objects.select_related("legal_entity").locked().get(pk=line.contract_id)
    held = ContractLine.objects.select_related("project").get(pk=line.pk)
    held.contract = contract
    return held, payers_of(held)


def write_months(
    agreement: PrepaidHours, terms: PrepaidTerms, line: ContractLine, customer: Customer
) -> list[Retainer]:
    """Write the block of each month and its retainer, ready, so that each is invoiced on its day."""
    blocks = terms.blocks
    for block in blocks:
        block.prepaid_hours = agreement
    months = PrepaidMonth.objects.bulk_create(blocks)
    retainers = Retainer.objects.bulk_create(retainer_of(month, line, customer) for month in months)
    Retainer.objects.walk(retainers, Retainer.mark_ready)
    return retainers


def price_months_again(
    line: ContractLine, months: Sequence[date], *, actor: User, on: date, at: datetime
) -> None:
    """Give open work of months, and what waits, the prices of the agreement as it is now; none for none.

    They are named by their first days, in their order.

    Locks the approvals, then their open work; the caller holds the contract.
    """
    if not months:
        return
    days = months[0], last_of_month(months[-1])
    projects = [line.project] if line.project else []
    evaluate_again([line.contract], projects, [line.pk], days=days, actor=actor, on=on, at=at)
    # Where no row is written again the block may still have grown or shrunk.
    count_prepaid_hours([line.pk], actor=actor, on=on, at=at)


def terms_of(month: PrepaidMonth, first: date, months: int) -> PrepaidTerms:
    """What was agreed for a month, for other months."""
    return PrepaidTerms(
        month.hours, month.block_rate, month.overage_rate, month.roll_over_hours, first, months
    )


def billed_already(line: ContractLine, months: Sequence[date]) -> Iterable[Refusal]:
    """Work that was billed or is on a draft was priced without the block, or with it. Code: month-billed."""
    if not months:
        return
    work = Actual.objects.filter(
        work_item__contract_line=line,
        work_item__transaction_class=TransactionClass.TIME,
        work_item__approval__isnull=False,
        work_item__transaction_date__gte=months[0],
        work_item__transaction_date__lte=last_of_month(months[-1]),
        billing_type=BillingType.CHARGEABLE,
    )
    billed = work.billed_sales().unreversed() | work.filter(backlog_item__status="on_draft")
    first = billed.order_by("work_item__transaction_date").select_related("work_item").first()
    if first is not None:
        yield Refusal(
            "month-billed",
            _("Work of %(month)s is billed or on a draft.")
            % {"month": written(first.work_item.transaction_date, "whole_month")},
            line.name,
            _("Choose a later month, or take that work back first."),
        )


def expired_already(agreement: PrepaidHours, last: date, way_out: str) -> Iterable[Refusal]:
    """What expired of a month, or of a later one, was worked out with the terms as they were.

    Code: hours-expired.
    """
    expired = PrepaidExpiry.objects.filter(
        prepaid_month__prepaid_hours=agreement, prepaid_month__month__gte=last
    )
    latest = expired.select_related("prepaid_month").order_by("-prepaid_month__month").first()
    if latest is not None:
        message = _("Hours of %(month)s have expired.")
        month = written(latest.prepaid_month.month, "whole_month")
        yield Refusal("hours-expired", message % {"month": month}, str(agreement), way_out)
