"""Price lists with their prices of roles, categories and materials, saved through the verbs (A7)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.access import may
from core.admin_kit import AdminAction, ReadOnlyAdmin, ReadOnlyInline, columns, signed_in_user
from core.day_inputs import DayField
from projects.models import CategoryPrice, MaterialPrice, PriceList, RolePrice
from projects.price_querysets import PriceListQuerySet
from projects.price_setting import (
    change_price_list,
    create_price_list,
    delete_price_lists,
    end_price_lists,
    set_prices,
)


class RolePriceInline(ReadOnlyInline):
    model = RolePrice
    adds = changes = True
    fields = ("role", "unit", "price", "ends_on")


class CategoryPriceInline(ReadOnlyInline):
    model = CategoryPrice
    adds = changes = True
    fields = ("category", "method", "unit", "price", "markup_percent", "ends_on")


class MaterialPriceInline(ReadOnlyInline):
    model = MaterialPrice
    adds = changes = True
    fields = ("product", "unit", "price", "ends_on")


class LastDayForm(forms.Form):
    """Until when lists hold."""

    last_day = DayField(label=_("Last day"))


class EndLists(AdminAction):
    """Let lists hold through a day and no longer."""

    name, label, permission = "end", _("End"), "projects.change_pricelist"
    confirms, form_class = True, LastDayForm

    def run(
        self, targets: PriceListQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return end_price_lists(targets, last_day=cleaned_data["last_day"], actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s price list ended.", "%(count)s price lists ended.", result) % {
            "count": result
        }


class DeleteLists(AdminAction):
    """Delete lists that no work took prices from."""

    name, label, permission = "delete-unused", _("Delete"), "projects.change_pricelist"
    confirms = True

    def run(
        self, targets: PriceListQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return delete_price_lists(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s price list deleted.", "%(count)s price lists deleted.", result) % {
            "count": result
        }

    def get_success_url(self, result: int, cancel_url: str) -> str:
        """The list of those that are left."""
        return reverse("admin:projects_pricelist_changelist")


@admin.register(PriceList)
class PriceListAdmin(ReadOnlyAdmin):
    """Names and days are changed, kind, currency and contract stay; prices stand below."""

    adds = changes = True
    editable_fields = ("name", "starts_on", "ends_on")
    list_display = (
        "name",
        "context",
        "currency",
        columns.day("starts_on", _("valid from")),
        columns.day("ends_on", _("valid to")),
        "contract",
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "context", "currency")
    list_select_related = ("contract",)
    search_fields = ("name", "contract__number")
    fields = ("legal_entity", "name", "context", "currency", "starts_on", "ends_on", "contract")
    inlines: ClassVar = [RolePriceInline, CategoryPriceInline, MaterialPriceInline]
    action_classes: ClassVar = (EndLists, DeleteLists)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and says which other list holds on the same days."""
        user, now = signed_in_user(request), timezone.now()
        if change:
            change_price_list(obj, **form.cleaned_data, actor=user, at=now)
            return
        made = create_price_list(**form.cleaned_data, actor=user, at=now)
        obj.pk, obj._state.adding = made.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The verb writes the prices; a row that became the price of something else leaves its place."""
        rows = formset.save(commit=False)
        keys = set(formset.model.KEY)
        moved = [one.instance.pk for one in formset.initial_forms if keys & set(one.changed_data)]
        left = list(formset.model.objects.filter(pk__in=moved))
        for row in rows:
            # The verb knows a row by what it prices, not by its number.
            row.pk = None
        if rows:
            user, now = signed_in_user(request), timezone.now()
            set_prices(form.instance, rows, removed=left, actor=user, at=now)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verb has logged it; Django's own log is kept beside it."""
        return super(ReadOnlyAdmin, self).log_addition(request, obj, message)

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""

    def get_links(self, request: HttpRequest, obj: PriceList) -> Iterable[tuple[Any, str]]:
        """The page of the list, and unbilled work that it prices."""
        yield _("Open the price list"), reverse("price-list", args=[obj.pk])
        if may(request.user, "projects.rerate_work"):
            yield _("Price unbilled work again"), f"{reverse('rerate-work')}?price_list={obj.pk}"
