"""Billing roles, transaction categories and resources as tables."""

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import ListTable, TextColumn
from core.people import person_name
from core.templatetags.display import badge
from core.units import unit_word
from projects.models import Resource, Role, TransactionCategory


def address(name: str) -> Any:
    """A link to the page of a row, for those who may change it."""
    return lambda record: reverse(name, args=[record.pk]) if record.is_changeable else None


def yes_or_no(value: bool) -> str:
    """A mark of a row in a word."""
    return gettext("Yes") if value else gettext("No")


class ChoiceTable(ListTable):
    """Rows that others name: open or closed."""

    status = TextColumn(verbose_name=_("Status"), slot="status", empty_values=(), order_by=("is_closed",))

    def render_status(self, record: Role | TransactionCategory | Resource) -> SafeString:
        return badge("closed") if record.is_closed else badge("active")


class RoleTable(ChoiceTable):
    """What hours are billed as."""

    caption, identity, empty = _("Billing roles"), "name", _("No billing roles yet.")
    name = TextColumn(verbose_name=_("Billing role"), wide=True, slot="title", linkify=address("role"))
    is_chargeable = TextColumn(verbose_name=_("Chargeable"), slot="value")

    class Meta:
        order_by = ("name",)
        sequence = ("name", "is_chargeable", "status")

    def render_is_chargeable(self, value: bool) -> str:
        return yes_or_no(value)


class CategoryTable(ChoiceTable):
    """What kind of work or cost an entry is."""

    caption, identity = _("Transaction categories"), "name"
    empty = _("No transaction categories yet.")
    name = TextColumn(verbose_name=_("Category"), wide=True, slot="title", linkify=address("category"))
    transaction_class = TextColumn(verbose_name=_("Class"), slot="subtitle")
    unit = TextColumn(verbose_name=_("Unit"), slot="value")
    is_chargeable = TextColumn(verbose_name=_("Chargeable"))
    is_default = TextColumn(verbose_name=_("Default of its class"))
    item_sales_tax_group = TextColumn(verbose_name=_("Item sales tax group"), slot="line")

    class Meta:
        order_by = ("name",)
        sequence = ("name", "transaction_class", "unit", "...", "status")

    def render_unit(self, value: str) -> str:
        return unit_word(value)

    def render_is_chargeable(self, value: bool) -> str:
        return yes_or_no(value)

    def render_is_default(self, value: bool) -> str:
        return yes_or_no(value)


class ResourceTable(ChoiceTable):
    """Whose time is recorded."""

    caption, identity, empty = _("Resources"), "name", _("No resources yet.")
    name = TextColumn(
        verbose_name=_("Resource"), detail="code", wide=True, slot="title", linkify=address("resource")
    )
    role = TextColumn(verbose_name=_("Hours are billed as"), slot="subtitle", order_by=("role__name",))
    user = TextColumn(verbose_name=_("Signs in as"), order_by=("user__username",))

    class Meta:
        order_by = ("name",)
        sequence = ("name", "role", "user", "status")

    def render_user(self, value: Any) -> str:
        return person_name(value)
