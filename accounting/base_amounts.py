"""What foreign actuals come to in the currency of their legal entity (C9, P13)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet

from accounting.posting_context import PostingContext
from core.money import converted

BATCH = 1000


def base_amounts(foreign: QuerySet, context: PostingContext) -> Iterator[tuple[int, date, Decimal]]:
    """Key, accounting date and amount in the entity's currency of each actual, annotated with `its_currency`.

    At the rate of the first open day from its own, rounded once to the minor unit. A reversal comes to the
    exact opposite of its original, whatever the rate is by now, so that nothing of both stays in the books.
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
            rate = context.rate_on(actual.its_currency, day)
            if rate is None:
                continue
            base = converted(actual.amount, rate, context.legal_entity.currency)
        bases[actual.pk] = base
        yield actual.pk, day, base


def has_a_rate(actuals: QuerySet, context: PostingContext) -> bool:
    """Whether any of the actuals, annotated with `its_currency`, can be taken over into a journal.

    A journal for nothing would come back at every pull.
    """
    pairs = actuals.order_by().values_list("its_currency", "accounting_date").distinct()
    return any(context.rate_on(currency, context.open_day_from(day)) is not None for currency, day in pairs)
