"""Customers, projects and people as tables."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import ListTable, MeterColumn, MomentColumn, NumberColumn, TextColumn
from core.people import person_name
from core.templatetags.chart_pictures import meter
from core.templatetags.display import NOTHING, amount, badge, money, quantity
from projects.budgets import THRESHOLDS, BudgetUse, budget_use_of, percent_of
from projects.models import Customer, Project

FIRST_THRESHOLD = THRESHOLDS[0]


def state_of(record: Customer | Project) -> SafeString:
    """Closed, on hold or active, as a badge."""
    if record.is_closed:
        return badge("closed")
    if getattr(record, "is_on_hold", False):
        return badge("on_hold")
    return badge("active")


class CustomerTable(ListTable):
    """Who pays, with terms."""

    caption, identity, empty = _("Customers and their terms"), "name", _("No customers yet.")
    name = TextColumn(
        verbose_name=_("Customer"),
        detail="number",
        wide=True,
        slot="title",
        linkify=lambda record: reverse("customer", args=[record.pk]),
    )
    country = TextColumn(verbose_name=_("Country"))
    vat_id = TextColumn(verbose_name=_("VAT id"))
    currency = TextColumn(verbose_name=_("Currency"), slot="value")
    payment_terms = TextColumn(verbose_name=_("Payment terms"), order_by=("payment_terms__net_days",))
    sales_tax_group = TextColumn(verbose_name=_("Tax group"))
    manager = TextColumn(
        verbose_name=_("Looked after by"),
        slot="subtitle",
        order_by=("manager__last_name", "manager__username"),
    )
    status = TextColumn(
        verbose_name=_("Status"), slot="status", empty_values=(), order_by=("is_closed", "is_on_hold")
    )

    class Meta:
        order_by = ("name",)

    def render_manager(self, value: Any) -> str:
        return person_name(value)

    def render_status(self, record: Customer) -> SafeString:
        return state_of(record)


class ProjectTable(ListTable):
    """Projects with what is used of their budgets."""

    caption, identity, empty = _("Projects and their budgets"), "name", _("No projects yet.")
    name = TextColumn(
        verbose_name=_("Project"),
        detail="number",
        wide=True,
        slot="title",
        linkify=lambda record: reverse("project", args=[record.pk]),
    )
    customer = TextColumn(verbose_name=_("Customer"), slot="line", wide=True, order_by=("customer__name",))
    manager = TextColumn(
        verbose_name=_("Manager"), slot="subtitle", order_by=("manager__last_name", "manager__username")
    )
    hours = NumberColumn(verbose_name=_("Hours approved"), empty_values=(), orderable=False, slot="value")
    waiting = NumberColumn(verbose_name=_("Hours waiting"), empty_values=(), orderable=False)
    hours_used = MeterColumn(verbose_name=_("Budget in hours"), empty_values=(), orderable=False)
    value = NumberColumn(verbose_name=_("Sales value"), empty_values=(), orderable=False)
    value_used = MeterColumn(verbose_name=_("Budget in money"), empty_values=(), orderable=False)
    status = TextColumn(verbose_name=_("Status"), slot="status", empty_values=(), order_by=("is_closed",))

    class Meta:
        order_by = ("number",)
        sequence = ("name", "customer", "manager", "hours", "waiting", "...", "status")

    @cached_property
    def burns(self) -> dict[int, BudgetUse]:
        """What is used of the budgets of the rows of this page, in four statements."""
        rows = self.page.object_list if getattr(self, "page", None) else self.rows
        return budget_use_of([row.record for row in rows])

    def burn(self, record: Project) -> BudgetUse:
        """What is used of one row."""
        return self.burns[record.pk]

    def render_manager(self, value: Any) -> str:
        return person_name(value)

    def render_hours(self, record: Project) -> str:
        return quantity(self.burn(record).hours, "h")

    def render_waiting(self, record: Project) -> str:
        waiting = self.burn(record).waiting_hours
        return quantity(waiting, "h") if waiting else NOTHING

    def render_hours_used(self, record: Project) -> str:
        return _meter(percent_of(self.burn(record).hours, record.budget_hours))

    def render_value(self, record: Project) -> str:
        currency, burn = record.legal_entity.currency, self.burn(record)
        value = f"{amount(burn.amount, currency)} {currency}"
        if not burn.left_out:
            return value
        left_out = ", ".join(money(sum_of, code) for code, sum_of in sorted(burn.left_out.items()))
        words = gettext("no rate: %(amounts)s") % {"amounts": left_out}
        return format_html('{}<small class="text-bad">{}</small>', value, words)

    def render_value_used(self, record: Project) -> str:
        return _meter(percent_of(self.burn(record).amount, record.budget_amount))

    def render_status(self, record: Project) -> SafeString:
        return state_of(record)


class PersonTable(ListTable):
    """Users, what they may do, and whether they ever signed in."""

    caption, identity, empty = _("People and what they may do"), "username", _("No people yet.")
    username = TextColumn(
        verbose_name=_("Person"),
        slot="title",
        linkify=lambda record: reverse("person", args=[record.pk]) if record.is_changeable else None,
    )
    email = TextColumn(verbose_name=_("Mail address"), slot="line")
    roles = TextColumn(verbose_name=_("Roles"), empty_values=(), orderable=False, wide=True, slot="subtitle")
    billed_as = TextColumn(
        verbose_name=_("Hours are billed as"), accessor="resource__role", order_by=("resource__role__name",)
    )
    last_login = MomentColumn(verbose_name=_("Last signed in"))
    status = TextColumn(verbose_name=_("Account"), slot="status", empty_values=(), order_by=("is_active",))

    class Meta:
        order_by = ("username",)

    def render_username(self, record: User) -> str:
        return person_name(record)

    def render_roles(self, record: User) -> str:
        return ", ".join(gettext(group.name) for group in record.groups.all()) or NOTHING

    def render_status(self, record: User) -> SafeString:
        if not record.is_active:
            return badge("closed")
        return badge("active") if record.last_login else badge("invited")


def _meter(percent: Decimal | None) -> str:
    return NOTHING if percent is None else meter(percent, FIRST_THRESHOLD)
