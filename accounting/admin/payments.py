"""Payments of customers: entered, settled, reversed; what is left of each is on account (C11)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.admin.enter_payment import PaymentPage
from accounting.admin.settlements import settlements_panel
from accounting.models import BankAccount, CustomerPayment, CustomerTransaction, ReceivablesPolicy
from accounting.receivable_querysets import PaymentQuerySet
from accounting.reversing_payments import reverse_payments
from accounting.states import VoucherSource
from core.access import may
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    link_to,
    per_currency,
    shown_of,
    signed_in_user,
)
from core.day_inputs import DayField
from core.money import sum_by
from core.templatetags import display

OF_ENTITY = ("legal_entity", RelatedOnlyFieldListFilter)
SHOWN = 50


class ReversalForm(forms.Form):
    """When and why the bank, or whoever entered it, takes a payment back."""

    on = DayField(label=_("On"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("As the bank says it, or what was entered wrongly.")
    )


class ReversePayments(AdminAction):
    """Negates the voucher and opens again what was paid; shows first what that is."""

    name, label, permission = "reverse", _("Reverse"), "accounting.post_payment"
    confirms = True
    form_class = ReversalForm

    def is_available(self, obj: CustomerPayment) -> bool:
        """Once, and nothing that reverses itself."""
        return CustomerPayment.objects.standing().filter(pk=obj.pk).exists()

    def get_initial(self, request: HttpRequest, targets: PaymentQuerySet) -> dict[str, Any]:
        """The day of the payment, which is the earliest that may be."""
        last = targets.order_by("-date").first()
        return {"on": last.date} if last else {}

    def preview(
        self, request: HttpRequest, targets: PaymentQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Payments that stand; those that were reversed are left out."""
        payments = list(targets.standing().select_related("customer", "bank_account").order_by("date", "pk"))
        sums = sum_by((one.currency, one.amount) for one in payments)
        rows = [
            (
                Cell(display.day(one.date)),
                link_to(one.customer),
                Cell(one.reference or display.NOTHING),
                Cell(display.money(one.amount, one.currency), is_figure=True),
            )
            for one in payments[:SHOWN]
        ]
        heads = (_("Date"), _("Customer"), _("Reference"), _("Amount"))
        summary = ngettext(
            "%(count)s payment over %(total)s will be reversed.",
            "%(count)s payments over %(total)s will be reversed.",
            len(payments),
        )
        total = per_currency(sorted(sums.items()))
        more = shown_of(SHOWN, len(payments))
        return ActionPreview(
            CustomerPayment.objects.filter(pk__in=[one.pk for one in payments]),
            f"{len(payments)}|{total}",
            summary=summary % {"count": len(payments), "total": total},
            effects=(
                _("The invoices that were paid are open again, and so is what was written off with them."),
                _("Each voucher is negated by one of its own; the history keeps both."),
            ),
            panels=(Panel(_("Payments"), heads, rows, _("None of these stands."), lines=more),),
            submit_label=self.label,
            is_possible=bool(payments),
        )

    def run(
        self, targets: PaymentQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        on, reason = cleaned_data["on"], cleaned_data["reason"]
        return len(reverse_payments(targets, on=on, reason=reason, actor=actor, at=at))

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s payment reversed.", "%(count)s payments reversed.", result) % {
            "count": result
        }


@admin.register(CustomerPayment)
class PaymentAdmin(ReadOnlyAdmin):
    """What customers paid, newest first; entered on a page of its own."""

    change_list_template = "admin/payments_list.html"
    list_display = (
        columns.day("date", _("date")),
        "customer",
        "bank_account",
        "reference",
        columns.amount("amount", _("amount")),
        "open_amount",
        "settled_state",
    )
    list_filter = (
        ("bank_account", RelatedOnlyFieldListFilter),
        ("customer", RelatedOnlyFieldListFilter),
        "currency",
    )
    list_select_related = ("customer", "bank_account", "reversed_by")
    search_fields = ("customer__name", "customer__number", "reference")
    date_hierarchy = "date"
    fieldsets = (
        (None, {"fields": ("customer", "bank_account", "date", "reference")}),
        (_("Amounts"), {"fields": ("currency", "amount", "bank_amount")}),
        (_("Reversal"), {"fields": ("reverses", "reason")}),
        (_("Entered"), {"fields": ("entered_by", "entered_at")}),
    )
    action_classes: ClassVar = (ReversePayments,)
    currency_paths: ClassVar = {"bank_amount": "bank_account__currency"}

    def get_urls(self) -> list[URLPattern]:
        """Entering a payment has an address of its own."""
        view = self.admin_site.admin_view(self.enter_view)
        return [path("enter/", view, name="accounting_customerpayment_enter"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the button that enters one for those who may."""
        url = reverse("admin:accounting_customerpayment_enter")
        is_offered = may(signed_in_user(request), "accounting.post_payment")
        return super().changelist_view(
            request, {"enter_url": url if is_offered else "", **(extra_context or {})}
        )

    def enter_view(self, request: HttpRequest) -> HttpResponse:
        """A payment, and which open rows of its customer it settles."""
        return PaymentPage(self, request).answer()

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """What of each payment of the page is on account."""
        left = open_amounts_of(rows)
        for row in rows:
            row.left = left.get(row.pk)

    @admin.display(description=_("on account"))
    def open_amount(self, row: Any) -> str:
        return display.money(row.left, row.currency) if row.left else display.NOTHING

    @admin.display(description=_("status"))
    def settled_state(self, row: Any) -> str:
        if row.reverses_id is not None:
            return display.badge("reversal", "payment", _("Reversal"))
        if hasattr(row, "reversed_by"):
            return display.badge("reversed", "payment", _("Reversed"))
        if row.left:
            return display.badge("on_account", "payment", _("On account"))
        return display.badge("settled", "payment", _("Settled"))

    def get_panels(self, request: HttpRequest, obj: CustomerPayment) -> Iterable[Panel]:
        """What it settles, and its voucher."""
        own = _rows_of([obj]).select_related("voucher").first()
        if own is not None:
            yield settlements_panel(own)
            yield Panel(
                _("Voucher"),
                (_("Account"), _("Debit"), _("Credit")),
                [_voucher_row(line) for line in own.voucher.lines.select_related("account").order_by("pk")],
                more=own.voucher.number,
                more_url=change_url(type(own.voucher), own.voucher_id),
            )

    def get_links(self, request: HttpRequest, obj: CustomerPayment) -> Iterable[tuple[Any, str]]:
        """The rows of the customer, where what is on account is settled."""
        rows = reverse("admin:accounting_customertransaction_changelist")
        yield _("Open rows of the customer"), f"{rows}?customer__id__exact={obj.customer_id}&open=yes"


def _rows_of(payments: Sequence[CustomerPayment]) -> Any:
    keys = [one.pk for one in payments]
    return CustomerTransaction.objects.filter(
        voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT, voucher__source_id__in=keys
    )


def open_amounts_of(payments: Sequence[CustomerPayment]) -> dict[int, Any]:
    """What of payments is on account, by key, with the sign of the payment: one statement."""
    rows = _rows_of(payments).with_open().values_list("voucher__source_id", "open_amount")
    return {key: -amount for key, amount in rows}


def _voucher_row(line: Any) -> list[Cell]:
    written = display.money(abs(line.amount), line.currency)
    return [
        link_to(line.account),
        Cell(written if line.amount > 0 else "", is_figure=True),
        Cell(written if line.amount < 0 else "", is_figure=True),
    ]


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnlyAdmin):
    """Accounts at banks, each with the account of the ledger that shows it."""

    adds = changes = True
    editable_fields = ("name", "iban", "account")
    list_display = ("name", "iban", "currency", "account", "legal_entity")
    list_filter = (OF_ENTITY, "currency")
    list_select_related = ("account", "legal_entity")
    search_fields = ("name", "iban")
    fields = ("legal_entity", "name", "iban", "currency", "account")

    def is_changeable(self, obj: BankAccount) -> bool:
        """Until the first payment."""
        return not obj.payments.exists()


@admin.register(ReceivablesPolicy)
class PolicyAdmin(ReadOnlyAdmin):
    """What a company has decided about its receivables."""

    adds = changes = True
    editable_fields = ("small_difference",)
    list_display = (
        "legal_entity",
        columns.amount("small_difference", _("small difference"), currency="legal_entity__currency"),
    )
    list_select_related = ("legal_entity",)
    search_fields = ("legal_entity__name",)
    fields = ("legal_entity", "small_difference")
    currency_paths: ClassVar = {"small_difference": "legal_entity__currency"}
