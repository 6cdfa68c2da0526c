"""Move details between open drafts of one contract, customer and currency; split a draft (decision 5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.changing_drafts import frozen
from billing.closed_periods import period_locked
from billing.discounts import carry_percentages, discounts_stay
from billing.draft_targets import grown, payer_asked_by, sizes_of
from billing.line_order import order_like
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.moved_corrections import kept_back_with
from billing.numbering import number_proformas
from billing.querysets import DetailQuerySet, ProformaQuerySet
from billing.retentions import carry_retention, retentions_stay
from billing.states import ProformaStatus
from billing.totalling import add_up
from core.activity_log import log_activity
from core.querysets import KEYS_PER_STATEMENT, ChangedMeanwhile
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from core.templatetags.display import number
from projects.models import BacklogItem, ProjectContract

BATCH = 500
HEADING = (
    "legal_entity",
    "contract_id",
    "customer_id",
    "currency",
    "description",
    "invoice_date",
    "cut_off_date",
    "sales_tax_group_id",
)
"""What a new draft takes over from the one whose details it gets."""


def move_details(
    details: DetailQuerySet, target: ProformaQuerySet | None, *, actor: User, at: datetime
) -> Proforma:
    """Move details to the open draft `target`, or to a new draft with the dates of the one they come from.

    All of them are of one contract and customer. Edited values, texts and claims travel along; what takes
    billed sales back and what stays billed instead travel together, and what an invoice kept back goes with
    all corrections of it. On a new line details keep their order, elsewhere they come last. Drafts that are
    left empty stay. Totals and estimated tax of all drafts are added up again, in their currency. Locks the
    contracts, then all drafts in order of their keys, then the details, last the number series. Returns the
    draft they are on. Raises Refused: nothing-to-move, discount-stays, retention-stays, corrections-apart,
    frozen, same-draft, other-payer, other-tax-group, not-corrective, after-cut-off, and for a new draft
    period-locked (B7, B12, decision 5).
    """
    with transaction.atomic(durable=True):
        moving = _with_partners(details)
        drafts, destination = _locked_drafts(moving, target)
        # What an invoice kept back goes with its corrections, which nobody adds to any more.
        moving, torn = kept_back_with(moving)
        chosen = list(moving.select_related("line__contract_line").locked())
        left = {detail.line.proforma_id for detail in chosen}
        sources = [one for one in drafts if one.pk in left]
        # Somebody moved some of them between the two locks: their draft is not held.
        if len(sources) != len(left):
            raise ChangedMeanwhile("details were moved to a draft that is not locked")
        refuse_if(
            [
                *_nothing(chosen),
                *discounts_stay(chosen),
                *retentions_stay(chosen),
                *torn,
                *frozen(drafts),
                *_of_several_payers(sources),
                *(_reasons_against(destination, sources, chosen) if destination else _closed(sources)),
            ]
        )

        destination = destination or _split_from(sources[0], actor, at)
        before = sizes_of([*sources, destination])
        _move(chosen, destination)
        if target is None:
            carry_retention(sources, destination)
        add_up([*sources, destination], by=actor)
        _log(chosen, sources, destination, before, actor, at)
    return destination


def _with_partners(details: DetailQuerySet) -> DetailQuerySet:
    """The details and, of corrections, the other half of each."""
    keys = details.order_by().values("pk")
    replaced = details.order_by().filter(replaces__isnull=False).values("replaces")
    return InvoiceLineDetail.objects.filter(Q(pk__in=keys) | Q(replaces__in=keys) | Q(pk__in=replaced))


def _locked_drafts(
    moving: DetailQuerySet, target: ProformaQuerySet | None
) -> tuple[list[Proforma], Proforma | None]:
    """All drafts concerned, in one order whichever way details move, and the one they go to."""
    wanted = Q(pk__in=moving.order_by().values("line__proforma"))
    if target is not None:
        wanted |= Q(pk__in=target.order_by().values("pk"))
    # Contracts come before drafts, as where drafts are made and confirmed (D10).
    contracts = Proforma.objects.filter(wanted).order_by().values("contract")
    list(ProjectContract.objects.filter(pk__in=contracts).only("pk").locked())
    drafts = list(Proforma.objects.filter(wanted).select_related("legal_entity").locked())
    if target is None:
        return drafts, None
    named = set(target.values_list("pk", flat=True))
    destination = next((one for one in drafts if one.pk in named), None)
    # Somebody deleted it since it was chosen; without it the details must not go to a new draft instead.
    if destination is None:
        raise Proforma.DoesNotExist("the draft that details move to is not there")
    return drafts, destination


def _nothing(details: Sequence[InvoiceLineDetail]) -> Iterable[Refusal]:
    if not details:
        message, way_out = _("No detail is left to move."), _("Reload the page, then choose again.")
        yield Refusal("nothing-to-move", message, "", way_out)


def _of_several_payers(sources: Sequence[Proforma]) -> Iterable[Refusal]:
    if len({(payer_asked_by(one), one.currency) for one in sources}) > 1:
        yield Refusal(
            "other-payer",
            _("The details are for several contracts or customers."),
            ", ".join(one.number for one in sources),
            _("Move the details of each contract and customer by themselves."),
        )


def _closed(sources: Sequence[Proforma]) -> Iterable[Refusal]:
    for one in sources[:1]:
        if one.legal_entity.is_locked_on(one.invoice_date):
            yield period_locked(one.legal_entity, one.invoice_date, one.number, is_draft=True)


def _reasons_against(
    target: Proforma, sources: Sequence[Proforma], details: Sequence[InvoiceLineDetail]
) -> Iterable[Refusal]:
    """Why the details cannot go to this draft; one statement."""
    if target in sources:
        message, way_out = _("Some of the details are on it already."), _("Choose another draft.")
        yield Refusal("same-draft", message, target.number, way_out)
    if {(payer_asked_by(one), one.currency) for one in sources} - {(payer_asked_by(target), target.currency)}:
        yield Refusal(
            "other-payer",
            _("It is for another customer or contract."),
            target.number,
            _("Choose a draft of the same contract and customer, or start a new one."),
        )
    elif {one.sales_tax_group_id for one in sources} - {target.sales_tax_group_id}:
        yield Refusal(
            "other-tax-group",
            _("It is taxed by another sales tax group."),
            target.number,
            _("Choose a draft with the same sales tax group, or start a new one."),
        )
    if any(one.is_correction for one in details) and not _is_corrective(target):
        yield Refusal(
            "not-corrective",
            _("It corrects nothing, so that corrections cannot go to it."),
            target.number,
            _("Choose a draft that corrects already, or start a new one."),
        )
    late = [one for one in details if _is_claim(one) and one.transaction_date > target.cut_off_date]
    if late:
        yield _after_cut_off(target, len(late), target.cut_off_date)


def _is_corrective(draft: Proforma) -> bool:
    return InvoiceLineDetail.objects.corrections().filter(line__proforma=draft).exists()


def _is_claim(detail: InvoiceLineDetail) -> bool:
    return detail.actual_id is not None or detail.milestone_share_id is not None


def _after_cut_off(target: Proforma, count: int, cut_off: date) -> Refusal:
    message = ngettext(
        "%(count)s detail is dated after its cut-off, %(day)s.",
        "%(count)s details are dated after its cut-off, %(day)s.",
        count,
    )
    return Refusal(
        "after-cut-off",
        message % {"count": number(count), "day": written(cut_off)},
        target.number,
        _("Set a later cut-off on that draft first, or leave them where they are."),
    )


def _split_from(source: Proforma, actor: User, at: datetime) -> Proforma:
    """A new draft for the same customer, with the dates and the taxation of the draft it is made from."""
    draft = Proforma(created_by=actor, created_at=at, **{name: getattr(source, name) for name in HEADING})
    number_proformas([draft], draft.invoice_date.year)
    # No run made it, so that it stands outside the run's key (Q1).
    draft.save(force_insert=True)
    log_activity("drafted", [draft], actor=actor, at=at, states=("", ProformaStatus.DRAFT))
    return draft


def _move(details: Sequence[InvoiceLineDetail], target: Proforma) -> None:
    wanted = {one.line.contract_line_id: one.line for one in details}
    there = InvoiceLine.objects.filter(proforma=target, contract_line__in=wanted)
    line_of = {line.contract_line_id: line for line in there}
    missing = [
        InvoiceLine(proforma=target, contract_line_id=key, name=line.name)
        for key, line in wanted.items()
        if key not in line_of
    ]
    if not InvoiceLine.objects.filter(proforma=target).exists():
        # A draft that is split off prints its lines as the one it is split from.
        order_like(missing, wanted)
    InvoiceLine.objects.bulk_create(missing, batch_size=BATCH)
    line_of |= {line.contract_line_id: line for line in missing}
    carry_percentages({one.line_id: line_of[one.line.contract_line_id] for one in details}, missing)
    # By the lines they leave, of which there are few, so that all details move in one statement.
    leaving = {one.line_id: one.line.contract_line_id for one in details}
    arriving = Case(*[When(line=old, then=Value(line_of[key].pk)) for old, key in leaving.items()])
    # A new line that takes the details of one line keeps their order; elsewhere they come last.
    new, onto = {line.pk for line in missing}, Counter(line_of[key].pk for key in leaving.values())
    kept = [old for old, key in leaving.items() if line_of[key].pk in new and onto[line_of[key].pk] == 1]
    place = Case(When(line__in=kept, then=F("position")), default=None)
    keys = [one.pk for one in details]
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        moved = InvoiceLineDetail.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        moved.update(line=arriving, position=place)
    held = InvoiceLineDetail.objects.filter(line__proforma=target, actual__isnull=False).values("actual")
    # Its number is written on the item, so that a refused cancellation can name the draft.
    items = BacklogItem.objects.filter(pk__in=held).exclude(proforma_number=target.number)
    items.update(proforma_number=target.number)


def _log(
    details: Sequence[InvoiceLineDetail],
    sources: Sequence[Proforma],
    target: Proforma,
    before: dict[int, tuple[int, str]],
    actor: User,
    at: datetime,
) -> None:
    number_of = {one.pk: one.number for one in sources}
    travelled = {one.pk: {"proforma": [number_of[one.line.proforma_id], target.number]} for one in details}
    log_activity("moved", details, actor=actor, at=at, changes=travelled)
    changes = grown([*sources, target], before)
    from_where = ", ".join(number_of.values())
    log_activity("moved from", sources, actor=actor, at=at, changes=changes, facts={"to": target.number})
    log_activity("moved to", [target], actor=actor, at=at, changes=changes, facts={"from": from_where})
