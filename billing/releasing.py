"""Keep a share of a draft back, say when it is released, and release it on a later proforma (B12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen
from billing.draft_targets import payer_asked_by
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Retention
from billing.numbering import number_proformas
from billing.payers import on_hold
from billing.querysets import ProformaQuerySet
from billing.retention_querysets import RetentionQuerySet
from billing.retentions import detail_of, first_lines, released_text
from billing.states import ProformaStatus
from billing.totalling import add_up
from core.activity_log import came_with, changes_of, log_activity
from core.days import DAYS_ALLOWED, is_possible
from core.money import ZERO, has_places, is_share, minor_places
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written_day
from core.templatetags.display import money
from projects.models import ProjectContract
from projects.states import ContractStatus

RELATED = ("line__contract_line", "line__proforma__contract__legal_entity", "line__proforma__customer")
HEADING = ("legal_entity_id", "contract_id", "customer_id", "currency", "sales_tax_group_id")


@dataclass(frozen=True)
class RetentionTerms:
    """How much is kept back, until when, and what has to happen before; the condition is printed."""

    percent: Decimal
    release_on: date | None = None
    condition: str = ""


def keep_share(proforma: Proforma, terms: RetentionTerms, *, actor: User, at: datetime) -> Retention:
    """Let an open draft keep back a percentage of its net, or another one than it does.

    The amount follows the draft while it is edited, rounded once to the minor unit of its currency; the tax
    is asked for in full. Locks the draft. Raises Refused: frozen, retention-out-of-range, day-not-possible,
    project-missing (B12).
    """
    with transaction.atomic(durable=True):
        draft = Proforma.objects.locked().get(pk=proforma.pk)
        present = Retention.objects.filter(line__proforma=draft).first()
        line = present.line if present else first_lines([draft.pk]).get(draft.pk)
        refuse_if([*frozen([draft]), *_reasons_of_terms(terms, draft.number), *_without_line(line, draft)])
        if line is None:
            raise AssertionError("refused without a line")

        values = {
            "percent": terms.percent,
            "release_on": terms.release_on,
            "condition": terms.condition.strip(),
        }
        retention = present or Retention(line=line, percent=terms.percent)
        changes = changes_of([retention], values).get(retention.pk, {}) if present else {}
        for name, value in values.items():
            setattr(retention, name, value)
        retention.save()
        add_up([draft], by=actor)
        details = list(retention.details.all())
        verb = "edited" if present else "added"
        log_activity(verb, details, actor=actor, at=at, changes={one.pk: changes for one in details})
    return retention


def change_release(
    retentions: RetentionQuerySet,
    *,
    release_on: date | None,
    condition: str = "",
    actor: User,
    at: datetime,
) -> int:
    """Say when retentions of confirmed proformas are released, and what has to happen before.

    Locks the retentions. Returns how many. Raises Refused: nothing-chosen, nothing-open,
    day-not-possible (B12).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(retentions)
        reasons = [reason for one in chosen for reason in _reasons_of_day(release_on, str(one))]
        refuse_if([*_nothing_open(chosen), *reasons])

        values = {"release_on": release_on, "condition": condition.strip()}
        changes = changes_of(chosen, values)
        keys = [one.pk for one in chosen]
        Retention.objects.filter(pk__in=keys).update(**values)
        log_activity("changed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def release_retentions(
    retentions: RetentionQuerySet,
    *,
    amount: Decimal | None = None,
    invoice_date: date,
    into: ProformaQuerySet | None = None,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Ask for what was kept back: on one new draft per contract and customer, or `into` an open one.

    All of what is open is released, or `amount` of one retention; without tax, in the contract's currency. A
    release date that has not come keeps it back. Locks the contracts, the retentions, the draft `into`, then
    the number series. Returns the drafts. Raises Refused, all reasons at once: nothing-chosen, nothing-open,
    not-due, amount-not-positive, below-minor-unit, above-open, contract-not-confirmed, customer-on-hold,
    period-locked, frozen, other-payer (B12).
    """
    with transaction.atomic(durable=True):
        # Contracts are locked first (D10), as where drafts are made and confirmed.
        keys = retentions.order_by().values("line__proforma__contract")
        list(ProjectContract.objects.filter(pk__in=keys).only("pk").locked())
        chosen = _locked(retentions)
        drafts = list(into.select_related("legal_entity").locked()) if into is not None else []
        # Somebody deleted it since it was chosen; what is released must not go to a new one instead.
        if into is not None and not drafts:
            raise Proforma.DoesNotExist("the draft that retentions are released on is not there")
        asked = {one.pk: amount if amount is not None else _left(one) for one in chosen}
        refuse_if(
            [
                *_nothing_open(chosen),
                *_reasons_of_release(chosen, asked, invoice_date),
                *_reasons_of_payers(chosen, invoice_date, is_new=into is None),
                *_reasons_of_draft(drafts, chosen),
            ]
        )

        drafts = drafts or _headers(chosen, invoice_date, actor, at)
        lines = _lines(drafts, chosen)
        details = [
            detail_of(one, lines[_payer(one), one.line.contract_line_id], asked[one.pk]) for one in chosen
        ]
        for one, detail in zip(chosen, details, strict=True):
            detail.transaction_date = invoice_date
            detail.external_description = released_text(one)
        InvoiceLineDetail.objects.bulk_create(details, batch_size=500)
        add_up(drafts, by=actor)
        if into is None:
            log_activity("drafted", drafts, actor=actor, at=at, states=("", ProformaStatus.DRAFT))
        log_activity("added", details, actor=actor, at=at, changes=came_with(details, "amount"))
    return drafts


# --- Rows -----------------------------------------------------------------------------------------


def _locked(retentions: RetentionQuerySet) -> list[Retention]:
    """The retentions with their amounts, read after their rows are locked."""
    keys = [one.pk for one in retentions.order_by("pk").locked()]
    rows = Retention.objects.filter(pk__in=keys).with_amounts().select_related(*RELATED)
    return list(rows.order_by("pk"))


def _left(retention: Retention) -> Decimal:
    """What no draft releases yet."""
    return retention.open_amount - retention.drafted


def _payer(retention: Retention) -> tuple[int, int]:
    return payer_asked_by(retention.line.proforma)


def _headers(
    retentions: Sequence[Retention], invoice_date: date, actor: User, at: datetime
) -> list[Proforma]:
    sources = {_payer(one): one.line.proforma for one in retentions}
    drafts = [
        Proforma(
            invoice_date=invoice_date,
            cut_off_date=invoice_date,
            created_by=actor,
            created_at=at,
            **{name: getattr(sources[payer], name) for name in HEADING},
        )
        for payer in sorted(sources)
    ]
    number_proformas(drafts, invoice_date.year)
    return Proforma.objects.bulk_create(drafts, batch_size=500)


def _lines(
    drafts: Sequence[Proforma], retentions: Sequence[Retention]
) -> Mapping[tuple[tuple[int, int], int], InvoiceLine]:
    """The line of each draft on which a retention prints, written where the draft has none yet."""
    draft_of = {payer_asked_by(draft): draft for draft in drafts}
    lines = {
        (payer_asked_by(line.proforma), line.contract_line_id): line
        for line in InvoiceLine.objects.filter(proforma__in=drafts).select_related("proforma")
    }
    missing = {
        (_payer(one), one.line.contract_line_id): InvoiceLine(
            proforma=draft_of[_payer(one)], contract_line=one.line.contract_line, name=one.line.name
        )
        for one in retentions
        if (_payer(one), one.line.contract_line_id) not in lines
    }
    InvoiceLine.objects.bulk_create(missing.values(), batch_size=500)
    return lines | missing


# --- Reasons --------------------------------------------------------------------------------------


def _reasons_of_terms(terms: RetentionTerms, subject: str) -> Iterable[Refusal]:
    if not is_share(terms.percent):
        message = _("A retention is more than 0 and at most 100 percent.")
        yield Refusal("retention-out-of-range", message, subject, _("Remove its line to keep nothing back."))
    yield from _reasons_of_day(terms.release_on, subject)


def _reasons_of_day(release_on: date | None, subject: str) -> Iterable[Refusal]:
    if not is_possible(release_on):
        message = _("The release date is not possible.")
        yield Refusal("day-not-possible", message, subject, DAYS_ALLOWED)


def _without_line(line: InvoiceLine | None, draft: Proforma) -> Iterable[Refusal]:
    if line is None:
        message = _("No line of the draft has a project.")
        yield Refusal("project-missing", message, draft.number, _("Add a line that has one."))


def _nothing_open(retentions: Sequence[Retention]) -> Iterable[Refusal]:
    if not retentions:
        yield Refusal("nothing-chosen", _("No retention is chosen."), "", _("Choose one that is open."))
    for one in retentions:
        if _left(one) <= ZERO:
            yield Refusal(
                "nothing-open",
                _("Nothing of it is open: it is released, or a draft releases it."),
                one.line.proforma.number,
                _("Choose one that is open."),
            )


def _reasons_of_release(
    retentions: Sequence[Retention], asked: Mapping[int, Decimal], on: date
) -> Iterable[Refusal]:
    for one in retentions:
        subject, currency, left = one.line.proforma.number, one.line.proforma.currency, _left(one)
        if one.release_on is None:
            message = _("Nobody has said when it is released.")
            yield Refusal("not-due", message, subject, _("Enter its release date first."))
        elif one.release_on > on:
            message = _("It is kept back until %(day)s.") % {"day": written_day(one.release_on)}
            yield Refusal("not-due", message, subject, _("Change its release date if it is due earlier."))
        if not asked[one.pk].is_finite() or asked[one.pk] <= ZERO < left:
            message = _("The amount must be above zero.")
            yield Refusal("amount-not-positive", message, subject, _("Type what is released."))
        elif not has_places(asked[one.pk], minor_places(currency)):
            message = _("The amount has more decimals than %(currency)s.") % {"currency": currency}
            yield Refusal("below-minor-unit", message, subject, _("Round the amount."))
        elif asked[one.pk] > left > ZERO:
            message = _("Only %(left)s is open.") % {"left": money(left, currency)}
            yield Refusal("above-open", message, subject, _("Type that or less."))


def _reasons_of_payers(
    retentions: Sequence[Retention], invoice_date: date, *, is_new: bool
) -> Iterable[Refusal]:
    for contract in {
        one.line.proforma.contract_id: one.line.proforma.contract for one in retentions
    }.values():
        if contract.status != ContractStatus.CONFIRMED:
            yield Refusal(
                "contract-not-confirmed",
                _("The contract is “%(status)s”.") % {"status": contract.get_status_display()},
                str(contract),
                _("Resume or reopen the contract first."),
            )
        if is_new and contract.legal_entity.is_locked_on(invoice_date):
            yield Refusal(
                "period-locked",
                _("%(day)s lies in a closed period.") % {"day": written_day(invoice_date)},
                str(contract),
                _("Choose a later invoice date."),
            )
    for customer in {
        one.line.proforma.customer_id: one.line.proforma.customer for one in retentions
    }.values():
        if customer.is_on_hold:
            yield on_hold(customer, customer.number)


def _reasons_of_draft(drafts: Sequence[Proforma], retentions: Sequence[Retention]) -> Iterable[Refusal]:
    yield from frozen(drafts)
    for draft in drafts:
        if {_payer(one) for one in retentions} - {payer_asked_by(draft)}:
            yield Refusal(
                "other-payer",
                _("It is for another customer or contract."),
                draft.number,
                _("Choose a draft of the same contract and customer, or start a new one."),
            )
