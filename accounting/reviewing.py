"""What an accountant may still decide before posting: tax groups, dimension, dates, layout, text (C1, C5).

Nothing else of a journal line or of a proposal changes; what is posted does not change at all (DOMAIN 6.1).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import IntegrationJournalLine, InvoiceProposal
from accounting.states import JournalLineStatus, ProposalStatus
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if

LINE_FIELDS = frozenset({"sales_tax_group", "item_sales_tax_group", "dimension"})
PROPOSAL_FIELDS = frozenset({"sales_tax_group", "dimension", "accounting_date", "due_date", "layout", "note"})


def review_lines(lines: Any, changes: Mapping[str, Any], *, actor: Any, at: datetime) -> int:
    """Set tax groups and dimension of journal lines that are not posted yet, all of them or none.

    Joins the transaction of its form. Locks the lines. Raises Refused: already-posted, not-for-review (C1).
    """
    with transaction.atomic():
        chosen = list(lines.locked())
        posted = [line for line in chosen if line.status == JournalLineStatus.POSTED]
        refuse_if([*_foreign(changes, LINE_FIELDS), *(_already_posted(line) for line in posted)])

        IntegrationJournalLine.objects.filter(pk__in=[line.pk for line in chosen]).update(**changes)
        log_activity("reviewed", chosen, actor=actor, at=at, facts=_facts(changes))
    return len(chosen)


def review_proposals(proposals: Any, changes: Mapping[str, Any], *, actor: Any, at: datetime) -> int:
    """Set tax group, dimension, dates, layout and text of proposals that are not posted yet, all or none.

    Joins the transaction of its form. Locks the proposals. Raises Refused: already-posted, not-for-review,
    due-before-invoice (C5).
    """
    with transaction.atomic():
        chosen = list(proposals.select_related("proforma").locked())
        posted = [one for one in chosen if one.status == ProposalStatus.POSTED]
        early = [one for one in chosen if _is_due_before_invoice(one, changes)]
        refuse_if(
            [
                *_foreign(changes, PROPOSAL_FIELDS),
                *(_already_posted(one) for one in posted),
                *(_due_too_early(one) for one in early),
            ]
        )

        InvoiceProposal.objects.filter(pk__in=[one.pk for one in chosen]).update(**changes)
        log_activity("reviewed", chosen, actor=actor, at=at, facts=_facts(changes))
    return len(chosen)


def _is_due_before_invoice(proposal: InvoiceProposal, changes: Mapping[str, Any]) -> bool:
    due = changes.get("due_date", proposal.due_date)
    day = changes.get("accounting_date", proposal.accounting_date)
    return due is not None and due < day


def _foreign(changes: Mapping[str, Any], allowed: frozenset[str]) -> list[Refusal]:
    message = _("This is decided by what was done, not by accounting.")
    way_out = _("Correct the work or the proforma instead.")
    return [Refusal("not-for-review", message, name, way_out) for name in sorted(set(changes) - allowed)]


def _already_posted(row: Any) -> Refusal:
    return Refusal(
        "already-posted", _("It is posted and does not change any more."), str(row), _("Correct the work.")
    )


def _due_too_early(proposal: InvoiceProposal) -> Refusal:
    message = _("It would be due before its invoice date.")
    return Refusal("due-before-invoice", message, str(proposal), _("Choose a later due date, or none."))


def _facts(changes: Mapping[str, Any]) -> dict[str, str]:
    return {name: str("" if value is None else value) for name, value in changes.items()}
