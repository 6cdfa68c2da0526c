"""What an accountant may still decide before posting: tax groups, dimension, dates, layout, text (C1, C5).

Nothing else of a journal line or of a proposal changes; what is posted does not change at all (J1).
"""

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import IntegrationJournalLine, InvoiceProposal
from accounting.querysets import JournalLineQuerySet, ProposalQuerySet
from accounting.states import JournalLineStatus, ProposalStatus
from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import ItemSalesTaxGroup, SalesTaxGroup

Decided = Mapping[str, str | date | SalesTaxGroup | ItemSalesTaxGroup | None]
"""New values by the name of their field."""
# Amounts and the dates of work are not among them: those are corrected where the work was recorded.
LINE_FIELDS = frozenset({"sales_tax_group", "item_sales_tax_group", "dimension"})
PROPOSAL_FIELDS = frozenset({"sales_tax_group", "dimension", "accounting_date", "due_date", "layout", "note"})


def review_lines(lines: JournalLineQuerySet, values: Decided, *, actor: User, at: datetime) -> int:
    """Set tax groups and dimension of journal lines that are not posted yet, all of them or none.

    `values` are new values by field name; amounts and dates are those of the actual and stay. Joins the
    transaction of its form. Locks the lines. The log keeps old and new value of what really changed. Returns
    how many lines. Raises Refused: already-posted, not-for-review (C1).
    """
    with transaction.atomic():
        chosen = list(lines.select_related("sales_tax_group", "item_sales_tax_group").locked())
        # The voucher of a posted line repeats it; a change here would leave the ledger without a reason (J1).
        posted = [line for line in chosen if line.status == JournalLineStatus.POSTED]
        refuse_if([*_not_for_review(values, LINE_FIELDS), *(_already_posted(line) for line in posted)])

        changes = changes_of(chosen, values)
        IntegrationJournalLine.objects.filter(pk__in=[line.pk for line in chosen]).update(**values)
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def review_proposals(proposals: ProposalQuerySet, values: Decided, *, actor: User, at: datetime) -> int:
    """Set tax group, dimension, dates, layout and text of proposals that are not posted yet, all or none.

    `values` are new values by field name. Joins the transaction of its form. Locks the proposals. The log
    keeps old and new value of what really changed. Returns how many proposals. Raises Refused:
    already-posted, not-for-review, due-before-invoice (C5).
    """
    with transaction.atomic():
        chosen = list(proposals.select_related("proforma", "sales_tax_group").locked())
        posted = [one for one in chosen if one.status == ProposalStatus.POSTED]
        early = [one for one in chosen if _is_due_before_invoice(one, values)]
        refuse_if(
            [
                *_not_for_review(values, PROPOSAL_FIELDS),
                *(_already_posted(one) for one in posted),
                *(_due_too_early(one) for one in early),
            ]
        )

        changes = changes_of(chosen, values)
        InvoiceProposal.objects.filter(pk__in=[one.pk for one in chosen]).update(**values)
        log_activity("reviewed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


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
