"""What an accountant may still decide before posting: tax groups, dimension, dates, layout, text (C1, C5).

Nothing else of a journal line or of a proposal changes; what is posted does not change at all (J1).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.dimension_rules import reasons_against_dimensions
from accounting.models import IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.querysets import JournalLineQuerySet, ProposalLineQuerySet, ProposalQuerySet
from accounting.states import JournalLineStatus, ProposalStatus
from billing.models import InvoiceLineDetail
from billing.states import RetainerUse
from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import DocumentLayout, ItemSalesTaxGroup, SalesTaxGroup

Decided = Mapping[str, str | date | SalesTaxGroup | ItemSalesTaxGroup | DocumentLayout | None]
"""New values by the name of their field."""
# Amounts and the dates of work are not among them: those are corrected where the work was recorded.
# Nor are tax groups of journal lines: tax is due on an invoice, and decided on its proposal.
LINE_FIELDS = frozenset({"dimension"})
PROPOSAL_FIELDS = frozenset({"sales_tax_group", "dimension", "accounting_date", "due_date", "layout", "note"})

UNCHECKED = {"checked_by": None, "checked_at": None}
"""Whoever checked a proposal has not seen what is decided afterwards."""
PROPOSAL_LINE_FIELDS = frozenset({"item_sales_tax_group"})


def review_lines(lines: JournalLineQuerySet, values: Decided, *, actor: User, at: datetime) -> int:
    """Set the dimension of journal lines that are not posted yet, all of them or none.

    `values` are new values by field name; amounts and dates are those of the actual and stay. Joins the
    transaction of its form. Locks the lines. The log keeps old and new value of what really changed. Returns
    how many lines. Raises Refused: already-posted, not-for-review, dimension-unknown (C1, C4).
    """
    with transaction.atomic():
        chosen = list(lines.select_related("journal").locked())
        # The voucher of a posted line repeats it; a change here would leave the ledger without a reason (J1).
        posted = [line for line in chosen if line.status == JournalLineStatus.POSTED]
        unknown = _unknown_dimensions(values, {line.journal.legal_entity_id for line in chosen})
        refuse_if(
            [*_not_for_review(values, LINE_FIELDS), *(_already_posted(line) for line in posted), *unknown]
        )

        changes = changes_of(chosen, values)
        IntegrationJournalLine.objects.filter(pk__in=[line.pk for line in chosen]).update(**values)
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def review_proposals(proposals: ProposalQuerySet, values: Decided, *, actor: User, at: datetime) -> int:
    """Set tax group, dimension, dates, layout and text of proposals that are not posted yet, all or none.

    `values` are new values by field name. Joins the transaction of its form. Locks the proposals. The log
    keeps old and new value of what really changed. Returns how many proposals. Raises Refused:
    already-posted, not-for-review, due-before-invoice, advance-taken-off, dimension-unknown (C4, C5).
    """
    with transaction.atomic():
        chosen = list(proposals.select_related("proforma", "sales_tax_group", "layout").locked())
        posted = [one for one in chosen if one.status == ProposalStatus.POSTED]
        early = [one for one in chosen if _is_due_before_invoice(one, values)]
        refuse_if(
            [
                *_not_for_review(values, PROPOSAL_FIELDS),
                *(_already_posted(one) for one in posted),
                *(_due_too_early(one) for one in early),
                *_advances_taken_off(chosen, values),
                *_unknown_dimensions(values, {one.legal_entity_id for one in chosen}),
            ]
        )

        changes = changes_of(chosen, values)
        InvoiceProposal.objects.filter(pk__in=[one.pk for one in chosen]).update(**values, **UNCHECKED)
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def review_proposal_lines(lines: ProposalLineQuerySet, values: Decided, *, actor: User, at: datetime) -> int:
    """Set the item sales tax group of lines of proposals that are not posted yet, all of them or none.

    Amounts stay: they were confirmed. What gives back an earlier invoice, or an advance, keeps the group that
    it was taxed with. `values` are new values by field name. Joins the transaction of its form. Locks the
    proposals, then the lines. The log keeps old and new value of what really changed. Returns how many lines.
    Raises Refused: already-posted, not-for-review, taxed-before, advance-keeps-its-group (C3, C5).
    """
    with transaction.atomic():
        list(InvoiceProposal.objects.filter(lines__in=lines.values("pk")).order_by("pk").locked())
        related = ("proposal__proforma", "detail__line", "item_sales_tax_group")
        chosen = list(lines.select_related(*related).locked())
        its_proposals = {one.proposal_id: one.proposal for one in chosen}.values()
        posted = [one for one in its_proposals if one.status != ProposalStatus.DRAFT]
        refuse_if(
            [
                *_not_for_review(values, PROPOSAL_LINE_FIELDS),
                *(_already_posted(proposal) for proposal in posted),
                *(_taxed_before(one) for one in chosen if one.detail.tax_date is not None),
                *(_keeps_its_group(one) for one in chosen if one.detail.retainer_use == RetainerUse.INVOICE),
            ]
        )

        changes = changes_of(chosen, values)
        InvoiceProposalLine.objects.filter(pk__in=[one.pk for one in chosen]).update(**values)
        InvoiceProposal.objects.checked().filter(lines__in=[one.pk for one in chosen]).update(**UNCHECKED)
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def _advances_taken_off(proposals: Sequence[InvoiceProposal], values: Decided) -> Iterable[Refusal]:
    """That what was taken off of an advance bears the tax group its invoice was to have; one statement."""
    if "sales_tax_group" not in values:
        return
    group = values["sales_tax_group"]
    changed = {one.proforma_id: one for one in proposals if one.sales_tax_group != group}
    taken_off = Q(retainer__used_amount__gt=0) | Q(retainer__drafted_amount__gt=0)
    asking = InvoiceLineDetail.objects.filter(
        taken_off, retainer_use=RetainerUse.INVOICE, line__proforma__in=list(changed)
    )
    for proforma in sorted(set(asking.values_list("line__proforma", flat=True))):
        yield Refusal(
            "advance-taken-off",
            _("A part of its advance is taken off with the tax group that it was asked for with."),
            str(changed[proforma]),
            _("Take the advance off the drafts that hold it, or correct the proformas that used it."),
        )


def _keeps_its_group(line: InvoiceProposalLine) -> Refusal:
    return Refusal(
        "advance-keeps-its-group",
        _("What is taken off of an advance later bears the tax of this line."),
        str(line),
        _("Choose lines of work only."),
    )


def _taxed_before(line: InvoiceProposalLine) -> Refusal:
    return Refusal(
        "taxed-before",
        _("It keeps the tax of the invoice that it gives back or takes off."),
        str(line),
        _("Choose lines of new work only."),
    )


def set_dimension_of_lines(lines: ProposalLineQuerySet, dimension: str, *, actor: User, at: datetime) -> int:
    """Set the dimension on which revenue of proposal lines is booked; empty: that of the work again.

    All lines or none. Locks their proposals, then the lines. The log of each proposal keeps old and new
    values. Returns how many lines. Raises Refused: nothing-chosen, already-posted, dimension-unknown (C4).
    """
    with transaction.atomic(durable=True):
        proposals = InvoiceProposal.objects.filter(pk__in=lines.order_by().values("proposal"))
        chosen = list(proposals.select_related("proforma").locked())
        theirs = list(lines.filter(proposal__in=[one.pk for one in chosen]).locked())
        values: Decided = {"dimension": dimension}
        refuse_if(
            [
                *_no_lines(theirs),
                *(_already_posted(one) for one in chosen if one.status == ProposalStatus.POSTED),
                *_unknown_dimensions(values, {one.legal_entity_id for one in chosen}),
            ]
        )

        before: dict[int, set[str]] = {}
        for line in theirs:
            before.setdefault(line.proposal_id, set()).add(line.dimension)
        InvoiceProposalLine.objects.filter(pk__in=[line.pk for line in theirs]).update(dimension=dimension)
        InvoiceProposal.objects.checked().filter(pk__in=[one.pk for one in chosen]).update(**UNCHECKED)
        changes = {key: {"dimension": [", ".join(sorted(old)), dimension]} for key, old in before.items()}
        counts = Counter(line.proposal_id for line in theirs)
        facts = {key: {"lines": count} for key, count in counts.items()}
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes, own_facts=facts)
    return len(theirs)


def _no_lines(lines: Sequence[InvoiceProposalLine]) -> Iterator[Refusal]:
    if not lines:
        way_out = _("Choose lines of a proposal; a project must be one of theirs.")
        yield Refusal("nothing-chosen", _("No line was chosen."), way_out=way_out)


def _unknown_dimensions(values: Decided, entities: Iterable[int]) -> Iterator[Refusal]:
    value = str(values.get("dimension") or "")
    return reasons_against_dimensions((entity, value, value) for entity in sorted(entities))


def _is_due_before_invoice(proposal: InvoiceProposal, values: Decided) -> bool:
    # Both dates may change at once, or one may change below the other: compare what would be stored.
    due = values.get("due_date", proposal.due_date)
    day = values.get("accounting_date", proposal.accounting_date)
    return isinstance(due, date) and isinstance(day, date) and due < day


def _not_for_review(values: Decided, allowed: frozenset[str]) -> list[Refusal]:
    message = _("This is decided by what was done, not by accounting.")
    way_out = _("Correct the work or the proforma instead.")
    return [Refusal("not-for-review", message, name, way_out) for name in sorted(set(values) - allowed)]


def _already_posted(row: IntegrationJournalLine | InvoiceProposal) -> Refusal:
    return Refusal(
        "already-posted", _("It is posted and does not change any more."), str(row), _("Correct the work.")
    )


def _due_too_early(proposal: InvoiceProposal) -> Refusal:
    message = _("It would be due before its invoice date.")
    return Refusal("due-before-invoice", message, str(proposal), _("Choose a later due date, or none."))
