"""What somebody looks at before confirming: where the contract stands, what to check, what is missing (B7).

Only reads; every function takes a number of statements that does not depend on how many details there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Q, Sum
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from billing.confirm_warnings import warnings_of
from billing.confirming import reasons_against
from billing.contract_positions import OF_WORK, percent_used, with_position
from billing.document_nets import RETAINED
from billing.findings import Check, Text
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.second_person import reasons_against_confirming_alone
from billing.splitting import Edit, SalesTerms, edit_of
from billing.states import Remainder
from core.models import Activity
from core.money import ZERO
from core.templatetags.activity_words import words_of_changes
from projects.models import ProjectContract
from projects.taxing import TaxGroup


@dataclass(frozen=True)
class ContractPosition:
    """Where a contract stands with one proforma on top; amounts in the contract's currency.

    `before` and `this` are work and milestones less discounts; `net` is that of the proforma, as its document
    says it: advances besides, and nothing of what is kept back or released. `to_pay` is with tax.
    """

    value: Decimal | None
    before: Decimal
    this: Decimal
    net: Decimal
    to_pay: Decimal
    limit: Decimal | None
    used: Decimal
    lines: int

    @property
    def remaining(self) -> Decimal | None:
        """What is left of the contract's value afterwards; negative when it is exceeded."""
        return None if self.value is None else self.value - self.before - self.this

    def percent_of_value(self, amount: Decimal | None) -> Decimal | None:
        """An amount in percent of the contract's value."""
        return None if amount is None else percent_used(amount, self.value)

    @property
    def percent_of_limit(self) -> Decimal | None:
        """How much of the limit is used, in percent: billed, on drafts and unbilled, as everywhere (A6)."""
        return percent_used(self.used, self.limit)


def position_of(proforma: Proforma, *, today: date) -> ContractPosition:
    """Value, billed before, this one, and the limit of a proforma's contract.

    Billed before is what confirmed proformas of the contract billed; for a confirmed one those confirmed
    before it. Value, billed and used are those of the contract's own page, used as it is `today`. Amounts are
    in the contract's currency and net of tax. Three statements; locks nothing (A2, A6, B7).
    """
    others = Proforma.objects.confirmed().filter(contract=proforma.contract_id).exclude(pk=proforma.pk)
    if proforma.confirmed_at is not None:
        # The key decides between two that were confirmed in the same moment.
        others = others.filter(
            Q(confirmed_at__lt=proforma.confirmed_at)
            | Q(confirmed_at=proforma.confirmed_at, pk__lt=proforma.pk)
        )
    charged = InvoiceLineDetail.objects.chargeable().filter(line__proforma__contract=proforma.contract_id)
    this, work = Q(line__proforma=proforma), Q(**OF_WORK)
    sums = charged.aggregate(
        before=Sum("amount", filter=work & Q(line__proforma__in=others), default=ZERO),
        this=Sum("amount", filter=work & this, default=ZERO),
        net=Sum("amount", filter=this & ~RETAINED, default=ZERO),
    )
    contract = ProjectContract.objects.filter(pk=proforma.contract_id)
    value, used = with_position(contract, today=today).values_list("value", "used").get()
    return ContractPosition(
        value=value,
        **sums,
        to_pay=proforma.gross_amount,
        limit=proforma.contract.not_to_exceed_amount,
        used=used,
        lines=proforma.contract.lines.count(),
    )


def checks_of(
    proformas: Sequence[Proforma],
    taxes: Mapping[int, Sequence[TaxGroup]],
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> dict[int, list[Check]]:
    """What confirming would refuse and what deserves a second look, per proforma (B7, B8).

    `taxes` are the estimates of `totalling.tax_estimates`, in each proforma's currency; `by` is who would
    confirm and `at` when, where a second person must (decision 16). Contract, customer and entity are loaded.
    Locks nothing and refuses nothing: confirming asks again under its locks.
    """
    checks: dict[int, list[Check]] = {proforma.pk: [] for proforma in proformas}
    # Refusals name a proforma by its number, which is unique.
    key_of = {proforma.number: proforma.pk for proforma in proformas}
    alone = reasons_against_confirming_alone(proformas, by, at=at) if by and at else ()
    for refusal in [*reasons_against(list(proformas)), *alone]:
        blocking = Check(
            refusal.code, refusal.message, refusal.way_out, is_blocking=True, proforma=refusal.subject
        )
        checks[key_of[refusal.subject]].append(blocking)
    blocked = {key for key, reasons in checks.items() if reasons}
    for key, warnings in warnings_of(proformas, taxes, without=blocked).items():
        checks[key] += warnings
    return checks


@dataclass(frozen=True)
class Edited:
    """A detail that no longer says what its actual says, what its rest becomes, and who changed it."""

    detail: InvoiceLineDetail
    edit: Edit
    activity: Activity | None


def edits_of(proforma: Proforma, most: int) -> tuple[int, list[Edited]]:
    """How many details were edited, and the first `most` of them with before and after.

    Quantities, prices and amounts are those of detail and actual, in the proforma's currency; a rest that is
    kept is what is left by subtraction, not a new product. Locks nothing (B7, J5, decision 4).
    """
    rows = InvoiceLineDetail.objects.filter(line__proforma=proforma).edited()
    count = rows.count()
    if not count:
        return 0, []
    shown = list(
        rows.select_related("actual__work_item__resource", "line").order_by("transaction_date", "pk")[:most]
    )
    # Of the ones that are shown alone: a proforma may have thousands of details.
    history = Activity.objects.filter(
        subject_kind=InvoiceLineDetail._meta.label_lower,
        subject_id__in=[detail.pk for detail in shown],
        verb="edited",
    )
    # In order of time, so that the latest edit of each detail remains.
    last = {one.subject_id: one for one in history.select_related("actor").order_by("happened_at", "pk")}
    return count, [
        Edited(detail, _edit_of(detail, proforma.currency), last.get(detail.pk)) for detail in shown
    ]


def _edit_of(detail: InvoiceLineDetail, currency: str) -> Edit:
    actual = detail.actual
    return edit_of(
        SalesTerms(actual.quantity, actual.price, actual.amount, actual.billing_type),
        SalesTerms(detail.quantity, detail.price, detail.amount, detail.billing_type),
        keep_rest=detail.remainder == Remainder.KEEP,
        currency=currency,
    )


SENTENCES: dict[str, Text] = {
    "drafted": gettext_lazy("created the draft"),
    "in review": gettext_lazy("submitted it for review"),
    "draft": gettext_lazy("took it back from review"),
    "review approved": gettext_lazy("approved it"),
    "review returned": gettext_lazy("returned it"),
    "edited in bulk": gettext_lazy("edited several details at once"),
    "reminded": gettext_lazy("reminded who is asked to review it"),
    "confirmed": gettext_lazy("confirmed it"),
    "posted": gettext_lazy("posted its invoice"),
    "edited": gettext_lazy("edited"),
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "reverted": gettext_lazy("took back the edits of"),
    "moved": gettext_lazy("moved here"),
    "put back": gettext_lazy("put back"),
    "added to": gettext_lazy("added details to it"),
    "reordered": gettext_lazy("set another order of"),
    "refreshed": gettext_lazy("refreshed it"),
    "redated": gettext_lazy("changed its heading"),
    "moved from": gettext_lazy("moved details to another draft"),
    "moved to": gettext_lazy("moved details here from another draft"),
    "details put back": gettext_lazy("put removed details back"),
    "restored": gettext_lazy("put the deleted draft back"),
    "deleted": gettext_lazy("deleted the draft"),
    "reduced": gettext_lazy("removed details from it"),
    "correction started": gettext_lazy("started it as a correction"),
    "correction added": gettext_lazy("added a correction to it"),
    "being corrected": gettext_lazy("started a correction of it"),
}


@dataclass(frozen=True)
class HistoryEvent:
    """One line of history in words: who, what, on which detail, when, and which warnings they had checked."""

    activity: Activity
    sentence: Text
    about: str
    checked: tuple[str, ...] = ()
    said: str = ""


def history_of(proforma: Proforma, most: int) -> list[HistoryEvent]:
    """The latest of what was done to a proforma and its details, newest first; locks nothing (B10)."""
    details = InvoiceLineDetail.objects.filter(line__proforma=proforma)
    mine = Q(subject_kind=Proforma._meta.label_lower, subject_id=proforma.pk)
    of_details = Q(subject_kind=InvoiceLineDetail._meta.label_lower, subject_id__in=details.values("pk"))
    lines = InvoiceLine.objects.filter(proforma=proforma)
    of_lines = Q(subject_kind=InvoiceLine._meta.label_lower, subject_id__in=lines.values("pk"))
    # A removed detail is not found by its key any more; its removal is logged on the proforma.
    rows = Activity.objects.filter(mine | of_details | of_lines).select_related("actor")
    return [_event_of(one, proforma.currency) for one in rows.order_by("-happened_at", "-pk")[:most]]


SHOWN_CHANGES = 3


def _in_bulk(details: object, currency: str) -> str:
    """The first details that one click changed, with old and new values; empty where it was no such click."""
    if not isinstance(details, list):
        return ""
    kind, lines = InvoiceLineDetail._meta.label_lower, []
    for one in details[:SHOWN_CHANGES]:
        changed = words_of_changes(kind, one["changes"], currency)
        lines.append(f"{one['detail']}: {', '.join(changed)}")
    return "; ".join(lines)


def _read(said: dict[str, str] | str) -> str:
    """A text that is kept in every language, as the reader reads it."""
    if isinstance(said, str):
        return said
    return said.get(get_language() or "") or next(iter(said.values()), "")


def _event_of(one: Activity, currency: str) -> HistoryEvent:
    is_of_detail = one.subject_kind != Proforma._meta.label_lower
    sentence = SENTENCES.get(one.verb, one.verb)
    if one.verb == "edited" and one.changes:
        names = {field.name: str(field.verbose_name) for field in InvoiceLineDetail._meta.fields}
        what = ", ".join(names.get(name, name) for name in one.changes)
        sentence = _("changed %(what)s of") % {"what": what}
    checked = tuple(_read(ticked["said"]) for ticked in one.facts.get("accepted", ()))
    said = one.facts.get("comment") or one.facts.get("note") or _in_bulk(one.facts.get("details"), currency)
    if one.facts.get("corrected_by"):
        sentence = _("started a correction of it on %(numbers)s") % {"numbers": one.facts["corrected_by"]}
    if one.facts.get("asked"):
        sentence = _("asked %(who)s to review it") % {"who": one.facts["asked"]}
    if one.facts.get("reminded"):
        sentence = _("reminded %(who)s to review it") % {"who": one.facts["reminded"]}
    return HistoryEvent(one, sentence, one.subject_name if is_of_detail else "", checked, said)


__all__ = [
    "Check",
    "checks_of",
    "edits_of",
    "history_of",
    "position_of",
]
