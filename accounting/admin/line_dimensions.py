"""The dimension on which revenue of a proposal's lines is booked: shown and set in place (C4)."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import InvoiceProposal, InvoiceProposalLine
from accounting.querysets import ProposalLineQuerySet, ProposalQuerySet
from accounting.reviewing import set_dimension_of_lines
from accounting.states import ProposalStatus
from core.admin_kit import ActionPreview, AdminAction


class LineDimensionForm(forms.Form):
    """The value, and the lines that take it."""

    dimension = forms.CharField(
        label=_("Financial dimension"),
        max_length=40,
        required=False,
        help_text=_("Empty: that of the work again, from its journal, project, contract or customer."),
    )
    project = forms.CharField(
        label=_("Only lines of project"), max_length=40, required=False, help_text=_("Its number.")
    )
    line = forms.CharField(
        label=_("Only the contract line"), max_length=120, required=False, help_text=_("Its name.")
    )


class SetLineDimension(AdminAction):
    """For all lines of drafts, or those of one project or contract line."""

    name, label = "dimension", _("Set the dimension of lines")
    permission = "accounting.change_invoiceproposal"
    confirms = True
    form_class = LineDimensionForm

    def is_available(self, obj: InvoiceProposal) -> bool:
        """Until it is posted."""
        return obj.status == ProposalStatus.DRAFT

    def preview(
        self, request: HttpRequest, targets: ProposalQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The drafts among them."""
        drafts = targets.unposted()
        count = InvoiceProposalLine.objects.filter(proposal__in=drafts).count()
        return ActionPreview(
            InvoiceProposal.objects.filter(pk__in=drafts.order_by().values("pk")),
            str(count),
            effects=(
                _("Revenue of the lines is booked on it; what the customer owes has that of the proposal."),
            ),
            submit_label=_("Set"),
            is_possible=count > 0,
        )

    def run(
        self, targets: ProposalQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        lines = _chosen(targets, cleaned_data["project"].strip(), cleaned_data["line"].strip())
        return set_dimension_of_lines(lines, cleaned_data["dimension"].strip(), actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s line changed.", "%(count)s lines changed.", result) % {"count": result}


def _chosen(targets: ProposalQuerySet, project: str, line: str) -> ProposalLineQuerySet:
    lines = InvoiceProposalLine.objects.filter(proposal__in=targets.order_by().values("pk"))
    if project:
        lines = lines.filter(detail__line__contract_line__project__number=project)
    return lines.filter(detail__line__contract_line__name=line) if line else lines
