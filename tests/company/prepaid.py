"""Prepaid hours of a company's line, as a project manager agrees them, and their months as text."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from billing.expiring import expire_prepaid_hours
from billing.models import Proforma, Retainer
from billing.prepaid_terms import PrepaidTerms
from billing.prepaying import plan_prepaid_hours
from billing.retaining import mark_retainers_not_ready, mark_retainers_ready
from billing.states import RetainerStatus
from projects.models import PrepaidExpiry, PrepaidHours
from projects.prepaid_use import PrepaidUse, use_of
from tests.company.builder import Company, only
from tests.company.rows import NOW, moment_for

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
APPLICATION_CARE = PrepaidTerms(Decimal(50), Decimal(120), Decimal(148), Decimal(10), AUGUST, 4)
"""50 hours a month at 120, of which 10 roll over at most; above that 148 an hour."""


def ten_hours() -> PrepaidTerms:
    """Ten hours of March at 120, 148 beyond them; none roll over."""
    return replace(
        APPLICATION_CARE,
        hours=Decimal(10),
        roll_over_hours=Decimal(0),
        first_month=date(2026, 3, 1),
        months=1,
    )


def agreed(company: Company, terms: PrepaidTerms = APPLICATION_CARE) -> PrepaidHours:
    """Prepaid hours of the company's line; their retainers are ready."""
    today = company.entity.day_of(NOW)
    return plan_prepaid_hours(company.line, terms, actor=company.manager, on=today, at=NOW)


def use(agreement: PrepaidHours) -> PrepaidUse:
    """What is used of it now."""
    (one,) = use_of([PrepaidHours.objects.get(pk=agreement.pk)])
    return one


def statement(agreement: PrepaidHours) -> str:
    """A line for each month: rolled in, bought, used, over, rolled on, expires."""
    return "\n".join(
        " ".join(
            [f"{one.month:%b}"]
            + [
                f"{figure:.2f}"
                for figure in (one.rolled_in, one.bought, one.used, one.over, one.rolled_on, one.expires)
            ]
        )
        for one in use(agreement).plan.months
    )


def work(company: Company, *days: tuple[int, int, str]) -> None:
    """Approved hours, each by month, day and hours."""
    for month, day, hours in days:
        company.approved(hours, date=date(2026, month, day))


def invoice_block(company: Company, month: int) -> Proforma:
    """The proforma that asks for the block of a month, in advance, confirmed and invoiced."""
    (draft,) = company.drafts(date(2026, month, 1) - timedelta(days=1))
    return _invoiced(company, draft)


def bill(company: Company, on: date) -> Proforma:
    """Everything that is open up to a day, confirmed and invoiced."""
    # The next block is invoiced by itself, so that each step can be read alone.
    later = Retainer.objects.filter(status=RetainerStatus.READY)
    mark_retainers_not_ready(later, actor=company.manager, at=NOW)
    draft = company.draft(on)
    mark_retainers_ready(
        Retainer.objects.filter(status=RetainerStatus.NOT_READY), actor=company.manager, at=NOW
    )
    return _invoiced(company, draft)


def _invoiced(company: Company, draft: Proforma) -> Proforma:
    (confirmed,) = company.confirm(draft)
    company.invoices()
    return confirmed


def expire(company: Company, agreement: PrepaidHours, until: date) -> list[PrepaidExpiry]:
    """What was not used in the months that ended up to a day expires."""
    moment = moment_for(until + timedelta(days=1))
    return expire_prepaid_hours(
        only(agreement), until=until, actor=company.manager, on=company.entity.day_of(moment), at=moment
    )
