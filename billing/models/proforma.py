"""The header of the proforma invoice; its lines are in `invoice_line` (B5-B8)."""

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.querysets import ProformaQuerySet
from billing.states import ProformaStatus
from core.fields import AmountField, StateField
from projects.models import (
    ActualEvent,
    Customer,
    LegalEntity,
    ProjectContract,
    SalesTaxGroup,
)


class Proforma(models.Model):
    """What the project manager asks one customer of one contract to pay; frozen once confirmed.

    Amounts are in `currency`; tax is the estimate of the one tax engine until the invoice is posted.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="proformas", verbose_name=_("legal entity")
    )
    contract = models.ForeignKey(
        ProjectContract, models.PROTECT, related_name="proformas", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="proformas", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    description = models.CharField(_("description"), max_length=160, blank=True)
    status = StateField(
        _("status"), default=ProformaStatus.DRAFT, choices=ProformaStatus.choices, protected=True
    )
    invoice_date = models.DateField(_("invoice date"))
    cut_off_date = models.DateField(_("cut-off date"))
    scheduled_for = models.DateField(_("run date"), null=True, blank=True)
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup, models.PROTECT, null=True, blank=True, verbose_name=_("sales tax group")
    )
    net_amount = AmountField(_("net after retention"), default=0)
    tax_amount = AmountField(_("tax"), default=0)
    gross_amount = AmountField(_("total"), default=0)
    # What decides whether a second person confirms: advances and credits on it lower the total, not this.
    weighed_amount = AmountField(
        _("total before advances and credits"), default=0, db_default=0, editable=False
    )
    # By retainer: how much less of it is applied since there was less to pay. `apply_again` says what for.
    lowered_advances = models.JSONField(
        _("advances applied less"), default=dict, blank=True, editable=False, encoder=DjangoJSONEncoder
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"))
    last_edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("last edited by"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    event = models.OneToOneField(
        ActualEvent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proforma",
        editable=False,
        verbose_name=_("event"),
    )
    customer_invoice_number = models.CharField(_("invoice number"), max_length=40, blank=True)
    customer_invoice_date = models.DateField(_("invoice date of the posted invoice"), null=True, blank=True)
    customer_invoice_tax = AmountField(_("posted tax"), null=True, blank=True)
    # Accounting may have chosen another than that of the proforma: what is taken off later bears this one.
    customer_invoice_tax_group = models.ForeignKey(
        SalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("posted sales tax group"),
    )

    objects = ProformaQuerySet.as_manager()

    class Meta:
        verbose_name = _("proforma invoice")
        verbose_name_plural = _("proforma invoices")
        ordering = ["-pk"]
        permissions = [
            ("mark_ready", _("Mark work and milestones ready to invoice")),
            ("draft_proforma", _("Create, edit and delete drafts")),
            ("confirm_proforma", _("Confirm proformas")),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="proforma_status_created")]
        constraints = [
            # One run of one contract makes one invoice per customer, however often and wherever it runs.
            models.UniqueConstraint(
                fields=["contract", "customer", "scheduled_for"],
                condition=models.Q(scheduled_for__isnull=False),
                name="one_proforma_per_run",
            ),
            models.CheckConstraint(
                condition=models.Q(gross_amount=models.F("net_amount") + models.F("tax_amount")),
                name="proforma_gross_is_net_plus_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW],
                    confirmed_by__isnull=True,
                    confirmed_at__isnull=True,
                    event__isnull=True,
                )
                | (
                    ~models.Q(status__in=[ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW])
                    & models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False, event__isnull=False)
                ),
                name="confirmed_means_who_when_event",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in (ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW)

    @cached_property
    def net(self) -> Decimal:
        """What documents and pages call the net: before what is kept back or released, which `net_amount`
        holds (B12). One statement, unless it was read with `with_net`."""
        return type(self).objects.with_net().values_list("net", flat=True).get(pk=self.pk)

    @transition(status, source=ProformaStatus.DRAFT, target=ProformaStatus.IN_REVIEW)
    def submit_for_review(self) -> None:
        """Somebody else looks at it before it is confirmed."""

    @transition(status, source=ProformaStatus.IN_REVIEW, target=ProformaStatus.DRAFT)
    def take_back(self) -> None:
        """It is being worked on again."""

    @transition(
        status, source=[ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW], target=ProformaStatus.CONFIRMED
    )
    def confirm(self, *, event: ActualEvent, by: User, at: datetime) -> None:
        self.event, self.confirmed_by, self.confirmed_at = event, by, at

    @transition(status, source=ProformaStatus.CONFIRMED, target=ProformaStatus.POSTED)
    def post(self, *, number: str, on: date, tax: Decimal, tax_group_id: int | None) -> None:
        self.customer_invoice_number, self.customer_invoice_date = number, on
        self.customer_invoice_tax, self.customer_invoice_tax_group_id = tax, tax_group_id
