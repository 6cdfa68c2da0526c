"""Forms of what every project chooses from: billing roles, transaction categories and resources."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from core.access import may
from projects.access import people_visible_to
from projects.forms.choices import UnitField
from projects.forms.records import PersonChoice, RecordForm
from projects.models import ItemSalesTaxGroup, Resource, Role, TransactionCategory

ADMINISTERS_PEOPLE = "auth.change_user"


class RoleForm(RecordForm):
    """What hours are billed as."""

    class Meta:
        model = Role
        fields = ("name", "is_chargeable")


class CategoryForm(RecordForm):
    """A new category of one class of work."""

    unit = UnitField(label=_("Unit"), help_text=_("Of the quantity: h, day, pcs, km or a word of your own."))

    class Meta:
        model = TransactionCategory
        fields: Sequence[str] = (
            *("transaction_class", "name", "unit", "item_sales_tax_group", "is_chargeable", "is_default"),
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        self.choose("item_sales_tax_group", ItemSalesTaxGroup.objects.order_by("name"))


class CategoryChangeForm(CategoryForm):
    """A category that exists: its class stays, because entries of that class name it."""

    class Meta(CategoryForm.Meta):
        fields: Sequence[str] = CategoryForm.Meta.fields[1:]


class ResourceForm(RecordForm):
    """Somebody, or something, whose time is recorded.

    Who signs in as a resource is for those who administer people: it opens the resource's own entries.
    """

    user = PersonChoice(
        label=_("Signs in as"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Empty for somebody whose hours others record."),
    )

    class Meta:
        model = Resource
        fields: Sequence[str] = ("legal_entity", "code", "name", "role", "user")

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        usual = self.instance.role_id
        roles = Role.objects.filter(is_closed=False)
        # A role that was closed meanwhile stays where it is.
        self.choose("role", roles | Role.objects.filter(pk=usual))
        if not may(user, ADMINISTERS_PEOPLE):
            del self.fields["user"]
            return
        free = people_visible_to(user).filter(is_active=True, resource=None)
        own = people_visible_to(user).filter(pk=self.instance.user_id)
        self.choose("user", (free | own).order_by("last_name", "username"))


class ResourceChangeForm(ResourceForm):
    """A resource that exists: its company and its code stay, because files and lists know it by them."""

    class Meta(ResourceForm.Meta):
        fields: Sequence[str] = ResourceForm.Meta.fields[2:]
