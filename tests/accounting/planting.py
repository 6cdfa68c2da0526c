"""Faults as somebody plants them who gets past verbs and guards: rows of raw tables, changed by hand."""

import datetime as dt
import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from accounting.balances import Span
from accounting.closing import close_periods
from accounting.exporting import ExportOrder, export_vouchers
from accounting.models import (
    Account,
    CustomerInvoice,
    CustomerTransaction,
    FiscalPeriod,
    IntegrationJournalLine,
    InvoiceDocument,
    ProjectTransaction,
    Voucher,
    VoucherLine,
)
from accounting.printing import print_invoices
from billing.models import Proforma
from core.log_chain import close_the_log
from projects.models import (
    Actual,
    Adjustment,
    WorkItem,
)
from projects.states import TransactionType
from tests.company import Company, rows
from tests.company.rows import NOW

JANUARY = date(2026, 1, 15)


class Books:
    """Two posted invoices, one of them in a closed January, a milestone, open work; guards lifted."""

    def __init__(self) -> None:
        self.company = Company()
        self.company.approved(2, date=JANUARY)
        self.company.ready()
        self.company.confirm(*self.company.drafts(date(2026, 1, 31)))
        self.company.invoices()
        january = FiscalPeriod.objects.filter(legal_entity=self.company.entity, starts_on=date(2026, 1, 1))
        close_periods(january, actor=self.company.accountant, at=NOW)
        self.company.milestone("5000")
        self.company.approved(1, "expense", price=Decimal(90))
        self.company.billed(8)
        self.company.approved(4)
        self.company.journalise()
        print_invoices(CustomerInvoice.objects.all(), at=NOW)
        year = Span(date(2026, 1, 1), date(2026, 12, 31))
        export_vouchers(ExportOrder(self.company.entity, year, "csv"), actor=self.company.accountant, at=NOW)
        close_the_log(at=NOW)
        self.other = rows.customer(self.company.entity)


def first(model: Any, **having: Any) -> Any:
    return model.objects.filter(pk=model.objects.filter(**having).order_by("pk").values("pk")[:1])


def last(model: Any, **having: Any) -> Any:
    return model.objects.filter(pk=model.objects.filter(**having).order_by("-pk").values("pk")[:1])


def cut(rows: Any) -> None:
    """Delete rows whatever points to them."""
    rows._raw_delete(rows.db)


def raw(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def again(row: Any, **other: Any) -> None:
    """The same row once more."""
    row.pk = None
    for name, value in other.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def of_invoice(**more: Any) -> dict[str, Any]:
    return {"voucher__source_kind": "customer_invoice", **more}


def of_journal(**more: Any) -> dict[str, Any]:
    return {"voucher__source_kind": "journal_line", **more}


def on(number: str) -> Any:
    return Account.objects.get(number=number)


def swap(model: Any, column: str) -> None:
    """Two rows get each other's value."""
    one, other = model.objects.order_by("pk")[:2]
    mine, theirs = getattr(one, column), getattr(other, column)
    model.objects.filter(pk=one.pk).update(**{column: "between"})
    model.objects.filter(pk=other.pk).update(**{column: mine})
    model.objects.filter(pk=one.pk).update(**{column: theirs})


def moved_voucher(day: date, posted_at: dt.datetime = NOW) -> None:
    last(Voucher, source_kind="journal_line").update(date=day, posted_at=posted_at)


def doubled_owed() -> None:
    again(
        CustomerTransaction.objects.order_by("pk")[0], invoice=None, voucher=Voucher.objects.order_by("pk")[0]
    )


def forged_document() -> None:
    """Other bytes with the hash that belongs to them."""
    InvoiceDocument.objects.update(pdf=b"forged", sha256=hashlib.sha256(b"forged").hexdigest())


def base_doubled() -> None:
    last(Voucher, source_kind="journal_line").get().lines.update(base_amount=F("base_amount") * 2)


def deleted_voucher() -> None:
    key = last(Voucher, source_kind="journal_line").get().pk
    for table in ("voucherline", "voucherseal"):
        raw(f"DELETE FROM accounting_{table} WHERE voucher_id = %s", key)  # noqa: S608
    raw("DELETE FROM accounting_voucher WHERE id = %s", key)


def deleted_voucher_of_invoice() -> None:
    key = first(Voucher, source_kind="customer_invoice").get().pk
    CustomerTransaction.objects.filter(voucher=key).delete()
    ProjectTransaction.objects.filter(voucher=key).delete()
    for table in ("voucherline", "voucherseal"):
        raw(f"DELETE FROM accounting_{table} WHERE voucher_id = %s", key)  # noqa: S608
    raw("DELETE FROM accounting_voucher WHERE id = %s", key)


def billed() -> Any:
    return Actual.objects.filter(type=TransactionType.BILLED_SALES)


def confirmer() -> Any:
    return Proforma.objects.order_by("pk")[0].confirmed_by


def cost_voucher() -> None:
    """Both lines of the voucher of a cost are a cent higher: it still balances."""
    cost = last(Voucher, pk__in=IntegrationJournalLine.objects.filter(actual__type=1).values("voucher")).get()
    cost.lines.filter(amount__gt=0).update(amount=F("amount") + 1, base_amount=F("base_amount") + 1)
    cost.lines.filter(amount__lt=0).update(amount=F("amount") - 1, base_amount=F("base_amount") - 1)


def strange_account(books: Books) -> None:
    strange = Account.objects.create(
        legal_entity=books.company.entity, number="9999", name="Own", kind="asset"
    )
    last(VoucherLine, **of_journal()).update(account=strange)


def poster_of_voucher(books: Books, **other: Any) -> None:
    Voucher.objects.filter(source_kind="customer_invoice").update(
        **(other or {"posted_by": books.company.worker})
    )


def other_control(books: Books) -> None:
    CustomerTransaction.objects.filter(voucher__gt=0).update(id=F("id") + 1000)


def reversed_line() -> None:
    """A cost that was taken back in the books by another amount than it had."""
    line = first(IntegrationJournalLine, actual__type=1).get()
    original = Actual.objects.get(pk=line.actual_id)
    original.reverses_id, original.outcome, original.pk = line.actual_id, 2, None
    original.save(force_insert=True)
    again(line, actual=original, voucher=None)


def billed_line() -> None:
    line = first(IntegrationJournalLine, actual__type=2).get()
    again(line, actual=billed().order_by("pk")[0], voucher=None)


def cost_as_sales() -> None:
    first(ProjectTransaction, kind="cost").update(kind="sales")


def adjusted() -> None:
    item = WorkItem.objects.order_by("pk")[0]
    Adjustment.objects.create(event=item.event, work_item=item, quantity=1, amount=200)
