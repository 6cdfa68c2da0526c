"""Projects, their tasks, and the people and categories that entries name (A1)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, QuantityField
from core.querysets import SharedQuerySet
from projects.models.party import Customer, LegalEntity
from projects.models.tax import ItemSalesTaxGroup, SalesTaxGroup
from projects.querysets import OfEntityQuerySet, OfProjectQuerySet, ProjectQuerySet
from projects.states import TransactionClass


class Role(models.Model):
    """What a person is billed as."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_chargeable = models.BooleanField(_("chargeable"), default=True)
    is_closed = models.BooleanField(_("closed"), default=False)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TransactionCategory(models.Model):
    """What kind of work, cost or fee a transaction is; gives it its item sales tax group."""

    name = models.CharField(_("name"), max_length=80)
    transaction_class = models.CharField(_("class"), max_length=10, choices=TransactionClass.choices)
    unit = models.CharField(_("unit"), max_length=10, default="h")
    group = models.CharField(
        _("category group"), max_length=40, blank=True, help_text=_("Posting accounts may be set for it.")
    )
    is_purchased = models.BooleanField(
        _("bought for the project"),
        default=False,
        help_text=_("Of material: bought for a project, and not taken from stock."),
    )
    is_chargeable = models.BooleanField(_("chargeable"), default=True)
    is_default = models.BooleanField(
        _("default of its class"), default=False, help_text=_("Used for entries without a category.")
    )
    item_sales_tax_group = models.ForeignKey(
        ItemSalesTaxGroup, models.PROTECT, null=True, blank=True, verbose_name=_("item sales tax group")
    )
    is_closed = models.BooleanField(_("closed"), default=False)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("transaction category")
        verbose_name_plural = _("transaction categories")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name", "transaction_class"], name="category_once_per_class"),
            models.UniqueConstraint(
                fields=["transaction_class"],
                condition=models.Q(is_default=True),
                name="one_default_category_per_class",
                violation_error_message=_("Another category is the default of this class already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    """A team member; `user` is set when the person signs in here."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="resources", verbose_name=_("legal entity")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resource",
        verbose_name=_("user"),
    )
    role = models.ForeignKey(Role, models.PROTECT, null=True, blank=True, verbose_name=_("usual role"))
    is_closed = models.BooleanField(_("left the company"), default=False)

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "code"], name="resource_code_once_per_entity")
        ]

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """Work for a customer, or internal when there is none."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="projects", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("customer")
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_projects",
        verbose_name=_("manager"),
    )
    group = models.CharField(_("project group"), max_length=40, blank=True)
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup, models.PROTECT, null=True, blank=True, verbose_name=_("sales tax group")
    )
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    budget_hours = QuantityField(_("budget in hours"), null=True, blank=True)
    budget_amount = AmountField(_("budget in money"), null=True, blank=True)
    budget_readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("budget mails to")
    )
    is_closed = models.BooleanField(_("closed"), default=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "number"], name="project_number_once_per_entity"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_start",
                violation_error_message=_("A project does not end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Task(models.Model):
    """A piece of a project that work is recorded on."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks", verbose_name=_("project"))
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    budget_hours = QuantityField(_("budget in hours"), null=True, blank=True)
    budget_amount = AmountField(_("budget in money"), null=True, blank=True)
    is_closed = models.BooleanField(_("closed"), default=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["project", "code"]
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="task_code_once_per_project")]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Who works on a project, and who may approve there."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="team", verbose_name=_("project"))
    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="memberships", verbose_name=_("resource")
    )
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role"))
    is_approver = models.BooleanField(_("project approver"), default=False)
    starts_on = models.DateField(_("on the team since"), null=True, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(fields=["project", "resource"], name="team_member_once_per_project")
        ]

    def __str__(self) -> str:
        return f"{self.resource} · {self.role}"
