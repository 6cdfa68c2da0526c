"""Billed quantity, sales amount and cost of submitted time, with billing increments, days or as recorded.

Hours that four decimal places cannot express are rounded towards the exact sum of their line, price and
month; all others are priced by themselves (A8, A11, M2).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Q, Sum

from core.money import STORED_PLACES, minor_places, rounded_fraction, times
from projects.billed_time import Billed, DaySoFar, billed_by_day, billed_by_entry
from projects.models import Approval, Project
from projects.states import PriceUnit, TransactionClass
from projects.steps import HOUR_SECONDS, hours_of_entry, is_odd, steps_of, whole_seconds
from projects.time_totals import LIVE, Running, TimeGroup, TimeTotals, groups_of, proposed_of


def set_time_amounts(
    approvals: Sequence[Approval], instead_of: Sequence[Approval] = (), *, keeps_quantities: bool = False
) -> None:
    """Set quantities and amounts of unsaved submissions together with stored ones of their days and months.

    Time on lines with billing increments or billed days is rounded to them, unless `keeps_quantities`; hours
    that four places cannot express are rounded towards the exact sum of their line, price and month. What an
    approver changed stays. `instead_of` are stored submissions that do not count, because they are replaced.
    Three statements at most, whatever the number of submissions. Locks the projects concerned (A11, M2).
    """
    # Otherwise two submissions at the same time might both be rounded up.
    projects = {one.entry.project_id for one in approvals if _depends_on_others(one)}
    if projects:
        list(Project.objects.filter(pk__in=projects).order_by("pk").select_for_update(no_key=True).only("pk"))
        foresee_time_amounts(approvals, instead_of, keeps_quantities=keeps_quantities)


def foresee_time_amounts(
    approvals: Sequence[Approval], instead_of: Sequence[Approval] = (), *, keeps_quantities: bool = False
) -> None:
    """The same as `set_time_amounts` for a preview: nothing is locked."""
    together = [one for one in approvals if _depends_on_others(one)]
    gone = [one for one in instead_of if one.entry.transaction_class == TransactionClass.TIME]
    if keeps_quantities:
        billed = {id(one): kept(one) for one in together}
    else:
        billed = _billed_by_day([one for one in together if steps_of(one.contract_line).is_by_day], gone)
    totals = TimeTotals.of(together, gone)
    for one in together:
        settle(one, totals, billed.get(id(one)))


def kept(approval: Approval) -> Billed:
    """What is billed of a submission, and left of it, where that stays as it was proposed."""
    proposed = proposed_of(approval)
    return Billed(proposed, max(Fraction(approval.priced_quantity) - proposed, Fraction(0)))


def _depends_on_others(approval: Approval) -> bool:
    """Whether its amounts depend on other entries: by its hours, or by increments or days of its line."""
    if approval.entry.transaction_class != TransactionClass.TIME:
        return False
    return is_odd(hours_of_entry(approval.entry)) or steps_of(approval.contract_line).is_stepped


def settle(approval: Approval, totals: TimeTotals, billed: Billed | None = None) -> None:
    """Set the quantities and amounts of one submission of time, and update `totals`.

    `billed` is given where the time of a day is rounded together; else it is computed from the entry.
    Amounts are rounded once to the minor unit of their currency.
    """
    steps, hours = steps_of(approval.contract_line), hours_of_entry(approval.entry)
    billed = billed or billed_by_entry(steps, hours)
    changed = approval.billable_quantity if approval.billable_quantity != approval.proposed_quantity else None
    sold, spent = groups_of(approval)

    approval.submitted_quantity = _quantity(hours, totals.hours[sold])
    approval.cost_amount = _amount(hours, approval.submitted_quantity, spent, totals.costs[spent])
    approval.proposed_seconds = whole_seconds(billed.billed)
    approval.proposed_quantity = _quantity(billed.billed, totals.quantities[sold])
    approval.proposed_amount = _amount(billed.billed, approval.proposed_quantity, sold, totals.sales[sold])
    _price_whole(approval, hours, billed)
    approval.billable_quantity = approval.proposed_quantity if changed is None else changed
    approval.sales_amount = approval.amount_of(approval.billable_quantity)


def _price_whole(approval: Approval, hours: Fraction, billed: Billed) -> None:
    """Set the priced quantity and amount: what was recorded, without what was billed with another entry."""
    whole = min(hours, billed.billed + billed.rest) if approval.unit != PriceUnit.DAY else billed.billed
    if whole == billed.billed:
        approval.priced_quantity, approval.priced_amount = (
            approval.proposed_quantity,
            approval.proposed_amount,
        )
        return
    places = minor_places(approval.sales_currency)
    approval.priced_quantity = (
        approval.submitted_quantity if whole == hours else rounded_fraction(whole, STORED_PLACES)
    )
    approval.priced_amount = rounded_fraction(whole * Fraction(approval.sales_price), places)


def _quantity(exact: Fraction, running: Running) -> Decimal:
    if is_odd(exact):
        return running.next(exact, STORED_PLACES)
    return rounded_fraction(exact, STORED_PLACES)


def _amount(exact: Fraction, quantity: Decimal, group: TimeGroup, running: Running) -> Decimal:
    # What is priced by its quantity is rounded by itself, once.
    if not is_odd(exact):
        return times(quantity, group.price, group.currency)
    return running.next(exact * Fraction(group.price), minor_places(group.currency))


class PersonDay(NamedTuple):
    """The time that is rounded together: of a line, person and day, and of a task unless billed in days."""

    line: int | None
    person: int | None
    day: date
    task: int | None
    billing_type: int


def _billed_by_day(approvals: Sequence[Approval], gone: Sequence[Approval]) -> dict[int, Billed]:
    """What is billed of submissions whose day is rounded together, by `id()` of the submission."""
    if not approvals:
        return {}
    before = _days_so_far(approvals, gone)
    of_day: dict[PersonDay, list[Approval]] = defaultdict(list)
    for one in approvals:
        of_day[_day_of(one)].append(one)
    return {
        id(one): billed
        for key, together in of_day.items()
        for one, billed in zip(
            together,
            billed_by_day(
                steps_of(together[0].contract_line),
                before.get(key, DaySoFar()),
                [hours_of_entry(one.entry) for one in together],
            ),
            strict=True,
        )
    }


def _day_of(approval: Approval) -> PersonDay:
    entry, line = approval.entry, approval.contract_line
    task = entry.task_id if steps_of(line).day_hours is None else None
    return PersonDay(approval.contract_line_id, entry.resource_id, entry.date, task, approval.billing_type)


def _days_so_far(approvals: Sequence[Approval], gone: Sequence[Approval]) -> dict[PersonDay, DaySoFar]:
    """Stored time of the same days, submitted or approved, in one statement."""
    days = [one.entry.date for one in approvals]
    by_days = {one.contract_line_id for one in approvals if steps_of(one.contract_line).day_hours is not None}
    live = Approval.objects.filter(
        status__in=LIVE,
        contract_line__in={one.contract_line_id for one in approvals},
        entry__date__range=(min(days), max(days)),
        entry__transaction_class=TransactionClass.TIME,
    )
    rough, rounded = Q(entry__seconds__isnull=True), Q(proposed_seconds__isnull=True)
    summed = (
        live.order_by()
        .values_list("contract_line", "entry__resource", "entry__date", "entry__task", "billing_type")
        .annotate(
            recorded=Sum("entry__seconds"),
            hours=Sum("entry__quantity", filter=rough),
            billed=Sum("proposed_seconds"),
            quantity=Sum("proposed_quantity", filter=rounded),
        )
    )
    so_far: dict[PersonDay, DaySoFar] = defaultdict(DaySoFar)
    for line, person, day, task, billing_type, *sums in summed:
        seconds, hours, billed_seconds, billed = (Fraction(one or 0) for one in sums)
        key = PersonDay(line, person, day, None if line in by_days else task, billing_type)
        so_far[key] = DaySoFar(
            so_far[key].hours + seconds / HOUR_SECONDS + hours,
            so_far[key].billed + billed_seconds / HOUR_SECONDS + billed,
        )
    for old in gone:
        key = _day_of(old)
        so_far[key] = DaySoFar(
            so_far[key].hours - hours_of_entry(old.entry), so_far[key].billed - proposed_of(old)
        )
    return so_far
