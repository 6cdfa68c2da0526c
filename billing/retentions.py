"""Retentions on drafts: what is kept back follows what the draft charges (B12).

The tax is asked for in full with the invoice, so that what is kept back, and released later, bears none; see
record 0019.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import ExpressionWrapper, F, Max, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from billing.document_nets import RETAINED, net_of
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Retention
from billing.models.removal import row_from
from core.money import ONE, ZERO, percent_of
from core.refusals import Refusal
from core.templatetags.display import day as written_day
from core.templatetags.display import percent as written_percent
from projects.states import BALANCES, BillingType, TransactionClass

BATCH = 500
TERMS = ["quantity", "amount", "transaction_date", "external_description"]
KEPT_HERE = Q(line=F("retention__line"), corrects__isnull=True, replaces__isnull=True)
"""Details that keep back on the proforma of their retention; the others release, or correct."""

KEPT_BACK = RETAINED & (Q(corrects__isnull=True, amount__lt=0) | Q(corrects__isnull=False, amount__gt=0))
"""What documents name as kept back, corrections of it included; the rest of a retention is released."""
RELEASED = RETAINED & ~KEPT_BACK


def keep_back(proformas: Sequence[Proforma]) -> None:
    """Let new drafts keep back what their contracts have agreed; the contracts are loaded.

    It prints on the first line that has a project, which takes the facts. Two statements where any contract
    has a retention, else none; the details follow with `follow_retentions`.
    """
    agreed = {one.pk: one for one in proformas if one.contract.retention_percent is not None}
    if not agreed:
        return
    Retention.objects.bulk_create(
        [
            Retention(
                line=line,
                percent=contract.retention_percent,
                release_on=months_after(proforma.invoice_date, contract.retention_months),
                condition=contract.retention_condition,
            )
            for line in first_lines(agreed).values()
            for proforma in [agreed[line.proforma_id]]
            for contract in [proforma.contract]
        ],
        batch_size=BATCH,
    )


def first_lines(proformas: Iterable[int]) -> dict[int, InvoiceLine]:
    """The line of each proforma, by key, on which it can keep something back; one statement."""
    lines = InvoiceLine.objects.filter(proforma__in=list(proformas), contract_line__project__isnull=False)
    first: dict[int, InvoiceLine] = {}
    for line in lines.order_by("proforma", "contract_line__number", "pk"):
        first.setdefault(line.proforma_id, line)
    return first


def months_after(day: date, months: int | None) -> date | None:
    """The same day some months later, or the last of a shorter month; none where no time is agreed."""
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def follow_retentions(proformas: Sequence[Proforma]) -> None:
    """Bring what drafts keep back in line with what they charge now: percent of the net, rounded once.

    Called whenever open proformas are added up; the caller holds their locks. One statement where nothing is
    kept back, otherwise six at most. What corrects an earlier invoice is left out: it takes its own share.
    """
    related = ("line__proforma__customer",)
    retentions = list(Retention.objects.filter(line__proforma__in=proformas).select_related(*related))
    if not retentions:
        return
    charged = _charged(proformas)
    kept = InvoiceLineDetail.objects.filter(KEPT_HERE, retention__in=retentions)
    held = {detail.retention_id: detail for detail in kept}
    new: list[InvoiceLineDetail] = []
    changed: list[InvoiceLineDetail] = []
    gone: list[int] = []
    for retention in retentions:
        proforma = retention.line.proforma
        net, day = charged.get(proforma.pk, (ZERO, proforma.invoice_date))
        amount = kept_of(net, retention.percent, proforma.currency)
        detail = held.get(retention.pk)
        if not amount:
            gone += [detail.pk] if detail else []
        elif detail is None:
            detail = detail_of(retention, retention.line, -amount)
            _say(detail, retention, amount, day)
            new.append(detail)
        elif _say(detail, retention, amount, day):
            changed.append(detail)
    InvoiceLineDetail.objects.filter(pk__in=gone).delete()
    InvoiceLineDetail.objects.bulk_create(new, batch_size=BATCH)
    InvoiceLineDetail.objects.bulk_update(changed, TERMS, batch_size=200)


def kept_of(net: Decimal, percent: Decimal, currency: str) -> Decimal:
    """What is kept back of a net, rounded once; nothing of one below zero."""
    return percent_of(max(net, ZERO), percent, currency)


def _charged(proformas: Sequence[Proforma]) -> dict[int, tuple[Decimal, date]]:
    """Net of what is charged and its last day, by proforma; balances and corrections are left out."""
    sums = (
        InvoiceLineDetail.objects.chargeable()
        .filter(line__proforma__in=proformas, corrects__isnull=True, replaces__isnull=True)
        .exclude(transaction_class__in=BALANCES)
        .values_list("line__proforma")
        .annotate(sum=Sum("amount"), day=Max("transaction_date"))
        .order_by()
    )
    return {key: (amount, day) for key, amount, day in sums}


def _say(detail: InvoiceLineDetail, retention: Retention, amount: Decimal, day: date) -> bool:
    """Let a detail keep back this amount, with its day and text; whether it said anything else before."""
    before = [getattr(detail, name) for name in TERMS]
    detail.quantity = detail.amount = -amount
    detail.transaction_date = day
    detail.external_description = text_of(retention, retention.line.proforma.customer.language)
    return before != [getattr(detail, name) for name in TERMS]


def detail_of(retention: Retention, line: InvoiceLine, amount: Decimal) -> InvoiceLineDetail:
    """A detail that keeps back, where the amount is negative, or releases."""
    return InvoiceLineDetail(
        line=line,
        retention=retention,
        transaction_class=TransactionClass.RETENTION,
        billing_type=BillingType.CHARGEABLE,
        # A part of it has no quantity of its own: units of money, at one each, always divide.
        quantity=amount,
        unit="",
        price=ONE,
        amount=amount,
        work_item_id=retention.work_item_id,
    )


def text_of(retention: Retention, language: str) -> str:
    """What documents say of it, in the customer's language: `Retention 10% until 31 March 2027`."""
    with translation.override(language):
        share = written_percent(retention.percent)
        if retention.release_on is None:
            said = _("Retention %(percent)s") % {"percent": share}
        else:
            until = written_day(retention.release_on)
            said = _("Retention %(percent)s until %(day)s") % {"percent": share, "day": until}
    return f"{said}: {retention.condition}" if retention.condition else said


def released_text(retention: Retention) -> str:
    """What documents say of a release, in the customer's language; its proforma and customer are loaded."""
    proforma = retention.line.proforma
    with translation.override(proforma.customer.language):
        return _("Release of the retention on %(number)s") % {
            "number": proforma.customer_invoice_number or proforma.number
        }


def retained_on(proforma: Proforma) -> tuple[Decimal, Decimal]:
    """What a proforma keeps back, negative, and what it releases, in its currency; one statement."""
    sums = InvoiceLineDetail.objects.filter(RETAINED, line__proforma=proforma).aggregate(
        kept=Sum("amount", filter=KEPT_BACK, default=ZERO),
        released=Sum("amount", filter=RELEASED, default=ZERO),
    )
    return sums["kept"], sums["released"]


def net_before_retention(proforma: str, net: str = "net_amount") -> ExpressionWrapper:
    """The net as documents name it, of rows that lead to a proforma: `net_of` with these paths (B12)."""
    return net_of(InvoiceLineDetail.objects.all(), proforma, net)


def drop_retentions_of(details: Iterable[InvoiceLineDetail]) -> None:
    """A draft that keeps nothing back any more has no retention; what releases leaves it as it is."""
    keys = {
        detail.retention_id
        for detail in details
        if detail.retention is not None and detail.line_id == detail.retention.line_id
        if detail.amount < 0 and not detail.is_correction
    }
    if keys:
        Retention.objects.filter(pk__in=keys).delete()


def drop_empty(drafts: Sequence[Proforma]) -> None:
    """Drafts that keep nothing back have no retention once they are confirmed; one statement for none."""
    keeping = InvoiceLineDetail.objects.filter(KEPT_HERE, retention__line__proforma__in=drafts)
    of_drafts = Retention.objects.filter(line__proforma__in=drafts)
    of_drafts.exclude(pk__in=keeping.order_by().values("retention")).delete()


def keep_again(kept: Iterable[tuple[dict[str, Any], InvoiceLineDetail]]) -> None:
    """Write retentions that left a draft again, from their kept columns; those of releases stand."""
    gone = {columns["id"]: (columns, detail) for columns, detail in kept}
    there = set(Retention.objects.filter(pk__in=gone).values_list("pk", flat=True))
    Retention.objects.bulk_create(
        [
            cast(Retention, row_from(Retention, columns | {"line_id": detail.line_id}))
            for key, (columns, detail) in gone.items()
            if key not in there
        ],
        batch_size=BATCH,
    )


def carry_retention(sources: Sequence[Proforma], target: Proforma) -> None:
    """Let a new draft keep back what the one does whose details it gets; two statements at most."""
    source = Retention.objects.filter(line__proforma__in=sources).order_by("pk").first()
    line = first_lines([target.pk]).get(target.pk) if source else None
    if source is not None and line is not None:
        Retention.objects.create(
            line=line, percent=source.percent, release_on=source.release_on, condition=source.condition
        )


def retentions_stay(details: Iterable[InvoiceLineDetail]) -> Iterable[Refusal]:
    """That what is kept back or released does not move to another draft. Code: retention-stays."""
    for detail in details:
        if detail.retention_id is not None and not detail.is_correction:
            yield Refusal(
                "retention-stays",
                _("A retention stays on its proforma."),
                str(detail),
                _("Remove it there, and keep it back or release it on the other draft."),
            )
