"""Pull what is not in the books yet: actuals into journals, confirmed proformas into proposals (C1, C5).

Accounting reads the floors below; nothing calls up. Every statement inserts what is missing and has a
unique key, so importing twice, or on two machines at once, changes nothing (DOMAIN 6.1, 6.4).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounting.models import IntegrationJournal, IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.posting_context import PostingContext
from accounting.states import JournalLineStatus, JournalPeriodUnit, JournalStatus
from billing.models import InvoiceLineDetail, Proforma
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.activity_log import log_activity
from core.fields import AmountField
from core.money import ZERO, converted
from core.querysets import insert_from
from projects.models import Actual, LegalEntity
from projects.states import BillingType, SalesTaxGroupMethod, TransactionType

BATCH = 1000
OUTSIDE = {
    "project": "work_item__project",
    "contract": "work_item__contract",
    "customer": "work_item__customer",
}


def import_journals(
    legal_entity: LegalEntity, *, unit: str = JournalPeriodUnit.MONTHS, actor: Any, at: datetime
) -> int:
    """Lay every cost and unbilled-sales actual that is not in a journal yet before the accountant.

    One line per actual, grouped into draft journals by period. Amounts are copied; the entity's currency
    is computed for foreign ones at the day's rate, a line without a rate waits for one. A date in a closed
    period moves to the next open one. Locks the legal entity. Returns how many lines (C1, DOMAIN 6.1).
    """
    with transaction.atomic(durable=True):
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        chart = PostingContext.of(entity)
        written = 0
        for starts_on, days in _periods(_missing(entity), unit).items():
            lines = _in_its_currency(_missing(entity).filter(accounting_date__in=days))
            if not _has_a_rate(lines, chart):
                continue
            journal = _journal_for(entity, starts_on, at)
            copied = _copy_lines(journal, lines, chart)
            written += copied
            log_activity("imported", [journal], actor=actor, at=at, facts={"lines": copied})
    return written


def import_proposals(*, at: datetime) -> int:
    """Make an invoice proposal of every confirmed proforma that has none, with a line per billed actual.

    Amounts are what the customer pays before tax: nothing for non-chargeable and complimentary work. The
    number of statements does not depend on how many lines. Locks the proformas (C5, decision 14).
    """
    with transaction.atomic(durable=True):
        known = InvoiceProposal.objects.filter(proforma=OuterRef("pk"))
        missing = Proforma.objects.waiting_for_posting().filter(~Exists(known))
        locked = list(missing.select_related("legal_entity", "confirmed_by").locked())
        # Whoever held the locks before may have made some of them while this one waited.
        made = set(InvoiceProposal.objects.filter(proforma__in=locked).values_list("proforma", flat=True))
        confirmed = [proforma for proforma in locked if proforma.pk not in made]
        proposals = InvoiceProposal.objects.bulk_create(
            [_proposal(proforma, at) for proforma in confirmed], batch_size=BATCH
        )
        details = InvoiceLineDetail.objects.filter(line__proforma__in=confirmed)
        _copy_billed(details.filter(actual__isnull=False), F("actual__billed_by__pk"))
        by_hand = details.filter(actual__isnull=True, work_item__actuals__type=TransactionType.BILLED_SALES)
        _copy_billed(by_hand, F("work_item__actuals__pk"))
        _log(proposals, at)
    return len(proposals)


def _missing(entity: LegalEntity) -> QuerySet:
    known = IntegrationJournalLine.objects.filter(actual=OuterRef("pk"))
    return Actual.objects.for_accounting().filter(~Exists(known), work_item__legal_entity=entity)


def _periods(missing: QuerySet, unit: str) -> dict[date | None, list[date]]:
    days = missing.order_by("accounting_date").values_list("accounting_date", flat=True).distinct()
    periods: dict[date | None, list[date]] = {}
    for day in days:
        periods.setdefault(_period_start(day, unit), []).append(day)
    return periods


def _period_start(day: date, unit: str) -> date | None:
    if unit == JournalPeriodUnit.ALL:
        return None
    if unit == JournalPeriodUnit.YEARS:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if unit == JournalPeriodUnit.MONTHS else day


def _journal_for(entity: LegalEntity, starts_on: date | None, at: datetime) -> IntegrationJournal:
    same = IntegrationJournal.objects.filter(
        legal_entity=entity, period_starts_on=starts_on, status=JournalStatus.DRAFT, original__isnull=True
    )
    found = same.order_by("pk").first()
    if found is not None:
        return found
    (number,) = take_numbers(entity, SeriesKind.INTEGRATION_JOURNAL, at.year, 1)
    return IntegrationJournal.objects.create(
        legal_entity=entity, number=number, period_starts_on=starts_on, imported_at=at
    )


def _in_its_currency(actuals: QuerySet) -> QuerySet:
    currency = Case(
        When(type=TransactionType.COST, then=F("work_item__cost_currency")),
        default=F("work_item__currency"),
        output_field=CharField(),
    )
    return actuals.annotate(its_currency=currency)


def _has_a_rate(lines: QuerySet, chart: PostingContext) -> bool:
    """Whether any line can be taken over; a journal for nothing would come back at every import."""
    pairs = lines.order_by().values_list("its_currency", "accounting_date").distinct()
    return any(chart.rate_on(currency, chart.open_day_from(day)) is not None for currency, day in pairs)


def _copy_lines(journal: IntegrationJournal, lines: QuerySet, chart: PostingContext) -> int:
    own = lines.filter(its_currency=chart.legal_entity.currency)
    written = 0
    days = own.order_by("accounting_date").values_list("accounting_date", flat=True).distinct()
    moved = {day: chart.open_day_from(day) for day in days if chart.open_day_from(day) != day}
    written += _insert_lines(
        journal, own.exclude(accounting_date__in=moved), F("accounting_date"), F("amount")
    )
    for day, open_day in moved.items():
        written += _insert_lines(journal, own.filter(accounting_date=day), open_day, F("amount"))
    foreign = lines.exclude(its_currency=chart.legal_entity.currency)
    return written + _convert_lines(journal, foreign, chart)


def _insert_lines(journal: IntegrationJournal, lines: QuerySet, accounting_date: Any, base: Any) -> int:
    entity = journal.legal_entity
    return insert_from(
        IntegrationJournalLine,
        lines,
        journal=journal.pk,
        actual=F("pk"),
        project=F("work_item__project"),
        accounting_date=accounting_date,
        currency=F("its_currency"),
        amount=F("amount"),
        base_amount=base,
        sales_tax_group=_sales_tax_group(entity),
        item_sales_tax_group=F("work_item__category__item_sales_tax_group"),
        dimension=Coalesce(F("work_item__project__dimension"), Value("")),
        status=JournalLineStatus.DRAFT,
        is_accrued=False,
        error="",
    )


def _sales_tax_group(entity: LegalEntity) -> Any:
    """Default of the billing sales tax group by the entity's method (DOMAIN 6.2)."""
    method = entity.tax_group_method
    if method != SalesTaxGroupMethod.SEARCH:
        return F(f"{OUTSIDE[method]}__sales_tax_group")
    return Coalesce(*(F(f"{path}__sales_tax_group") for path in OUTSIDE.values()))


def _convert_lines(journal: IntegrationJournal, foreign: QuerySet, chart: PostingContext) -> int:
    """Foreign lines one by one: SQL never multiplies. A day without a rate leaves its lines for later."""
    written = 0
    for actual in foreign.order_by("pk").iterator(chunk_size=BATCH):
        day = chart.open_day_from(actual.accounting_date)
        rate = chart.rate_on(actual.its_currency, day)
        if rate is None:
            continue
        base: Decimal = converted(actual.amount, rate, chart.legal_entity.currency)
        one = foreign.filter(pk=actual.pk)
        written += _insert_lines(journal, one, day, Value(base, output_field=AmountField()))
    return written


def _proposal(proforma: Proforma, at: datetime) -> InvoiceProposal:
    return InvoiceProposal(
        proforma=proforma,
        legal_entity=proforma.legal_entity,
        accounting_date=proforma.invoice_date,
        sales_tax_group_id=proforma.sales_tax_group_id,
        created_at=at,
    )


def _log(proposals: list[InvoiceProposal], at: datetime) -> None:
    by_person: dict[Any, list[InvoiceProposal]] = {}
    for proposal in proposals:
        by_person.setdefault(proposal.proforma.confirmed_by, []).append(proposal)
    for person, theirs in by_person.items():
        log_activity("proposed", theirs, actor=person, at=at)


def _copy_billed(details: QuerySet, actual: Any) -> int:
    paid = Case(
        When(billing_type=BillingType.CHARGEABLE, then=F("amount")),
        default=Value(ZERO, output_field=AmountField()),
        output_field=AmountField(),
    )
    return insert_from(
        InvoiceProposalLine,
        details,
        proposal=F("line__proforma__proposal__pk"),
        actual=actual,
        detail=F("pk"),
        amount=paid,
        item_sales_tax_group=F("item_sales_tax_group"),
    )
