"""From any number to the life of what it names: invoice, proforma, voucher, payment, work, entry (X5).

Only what the person may see is found, and only where they may open the page that it leads to. Numbers are
compared whole, as they were typed or in capitals, so that each question finds its index; of payments a
reference of some length is found within a longer text as well.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.models import (
    BankBooking,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    IntegrationJournalLine,
    Reminder,
    Settlement,
    Voucher,
)
from accounting.states import VoucherSource
from billing.models import Proforma
from core.access import enters_admin, may
from core.templatetags.display import day, money
from projects.models import Entry, WorkItem

MOST = 10
"""Of each kind; who means another one types more of the number."""
LONGEST, SHORTEST_PART = 70, 6
MOST_DIGITS = 18
SEE = {
    "entry": "projects.view_entry",
    "work": "projects.view_backlogitem",
    "proforma": "billing.view_proforma",
    "invoice": "accounting.view_customerinvoice",
    "voucher": "accounting.view_voucher",
    "payment": "accounting.view_customerpayment",
    "booking": "accounting.view_bankbooking",
    "open item": "accounting.view_customertransaction",
    "reminder": "accounting.view_reminder",
}
"""What a person must hold so that each kind is looked for."""
IN_BOOKS = ("voucher", "payment", "booking", "open item", "reminder")
"""Kinds that lead to pages of the books."""


@dataclass(frozen=True)
class NumberMatch:
    """One thing that bears the number: what it is, its name, more about it, and where its life is shown."""

    kind: str
    name: str
    detail: str
    url: str


def matches_of(text: str, user: User) -> list[NumberMatch]:
    """What a person may see of what bears this number; each page once. A few statements for each kind."""
    number = text.strip()
    if not number or len(number) > LONGEST or "\x00" in number:
        return []
    kept: dict[str, NumberMatch] = {}
    for kind, look in LOOKS.items():
        if not may(user, SEE[kind]) or (kind in IN_BOOKS and not enters_admin(user)):
            continue
        for one in look(number, user):
            kept.setdefault(one.url, one)
    return list(kept.values())


def _spellings(number: str) -> list[str]:
    return sorted({number, number.upper(), number.lower()})


def _proformas(number: str, user: User) -> Iterator[NumberMatch]:
    rows = Proforma.objects.visible_to(user).filter(number__in=_spellings(number))
    for one in rows.select_related("customer")[:MOST]:
        url = reverse("trace-document", args=[one.number])
        yield NumberMatch(_("Proforma"), one.number, f"{one.customer}, {day(one.invoice_date)}", url)


def _invoices(number: str, user: User) -> Iterator[NumberMatch]:
    yield from _documents(CustomerInvoice.objects.filter(number__in=_spellings(number)), user)


def _documents(invoices: object, user: User) -> Iterator[NumberMatch]:
    """Invoices and credit notes among these that the person sees, each by the page of its document."""
    rows = CustomerInvoice.objects.visible_to(user).filter(pk__in=invoices).defer("snapshot")
    for one in rows.select_related("customer", "proposal__proforma").order_by("pk")[:MOST]:
        kind = _("Credit note") if one.gross_amount < 0 else _("Customer invoice")
        said = f"{one.customer}, {day(one.invoice_date)}, {money(one.gross_amount, one.currency)}"
        url = reverse("trace-document", args=[one.proposal.proforma.number])
        yield NumberMatch(kind, one.number, said, url)


def _vouchers(number: str, user: User) -> Iterator[NumberMatch]:
    rows = list(Voucher.objects.visible_to(user).filter(number__in=_spellings(number))[:MOST])
    for voucher in rows:
        lives = list(_behind(voucher, user))
        if not lives:
            url = reverse("admin:accounting_voucher_change", args=[voucher.pk])
            lives = [NumberMatch(_("Voucher"), voucher.number, voucher.get_source_kind_display(), url)]
        yield from lives


def _behind(voucher: Voucher, user: User) -> Iterator[NumberMatch]:
    """What a voucher was posted for, as far as that is part of the life of some work."""
    kind = voucher.source_kind
    if kind in (VoucherSource.JOURNAL_LINE, VoucherSource.COST_MOVE):
        items = IntegrationJournalLine.objects.filter(pk=voucher.source_id).values("actual__work_item")
        yield from _works(WorkItem.objects.filter(pk__in=items), user)
    elif kind == VoucherSource.CUSTOMER_INVOICE:
        yield from _documents([voucher.source_id], user)
    elif kind == VoucherSource.SETTLEMENT:
        one = Settlement.objects.filter(pk=voucher.source_id)
        yield from _documents(_settled(one), user)
    elif kind in (VoucherSource.CUSTOMER_PAYMENT, VoucherSource.WRITE_OFF):
        yield from _documents(_settled_with(voucher.customer_transactions.values("pk")), user)


def _settled_with(rows: object) -> list[int]:
    return _settled(Settlement.objects.standing().touching(rows))  # type: ignore[arg-type]


def _settled(settlements: object) -> list[int]:
    sides = settlements.values_list("debit__invoice", "credit__invoice")  # type: ignore[attr-defined]
    return sorted({key for pair in sides for key in pair if key is not None})


def _payments(number: str, user: User) -> Iterator[NumberMatch]:
    spelled = _spellings(number)
    named = Q(reference__in=spelled) | Q(bank_booking__reference__in=spelled)
    if len(number) >= SHORTEST_PART:
        named |= Q(reference__icontains=number) | Q(bank_booking__text__icontains=number)
    rows = CustomerPayment.objects.visible_to(user).filter(named).select_related("customer")
    for one in rows.order_by("pk")[:MOST]:
        subledger = CustomerTransaction.objects.filter(
            voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT, voucher__source_id=one.pk
        )
        paid = list(_documents(_settled_with(subledger.values("pk")), user))
        url = reverse("admin:accounting_customerpayment_change", args=[one.pk])
        yield from paid or [NumberMatch(_("Customer payment"), str(one), one.reference, url)]


def _bookings(number: str, user: User) -> Iterator[NumberMatch]:
    """Bank bookings that no payment was entered for; the others are found by their payment."""
    rows = BankBooking.objects.visible_to(user).without_payment().filter(reference__in=_spellings(number))
    for one in rows.select_related("bank_account")[:MOST]:
        url = reverse("admin:accounting_bankbooking_change", args=[one.pk])
        yield NumberMatch(_("Bank booking"), one.reference, str(one), url)


def _open_items(number: str, user: User) -> Iterator[NumberMatch]:
    rows = CustomerTransaction.objects.visible_to(user).filter(reference__in=_spellings(number))
    for one in rows.select_related("customer")[:MOST]:
        url = reverse("admin:accounting_customertransaction_change", args=[one.pk])
        yield NumberMatch(_("Open item from elsewhere"), one.reference, str(one), url)


def _reminders(number: str, user: User) -> Iterator[NumberMatch]:
    rows = Reminder.objects.visible_to(user).filter(number__in=_spellings(number))
    for one in rows.select_related("customer").defer("snapshot")[:MOST]:
        url = reverse("admin:accounting_reminder_change", args=[one.pk])
        yield NumberMatch(_("Reminder"), one.number, str(one), url)


def _key(number: str) -> int | None:
    """The key that is typed, with or without the sign that people put before one."""
    digits = number.removeprefix("#")
    is_key = digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
    return int(digits) if is_key else None


def _entries(number: str, user: User) -> Iterator[NumberMatch]:
    key = _key(number)
    rows = Entry.objects.visible_to(user).filter(pk=key) if key is not None else []
    for one in rows:
        yield NumberMatch(_("Entry"), f"#{one.pk}", str(one), reverse("trace-entry", args=[one.pk]))


def _work(number: str, user: User) -> Iterator[NumberMatch]:
    key = _key(number)
    if key is not None:
        yield from _works(WorkItem.objects.filter(pk=key), user)


def _works(items: object, user: User) -> Iterator[NumberMatch]:
    rows = WorkItem.objects.visible_to(user).filter(pk__in=items.values("pk"))  # type: ignore[attr-defined]
    for one in rows:
        yield NumberMatch(_("Work item"), f"#{one.pk}", str(one), reverse("trace-work", args=[one.pk]))


Look = Callable[[str, User], Iterable[NumberMatch]]
LOOKS: dict[str, Look] = {
    "invoice": _invoices,
    "proforma": _proformas,
    "voucher": _vouchers,
    "payment": _payments,
    "booking": _bookings,
    "open item": _open_items,
    "reminder": _reminders,
    "entry": _entries,
    "work": _work,
}


def kinds_for(user: User) -> Sequence[str]:
    """The kinds of numbers that a person may look for."""
    return [kind for kind, permission in SEE.items() if may(user, permission)]
