"""Estimate how far fixed-price projects are at the end of a period (C10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.estimate_facts import (
    Agreed,
    ByProject,
    agreed_of,
    costs_to_date,
    progress,
    recognised_of,
)
from accounting.models import FiscalPeriod, RevenueEstimate
from accounting.posting_context import PostingContext
from accounting.profiles import Situation
from accounting.states import EstimateStatus, Recognition
from core.activity_log import log_activity
from core.money import HUNDRED, ZERO
from core.refusals import Refusal, refuse_if
from projects.models import Project
from projects.states import BillingMethod


@dataclass(frozen=True)
class Estimated:
    """A project, and how far it is: by its estimated total cost, or by a percentage that somebody gives.

    By completed contract neither is needed. Amounts are in the currency of the legal entity.
    """

    project: Project
    total_cost: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class _Basis:
    """What the database says of the projects, read once for all of them."""

    period: FiscalPeriod
    context: PostingContext
    agreed: dict[int, list[Agreed]]
    costs: ByProject
    recognised: ByProject
    others: dict[int, list[RevenueEstimate]]

    def method_of(self, project: Project) -> str:
        """How revenue of the project is recognised, by its profile."""
        contracts: list[int | None] = [one.contract_id for one in self.agreed.get(project.pk, [])]
        for contract_id in contracts or [None]:
            situation = Situation(BillingMethod.FIXED_PRICE, project.pk, project.group, contract_id)
            profile = self.context.profile(situation)
            if profile is not None and profile.recognition != Recognition.NONE:
                return profile.recognition
        return Recognition.NONE

    def estimate_of(self, project: Project) -> RevenueEstimate | None:
        """The estimate of the project in this period, if there is one."""
        mine = self.others.get(project.pk, [])
        return next((one for one in mine if one.period_id == self.period.pk), None)


def create_estimates(
    estimates: Sequence[Estimated], period: FiscalPeriod, *, actor: User, at: datetime
) -> list[RevenueEstimate]:
    """Estimate projects at the end of a period, all of them or none; one not posted yet is made anew.

    Cost to date is what journals have posted through the last day of the period; what earlier periods
    recognised is left out of this one's amount. Rounded once, to the minor unit of the entity's currency.
    Locks the estimates of the projects. A few statements for any number of projects. Raises Refused:
    not-recognised-over-time, nothing-agreed, foreign-currency, eliminated, earlier-not-posted,
    later-estimate, already-posted, progress-missing, not-a-percentage, total-below-cost (C10).
    """
    with transaction.atomic(durable=True):
        basis = _basis(period, [one.project for one in estimates])
        refuse_if(refusal for one in estimates for refusal in _reasons_against(one, basis))

        rows = [_row(one, basis) for one in estimates]
        kept = [row for row in rows if row.pk]
        facts = ["method", "contract_amount", "cost_to_date", "total_cost", "percent", "amount"]
        RevenueEstimate.objects.bulk_update(kept, facts)
        RevenueEstimate.objects.bulk_create([row for row in rows if not row.pk])
        log_activity("estimated", rows, actor=actor, at=at, facts={"period": period.name})
    return rows


def _basis(period: FiscalPeriod, projects: list[Project]) -> _Basis:
    others: dict[int, list[RevenueEstimate]] = {}
    known = RevenueEstimate.objects.filter(project__in=projects)
    # Their periods are read apart: the lock is on the estimates alone.
    for one in known.select_related("period").locked():
        others.setdefault(one.project_id, []).append(one)
    return _Basis(
        period,
        PostingContext.of(period.legal_entity),
        agreed_of(projects),
        costs_to_date(projects, period.ends_on),
        recognised_of(projects),
        others,
    )


def _row(one: Estimated, basis: _Basis) -> RevenueEstimate:
    project, currency = one.project, basis.context.legal_entity.currency
    row = basis.estimate_of(project) or RevenueEstimate(
        legal_entity=basis.period.legal_entity, project=project, period=basis.period
    )
    row.method = basis.method_of(project)
    row.contract_amount = sum((agreed.amount for agreed in basis.agreed[project.pk]), ZERO)
    row.cost_to_date = basis.costs.get(project.pk, ZERO)
    row.total_cost = one.total_cost
    reached = progress(
        row.method,
        row.contract_amount,
        row.cost_to_date,
        total=one.total_cost,
        percent=one.percent,
        currency=currency,
    )
    row.percent = reached.percent
    row.amount = reached.to_date - basis.recognised.get(project.pk, ZERO)
    return row


def _reasons_against(one: Estimated, basis: _Basis) -> Iterator[Refusal]:
    project, subject = one.project, str(one.project)
    agreed = basis.agreed.get(project.pk, [])
    method = basis.method_of(project)
    if method == Recognition.NONE:
        message = _("Its profile recognises revenue with its invoices.")
        way_out = _("Choose completed contract or completed percentage in its cost and revenue profile.")
        yield Refusal("not-recognised-over-time", message, subject, way_out)
    if not agreed:
        message = _("No contract line at a fixed price says what was agreed for it.")
        yield Refusal("nothing-agreed", message, subject, _("Enter the contracted amount on its line."))
    if any(each.currency != basis.context.legal_entity.currency for each in agreed):
        message = _("It is agreed in another currency than that of the legal entity.")
        yield Refusal("foreign-currency", message, subject, _("Recognise it with its invoices."))
    yield from _out_of_order(one, basis)
    if method == Recognition.COMPLETED_PERCENTAGE:
        yield from _no_progress(one, basis)


def _out_of_order(one: Estimated, basis: _Basis) -> Iterator[Refusal]:
    subject, starts_on = str(one.project), basis.period.starts_on
    known = basis.estimate_of(one.project)
    if known is not None and known.status != EstimateStatus.CREATED:
        message = _("Its estimate of this period is posted already.")
        yield Refusal("already-posted", message, subject, _("Reverse it first."))
    others = basis.others.get(one.project.pk, [])
    if any(each.status == EstimateStatus.ELIMINATED for each in others):
        message = _("It is eliminated: what was recognised of it is earned.")
        yield Refusal("eliminated", message, subject, _("Reverse the elimination first."))
    if any(each.period.starts_on < starts_on and each.status == EstimateStatus.CREATED for each in others):
        message = _("An estimate of an earlier period is not posted.")
        yield Refusal("earlier-not-posted", message, subject, _("Post it first."))
    if any(each.period.starts_on > starts_on for each in others):
        message = _("It has an estimate of a later period.")
        yield Refusal("later-estimate", message, subject, _("Estimate a period after that one."))


def _no_progress(one: Estimated, basis: _Basis) -> Iterator[Refusal]:
    subject, cost = str(one.project), basis.costs.get(one.project.pk, ZERO)
    if (one.total_cost is None) == (one.percent is None):
        message = _("How far it is, is not said.")
        way_out = _("Give its estimated total cost, or a percentage.")
        yield Refusal("progress-missing", message, subject, way_out)
    if one.percent is not None and not ZERO <= one.percent <= HUNDRED:
        message = _("It is complete by 0 to 100 percent.")
        yield Refusal("not-a-percentage", message, subject, _("Give a percentage between them."))
    if one.total_cost is not None and (one.total_cost <= ZERO or one.total_cost < cost):
        message = _("The estimated total is below the cost to date.")
        yield Refusal("total-below-cost", message, subject, _("Give a total of at least the cost to date."))
