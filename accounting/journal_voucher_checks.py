"""Journal vouchers as somebody means them, and why they cannot be written or posted, in words (C6)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounting.dimension_rules import reasons_against_dimensions
from accounting.line_shares import LineShare, divided, missing_percent
from accounting.models import Account, JournalVoucherLine, PostingAccountUse
from accounting.posting_context import PostingContext
from accounting.states import ControlKind, PostingType
from core.money import HUNDRED, ZERO, converted, has_places, minor_places
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import money, percent
from projects.models import Customer, LegalEntity, Project

Contexts = Mapping[int, PostingContext]
"""Posting contexts by the key of their legal entity."""
FEWEST_LINES = 2
FEWEST_SHARES = 2
Day = date
"""A date, where a field is called so."""
CONTROL_TYPES = (
    PostingType.CUSTOMER_BALANCE,
    PostingType.WIP_SALES_VALUE,
    PostingType.WIP_COST_VALUE,
    PostingType.WIP_INVOICED_ON_ACCOUNT,
    PostingType.CUSTOMER_ADVANCES,
    PostingType.RETENTION_RECEIVABLE,
)
"""Posting types of accounts that say the same as rows elsewhere, so nothing is written by hand (G4, G5)."""


@dataclass(frozen=True)
class NewVoucherLine:
    """A debit above zero or a credit below, in its currency; `row` is the number that people see.

    `shares` divide it over several values of the dimension, instead of `dimension`.
    """

    row: int
    account: Account
    currency: str
    amount: Decimal
    text: str = ""
    customer: Customer | None = None
    project: Project | None = None
    dimension: str = ""
    shares: Sequence[LineShare] = ()

    @property
    def parts(self) -> list[tuple[str, Decimal | None, Decimal]]:
        """Value, percentage and amount of each line that it becomes; one without a percentage for most."""
        if not self.shares:
            return [(self.dimension, None, self.amount)]
        amounts = divided(self.amount, self.currency, self.shares)
        return [
            (one.dimension, one.percent, amount) for one, amount in zip(self.shares, amounts, strict=True)
        ]


@dataclass(frozen=True)
class NewVoucher:
    """A journal voucher as somebody means it; `reversed_on` is the day on which it is reversed."""

    legal_entity: LegalEntity
    date: date
    text: str
    lines: Sequence[NewVoucherLine]
    reversed_on: Day | None = None


def control_accounts(entities: Iterable[int]) -> set[int]:
    """The keys of the control accounts: invoices, payments and journals of work alone move them (G4, G5).

    One statement.
    """
    used = PostingAccountUse.objects.filter(account=OuterRef("pk"), posting_type__in=CONTROL_TYPES)
    accounts = Account.objects.filter(legal_entity__in=list(entities)).order_by()
    return set(accounts.filter(Q(control=ControlKind.CUSTOMER) | Exists(used)).values_list("pk", flat=True))


def reasons_against_vouchers(vouchers: Sequence[NewVoucher], contexts: Contexts) -> Iterator[Refusal]:
    """Every reason against a set of vouchers, each naming its line; two statements, nothing is locked."""
    controls = control_accounts(contexts)
    for new in vouchers:
        context = contexts[new.legal_entity.pk]
        if not new.text.strip():
            message, way_out = _("Nothing says what it is for."), _("Enter a text; it is read in the ledger.")
            yield Refusal("text-missing", message, "", way_out)
        yield from reasons_against_posting_on(new.date, context, new.text)
        if new.reversed_on is not None and new.reversed_on <= new.date:
            message, way_out = _("It is reversed before it is posted."), _("Choose a later day, or none.")
            yield Refusal("reversal-too-early", message, new.text, way_out)
        for line in new.lines:
            yield from _against_line(line, new, context, controls)
        sums = [(line.currency, line.amount) for line in new.lines]
        yield from _against_sums(sums, len(new.lines), new.text)
    yield from reasons_against_dimensions(
        (new.legal_entity.pk, value, _("Line %(row)s") % {"row": line.row})
        for new in vouchers
        for line in new.lines
        for value in (line.dimension, *(one.dimension for one in line.shares))
    )


def reasons_against_posting_on(
    day: date, context: PostingContext, subject: str, *, is_chosen: bool = True
) -> Iterator[Refusal]:
    """Nothing is posted on a day without a fiscal period, nor into a closed one (G6).

    A day that is not chosen follows from something else, so another one cannot be named as the way out.
    """
    if not context.covers(day):
        message = _("No fiscal period holds %(day)s.") % {"day": written(day)}
        way_out = _("Choose a day of a fiscal year.") if is_chosen else _("Add that fiscal year first.")
        yield Refusal("period-missing", message, subject, way_out)
    elif not context.is_open_on(day):
        message = _("%(day)s lies in a closed period.") % {"day": written(day)}
        way_out = _("Choose a date in an open period.") if is_chosen else _("Reopen that period first.")
        yield Refusal("period-closed", message, subject, way_out)


def _against_line(
    line: NewVoucherLine, new: NewVoucher, context: PostingContext, controls: set[int]
) -> Iterator[Refusal]:
    subject = _("Line %(row)s") % {"row": line.row}
    if not line.amount:
        yield Refusal("nothing-moved", _("It moves nothing."), subject, _("Enter a debit or a credit."))
    if not has_places(line.amount, minor_places(line.currency)):
        message = _("%(currency)s has no such small amounts.") % {"currency": line.currency}
        yield Refusal("amount-too-fine", message, subject, _("Enter whole units of its smallest coin."))
    owners = [one.legal_entity_id for one in (line.account, line.customer, line.project) if one is not None]
    if any(owner != new.legal_entity.pk for owner in owners):
        message = _("It names an account, a customer or a project of another company.")
        yield Refusal("other-company", message, subject, _("Choose those of one company."))
    if line.account.pk in controls:
        message = _("%(account)s is moved by invoices, payments and journals of work alone.") % {
            "account": line.account
        }
        way_out = _("Enter a payment, a credit note or a correction; or choose another account.")
        yield Refusal("control-account", message, subject, way_out)
    yield from _against_shares(line, subject)
    yield from reasons_against_rate(line.currency, new.date, context, subject)


def _against_shares(line: NewVoucherLine, subject: str) -> Iterator[Refusal]:
    if not line.shares:
        return
    missing = missing_percent(line.shares)
    if missing or any(one.percent <= ZERO for one in line.shares):
        message = _("Its percents come to %(percent)s.") % {"percent": percent(HUNDRED - missing)}
        way_out = _("Type percents above zero that add up to 100.")
        yield Refusal("shares-not-whole", message, subject, way_out)
        return
    values = [one.dimension for one in line.shares]
    if len(values) < FEWEST_SHARES or len(set(values)) < len(values) or not all(values):
        message = _("It is divided over several values, each named once.")
        way_out = _("Type each value once with its percent, as in north 60; south 40.")
        yield Refusal("shares-unclear", message, subject, way_out)
        return
    is_exact = line.amount and has_places(line.amount, minor_places(line.currency))
    if is_exact and not all(amount for _value, _percent, amount in line.parts):
        message = _("The amount is too small: one of its parts would be nothing.")
        yield Refusal("share-of-nothing", message, subject, _("Type fewer values."))


def reasons_against_rate(
    currency: str, day: date, context: PostingContext, subject: str
) -> Iterator[Refusal]:
    """A foreign amount needs the rate of its day."""
    if context.rate_on(currency, day) is None:
        message = _("There is no exchange rate of %(name)s on that day.") % {"name": currency}
        way_out = _("Enter it in the set-up of the legal entity.")
        yield Refusal("exchange-rate-missing", message, subject, way_out)


def _against_sums(amounts: Sequence[tuple[str, Decimal]], lines: int, subject: str) -> Iterator[Refusal]:
    if lines < FEWEST_LINES:
        message, way_out = _("A voucher has at least two lines."), _("Enter a debit and a credit.")
        yield Refusal("too-few-lines", message, subject, way_out)
    for currency, rest in sorted(differences(amounts).items()):
        message = _("Debit and credit differ by %(rest)s.") % {"rest": money(abs(rest), currency)}
        way_out = (
            _("Enter the same amount on both sides; the debit is too high.")
            if rest > ZERO
            else _("Enter the same amount on both sides; the credit is too high.")
        )
        yield Refusal("not-balanced", message, subject, way_out)


def differences(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """By currency, what debits are above credits; nothing for currencies that balance."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        sums[currency] += amount
    return {currency: rest for currency, rest in sums.items() if rest}


def fix_base_amounts(lines: Sequence[JournalVoucherLine], context: PostingContext, day: date) -> None:
    """Give the lines of one voucher their amounts in the company's currency, in memory.

    Each is rounded once; the last line of a foreign currency takes what rounding left, so that the voucher
    balances (G1). What has its amount already, as lines of a reversal do, keeps it. The caller knows the
    rates.
    """
    own, last, rest = context.legal_entity.currency, {line.currency: line for line in lines}, ZERO
    if all(line.base_amount is not None for line in lines):
        return
    for currency, last_line in last.items():
        rate = context.rate_on(currency, day)
        assert rate is not None  # noqa: S101 - refused before
        rest = ZERO
        for line in (one for one in lines if one.currency == currency):
            line.base_amount = line.amount if currency == own else converted(line.amount, rate, own)
            rest += line.base_amount
        last_line.base_amount = (last_line.base_amount or ZERO) - rest
