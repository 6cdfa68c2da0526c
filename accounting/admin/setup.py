"""What posting follows: accounts and their roles, profiles and rules, exchange rates (C2, C9)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.missing_accounts import missing_types
from accounting.models import (
    Account,
    CostRevenueProfile,
    CostRevenueRule,
    FinancialDimension,
    PostingAccount,
    VoucherLine,
)
from accounting.posting_changes import reasons_against_account
from core.access import may
from core.admin_kit import Cell, ReadOnlyAdmin, ReadOnlyInline, columns, delete_unused_action, signed_in_user
from projects.models import LegalEntity

OF_ENTITY = ("legal_entity", RelatedOnlyFieldListFilter)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """An account may be changed until the first voucher uses it."""

    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(Account),)
    editable_fields = ("number", "name", "kind", "control")
    list_display = ("number", "name", "kind", "control", "is_used")
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "kind", "control")
    search_fields = ("number", "name")
    fields = ("legal_entity", "number", "name", "kind", "control")

    def get_queryset(self, request: Any) -> Any:
        """With whether a voucher uses it."""
        lines = VoucherLine.objects.filter(account=OuterRef("pk"))
        return super().get_queryset(request).annotate(used=Exists(lines))

    def is_changeable(self, obj: Account) -> bool:
        """Until the first voucher uses it."""
        return not VoucherLine.objects.filter(account=obj).exists()

    @admin.display(description=_("used"), boolean=True)
    def is_used(self, row: Any) -> bool:
        return row.used


@admin.register(FinancialDimension)
class FinancialDimensionAdmin(ReadOnlyAdmin):
    """The values that lines of the ledger may carry; what was booked on one keeps it."""

    adds = changes = True
    editable_fields = ("name", "is_closed")
    list_display = ("code", "name", "is_closed", "legal_entity")
    list_display_links = ("code", "name")
    list_filter = (OF_ENTITY, "is_closed")
    list_select_related = ("legal_entity",)
    search_fields = ("code", "name")
    fields = ("legal_entity", "code", "name", "is_closed")


PLACE_AND_ACCOUNT = (
    *("legal_entity", "posting_type", "project", "project_group", "category", "category_group"),
    *("starts_on", "account"),
)


class PostingAccountForm(forms.ModelForm):
    """A row of the posting set-up; an account in use gives way from a day on, after its last voucher."""

    class Meta:
        model = PostingAccount
        fields = PLACE_AND_ACCOUNT

    def clean(self) -> dict[str, Any]:
        """What is posted under this role keeps its account."""
        cleaned_data = super().clean() or {}
        row = PostingAccount(pk=self.instance.pk)
        for name in PLACE_AND_ACCOUNT:
            # Of a row that exists only the account is asked for; the rest is as it stands.
            if name in cleaned_data or self.instance.pk:
                setattr(row, name, cleaned_data.get(name, getattr(self.instance, name, None)))
        if row.legal_entity_id and row.posting_type:
            for refusal in reasons_against_account(row):
                raise ValidationError(f"{refusal.message} {refusal.way_out}", refusal.code)
        return cleaned_data


@admin.register(PostingAccount)
class PostingAccountAdmin(ReadOnlyAdmin):
    """The most specific row decides; one in use gives way to another from a day on."""

    adds = changes = True
    form = PostingAccountForm
    editable_fields = ("account",)
    list_display = (
        *("posting_type", "project", "project_group", "category", "category_group"),
        *(columns.day("starts_on", _("from")), "account", "legal_entity"),
    )
    list_filter = (OF_ENTITY, "posting_type")
    list_select_related = ("project", "category", "account", "legal_entity")
    search_fields = ("account__number", "account__name", "project__number", "project_group")
    fields = PLACE_AND_ACCOUNT

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell]:
        """Companies with posting types that have no account, each leading to what is proposed for it."""
        user = signed_in_user(request)
        if not may(user, "accounting.add_postingaccount"):
            return
        entities = {one.pk: one for one in LegalEntity.objects.visible_to(user).order_by("pk")}
        for key, types in missing_types(list(entities)).items():
            sentence = ngettext(
                "%(company)s: %(count)s posting type without an account",
                "%(company)s: %(count)s posting types without an account",
                len(types),
            )
            words = {"company": entities[key].short_name, "count": len(types)}
            yield Cell(sentence % words, url=reverse("missing-accounts", args=[key]))

    def is_changeable(self, obj: PostingAccount) -> bool:
        """Until the first voucher uses its account."""
        return not VoucherLine.objects.filter(account=obj.account_id).exists()


class ProfileRuleInline(ReadOnlyInline):
    model = CostRevenueRule
    adds = changes = True
    fields = ("contract", "project_group", "project")


@admin.register(CostRevenueProfile)
class ProfileAdmin(ReadOnlyAdmin):
    """Which accounts a fact moves, and for what the profile holds."""

    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(CostRevenueProfile),)
    editable_fields = (
        "name",
        "post_time_cost",
        "post_expense_cost",
        "post_material_cost",
        "on_account",
        "recognition",
        "accrues_time",
        "accrues_expense",
        "accrues_material",
        "accrues_fee",
    )
    list_display = (
        "name",
        "billing_method",
        "post_time_cost",
        "accrues_time",
        "on_account",
    )
    list_filter = (OF_ENTITY, "billing_method")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("legal_entity", "name", "billing_method")}),
        (_("Cost"), {"fields": ("post_time_cost", "post_expense_cost", "post_material_cost")}),
        (
            _("Accrued revenue"),
            {"fields": ("accrues_time", "accrues_expense", "accrues_material", "accrues_fee")},
        ),
        (_("Fixed price"), {"fields": ("on_account", "recognition")}),
    )
    inlines: ClassVar = [ProfileRuleInline]


@admin.register(CostRevenueRule)
class RuleAdmin(ReadOnlyAdmin):
    """All rules in one list: the most specific one wins."""

    list_display = ("profile", "contract", "project_group", "project")
    list_filter = (("profile", RelatedOnlyFieldListFilter),)
    list_select_related = ("profile", "contract", "project")
    search_fields = ("profile__name", "contract__number", "project__number", "project_group")
    fields = ("profile", "contract", "project_group", "project")
