"""Statements of banks: imported once, each booking with a suggestion and its reasons (C11)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from accounting.admin.bank_returns import ReverseByBooking
from accounting.admin.import_bank_file import BankFilePage
from accounting.admin.set_aside import BringBookingBack, SetBookingAside
from accounting.bank_matches import BankMatch, certain_matches_of, matches_of
from accounting.bank_returns import returns_of
from accounting.models import BankBooking, BankFile, CustomerPayment, CustomerTransaction, SetAsideBooking
from accounting.paying import enter_payments
from accounting.receivable_querysets import BankBookingQuerySet
from accounting.row_names import name_of
from core.access import may
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    per_currency,
    shown_of,
    signed_in_user,
    waiting_rows,
)
from core.money import sum_by
from core.people import person_name
from core.refusals import Text
from core.templatetags import display

POST = "accounting.post_payment"
SHOWN = 100
TO_MATCH = ngettext_lazy(
    "%(count)s bank booking without a payment", "%(count)s bank bookings without a payment", "count"
)


class MatchFilter(admin.SimpleListFilter):
    """Whether a payment was entered for a booking."""

    title, parameter_name = _("payment"), "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Without one, with one, and what the bank took back."""
        return [
            ("no", _("To settle")),
            ("yes", _("Matched")),
            ("aside", _("No customer payment")),
            ("reversal", _("Reversals")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Every booking where nothing is chosen, or something that nobody offers."""
        if self.value() == "reversal":
            return queryset.filter(is_reversal=True)
        if self.value() == "aside":
            return queryset.set_aside()
        if self.value() == "yes":
            return queryset.matched()
        return queryset.unmatched() if self.value() == "no" else queryset


class SettleCertain(AdminAction):
    """Enters a payment for every booking whose suggestion is certain; the others are left."""

    name, label, permission = "settle", _("Settle what is certain"), POST
    confirms = is_primary = on_all = True
    on_one = False

    def preview(
        self, request: HttpRequest, targets: BankBookingQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Each with what it pays and why."""
        certain = certain_matches_of(targets)
        sums = sum_by((one.entry.bank_account.currency, one.entry.amount) for one in certain)
        total = per_currency(sorted(sums.items()))
        names = _names_of(certain)
        rows = [
            (
                Cell(display.day(one.entry.booked_on)),
                Cell(one.customer),
                Cell(", ".join(names[key] for key in one.shares)),
                Cell("; ".join(one.reasons)),
                Cell(display.money(one.entry.amount, one.entry.bank_account.currency), is_figure=True),
            )
            for one in certain[:SHOWN]
        ]
        summary = ngettext(
            "%(count)s payment over %(total)s will be entered.",
            "%(count)s payments over %(total)s will be entered.",
            len(certain),
        )
        heads = (_("Booked on"), _("Customer"), _("Settles"), _("Why"), _("Amount"))
        more = shown_of(SHOWN, len(certain))
        return ActionPreview(
            BankBooking.objects.filter(pk__in=[one.entry.pk for one in certain]),
            f"{len(certain)}|{total}",
            summary=summary % {"count": len(certain), "total": total},
            effects=(
                _("Each bank booking gets a voucher of its own; a payment can be reversed with a reason."),
            ),
            panels=(Panel(_("Certain suggestions"), heads, rows, _("None is certain."), lines=more),),
            submit_label=self.label,
            is_possible=bool(certain),
        )

    def run(
        self, targets: BankBookingQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        payments = [one.payment() for one in certain_matches_of(targets)]
        return len(enter_payments(payments, actor=actor, at=at))

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s payment entered.", "%(count)s payments entered.", result) % {
            "count": result
        }


def _names_of(matches: Iterable[BankMatch]) -> dict[int, str]:
    keys = {key for one in matches for key in one.shares}
    rows = CustomerTransaction.objects.filter(pk__in=keys).select_related("invoice", "voucher")
    return {row.pk: name_of(row) for row in rows}


@admin.register(BankBooking)
class BankBookingAdmin(ReadOnlyAdmin):
    """What banks have booked, newest first, and who most likely paid it."""

    change_list_template = "admin/bank_entries_list.html"
    list_display = (
        columns.day("booked_on", _("booked on")),
        "payer",
        "text",
        columns.amount("amount", _("amount"), currency="bank_account__currency"),
        "suggestion",
        "match_state",
        "bank_account",
    )
    list_filter = (MatchFilter, ("bank_account", RelatedOnlyFieldListFilter))
    list_select_related = ("bank_account",)
    search_fields = ("payer", "text", "payer_iban", "reference")
    date_hierarchy = "booked_on"
    fieldsets = (
        (None, {"fields": ("bank_account", "booked_on", "amount", "text")}),
        (_("Payer"), {"fields": ("payer", "payer_iban")}),
        (_("From the file"), {"fields": ("bank_file", "reference", "is_reversal")}),
    )
    action_classes: ClassVar = (SettleCertain, ReverseByBooking, SetBookingAside, BringBookingBack)
    currency_paths: ClassVar = {"amount": "bank_account__currency"}

    def get_urls(self) -> list[URLPattern]:
        """Importing a file has an address of its own."""
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="accounting_bankbooking_import"), *super().get_urls()]

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Bookings that no payment was entered for."""
        rows = BankBooking.objects.visible_to(signed_in_user(request))
        yield waiting_rows(rows.unmatched(), TO_MATCH, payment="no")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the button that imports a file for those who may."""
        url = reverse("admin:accounting_bankbooking_import")
        is_offered = may(signed_in_user(request), POST)
        context = {"import_url": url if is_offered else "", **(extra_context or {})}
        return super().changelist_view(request, context)

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Suggestions and payments of all bookings of the page at once."""
        keys = [row.pk for row in rows]
        paid = set(BankBooking.objects.matched().filter(pk__in=keys).values_list("pk", flat=True))
        aside = set(BankBooking.objects.set_aside().filter(pk__in=keys).values_list("pk", flat=True))
        paid |= aside
        returns = returns_of([row for row in rows if row.pk not in paid])
        matches = {one.entry.pk: one for one in matches_of([row for row in rows if row.pk not in paid])}
        for row in rows:
            row.match, row.taken_back = matches.get(row.pk), returns.get(row.pk)
            row.is_aside = row.pk in aside

    @admin.display(description=_("suggestion"))
    def suggestion(self, row: Any) -> str:
        if row.taken_back is not None:
            payment, reasons = row.taken_back.payment, "; ".join(row.taken_back.reasons)
            said = _("Returns a payment of %(customer)s: %(reasons)s")
            return said % {"customer": payment.customer, "reasons": reasons}
        if row.match is None or row.match.customer is None:
            return display.NOTHING
        return f"{row.match.customer}: {'; '.join(row.match.reasons)}"

    @admin.display(description=_("status"))
    def match_state(self, row: Any) -> str:
        if row.is_aside:
            return display.badge("aside", "booking")
        if row.match is None:
            return display.badge("settled", "payment", _("Matched"))
        if row.match.is_certain or (row.taken_back is not None and row.taken_back.is_certain):
            return display.badge("on_account", "payment", _("Suggested"))
        return display.badge("open", "payment", _("To look at"))

    def get_links(self, request: HttpRequest, obj: BankBooking) -> Iterable[tuple[Text, str]]:
        """Entering its payment by hand, or the payment."""
        payment = CustomerPayment.objects.filter(bank_booking=obj).order_by("-pk").first()
        aside = BankBooking.objects.set_aside().filter(pk=obj.pk).exists()
        if payment is not None and BankBooking.objects.without_payment().filter(pk=obj.pk).exists():
            payment = None
        if payment is not None:
            yield _("Payment"), change_url(CustomerPayment, payment.pk)
        elif may(signed_in_user(request), POST) and not aside:
            yield (
                _("Enter the payment"),
                f"{reverse('admin:accounting_customerpayment_enter')}?entry={obj.pk}",
            )

    def get_panels(self, request: HttpRequest, obj: BankBooking) -> Iterable[Panel]:
        """Why somebody is suggested, or who set it aside."""
        rows_aside = SetAsideBooking.objects.filter(booking=obj).select_related("set_aside_by")
        heads = (_("Reason"), _("By"), _("When"))
        said = [
            (
                Cell(one.reason),
                Cell(person_name(one.set_aside_by)),
                Cell(display.moment(one.set_aside_at)),
            )
            for one in rows_aside
        ]
        if said:
            yield Panel(_("No customer payment"), heads, said, "")
        (match,) = matches_of([obj])
        names = _names_of([match])
        currency = obj.bank_account.currency
        rows = [
            (
                Cell(names[key], url=change_url(CustomerTransaction, key)),
                Cell(display.money(share, currency), is_figure=True),
            )
            for key, share in match.shares.items()
        ]
        who = str(match.customer) if match.customer else _("Nobody")
        title = _("Suggestion: %(customer)s") % {"customer": who}
        yield Panel(title, (_("Open row"), _("Amount")), rows, _("No row fits."), lines=match.reasons)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A file of a bank, and for which account it is."""
        return BankFilePage(self, request).answer()


@admin.register(BankFile)
class BankFileAdmin(ReadOnlyAdmin):
    """Files that were imported, by whom and when."""

    list_display = ("name", "bank_account", columns.moment("imported_at", _("imported at")), "imported_by")
    list_filter = (("bank_account", RelatedOnlyFieldListFilter),)
    list_select_related = ("bank_account", "imported_by")
    search_fields = ("name",)
    fields = ("name", "bank_account", "sha256", "imported_by", "imported_at")
