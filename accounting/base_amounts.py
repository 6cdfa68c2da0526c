"""What foreign actuals come to in the currency of their legal entity (C9, P13)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import BigIntegerField, Case, CharField, F, QuerySet, Value, When

from accounting.posting_context import PostingContext
from core.money import converted
from projects.states import TransactionType

BATCH = 1000


def in_its_currency(actuals: QuerySet) -> QuerySet:
    """Actuals with the currency of each, and with the contract of those that are sales."""
    currency = Case(
        When(type=TransactionType.COST, then=F("work_item__cost_currency")),
        default=F("work_item__currency"),
        output_field=CharField(),
    )
    # Costs are paid in their own currency, whatever was agreed with the customer.
    contract = Case(
        When(type=TransactionType.COST, then=Value(None)),
        default=F("work_item__contract_line__contract"),
        output_field=BigIntegerField(null=True),
    )
    return actuals.annotate(its_currency=currency, its_contract=contract)


def base_amounts(foreign: QuerySet, context: PostingContext) -> Iterator[tuple[int, date, Decimal]]:
    """Key, accounting date and amount in the entity's currency of each actual.

    `foreign` is annotated by `in_its_currency`. At the rate that is agreed for the contract, else that of the
    first open day from its own, rounded once to the minor unit. A reversal comes to the exact opposite of its
    original, whatever the rate is by now, so that nothing of both stays in the books.
    Actuals without a rate are left out. Rows are read in chunks, in order of key: originals come first.
    """
    bases: dict[int, Decimal] = {}
    rows = foreign.annotate(original_base=F("reverses__journal_line__base_amount")).order_by("pk")
    for actual in rows.iterator(chunk_size=BATCH):
        day = context.open_day_from(actual.accounting_date)
        # An original pulled a moment ago is not in the rows yet, which were read before.
        original = bases.get(actual.reverses_id, actual.original_base)
        if original is not None:
            base = -original
        else:
            rate = context.sales_rate_on(actual.its_currency, actual.its_contract, day)
            if rate is None:
                continue
            base = converted(actual.amount, rate, context.legal_entity.currency)
        bases[actual.pk] = base
        yield actual.pk, day, base


def has_a_rate(actuals: QuerySet, context: PostingContext) -> bool:
    """Whether any of the actuals, annotated as for `base_amounts`, can be taken over into a journal.

    A journal for nothing would come back at every pull.
    """
    facts = actuals.order_by().values_list("its_currency", "its_contract", "accounting_date").distinct()
    return any(
        context.sales_rate_on(currency, contract, context.open_day_from(day)) is not None
        for currency, contract, day in facts
    )
