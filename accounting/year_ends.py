"""What the close of a fiscal year moves, and why it cannot be posted (C8).

Amounts are in the currency of the company; a debit is positive. The close stands on the first day of the next
fiscal year: what a year has earned and spent leaves its accounts for retained earnings.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Min, Sum
from django.utils.translation import gettext as _

from accounting.balances import RESULT_KINDS
from accounting.models import FiscalPeriod, JournalVoucher, JournalVoucherLine, VoucherLine
from accounting.posting_context import PostingContext
from accounting.states import PeriodStatus, PostingType
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import LegalEntity

ONE_DAY = timedelta(days=1)
LONGEST = 366
FIFTY_TWO_WEEKS = 364
Part = tuple[int, str]
"""An account by key, and a financial dimension."""


@dataclass(frozen=True)
class FiscalYear:
    """The days of a fiscal year: after the last one that is closed, or from the first period on."""

    legal_entity: LegalEntity
    first: date
    last: date

    @property
    def is_short(self) -> bool:
        """Whether it ends before a year is over, as the first one of a company may."""
        return (self.next_day - self.first).days < FIFTY_TWO_WEEKS

    @property
    def next_day(self) -> date:
        """The day on which its close stands in the ledger."""
        return self.last + ONE_DAY


def year_to(period: FiscalPeriod) -> FiscalYear:
    """The fiscal year whose last period this is; two statements."""
    entity = period.legal_entity
    closed = JournalVoucher.objects.closing_years().filter(legal_entity=entity, date__lte=period.starts_on)
    begin = closed.aggregate(last=Max("date"))["last"]
    if begin is None:
        begin = FiscalPeriod.objects.filter(legal_entity=entity).aggregate(first=Min("starts_on"))["first"]
    return FiscalYear(entity, begin, period.ends_on)


def results_of(year: FiscalYear) -> dict[Part, Decimal]:
    """What stands on accounts of revenue and expense at the end of a year, by dimension; one statement."""
    lines = VoucherLine.objects.filter(
        voucher__legal_entity=year.legal_entity,
        voucher__date__lte=year.last,
        account__kind__in=RESULT_KINDS,
    )
    sums = lines.order_by("account__number", "dimension").values_list("account", "dimension")
    return {
        (account, dimension): total
        for account, dimension, total in sums.annotate(total=Sum("base_amount"))
        if total
    }


def closing_moves(results: Mapping[Part, Decimal], retained: int) -> list[tuple[int, str, Decimal]]:
    """Account, dimension and amount of each line: the opposite of every result, then what is retained."""
    by_dimension: dict[str, Decimal] = defaultdict(Decimal)
    moves = []
    for (account, dimension), amount in results.items():
        moves.append((account, dimension, -amount))
        by_dimension[dimension] += amount
    return [*moves, *((retained, name, amount) for name, amount in by_dimension.items() if amount)]


def reasons_against_year(year: FiscalYear, context: PostingContext) -> Iterator[Refusal]:
    """Why a fiscal year cannot be closed; a few statements, nothing is locked."""
    entity, subject = year.legal_entity, year.legal_entity.name
    if (year.last - year.first).days >= LONGEST:
        message = _("%(first)s to %(last)s is longer than a year.") % {
            "first": written(year.first),
            "last": written(year.last),
        }
        yield Refusal("longer-than-a-year", message, subject, _("Close the earlier fiscal year first."))
    open_ones = FiscalPeriod.objects.filter(
        legal_entity=entity, starts_on__gte=year.first, ends_on__lte=year.last, status=PeriodStatus.OPEN
    ).order_by("starts_on")
    for period in open_ones:
        message, way_out = _("It is still open."), _("Close every period of the year first.")
        yield Refusal("year-open", message, str(period), way_out)
    if JournalVoucher.objects.closing_years().filter(legal_entity=entity, date=year.next_day).exists():
        message = _("Its close is written or posted already.")
        yield Refusal("year-closed", message, subject, _("Post it, discard it, or reverse it."))
    if not context.is_open_on(year.next_day):
        message = _("The close is posted on %(day)s, which is in no open period.") % {
            "day": written(year.next_day)
        }
        yield Refusal("next-year-missing", message, subject, _("Open the next fiscal year, or its period."))
    if context.account(PostingType.RETAINED_EARNINGS, on=year.next_day) is None:
        message = _("No account is set for the posting type %(name)s.") % {
            "name": PostingType.RETAINED_EARNINGS.label
        }
        way_out = _("Enter it in the set-up of the legal entity.")
        yield Refusal("account-missing", message, subject, way_out)
    if not results_of(year):
        message = _("No account of revenue or expense has a balance.")
        yield Refusal("nothing-to-close", message, subject, _("There is nothing to move."))


def reasons_against_posting_close(
    voucher: JournalVoucher, lines: Sequence[JournalVoucherLine]
) -> Iterator[Refusal]:
    """Why the draft of a close is not posted: a period was opened again, or its figures have changed."""
    last = voucher.date - ONE_DAY
    entity = voucher.legal_entity
    open_ones = FiscalPeriod.objects.filter(
        legal_entity=entity, ends_on__lte=last, status=PeriodStatus.OPEN
    ).order_by("starts_on")
    for period in open_ones:
        message, way_out = _("It is open again."), _("Close every period of the year first.")
        yield Refusal("year-open", message, str(period), way_out)
    results = results_of(FiscalYear(entity, last, last))
    planned = {
        (line.account_id, line.dimension): -line.amount for line in lines if line.account.kind in RESULT_KINDS
    }
    if planned != results:
        message = _("The figures have changed since it was written.")
        yield Refusal("figures-changed", message, str(voucher), _("Discard it, and close the year anew."))
