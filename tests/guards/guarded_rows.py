"""What the attacks write to: one row of everything that is guarded, each under a name."""

from dataclasses import dataclass
from decimal import Decimal

from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    InvoiceInstalment,
    Settlement,
)
from accounting.states import JournalLineStatus
from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, NumberSeries, Proforma
from core.models import Activity
from projects.models import Actual, ActualEvent, Adjustment, AgreedRate, Approval
from projects.states import ActualOutcome, EventKind, TransactionType
from tests.company import Company, book_rows, estimate_rows, invoicing_rows, journal_rows, rows
from tests.company.rows import NOW


@dataclass
class GuardedRows:
    """Named rows of a company: some may still change by the rules, `posted` and what hangs on it may not."""

    company: Company
    sales: Actual
    claimed: Actual
    billed: Actual
    draft: Proforma
    draft_line: InvoiceLine
    draft_detail: InvoiceLineDetail
    posted: Proforma
    posted_detail: InvoiceLineDetail
    invoice: CustomerInvoice
    series: NumberSeries
    share: MilestoneShare
    open_journal_line: IntegrationJournalLine
    posted_journal_line: IntegrationJournalLine
    approval: Approval
    owed: CustomerTransaction
    paid: CustomerTransaction
    settlement: Settlement

    def event(self, kind: int = EventKind.CONFIRMATION) -> ActualEvent:
        return rows.event(self.company, kind)


def build() -> GuardedRows:
    """Three approved days: one open, one on a draft, one on a posted invoice; their journal, their books."""
    company = Company.bare()
    sales, claimed, billed = (rows.approved_hours(company) for _day in range(3))
    draft = invoicing_rows.draft_of(company, claimed)
    posted = invoicing_rows.confirm(invoicing_rows.draft_of(company, billed), company)
    series = invoicing_rows.number_series(company)
    book_rows.period(company)
    open_line, posted_line = book_rows.journal_line(company, sales), book_rows.journal_line(company, billed)
    line_voucher = book_rows.balanced(company, source_id=posted_line.pk)
    IntegrationJournalLine.objects.filter(pk=posted_line.pk).update(
        status=JournalLineStatus.POSTED, voucher=line_voucher
    )
    book_rows.project_transaction(company, billed, line_voucher)
    invoice = book_rows.post(company, posted, series)
    book_rows.reminder(invoice)
    book_rows.sent_statement(invoice)
    owed, paid, settlement = _settled(company)
    book_rows.revaluation(company)
    book_rows.opening_item(company)
    estimate_rows.posted_estimate(company)
    AgreedRate.objects.create(
        contract=company.contract, starts_on=rows.DAY, rate=1, agreed_by=company.accountant, agreed_at=NOW
    )
    _adjusted(company, sales)
    journal_rows.correction(company)
    Activity.objects.create(
        verb="posted",
        subject_kind="x",
        subject_id=1,
        subject_name="x",
        actor=company.manager,
        happened_at=NOW,
    )
    posted = Proforma.objects.get(pk=posted.pk)
    draft_line = draft.lines.get()
    return GuardedRows(
        company=company,
        sales=sales,
        claimed=claimed,
        billed=billed,
        draft=draft,
        draft_line=draft_line,
        draft_detail=draft_line.details.get(),
        posted=posted,
        posted_detail=InvoiceLineDetail.objects.get(line__proforma=posted),
        invoice=invoice,
        series=series,
        share=invoicing_rows.milestone_share(company),
        open_journal_line=open_line,
        posted_journal_line=IntegrationJournalLine.objects.get(pk=posted_line.pk),
        approval=rows.approval(company),
        owed=owed,
        paid=paid,
        settlement=settlement,
    )


def _settled(company: Company) -> tuple[CustomerTransaction, CustomerTransaction, Settlement]:
    """100 owed and 60 paid, of which 40 are settled; a payment and a write-off, as rows alone."""
    paid_in = book_rows.payment(company)
    book_rows.bank_booking(paid_in.bank_account, company.accountant)
    book_rows.write_off(company)
    book_rows.discount(CustomerInvoice.objects.earliest("pk"))
    InvoiceInstalment.objects.create(
        invoice=CustomerInvoice.objects.earliest("pk"),
        number=1,
        due_date=rows.CUT_OFF,
        amount=Decimal(1),
        through=Decimal(1),
    )
    owed, paid = book_rows.customer_row(company, "100"), book_rows.customer_row(company, "-60")
    return owed, paid, book_rows.settlement(owed, paid, "40")


def _adjusted(company: Company, sales: Actual) -> Adjustment:
    """Half an hour more of the open day, by a correction of its own."""
    opened = rows.event(company, EventKind.CONFIRMATION)
    rows.actual(sales.work_item, opened, quantity="0.5", price="100", amount="50")
    made = Adjustment.objects.create(event=opened, work_item=sales.work_item, quantity="0.5", amount="50")
    rows.seal(opened)
    return made


def actual(guarded: GuardedRows, **columns: object) -> Actual:
    """An unsaved mirror of the open sales, spoilt by `columns`."""
    of = guarded.sales
    values = {
        "work_item": of.work_item,
        "event": columns.get("event") or guarded.event(),
        "type": of.type,
        "billing_type": of.billing_type,
        "quantity": -of.quantity,
        "price": of.price,
        "amount": -of.amount,
        "accounting_date": rows.DAY,
        "reverses": of,
        "outcome": ActualOutcome.ADJUSTED,
    }
    return Actual(**values | columns)


def billing(guarded: GuardedRows, of: Actual, **columns: object) -> Actual:
    values = {
        "type": TransactionType.BILLED_SALES,
        "reverses": None,
        "bills": of,
        "outcome": ActualOutcome.OPEN,
        "quantity": of.quantity,
        "amount": of.amount,
    }
    return actual(guarded, **values | columns)


def mirror_of(original: Actual) -> Actual:
    return Actual.objects.get(reverses=original)


def confirmed(
    guarded: GuardedRows, quantity: str, amount: str, *, adjusted: tuple[str, str] | None = None
) -> None:
    """Take the open sales back, bill them at these figures, and seal."""
    opened = guarded.event()
    rows.mirror(guarded.sales, opened)
    billed_row(guarded, opened, quantity, amount).save()
    if adjusted is not None:
        quantity, amount = adjusted
        Adjustment.objects.create(
            event=opened, work_item=guarded.sales.work_item, quantity=quantity, amount=amount
        )
    rows.seal(opened)


def billed_row(guarded: GuardedRows, opened: object, quantity: str, amount: str) -> Actual:
    return billing(guarded, guarded.sales, event=opened, quantity=Decimal(quantity), amount=Decimal(amount))
