"""The menu of the admin site: daily work first, set-up apart (as accountants go through a month)."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    BankBooking,
    IntegrationJournal,
    InvoiceProposal,
    JournalVoucher,
    ReminderProposal,
)
from config.places import Place, Sections


def _journals(user: User) -> QuerySet[Any]:
    return IntegrationJournal.objects.visible_to(user).postable()


def _proposals(user: User) -> QuerySet[Any]:
    return InvoiceProposal.objects.visible_to(user).unposted()


def _bank_bookings(user: User) -> QuerySet[Any]:
    return BankBooking.objects.visible_to(user).unmatched()


def _journal_vouchers(user: User) -> QuerySet[Any]:
    return JournalVoucher.objects.visible_to(user).drafts()


def _letters(user: User) -> QuerySet[Any]:
    return ReminderProposal.objects.visible_to(user).letters(timezone.localdate())


def _list_of(label: Any, icon: str, model: str, waiting: Any = None) -> Place:
    app, name = model.split(".")
    return Place(label, icon, f"admin:{app}_{name}_changelist", f"{app}.view_{name}", waiting)


BOOKS_MENU: Sections = [
    ("", [Place(_("What waits"), "home", "admin:index")]),
    (
        _("Daily work"),
        [
            _list_of(_("Integration journals"), "grid", "accounting.integrationjournal", _journals),
            _list_of(_("Invoice proposals"), "document", "accounting.invoiceproposal", _proposals),
            Place(
                _("Bank payments"), "download", "bank-payments", "accounting.view_bankbooking", _bank_bookings
            ),
            _list_of(_("Customer payments"), "coins", "accounting.customerpayment"),
            _list_of(_("Customer invoices"), "list", "accounting.customerinvoice"),
        ],
    ),
    (
        _("Receivables"),
        [
            Place(
                _("Ageing and statements"),
                "ageing",
                "admin:accounting_ageing",
                "accounting.view_customertransaction",
            ),
            Place(
                _("Reminders"),
                "hourglass",
                "admin:accounting_reminder_review",
                "accounting.view_reminder",
                _letters,
                ("invoice__customer", "invoice__currency"),
            ),
            _list_of(_("Customer transactions"), "people", "accounting.customertransaction"),
            _list_of(_("Settlements"), "approve", "accounting.settlement"),
        ],
    ),
    (
        _("Ledger"),
        [
            Place(_("Balances and results"), "ledger", "balances", "accounting.view_voucher"),
            Place(_("Account statement"), "list", "account-statement", "accounting.view_voucher"),
            Place(_("As of a day"), "calendar", "as-of", "accounting.view_voucher"),
            _list_of(_("Vouchers"), "coins", "accounting.voucher"),
            _list_of(_("Journal vouchers"), "edit", "accounting.journalvoucher", _journal_vouchers),
            _list_of(_("Recurring vouchers"), "run", "accounting.recurringvoucher"),
            Place(_("Opening balances"), "download", "opening-balances", "accounting.enter_opening_items"),
            _list_of(_("Open items from another system"), "list", "accounting.openingitem"),
            _list_of(_("Project transactions"), "folder", "accounting.projecttransaction"),
            _list_of(_("Actuals"), "clock", "projects.actual"),
        ],
    ),
    (
        _("Periods and tax"),
        [
            _list_of(_("Periods and closing"), "calendar", "accounting.fiscalperiod"),
            Place(_("Tax report"), "receipt", "tax-report", "accounting.view_voucher"),
            _list_of(_("Proofs of the books"), "approve", "accounting.integritycheck"),
            _list_of(_("Revaluations"), "coins", "accounting.revaluation"),
            _list_of(_("Estimates of fixed prices"), "flag", "accounting.revenueestimate"),
            _list_of(_("Voucher exports"), "download", "accounting.voucherexport"),
            Place(_("Audit export"), "download", "audit-export", "accounting.export_audit"),
            _list_of(_("Tax codes"), "tag", "projects.taxcode"),
        ],
    ),
    (
        _("Set-up"),
        [
            _list_of(_("Accounts"), "grid", "accounting.account"),
            _list_of(_("Posting accounts"), "edit", "accounting.postingaccount"),
            _list_of(_("Financial dimensions"), "tag", "accounting.financialdimension"),
            _list_of(_("Cost and revenue profiles"), "run", "accounting.costrevenueprofile"),
            _list_of(_("Bank accounts"), "ledger", "accounting.bankaccount"),
            _list_of(_("Reminder levels"), "hourglass", "accounting.reminderlevel"),
            _list_of(_("Payment terms"), "calendar", "projects.paymentterms"),
            _list_of(_("Document layouts"), "document", "projects.documentlayout"),
            _list_of(_("DATEV settings"), "edit", "accounting.datevsettings"),
            _list_of(_("Exchange rates"), "coins", "projects.exchangerate"),
            _list_of(_("Batch jobs"), "run", "billing.batchjob"),
            _list_of(_("Companies"), "home", "projects.legalentity"),
            _list_of(_("Users"), "person", "auth.user"),
            _list_of(_("Activity"), "clock", "core.activity"),
        ],
    ),
    (_("Billing"), [Place(_("To the billing pages"), "back", "overview")]),
]
