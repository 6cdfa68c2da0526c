"""Warnings that somebody ticks before a proforma is confirmed, and which of them nobody ticked (B7, B8).

The pages show them and the verb that confirms asks for them again under its locks. Every function takes a
number of statements that does not depend on how many proformas and details there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.findings import Check, CheckedRow, in_words
from billing.limit_checks import ExceededLimit, limits_exceeded_by
from billing.models import InvoiceLineDetail, Proforma
from billing.overlapping import WORK, overlapping_proformas
from billing.quantity_checks import quantity_checks
from billing.querysets import ProformaQuerySet
from billing.rate_checks import rate_checks
from billing.totalling import tax_estimates
from core.refusals import Refusal
from core.templatetags.display import money, number
from projects.states import BillingType, TransactionClass
from projects.taxing import TaxGroup

SHOWN_ROWS = 5
"""So many details of one warning are named; the others are counted."""

NAMED = (
    "line__proforma",
    "actual__work_item__resource",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__resource",
    "work_item__task",
    "work_item__category",
)


def warnings_of(
    proformas: Sequence[Proforma],
    taxes: Mapping[int, Sequence[TaxGroup]],
    *,
    without: Collection[int] = (),
) -> dict[int, list[Check]]:
    """What deserves a second look on each proforma before it is confirmed, with the details concerned.

    `taxes` are the estimates of `totalling.tax_estimates`, in each proforma's currency; those `without`
    confirmation, by key, use up no limit. Contract, customer and entity are loaded. Locks nothing (B7, B8).
    """
    counts = {row["line__proforma"]: row for row in _counts(proformas)}
    # Asked once for all proformas; the loop below only looks things up.
    rates, quantities = rate_checks(proformas), quantity_checks(proformas)
    exceeded = limits_exceeded_by(proformas, without=without)
    spans = {key: (row["first"], row["last"]) for key, row in counts.items() if row["first"]}
    overlaps = overlapping_proformas(proformas, spans)
    by_proforma: dict[int, list[Check]] = {}
    for proforma in proformas:
        count = counts.get(proforma.pk)
        # Nothing is on it, which blocks it anyway.
        if count is None:
            continue
        checks = [
            *rates.get(proforma.pk, ()),
            *quantities.get(proforma.pk, ()),
            *_of_tax(count, taxes.get(proforma.pk, ())),
            *(_of_limit(one) for one in exceeded.get(proforma.pk, ())),
            *_of_total(proforma, count),
            *_of_period(overlaps.get(proforma.pk, ())),
        ]
        by_proforma[proforma.pk] = [replace(check, proforma=proforma.number) for check in checks]
    return _with_rows(by_proforma)


def not_ticked(warnings: Mapping[int, Sequence[Check]], accepted: Iterable[str]) -> Iterator[Refusal]:
    """A refusal for each warning of each proforma that nobody ticked as it stands now, or as more of it.

    Code: warnings-open (B7).
    """
    ticks: dict[str, list[str]] = defaultdict(list)
    for tick in accepted:
        ticks[tick.partition(":")[0]].append(tick)
    for checks in warnings.values():
        for check in checks:
            if not check.is_ticked(ticks[check.proforma]):
                yield Refusal(
                    "warnings-open",
                    _("Not ticked: %(warning)s.") % {"warning": check.message},
                    check.proforma,
                    _("Look at it and tick the box, correct it, or leave this proforma out."),
                )


def ticks_of(proformas: ProformaQuerySet) -> list[str]:
    """The ticks of all warnings there are: for programs that confirm what they have made themselves."""
    chosen = list(proformas.open().select_related("contract", "customer", "legal_entity"))
    warnings = warnings_of(chosen, tax_estimates(chosen))
    return [check.tick for checks in warnings.values() for check in checks]


def said_of(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Warnings as the history keeps them: what whoever ticked them has read, in every language."""
    return [{"code": check.code, "said": check.said} for check in checks]


def _with_rows(by_proforma: dict[int, list[Check]]) -> dict[int, list[Check]]:
    """The same warnings, with the first details of each in words; one statement where there are any."""
    keys = {key for checks in by_proforma.values() for check in checks for key in check.details[:SHOWN_ROWS]}
    if not keys:
        return by_proforma
    details = InvoiceLineDetail.objects.select_related(*NAMED).in_bulk(keys)
    return {
        proforma: [
            replace(check, rows=tuple(_row(details[key]) for key in check.details[:SHOWN_ROWS]))
            for check in checks
        ]
        for proforma, checks in by_proforma.items()
    }


def _row(detail: InvoiceLineDetail) -> CheckedRow:
    work_item = detail.actual.work_item if detail.actual else detail.work_item
    person = work_item.resource if work_item else None
    return CheckedRow(
        pk=detail.pk,
        day=detail.transaction_date,
        who=str(person or detail.get_transaction_class_display()),
        text=detail.printed_text,
        quantity=detail.quantity,
        unit=detail.unit,
        price=detail.price,
        is_editable=detail.corrects_id is None,
    )


def _counts(proformas: Sequence[Proforma]) -> QuerySet:
    chargeable = Q(billing_type=BillingType.CHARGEABLE)
    # One row per proforma: `order_by()` keeps the ordering of the model out of GROUP BY.
    return (
        InvoiceLineDetail.objects.filter(line__proforma__in=proformas)
        .values("line__proforma")
        .annotate(
            # The tax on what is kept back was asked for at once: a release bears none (B12).
            taxable=Count("pk", filter=chargeable & ~Q(transaction_class=TransactionClass.RETENTION)),
            corrections=Count("corrects"),
            without_group=Count(
                "pk",
                filter=chargeable & Q(item_sales_tax_group__isnull=True, retention__isnull=True),
            ),
            first=Min("transaction_date", filter=WORK),
            last=Max("transaction_date", filter=WORK),
        )
        .order_by()
    )


def _of_tax(count: Mapping[str, Any], taxes: Sequence[TaxGroup]) -> Iterator[Check]:
    if not count["taxable"]:
        return
    if not taxes:
        yield Check(
            "tax-rate-missing",
            gettext_lazy("A tax code has no rate on the invoice date"),
            gettext_lazy("The tax is not estimated; posting the invoice needs the rate."),
            facts=(count["taxable"],),
        )
    elif any(group.code_id is None for group in taxes):
        without = count["without_group"]
        yield Check(
            "no-tax-group",
            in_words(lambda: _without_group(without)),
            gettext_lazy(
                "No tax is taken on it: choose the tax groups, or confirm that it is outside the tax."
            ),
            facts=(count["taxable"], count["without_group"]),
        )


def _without_group(count: int) -> str:
    if not count:
        return _("No tax code applies to part of it")
    words = ngettext(
        "%(count)s chargeable detail has no item tax group",
        "%(count)s chargeable details have no item tax group",
        count,
    )
    return words % {"count": number(count)}


def _of_limit(one: ExceededLimit) -> Check:
    return Check(
        one.code,
        in_words(lambda: one.message),
        in_words(lambda: one.detail),
        facts=(one.limit,),
        at_most=one.billed,
    )


def _of_total(proforma: Proforma, count: Mapping[str, Any]) -> Iterator[Check]:
    if proforma.gross_amount < 0:
        yield Check(
            "negative-total",
            in_words(
                lambda: (
                    _("The total is negative: %(amount)s")
                    % {"amount": money(proforma.gross_amount, proforma.currency)}
                )
            ),
            gettext_lazy("The customer gets it back.")
            if count["corrections"]
            else gettext_lazy("Did you mean a correction?"),
            facts=(proforma.gross_amount,),
        )


def _of_period(numbers: Sequence[str]) -> Iterator[Check]:
    if numbers:
        message = gettext_lazy("Its period overlaps another proforma of the contract")
        detail = gettext_lazy("Compare them before you confirm.")
        yield Check("period-overlap", message, detail, numbers=tuple(numbers))
