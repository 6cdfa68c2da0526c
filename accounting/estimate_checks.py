"""What stands against posting, eliminating and reversing estimates (C10)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounting.estimate_facts import BookedAmount, ByProject
from accounting.models import RevenueEstimate
from accounting.posting_context import PostingContext
from accounting.states import EstimateStatus, PostingType, Recognition
from core.money import ZERO
from core.refusals import Refusal, Text
from core.templatetags.display import day as written


def not_in(
    estimates: Iterable[RevenueEstimate], status: EstimateStatus, code: str, message: Text
) -> Iterator[Refusal]:
    """Estimates that stand somewhere else than the verb needs."""
    for one in estimates:
        if one.status != status:
            yield Refusal(code, str(message), str(one), _("Leave it out."))


def closed(
    estimates: Iterable[RevenueEstimate],
    contexts: Mapping[int, PostingContext],
    day_of: Callable[[RevenueEstimate], date],
) -> Iterator[Refusal]:
    """Estimates whose day lies in a closed period."""
    for one in estimates:
        day = day_of(one)
        if not contexts[one.legal_entity_id].is_open_on(day):
            message = _("%(day)s lies in a closed period.") % {"day": written(day)}
            yield Refusal("period-closed", message, str(one), _("Choose a date in an open period."))


def no_account(estimate: RevenueEstimate, role: str) -> Refusal:
    """An estimate that needs an account which nobody has set."""
    message = _("No account is set for the posting type %(name)s.") % {"name": PostingType(role).label}
    return Refusal("account-missing", message, str(estimate), _("Set one for this posting type."))


def left_over(
    last: RevenueEstimate,
    estimates: Iterable[RevenueEstimate],
    on_account: Iterable[BookedAmount],
    discounts: ByProject,
) -> Iterator[Refusal]:
    """Why eliminating a project would leave something in the balance; what was discounted is not invoiced."""
    to_date = sum((one.amount for one in estimates if one.project_id == last.project_id), ZERO)
    if last.method == Recognition.COMPLETED_PERCENTAGE and to_date != last.contract_amount:
        message = _("It is not recognised in full.")
        yield Refusal("not-complete", message, str(last), _("Post an estimate of 100 percent first."))
    invoiced = -sum((one.base_amount for one in on_account if one.project_id == last.project_id), ZERO)
    if invoiced != last.contract_amount + discounts.get(last.project_id, ZERO):
        message = _("What is invoiced on account is not what was agreed.")
        yield Refusal("not-invoiced-in-full", message, str(last), _("Post the invoices of all milestones."))


def not_the_last(estimates: Sequence[RevenueEstimate]) -> Iterator[Refusal]:
    """Estimates that have a later one, which counts on them."""
    of_projects = RevenueEstimate.objects.filter(project__in=[one.project_id for one in estimates])
    others = of_projects.exclude(pk__in=[one.pk for one in estimates])
    starts = list(others.values_list("project", "period__starts_on"))
    for one in estimates:
        if any(project == one.project_id and start > one.period.starts_on for project, start in starts):
            message = _("It has an estimate of a later period.")
            yield Refusal("not-the-last", message, str(one), _("Reverse that one first."))
