"""Lines of invoice proposals: their item sales tax group, until the invoice is posted (C3, C5)."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter, RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import InvoiceProposalLine
from accounting.querysets import ProposalLineQuerySet
from accounting.reviewing import PROPOSAL_LINE_FIELDS, review_proposal_lines
from accounting.states import ProposalStatus
from core.admin_kit import ActionPreview, AdminAction, ReadOnlyAdmin, columns, signed_in_user
from projects.models import ItemSalesTaxGroup


class TaxGroupForm(forms.Form):
    """The group that the selected lines get."""

    item_sales_tax_group = forms.ModelChoiceField(
        ItemSalesTaxGroup.objects.all(), label=_("Item sales tax group")
    )


class SetTaxGroup(AdminAction):
    name, label = "set-tax-group", _("Set item sales tax group")
    permission = "accounting.change_invoiceproposalline"
    confirms = True
    on_one = False
    form_class = TaxGroupForm

    def preview(
        self, request: HttpRequest, targets: ProposalLineQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Lines of posted invoices are left out."""
        unposted = targets.filter(proposal__status=ProposalStatus.DRAFT)
        count, left = unposted.count(), targets.exclude(proposal__status=ProposalStatus.DRAFT).count()
        summary = ngettext("%(count)s line will be changed.", "%(count)s lines will be changed.", count)
        return ActionPreview(
            InvoiceProposalLine.objects.filter(pk__in=unposted.order_by().values("pk")),
            str(count),
            summary=summary % {"count": count},
            effects=(
                _("The amounts stay as they were confirmed; the tax of the invoice follows."),
                *([_left_out(left)] if left else []),
            ),
            submit_label=_("Set"),
            is_possible=count > 0,
        )

    def run(
        self, targets: ProposalLineQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return review_proposal_lines(targets, cleaned_data, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s line changed.", "%(count)s lines changed.", result) % {"count": result}


@admin.register(InvoiceProposalLine)
class ProposalLineAdmin(ReadOnlyAdmin):
    """What a proposal invoices; only how it is taxed may change."""

    changes = True
    editable_fields = tuple(sorted(PROPOSAL_LINE_FIELDS))
    list_display = (
        columns.text("detail", _("work")),
        columns.text("proposal__proforma__number", _("proforma")),
        columns.day("detail__transaction_date", _("date")),
        columns.amount("amount", _("amount"), currency="proposal__proforma__currency"),
        columns.text("item_sales_tax_group__name", _("item sales tax group")),
    )
    list_filter = (
        ("item_sales_tax_group", EmptyFieldListFilter),
        ("proposal", RelatedOnlyFieldListFilter),
        ("item_sales_tax_group", RelatedOnlyFieldListFilter),
    )
    list_select_related = (
        "proposal__proforma",
        "detail__line",
        "detail__actual__work_item__task",
        "detail__actual__work_item__category",
        "detail__work_item__task",
        "detail__work_item__category",
        "item_sales_tax_group",
    )
    search_fields = ("proposal__proforma__number", "detail__external_description")
    fields = ("proposal", "detail", "amount", "item_sales_tax_group", "tax")
    readonly_fields = ("tax",)
    action_classes: ClassVar = (SetTaxGroup,)
    currency_paths: ClassVar = {"amount": "proposal__proforma__currency"}

    def is_changeable(self, obj: InvoiceProposalLine) -> bool:
        """Until its invoice is posted."""
        return obj.proposal.status == ProposalStatus.DRAFT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and refuses what was posted meanwhile."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            user = signed_in_user(request)
            lines = InvoiceProposalLine.objects.visible_to(user).filter(pk=obj.pk)
            review_proposal_lines(lines, changes, actor=user, at=timezone.now())

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""


def _left_out(count: int) -> str:
    words = ngettext("%(count)s posted line is left out.", "%(count)s posted lines are left out.", count)
    return words % {"count": count}
