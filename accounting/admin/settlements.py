"""The customer subledger and its settlements: what is open, settled with one another, and undone (C11)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext_lazy

from accounting.admin.ageing import AgeingPages
from accounting.models import CustomerTransaction, Settlement
from accounting.offsetting import settle_open
from accounting.receivable_querysets import CustomerTransactionQuerySet, SettlementQuerySet
from accounting.row_names import name_of
from accounting.settlement_plans import pairs_of, shares_together
from accounting.unsettling import unsettle
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    columns,
    link_to,
    shown_of,
    signed_in_user,
    waiting_rows,
)
from core.money import ZERO
from core.refusals import Text
from core.templatetags import display

SHOWN = 50
ON_ACCOUNT = ngettext_lazy(
    "%(count)s open credit of a customer", "%(count)s open credits of customers", "count"
)


def settlements_panel(row: CustomerTransaction) -> Panel:
    """What a row of the subledger is settled with, in the order in which it was."""
    settled = row.settled_by if row.amount > 0 else row.settles
    other = "credit" if row.amount > 0 else "debit"
    rows = []
    for one in settled.select_related(f"{other}__invoice", f"{other}__voucher", "settled_by").order_by("pk"):
        beside = getattr(one, other)
        rows.append(
            (
                link_to(one, display.day(one.date)),
                link_to(beside.invoice or beside.voucher, name_of(beside)),
                Cell(display.money(one.amount, row.currency), is_figure=True),
                Cell(one.reason or display.NOTHING),
                Cell(one.settled_by),
            )
        )
    left = CustomerTransaction.objects.with_open().get(pk=row.pk).open_amount
    written = display.money(left, row.currency)
    return Panel(
        _("Settled with"),
        (_("Date"), _("What"), _("Amount"), _("Reason"), _("By")),
        rows,
        _("Nothing is settled yet."),
        lines=(_("Open: %(amount)s") % {"amount": written},),
    )


class OpenFilter(admin.SimpleListFilter):
    """Whether something of a row is still open."""

    title, parameter_name = _("open"), "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Owed by the customer, or owed to the customer."""
        return [
            ("yes", _("Open")),
            ("owed", _("Owed by the customer")),
            ("credit", pgettext_lazy("of a customer", "Credit")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Every row where nothing is chosen, or something that nobody offers."""
        if self.value() == "owed":
            return queryset.open().filter(amount__gt=ZERO)
        if self.value() == "credit":
            return queryset.open().filter(amount__lt=ZERO)
        return queryset.open() if self.value() == "yes" else queryset


class SettleForm(forms.Form):
    writes_off = forms.BooleanField(
        label=_("Write off a small difference"),
        required=False,
        help_text=_("Where both sides differ by no more than the company allows."),
    )


class SettleTogether(AdminAction):
    """Settles the selected rows of one customer with one another, as far as the smaller side goes."""

    name, label, permission = "settle", _("Settle with one another"), "accounting.post_payment"
    confirms = True
    on_one = False
    form_class = SettleForm
    preview_again_label = _("Show with the difference written off")

    def preview(
        self, request: HttpRequest, targets: CustomerTransactionQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Which settles which, and what stays open; the verb says what does not fit together."""
        shares = shares_together(targets.open_amounts(), writes_off=bool(cleaned_data.get("writes_off")))
        names = _names_of(shares)
        pairs = pairs_of(list(shares.items()))
        currency = targets.values_list("currency", flat=True).first() or ""
        rows = [
            (
                Cell(names[one.debit]),
                Cell(names[one.credit]),
                Cell(display.money(one.amount, currency), is_figure=True),
            )
            for one in pairs[:SHOWN]
        ]
        heads = (_("Owed"), _("Settled with"), _("Amount"))
        more = shown_of(SHOWN, len(pairs))
        return ActionPreview(
            targets,
            ",".join(f"{key}:{share}" for key, share in sorted(shares.items())),
            effects=(_("What is settled can be undone, with a reason, from the list of settlements."),),
            panels=(Panel(_("Settlements"), heads, rows, _("Nothing here settles anything."), lines=more),),
            submit_label=self.label,
            is_possible=bool(rows),
        )

    def run(
        self,
        targets: CustomerTransactionQuerySet,
        *,
        actor: User,
        at: datetime,
        cleaned_data: dict[str, Any],
    ) -> int:
        """Call the verb."""
        writes_off = bool(cleaned_data.get("writes_off"))
        shares = shares_together(targets.open_amounts(), writes_off=writes_off)
        return len(settle_open(shares, writes_off=writes_off, actor=actor, at=at))

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s settlement written.", "%(count)s settlements written.", result) % {
            "count": result
        }


def _names_of(shares: dict[int, Decimal]) -> dict[int, str]:
    rows = CustomerTransaction.objects.filter(pk__in=shares).select_related("invoice", "voucher")
    return {row.pk: name_of(row) for row in rows}


@admin.register(CustomerTransaction)
class CustomerTransactionAdmin(ReadOnlyAdmin):
    """What customers owe, row by row, and what of it is open."""

    change_list_template = "admin/customer_transactions_list.html"
    list_display = (
        "customer",
        columns.day("date", _("date")),
        columns.day("due_on", _("due date"), ordering="due_date"),
        columns.amount("amount", _("amount")),
        columns.amount("open_amount", _("open")),
        columns.amount("base_amount", _("in the entity's currency"), currency="legal_entity__currency"),
        "invoice",
        "voucher",
    )
    list_filter = (
        OpenFilter,
        ("legal_entity", RelatedOnlyFieldListFilter),
        ("customer", RelatedOnlyFieldListFilter),
        "currency",
    )
    list_select_related = ("customer", "invoice", "voucher", "legal_entity")
    search_fields = ("customer__name", "invoice__number", "voucher__number")
    date_hierarchy = "date"
    fields = (
        "legal_entity",
        "customer",
        "date",
        "due",
        "currency",
        "amount",
        "base_amount",
        "invoice",
        "voucher",
    )
    currency_paths: ClassVar = {"base_amount": "legal_entity__currency"}
    action_classes: ClassVar = (SettleTogether,)

    @admin.display(description=_("due date"))
    def due(self, row: CustomerTransaction) -> str:
        return display.day(row.due_on)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what is open of each."""
        rows: Any = super().get_queryset(request)
        return rows.with_open()

    def get_urls(self) -> list[URLPattern]:
        """Ageing and statements have addresses of their own."""
        return AgeingPages(self.admin_site).urls + super().get_urls()

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Payments on account and credit notes that settle nothing yet."""
        rows = CustomerTransaction.objects.visible_to(signed_in_user(request))
        yield waiting_rows(rows.open().filter(amount__lt=ZERO), ON_ACCOUNT, open="credit")

    def get_panels(self, request: HttpRequest, obj: CustomerTransaction) -> Iterable[Panel]:
        """What it is settled with."""
        yield settlements_panel(obj)


class UndoForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class UndoSettlements(AdminAction):
    """Opens both sides again; the settlement and what undoes it stay in the history."""

    name, label, permission = "undo", _("Undo"), "accounting.post_payment"
    confirms = True
    form_class = UndoForm

    def is_available(self, obj: Settlement) -> bool:
        """Once, and nothing that undoes one itself."""
        return Settlement.objects.standing().filter(pk=obj.pk).exists()

    def preview(
        self, request: HttpRequest, targets: SettlementQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Settlements that stand; those that were undone are left out."""
        standing = list(targets.standing().select_related(*SIDES).order_by("pk"))
        rows = [
            (
                Cell(display.day(one.date)),
                Cell(name_of(one.debit)),
                Cell(name_of(one.credit)),
                Cell(display.money(one.amount, one.debit.currency), is_figure=True),
            )
            for one in standing[:SHOWN]
        ]
        heads = (_("Date"), _("Owed"), _("Settled with"), _("Amount"))
        more = shown_of(SHOWN, len(standing))
        return ActionPreview(
            Settlement.objects.filter(pk__in=[one.pk for one in standing]),
            ",".join(str(one.pk) for one in standing),
            effects=(_("Both sides are open again, with what was written off for them."),),
            panels=(Panel(_("Settlements"), heads, rows, _("None of these stands."), lines=more),),
            submit_label=self.label,
            is_possible=bool(standing),
        )

    def run(
        self, targets: SettlementQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return unsettle(targets, reason=cleaned_data["reason"], actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s settlement undone.", "%(count)s settlements undone.", result) % {
            "count": result
        }


SIDES = ("debit__customer", "debit__invoice", "debit__voucher", "credit__invoice", "credit__voucher")


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """What was settled with what, newest first."""

    list_display = (
        columns.day("date", _("date")),
        columns.text("debit__customer", _("customer"), "debit__customer__name"),
        "owed",
        "settled_with",
        columns.amount("amount", _("amount"), currency="debit__currency"),
        "undone_state",
        "settled_by",
    )
    list_filter = (
        ("debit__customer", RelatedOnlyFieldListFilter),
        ("debit__currency", admin.AllValuesFieldListFilter),
    )
    list_select_related = (*SIDES, "settled_by", "reversed_by")
    search_fields = ("debit__customer__name", "debit__invoice__number", "credit__voucher__number")
    date_hierarchy = "date"
    fieldsets = (
        (None, {"fields": ("debit", "credit", "date", "amount")}),
        (_("In the entity's currency"), {"fields": ("debit_base", "credit_base")}),
        (_("Settled"), {"fields": ("settled_by", "settled_at", "reverses", "reason")}),
    )
    action_classes: ClassVar = (UndoSettlements,)
    currency_paths: ClassVar = {
        "amount": "debit__currency",
        "debit_base": "debit__legal_entity__currency",
        "credit_base": "debit__legal_entity__currency",
    }

    @admin.display(description=_("owed"))
    def owed(self, row: Settlement) -> str:
        return name_of(row.debit)

    @admin.display(description=_("settled with"))
    def settled_with(self, row: Settlement) -> str:
        return name_of(row.credit)

    @admin.display(description=_("status"))
    def undone_state(self, row: Settlement) -> str:
        if row.reverses_id is not None:
            return display.badge("reversal", "payment", _("Undoes"))
        if hasattr(row, "reversed_by"):
            return display.badge("reversed", "payment", _("Undone"))
        return display.badge("settled", "payment", _("Settled"))

    def get_links(self, request: HttpRequest, obj: Settlement) -> Iterable[tuple[Text, str]]:
        """All rows of its customer."""
        rows = reverse("admin:accounting_customertransaction_changelist")
        yield _("Open rows of the customer"), f"{rows}?customer__id__exact={obj.debit.customer_id}&open=yes"
