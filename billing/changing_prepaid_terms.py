"""Change hours and rates of prepaid hours from a month on; earlier months keep what was agreed (A12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.prepaid_months import (
    billed_already,
    expired_already,
    locked_line,
    price_months_again,
    write_months,
)
from billing.prepaid_terms import TERMS, NewTerms, PrepaidTerms, reasons_against_line
from billing.states import RetainerStatus, RetainerUse
from core.activity_log import as_text, came_with, log_activity, went_with
from core.days import first_of_month, months_later
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from core.templatetags.display import rate as written_rate
from projects.models import ContractLine, Customer, PrepaidHours, PrepaidMonth
from projects.prepaid_querysets import PrepaidHoursQuerySet


@dataclass(frozen=True)
class TermsChange:
    """Months that are to get other terms, with the blocks that stand for them now."""

    agreement: PrepaidHours
    months: Sequence[PrepaidMonth]
    blocks: Sequence[Retainer]
    since: date
    new: NewTerms

    @property
    def changed(self) -> list[PrepaidMonth]:
        """The months from that of the change on."""
        return [one for one in self.months if one.month >= self.since]

    @property
    def terms(self) -> PrepaidTerms:
        """What these months are to have."""
        new = self.new
        return PrepaidTerms(
            new.hours, new.block_rate, new.overage_rate, new.roll_over_hours, self.since, len(self.changed)
        )

    def reasons_against(self, line: ContractLine, customers: Sequence[Customer]) -> list[Refusal]:
        """Why it is not possible; the contract of the line is loaded, `customers` pay for it.

        Codes: those of `reasons_against_line` and `PrepaidTerms.reasons_against_figures`, not-a-month-of-it,
        terms-unchanged, block-on-proforma, rate-of-the-month-before, hours-expired, month-billed.
        """
        return [
            *reasons_against_line(line, customers),
            *self.terms.reasons_against_figures(line),
            *_not_a_month(self),
            *_as_before(self),
            *_on_proformas(self.blocks),
            *_rate_of_the_month_before(self),
            *expired_already(self.agreement, self.since, _("Change them from a later month on.")),
            *billed_already(line, self.terms.days),
        ]


def terms_change(agreement: PrepaidHours, since: date, new: NewTerms) -> TermsChange:
    """What a change of the terms from the month of a day on is about; two statements, locks nothing."""
    first = first_of_month(since)
    months = list(PrepaidMonth.objects.filter(prepaid_hours=agreement).order_by("month"))
    blocks = Retainer.objects.filter(prepaid_month__prepaid_hours=agreement, prepaid_month__month__gte=first)
    known = list(blocks.select_related("prepaid_month").order_by("prepaid_month__month"))
    return TermsChange(agreement, months, known, first, new)


def change_prepaid_terms(
    agreements: PrepaidHoursQuerySet, since: date, new: NewTerms, *, actor: User, on: date, at: datetime
) -> PrepaidHours:
    """Give the months of an agreement other terms from that of `since` on; earlier months keep theirs.

    The blocks of these months are planned anew with their retainers, hours times rate in the contract's
    currency; one that was not marked ready is not afterwards. Open work of the months, and what waits, is
    priced again; hours that rolled in keep the rate at which they were bought. Locks the contract, the
    agreement, its blocks, then as `plan_prepaid_hours`. Raises Refused: those of
    `TermsChange.reasons_against` (A12).
    """
    with transaction.atomic(durable=True):
        agreement = agreements.select_related("contract_line").get()
        held, customers = locked_line(agreement.contract_line)
        agreement = PrepaidHours.objects.select_for_update().get(pk=agreement.pk)
        list(Retainer.objects.filter(prepaid_month__prepaid_hours=agreement).locked())
        change = terms_change(agreement, since, new)
        refuse_if(change.reasons_against(held, customers))

        retainers = _plan_anew(change, held, customers[0], actor=actor, at=at)
        _log(change, actor=actor, at=at)
        planned = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=planned)
        price_months_again(held, change.terms.days, actor=actor, on=on, at=at)
    return agreement


def _plan_anew(
    change: TermsChange, line: ContractLine, customer: Customer, *, actor: User, at: datetime
) -> list[Retainer]:
    """Put other months and blocks in the place of those that nothing of is invoiced."""
    waiting = {_month_of(one) for one in change.blocks if one.status == RetainerStatus.NOT_READY}
    deleted = went_with(change.blocks, "amount", "invoice_on")
    log_activity("deleted", change.blocks, actor=actor, at=at, changes=deleted)
    Retainer.objects.filter(pk__in=[one.pk for one in change.blocks]).delete()
    PrepaidMonth.objects.filter(pk__in=[one.pk for one in change.changed]).delete()
    retainers = write_months(change.agreement, change.terms, line, customer)
    not_ready = [one for one in retainers if _month_of(one) in waiting]
    Retainer.objects.walk(not_ready, Retainer.mark_not_ready)
    return retainers


def _month_of(block: Retainer) -> date | None:
    return block.prepaid_month.month if block.prepaid_month else None


def _log(change: TermsChange, *, actor: User, at: datetime) -> None:
    """From which month on, and every figure that is another one, with both values."""
    pairs = {
        name: [as_text(getattr(change.changed[0], name)), as_text(getattr(change.new, name))]
        for name in TERMS
    }
    changes = {change.agreement.pk: {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}}
    facts = {"month": change.since.isoformat()}
    log_activity("terms changed", [change.agreement], actor=actor, at=at, changes=changes, facts=facts)


# --- Reasons against ------------------------------------------------------------------------------


def _not_a_month(change: TermsChange) -> Iterable[Refusal]:
    agreement = change.agreement
    if change.since not in {one.month for one in change.months}:
        yield Refusal(
            "not-a-month-of-it",
            _("It runs from %(first)s to %(last)s.")
            % {
                "first": written(agreement.first_month, "whole_month"),
                "last": written(agreement.last_month, "whole_month"),
            },
            str(agreement),
            _("Choose one of its months, or extend it first."),
        )


def _as_before(change: TermsChange) -> Iterable[Refusal]:
    if change.changed and all(change.new.is_as(one) for one in change.changed):
        message = _("These months have exactly these hours and rates.")
        yield Refusal("terms-unchanged", message, str(change.agreement), _("Type what is to change."))


def _on_proformas(blocks: Sequence[Retainer]) -> Iterable[Refusal]:
    """A block that a proforma asks for is what the customer knows; each is named with its document."""
    held = [one for one in blocks if not one.is_untouched]
    if not held:
        return
    documents = _documents([one.pk for one in held])
    last = max(block.prepaid_month.month for block in held if block.prepaid_month)
    later = {"later": written(months_later(last, 1), "whole_month")}
    for block in held:
        document = documents.get(block.pk)
        number = document.number if document is not None else ""
        words = {"month": written(_month_of(block), "whole_month"), "number": number}
        if document is not None and document.is_open:
            message = _("The block of %(month)s is on the draft %(number)s.") % words
            way_out = _("Take it off the draft first, or change them from %(later)s on.") % later
        else:
            message = _("The block of %(month)s is on the confirmed proforma %(number)s.") % words
            way_out = _("Change them from %(later)s on.") % later
        yield Refusal("block-on-proforma", message, str(block), way_out)


def _documents(blocks: Sequence[int]) -> dict[int, Proforma]:
    """By retainer the latest proforma that invoices it; one statement."""
    details = InvoiceLineDetail.objects.filter(
        retainer__in=blocks, retainer_use=RetainerUse.INVOICE, corrects__isnull=True
    )
    rows = details.select_related("line__proforma").order_by("claim_number", "pk")
    return {one.retainer_id: one.line.proforma for one in rows if one.retainer_id is not None}


def _rate_of_the_month_before(change: TermsChange) -> Iterable[Refusal]:
    """By its price a row is known to be beyond the block, or within it by hours that rolled in."""
    new = change.new
    before = next((one for one in change.months if one.month == months_later(change.since, -1)), None)
    if before is not None and before.roll_over_hours and before.block_rate == new.overage_rate:
        yield Refusal(
            "rate-of-the-month-before",
            _("Hours that roll over from %(month)s cost %(rate)s as well.")
            % {"month": str(before), "rate": written_rate(before.block_rate)},
            str(before),
            _("Type another overage rate."),
        )
