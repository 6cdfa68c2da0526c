"""Entering a payment by hand: who paid what, and which open rows it settles (C11)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.bank_matches import matches_of
from accounting.cash_discounts import offered_on
from accounting.forms.payment_shares import SharesForm
from accounting.models import BankAccount, BankBooking, CustomerTransaction
from accounting.paying import enter_payments
from accounting.payment_proposals import discounted_shares, proposed_shares
from accounting.receivable_checks import NewPayment
from accounting.row_names import name_of
from core.access import may
from core.admin_kit import ReadOnlyAdmin, change_url, changelist_url, signed_in_user
from core.answering import REFUSED, Failure, carry_out, keep_answer
from core.day_inputs import DayField
from core.missing_permissions import denied
from core.number_inputs import NumberField
from core.templatetags import display
from projects.models import Customer

ROWS_SHOWN = 200
LONGEST_KEY = 18


class PaymentForm(SharesForm):
    """A payment as the bank states it; open rows of the customer are added as fields `share-<key>`."""

    customer = forms.ModelChoiceField(Customer.objects.none(), label=_("Customer"))
    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=_("Bank account"))
    date = DayField(label=_("Date"))
    amount = NumberField(
        label=_("Amount"), places=4, least=2, signed=True, help_text=_("Below zero where it was paid back.")
    )
    reference = forms.CharField(label=_("Reference"), max_length=500, required=False)
    currency = forms.CharField(
        label=_("Paid for invoices in"),
        max_length=3,
        required=False,
        help_text=_("Only where they are in another currency than the bank account."),
    )
    settled_amount = NumberField(
        label=_("Amount in that currency"), places=4, least=2, signed=True, required=False
    )
    writes_off = forms.BooleanField(
        label=_("Write off a small difference"),
        required=False,
        help_text=_("What is short of the rows below, or too much, up to what the company allows."),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)  # type: ignore[attr-defined]
        accounts = BankAccount.objects.visible_to(user)
        self.fields["bank_account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Another currency comes with its amount."""
        cleaned = super().clean() or {}
        currency, bank = (cleaned.get("currency") or "").upper(), cleaned.get("bank_account")
        if bank is not None and currency and currency != bank.currency:
            if cleaned.get("settled_amount") is None:
                self.add_error("settled_amount", _("Say how much of the invoices was paid by it."))
        elif bank is not None:
            currency, cleaned["settled_amount"] = bank.currency, None
        return cleaned | {"currency": currency}


class PaymentPage:
    """One request for the page: the form, the open rows of the customer, or the payment entered."""

    def __init__(self, model_admin: ReadOnlyAdmin, request: HttpRequest):
        self.model_admin, self.request = model_admin, request
        self.user = signed_in_user(request)

    def answer(self) -> HttpResponse:
        """Show the form, show it with the rows of its customer, or enter the payment."""
        if not may(self.user, "accounting.post_payment"):
            raise denied("accounting.post_payment")
        if self.request.method != "POST":
            return self._page(self._first_form(), [])
        form = PaymentForm(self.user, data=self.request.POST)
        if not form.is_valid():
            return self._page(form, [], status=REFUSED)
        return self._with_rows(form) if "again" in self.request.POST else self._entered(form)

    def _with_rows(self, typed: PaymentForm) -> HttpResponse:
        """The form again, with the open rows of the customer and how much of each is proposed."""
        new = self._payment(typed.cleaned_data, {})
        form = PaymentForm(self.user, initial=self._typed(typed.cleaned_data))
        rows = self._rows(new)
        offered = _offered(rows, new)
        shares = discounted_shares(rows, new.amount, new.reference, offered)
        form.add_rows(rows, shares or proposed_shares(rows, new.amount, new.reference), offered)
        return self._page(form, rows, offered=offered)

    def _first_form(self) -> PaymentForm:
        accounts = list(BankAccount.objects.visible_to(self.user)[:2])
        initial: dict[str, Any] = {"customer": self.request.GET.get("customer")}
        if len(accounts) == 1:
            initial |= {"bank_account": accounts[0]}
        entry = self._entry()
        if entry is not None:
            (match,) = matches_of([entry])
            initial |= {
                "bank_account": entry.bank_account,
                "date": entry.booked_on,
                "amount": entry.amount,
                "reference": entry.text[:500],
                "customer": match.customer or initial["customer"],
            }
        return PaymentForm(self.user, initial=initial)

    def _entry(self) -> BankBooking | None:
        """The bank booking that the address names, where the user may see it."""
        key = self.request.GET.get("entry", "")
        if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY):
            return None
        rows = BankBooking.objects.visible_to(self.user).select_related("bank_account")
        return rows.filter(pk=key).first()

    @staticmethod
    def _typed(cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {name: getattr(value, "pk", value) for name, value in cleaned.items()}

    def _rows(self, new: NewPayment) -> list[CustomerTransaction]:
        mine = CustomerTransaction.objects.visible_to(self.user).filter(
            customer=new.customer, currency=new.currency
        )
        rows = mine.open().select_related("invoice", "voucher").order_by("due_date", "pk")
        return list(rows[:ROWS_SHOWN])

    def _payment(self, cleaned: Mapping[str, Any], shares: Mapping[int, Decimal]) -> NewPayment:
        settled = cleaned["settled_amount"]
        return NewPayment(
            customer=cleaned["customer"],
            bank_account=cleaned["bank_account"],
            date=cleaned["date"],
            amount=cleaned["amount"] if settled is None else settled,
            currency=cleaned["currency"],
            reference=cleaned["reference"],
            bank_amount=None if settled is None else cleaned["amount"],
            shares=shares,
            writes_off=cleaned["writes_off"],
            bank_booking=self._entry(),
        )

    def _entered(self, first: PaymentForm) -> HttpResponse:
        typed = self._payment(first.cleaned_data, {})
        rows = self._rows(typed)
        form = PaymentForm(self.user, data=self.request.POST)
        offered = _offered(rows, typed)
        form.add_rows(rows, {}, offered)
        if not form.is_valid():
            return self._page(form, rows, offered=offered, status=REFUSED)
        cleaned = form.cleaned_data
        # A row that was settled meanwhile is no field any more; the verb says so of what was sent for it.
        shares = form.shares_of(rows) | form.vanished(rows)
        new = replace(self._payment(cleaned, shares), discounted=form.discounted(rows))
        outcome = carry_out(self.request, lambda: enter_payments([new], actor=self.user, at=timezone.now()))
        if outcome.failure is not None:
            failure = outcome.failure
            return self._page(form, rows, offered=offered, status=failure.status, failure=failure)
        if outcome.first_answer is not None:
            return HttpResponseRedirect(outcome.first_answer or changelist_url(self.model_admin.model))
        (payment,) = outcome.result
        address = change_url(self.model_admin.model, payment.pk)
        keep_answer(self.request, address)
        words = {"amount": display.money(payment.amount, payment.currency), "customer": payment.customer}
        messages.success(self.request, _("%(amount)s of %(customer)s entered.") % words)
        return HttpResponseRedirect(address)

    def _page(
        self,
        form: PaymentForm,
        rows: list[CustomerTransaction],
        *,
        offered: Mapping[int, Decimal] | None = None,
        status: int = 200,
        failure: Failure | None = None,
    ) -> HttpResponse:
        offered = offered or {}
        shown = [
            {
                "name": name_of(row),
                "url": change_url(CustomerTransaction, row.pk),
                "date": row.date,
                "due": row.due_date,
                "open": row.open_amount,
                "currency": row.currency,
                "discount": offered.get(row.pk),
                "until": row.invoice.discount_until if row.invoice else None,
                "tick": form[f"discount-{row.pk}"] if row.pk in offered else None,
                "field": form[f"share-{row.pk}"],
            }
            for row in rows
        ]
        context = {
            **self.model_admin.admin_site.each_context(self.request),
            "opts": self.model_admin.opts,
            "title": _("Enter a payment"),
            "form": form,
            "main_fields": [form[name] for name in PaymentForm.base_fields],
            "rows": shown,
            "has_customer": self.request.method == "POST",
            "refusals": failure.refusals if failure else (),
            "cancel_url": changelist_url(self.model_admin.model),
        }
        return TemplateResponse(self.request, "admin/enter_payment.html", context, status=status)


def _offered(rows: Sequence[CustomerTransaction], new: NewPayment) -> dict[int, Decimal]:
    """The cash discount that each row offers on the day of a payment."""
    offers = {row.pk: offered_on(row, new.date) for row in rows}
    return {key: amount for key, amount in offers.items() if amount is not None}
