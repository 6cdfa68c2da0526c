"""How contracts stand: value, billed, on drafts, unbilled and ready, computed where they are asked for.

Every figure is in the contract's currency and net of tax. Billed is the work and the milestones that were
confirmed, and on drafts those on open proformas: an advance is no work, and what is kept back was billed.
Unbilled is chargeable work that no draft holds plus milestones that are due or ready; what remains is the
value less all three (A2).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from billing.models import InvoiceLineDetail, InvoiceSchedule, MilestoneShare, Proforma
from billing.querysets import DetailQuerySet
from billing.states import ProformaStatus, ScheduleStatus
from core.fields import AmountField
from core.money import HUNDRED, ZERO, sum_by
from projects.models import BacklogItem, ContractLine
from projects.querysets import ContractQuerySet, Rows
from projects.states import BillingMethod

NOTHING = Value(ZERO, output_field=AmountField())
WORTH = Coalesce("contracted_amount", "not_to_exceed_amount")
OF_SHARE = "milestone__contract_line__contract"
MAY_BE_UNKNOWN = ("value", "remaining")
OF_WORK = {"retainer__isnull": True, "retention__isnull": True}
OF_CONTRACT = ("retainer__contract", "retention__line__proforma__contract")
"""How details of balances are found by their contract: over the few advances and retentions it has."""
FIGURES = ("value", "billed", "drafted", "unbilled", "ready", "remaining")


def with_position(contracts: ContractQuerySet, *, today: date) -> ContractQuerySet:
    """Contracts with the FIGURES and `used`, with `next_run` and methods.

    A line is worth its contracted amount, else its limit; `value` and `remaining` are empty where a line has
    neither. Milestones count from their due date, or from when they are ready; `today` is the day of the
    legal entity.
    """
    # Subqueries, not joins: joining lines with proformas and items would multiply every sum.
    lines = ContractLine.objects.filter(contract=OuterRef("pk"))
    proformas = Proforma.objects.filter(contract=OuterRef("pk"))
    items = BacklogItem.objects.chargeable().filter(contract=OuterRef("pk"))
    shares = MilestoneShare.objects.filter(**{OF_SHARE: OuterRef("pk")})
    runs = InvoiceSchedule.objects.filter(contract_line__contract=OuterRef("pk"))
    left = runs.exclude(status=ScheduleStatus.SUCCESSFUL)
    methods = {
        "bills_hours": Exists(lines.filter(billing_method=BillingMethod.TIME_AND_MATERIAL)),
        "bills_milestones": Exists(lines.filter(billing_method=BillingMethod.FIXED_PRICE)),
    }
    return contracts.annotate(
        # A contract with one line of unknown worth has no known value: adding up the others would mislead.
        value=Case(
            When(Exists(lines.filter(contracted_amount=None, not_to_exceed_amount=None)), then=Value(None)),
            default=Subquery(_sum(lines, "contract", WORTH)),
            output_field=AmountField(),
        ),
        billed=_work_on(proformas.confirmed(), [ProformaStatus.CONFIRMED, ProformaStatus.POSTED]),
        drafted=_work_on(proformas.open(), [ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW]),
        work=_known(items.off_draft(), "contract", "amount"),
        due=_known(shares.unbilled(today), OF_SHARE, "open_amount"),
        ready=_money(
            _known(items.ready(), "contract", "amount") + _known(shares.ready(), OF_SHARE, "due_amount")
        ),
        # Failed rows count as well: the next run takes them up again.
        next_run=Subquery(_of(left, "contract_line__contract").annotate(day=Min("run_date")).values("day")),
        **methods,
    ).annotate(
        unbilled=_money(F("work") + F("due")),
        used=_money(F("billed") + F("drafted") + F("work") + F("due")),
        remaining=_money(F("value") - F("billed") - F("drafted") - F("work") - F("due")),
    )


def billed_work() -> DetailQuerySet:
    """Details that bill work and milestones less discounts, as limits count them: neither advances nor what
    is kept back or released (A2, A6)."""
    return InvoiceLineDetail.objects.chargeable().filter(**OF_WORK)


def used_of_lines(lines: Iterable[ContractLine], *, today: date) -> dict[int, Decimal]:
    """What is used of each contract line, by key: billed, on drafts and unbilled, as for its contract (A6).

    In the currency of each line's contract. Three statements.
    """
    keys = [line.pk for line in lines]
    share_line = "milestone__contract_line"
    parts = (
        (billed_work().filter(line__contract_line__in=keys), "line__contract_line"),
        (BacklogItem.objects.chargeable().off_draft().filter(contract_line__in=keys), "contract_line"),
        (MilestoneShare.objects.unbilled(today).filter(**{f"{share_line}__in": keys}), share_line),
    )
    return sum_by(
        pair
        for rows, by in parts
        for pair in rows.order_by().values_list(by).annotate(sum=Sum("amount", default=ZERO))
    )


def percent_used(used: Decimal, of: Decimal | None) -> Decimal | None:
    """How much of a limit or value is used, in percent and exact; None where nothing is agreed.

    Used is, wherever a page says it, what was billed, what is on drafts, and what is unbilled: chargeable
    work and milestones that are due or ready (A6).
    """
    return used * HUNDRED / of if of else None


NEARLY_USED = 80
"""From this percent of its limit on a contract deserves a look."""


def nearly_used(contracts: ContractQuerySet) -> ContractQuerySet:
    """Contracts with their position that have used 80 % of their own not-to-exceed limit, or more (A6)."""
    # Multiplied and not divided: the database adds whole units of the fields and rounds nothing.
    over = _money(F("used") * Value(int(HUNDRED)) - F("not_to_exceed_amount") * Value(NEARLY_USED))
    return contracts.filter(not_to_exceed_amount__gt=0).alias(over_mark=over).filter(over_mark__gte=ZERO)


def summed(contracts: ContractQuerySet) -> Rows:
    """One row per currency over contracts with their position: how many, and the sum of each figure.

    The value is empty where no contract of the currency has one.
    """
    sums = {f"sum_{name}": Sum(name, default=None if name in MAY_BE_UNKNOWN else ZERO) for name in FIGURES}
    return (
        contracts.order_by().values("currency").annotate(contracts=Count("pk"), **sums).order_by("currency")
    )


def _money(sum_of: Combinable) -> ExpressionWrapper:
    """A sum of amounts is an amount, which Django would take for an integer."""
    return ExpressionWrapper(sum_of, output_field=AmountField())


def _work_on(proformas: QuerySet, statuses: Sequence[str]) -> ExpressionWrapper:
    """The net of a contract's proformas without advances and retentions, as `billed_work` adds it up."""
    # Net is stored and balances are few: adding up every detail would read all that was ever billed.
    balances = InvoiceLineDetail.objects.chargeable().filter(line__proforma__status__in=statuses)
    work: Combinable = _known(proformas, "contract", "net_amount")
    for contract in OF_CONTRACT:
        work -= _known(balances.filter(**{contract: OuterRef("pk")}), contract, "amount")
    return _money(work)


def _of(rows: QuerySet, by: str) -> QuerySet:
    return rows.order_by().values(by)


def _sum(rows: QuerySet, by: str, field: str | Coalesce) -> QuerySet:
    return _of(rows, by).annotate(sum=Sum(field)).values("sum")


def _known(rows: QuerySet, by: str, field: str) -> Coalesce:
    # No rows add up to NULL, and one NULL would empty every figure computed from it.
    return Coalesce(Subquery(_sum(rows, by, field)), NOTHING)
