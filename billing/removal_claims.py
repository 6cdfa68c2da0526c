"""Why what was removed from a draft cannot be claimed again: who has it now, and where (B7, X1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Removal, Retainer, Retention
from billing.states import MilestoneStatus, RetainerStatus, RetainerUse
from core.models import Activity
from core.money import ZERO
from core.people import person_name
from core.refusals import Refusal
from core.templatetags.display import number
from projects.models import Actual, BacklogItem
from projects.states import BillingStatus

PUT_ON = ("drafted", "added to", "moved to", "details put back", "restored", "correction started")
"""What the history of a proforma calls it when details came on it."""


class Returning(Protocol):
    """A removal with the draft it goes to and its details."""

    @property
    def removal(self) -> Removal: ...
    @property
    def draft(self) -> Proforma | None: ...
    @property
    def details(self) -> list[InvoiceLineDetail]: ...


def reasons_against_claims(returns: Sequence[Returning]) -> Iterable[Refusal]:
    """Why details cannot be put back, one reason for all of a draft that it holds for.

    A number of statements that does not depend on how many details there are. Codes: claimed-meanwhile,
    not-ready-any-more, not-open-any-more, after-cut-off.
    """
    details = [detail for one in returns for detail in one.details]
    sources = _Sources(details)
    for one in returns:
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for detail in one.details:
            if (problem := sources.problem_of(detail)) is not None:
                counts[problem] += 1
            elif _is_late(detail, one):
                counts["after-cut-off", ""] += 1
        for (code, holder), count in counts.items():
            yield _refusal(code, holder, count, one.removal.number, sources.people)


def _is_late(detail: InvoiceLineDetail, one: Returning) -> bool:
    is_claim = detail.actual_id is not None or detail.milestone_share_id is not None
    return is_claim and one.draft is not None and detail.transaction_date > one.draft.cut_off_date


class _Sources:
    """What details bill, as it is now: free to be claimed, held by a proforma, or gone."""

    def __init__(self, details: Sequence[InvoiceLineDetail]):
        actuals = {one.actual_id for one in details if one.actual_id is not None}
        shares = {one.milestone_share_id for one in details if one.milestone_share_id is not None}
        corrected = {one.corrects_id for one in details if one.corrects_id is not None}
        self._items = BacklogItem.objects.in_bulk(actuals)
        self._shares = MilestoneShare.objects.in_bulk(shares)
        holding = MilestoneShare.objects.with_proforma().filter(pk__in=shares)
        self._holder_of = dict(holding.values_list("pk", "draft_number"))
        retainers = {one.retainer_id for one in details if one.retainer_id is not None}
        self._retainers = Retainer.objects.in_bulk(retainers)
        self._balances = _Balances(details)
        held = InvoiceLineDetail.objects.filter(corrects__in=corrected)
        self._corrected_by = dict(held.values_list("corrects", "line__proforma__number"))
        gone = Actual.objects.filter(pk__in=actuals - self._items.keys())
        self._billed_by = dict(gone.values_list("pk", "invoice_detail__line__proforma__number"))
        there = InvoiceLineDetail.objects.filter(pk__in=[one.replaces_id for one in details])
        self._known = {one.pk for one in details} | set(there.values_list("pk", flat=True))
        self.people = _people_of(
            {problem[1] for one in details if (problem := self.problem_of(one)) and problem[1]}
        )

    def problem_of(self, detail: InvoiceLineDetail) -> tuple[str, str] | None:
        """Code and the number of the proforma that has it; None where it can be claimed."""
        if detail.actual_id is not None:
            return self._of_item(detail.actual_id)
        if detail.milestone_share_id is not None:
            return self._of_share(detail, detail.milestone_share_id)
        if detail.retainer_id is not None and detail.corrects_id is None:
            wanted = self._balances.wanted_of_retainer[detail.retainer_id]
            return _of_retainer(detail, self._retainers[detail.retainer_id], wanted)
        if detail.corrects_id in self._corrected_by:
            return "claimed-meanwhile", self._corrected_by[detail.corrects_id]
        if detail.replaces_id is not None and detail.replaces_id not in self._known:
            return "not-open-any-more", ""
        return self._balances.problem_of_retention(detail)

    def _of_item(self, actual_id: int) -> tuple[str, str] | None:
        item = self._items.get(actual_id)
        if item is None:
            billed_by = self._billed_by.get(actual_id)
            return ("claimed-meanwhile", billed_by) if billed_by else ("not-open-any-more", "")
        if item.status == BillingStatus.ON_DRAFT:
            return "claimed-meanwhile", item.proforma_number
        return None if item.status == BillingStatus.READY else ("not-ready-any-more", "")

    def _of_share(self, detail: InvoiceLineDetail, share_id: int) -> tuple[str, str] | None:
        share = self._shares.get(share_id)
        if share is None or share.due_amount != detail.amount:
            return "not-open-any-more", ""
        if holder := self._holder_of[share.pk]:
            return "claimed-meanwhile", holder
        if share.claim_number != detail.claim_number:
            return "not-open-any-more", ""
        return None if share.status == MilestoneStatus.READY else ("not-ready-any-more", "")


class _Balances:
    """What details take from retainers and retentions in sum, and what is left of each retention.

    Several details may take from one balance: each of them alone would fit, and all of them not.
    """

    def __init__(self, details: Sequence[InvoiceLineDetail]):
        self.wanted_of_retainer: dict[int, Decimal] = defaultdict(Decimal)
        self._wanted: dict[int, Decimal] = defaultdict(Decimal)
        for one in details:
            if one.retainer_id is not None and one.corrects_id is None:
                self.wanted_of_retainer[one.retainer_id] -= min(one.amount, ZERO)
            if one.retention_id is not None and _takes_from_retention(one):
                self._wanted[one.retention_id] += one.amount
        rows = Retention.objects.filter(pk__in=self._wanted).with_amounts() if self._wanted else ()
        self._left = {one.pk: one.open_amount - one.drafted for one in rows}
        releasing = InvoiceLineDetail.objects.filter(
            retention__in=self._wanted, amount__gt=0, line__proforma__event__isnull=True
        )
        holding = releasing.order_by("pk").values_list("retention", "line__proforma__number")
        self._holder_of = dict(holding) if self._wanted else {}

    def problem_of_retention(self, detail: InvoiceLineDetail) -> tuple[str, str] | None:
        """Whether what was kept back is released meanwhile, or held by a draft that releases it."""
        key = detail.retention_id
        if key is None or not _takes_from_retention(detail) or self._wanted[key] <= self._left.get(key, ZERO):
            return None
        holder = self._holder_of.get(key, "")
        return ("claimed-meanwhile", holder) if holder else ("not-open-any-more", "")


def _takes_from_retention(detail: InvoiceLineDetail) -> bool:
    """Whether it releases, or corrects what is kept back; the others keep back on their own proforma."""
    return detail.amount > ZERO or detail.replaces_id is not None


def _of_retainer(detail: InvoiceLineDetail, retainer: Retainer, wanted: Decimal) -> tuple[str, str] | None:
    if detail.retainer_use == RetainerUse.INVOICE:
        as_it_was = (detail.amount, detail.claim_number) == (retainer.amount, retainer.claim_number)
        if retainer.status != RetainerStatus.READY or not as_it_was:
            return "not-ready-any-more", ""
        return None
    is_refund = detail.retainer_use == RetainerUse.REFUND
    status = RetainerStatus.TO_REFUND if is_refund else RetainerStatus.AVAILABLE
    # What was applied or given back elsewhere meanwhile is not there any more.
    if retainer.status != status or retainer.available_amount < wanted:
        return "not-open-any-more", ""
    return None


def _people_of(numbers: set[str]) -> dict[str, str]:
    """Who last put something on each of these proformas; two statements."""
    if not numbers:
        return {}
    number_of = dict(Proforma.objects.filter(number__in=numbers).values_list("pk", "number"))
    rows = Activity.objects.filter(
        subject_kind=Proforma._meta.label_lower, subject_id__in=number_of, verb__in=PUT_ON
    )
    # In order of time, so that the latest remains.
    latest = {one.subject_id: one.actor for one in rows.select_related("actor").order_by("happened_at", "pk")}
    return {number_of[key]: person_name(who) for key, who in latest.items()}


def _refusal(code: str, holder: str, count: int, subject: str, people: dict[str, str]) -> Refusal:
    figure = {"count": number(count), "number": holder, "who": people.get(holder, "")}
    if code == "claimed-meanwhile":
        message = ngettext(
            "%(count)s detail is on %(number)s by now (%(who)s).",
            "%(count)s details are on %(number)s by now (%(who)s).",
            count,
        )
        way_out = _("Remove it from %(number)s first, or add the rest from what is pending.") % figure
        return Refusal("claimed-meanwhile", message % figure, subject, way_out)
    if code == "not-ready-any-more":
        message = ngettext(
            "%(count)s detail is not ready to invoice any more.",
            "%(count)s details are not ready to invoice any more.",
            count,
        )
        return Refusal("not-ready-any-more", message % figure, subject, _("Mark it ready first."))
    if code == "after-cut-off":
        message = ngettext(
            "%(count)s detail is dated after the cut-off of the draft.",
            "%(count)s details are dated after the cut-off of the draft.",
            count,
        )
        return Refusal("after-cut-off", message % figure, subject, _("Set a later cut-off first."))
    message = ngettext(
        "%(count)s detail cannot be billed any more: it was cancelled, changed or corrected.",
        "%(count)s details cannot be billed any more: they were cancelled, changed or corrected.",
        count,
    )
    way_out = _("Add what is ready from what is pending.")
    return Refusal("not-open-any-more", message % figure, subject, way_out)
