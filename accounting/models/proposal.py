"""The invoice proposal: a confirmed proforma before it becomes a customer invoice (C5)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounting.querysets import ProposalLineQuerySet, ProposalQuerySet
from accounting.states import ProposalStatus
from billing.models import InvoiceLineDetail, Proforma
from core.fields import AmountField, StateField
from projects.models import Actual, DocumentLayout, ItemSalesTaxGroup, LegalEntity, SalesTaxGroup


class InvoiceProposal(models.Model):
    """What accounting may still decide: tax groups, dates, dimension, layout. The work itself is fixed."""

    proforma = models.OneToOneField(
        Proforma, models.PROTECT, related_name="proposal", verbose_name=_("proforma")
    )
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="proposals", verbose_name=_("legal entity")
    )
    status = StateField(
        _("status"), default=ProposalStatus.DRAFT, choices=ProposalStatus.choices, protected=True
    )
    accounting_date = models.DateField(_("accounting date"))
    due_date = models.DateField(
        _("due date"), null=True, blank=True, help_text=_("Empty: from the customer's payment terms.")
    )
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales tax group"),
    )
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    layout = models.ForeignKey(
        DocumentLayout,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document layout"),
        help_text=_("Empty: every transaction in a row of its own."),
    )
    note = models.CharField(_("text on the invoice"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"))
    # Set by the verbs of scheduling_invoices; what is decided afterwards takes the check off again.
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("checked by"),
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True, editable=False)
    post_on = models.DateField(_("posted automatically on"), null=True, blank=True, editable=False)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("scheduled by"),
    )
    not_posted_because = models.CharField(
        _("why it was not posted automatically"), max_length=500, blank=True, editable=False
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice proposal")
        verbose_name_plural = _("invoice proposals")
        ordering = ["-pk"]
        permissions = [("post_invoice", _("Post and print customer invoices"))]
        indexes = [models.Index(fields=["status"], name="proposal_status")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(post_on__isnull=True, scheduled_by__isnull=True)
                | models.Q(post_on__isnull=False, scheduled_by__isnull=False),
                name="scheduled_posting_has_a_person",
                violation_error_message=_("Posting is scheduled by somebody, for a day."),
            )
        ]

    def __str__(self) -> str:
        return str(self.proforma)

    @transition(status, source=ProposalStatus.DRAFT, target=ProposalStatus.POSTED)
    def post(self) -> None:
        """Its customer invoice is in the books."""


class InvoiceProposalLine(models.Model):
    """One billed actual; `amount` is what the customer pays for it, before tax."""

    proposal = models.ForeignKey(
        InvoiceProposal, models.PROTECT, related_name="lines", verbose_name=_("proposal")
    )
    actual = models.OneToOneField(
        Actual, models.PROTECT, related_name="proposal_line", verbose_name=_("actual")
    )
    detail = models.OneToOneField(
        InvoiceLineDetail, models.PROTECT, related_name="proposal_line", verbose_name=_("detail")
    )
    amount = AmountField(_("amount"))
    item_sales_tax_group = models.ForeignKey(
        ItemSalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("item sales tax group"),
    )
    # Empty: that of the work (C4).
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    # Set once, by posting: the tax of the invoice in whose base the line is (C15).
    tax = models.ForeignKey(
        "accounting.InvoiceTax",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        # Posting writes it; nobody chooses it.
        editable=False,
        verbose_name=_("tax"),
    )

    objects = ProposalLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice proposal line")
        verbose_name_plural = _("invoice proposal lines")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.detail)
