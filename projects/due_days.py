"""When an invoice is to be paid: its due day, its instalments and its cash discount (C11). Pure.

This is the only place that knows how payment terms become dates and amounts: proposals, invoices, previews
and pages ask here.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.money import HUNDRED, ZERO, is_share, minor_places, percent_of, share_out

USUAL_DAYS = 30
MOST_DAYS = 720
MOST_INSTALMENTS = 12
INSTALMENT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?) ?%?[ \t/;:]+([0-9]{1,3})")


class UnreadableInstalments(Exception):
    """Text that is no list of instalments; `code` says in which way, `line` is the line meant."""

    def __init__(self, code: str, line: str = ""):
        super().__init__(code, line)
        self.code, self.line = code, line


@dataclass(frozen=True)
class Instalment:
    """A part of an invoice in percent, and the days after which it is due."""

    percent: Decimal
    days: int


@dataclass(frozen=True)
class AgreedTerms:
    """Payment terms as plain values; days count from the invoice date, or from the end of its month.

    The cash discount is in percent of what is paid; its days count from the invoice date, always.
    """

    net_days: int = USUAL_DAYS
    is_end_of_month: bool = False
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    instalments: tuple[Instalment, ...] = ()


USUAL_TERMS = AgreedTerms()
"""What holds where nothing was agreed: 30 days net."""


@dataclass(frozen=True)
class DueDays:
    """When an invoice is to be paid: its last day, its instalments where there are several, its discount."""

    last: date
    parts: tuple[tuple[date, Decimal], ...] = ()
    discount_percent: Decimal | None = None
    discount_until: date | None = None


def due_of(
    terms: AgreedTerms, invoice_date: date, gross: Decimal, currency: str, *, agreed: date | None
) -> DueDays:
    """When an invoice over `gross` is to be paid under its terms.

    Instalments are rounded to the currency's minor unit, and the last one takes the rest. A due date that
    was `agreed` for this invoice takes the place of the days and of the instalments; the cash discount stays
    as far as its days end before it. What gives money back has neither instalments nor a discount (C11).
    """
    last = agreed or _due_day(terms, terms.net_days, invoice_date)
    if gross <= ZERO:
        return DueDays(last)
    parts = () if agreed else _parts(terms, invoice_date, gross, currency)
    if parts:
        return DueDays(parts[-1][0], parts)
    if terms.discount_percent is None or terms.discount_days is None:
        return DueDays(last)
    until = invoice_date + timedelta(days=terms.discount_days)
    return DueDays(last, (), terms.discount_percent, until) if until <= last else DueDays(last)


def discount_on(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The cash discount on an amount that is open, rounded once to the currency's minor unit (C11)."""
    return percent_of(amount, percent, currency)


def instalments_in(text: str) -> tuple[Instalment, ...]:
    """Read instalments, one a line: percent and days. Raises UnreadableInstalments: no-instalment,
    too-many, not-a-whole, days-go-back."""
    read: list[Instalment] = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        match = INSTALMENT.fullmatch(line)
        percent = Decimal(match[1].replace(",", ".")) if match else ZERO
        if match is None or not is_share(percent) or int(match[2]) > MOST_DAYS:
            raise UnreadableInstalments("no-instalment", line)
        read.append(Instalment(percent, int(match[2])))
    if not read:
        return ()
    if len(read) > MOST_INSTALMENTS:
        raise UnreadableInstalments("too-many")
    if sum((one.percent for one in read), ZERO) != HUNDRED:
        raise UnreadableInstalments("not-a-whole")
    if any(later.days <= one.days for one, later in zip(read, read[1:], strict=False)):
        raise UnreadableInstalments("days-go-back")
    return tuple(read)


def _parts(
    terms: AgreedTerms, invoice_date: date, gross: Decimal, currency: str
) -> tuple[tuple[date, Decimal], ...]:
    shares: Sequence[Instalment] = terms.instalments
    if len(shares) < 2:  # noqa: PLR2004 - one part is the whole
        return ()
    places = minor_places(currency)
    amounts = share_out(gross, [one.percent for one in shares], places=places, absorber=len(shares) - 1)
    days = [_due_day(terms, one.days, invoice_date) for one in shares]
    # What rounds to nothing is no instalment: its day would ask for nothing.
    return tuple((day, amount) for day, amount in zip(days, amounts, strict=True) if amount)


def _due_day(terms: AgreedTerms, days: int, invoice_date: date) -> date:
    start = invoice_date
    if terms.is_end_of_month:
        start = start.replace(day=monthrange(start.year, start.month)[1])
    return start + timedelta(days=days)
