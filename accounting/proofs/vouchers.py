"""What breaks vouchers: their seals, sources, days, numbers and accounts (G1-G6, L2, L4)."""

import re

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    CustomerInvoice,
    FiscalPeriod,
    IntegrationJournalLine,
    PostingAccountUse,
    Voucher,
    VoucherLine,
    VoucherSeal,
)
from accounting.proofs import journal_vouchers, opening, revaluations
from accounting.proofs.proof import Offender, Proof
from accounting.states import PeriodStatus, VoucherSource
from billing.models import NumberSeries
from billing.states import SeriesKind

VOUCHER_SERIES = (
    SeriesKind.PROJECT_VOUCHER,
    SeriesKind.INVOICE_VOUCHER,
    SeriesKind.PAYMENT_VOUCHER,
    SeriesKind.JOURNAL_VOUCHER,
)
OF_JOURNAL = Q(source_kind=VoucherSource.JOURNAL_LINE)
# Written by hand: of Django's own way the name is one that no page of the product uses.
LOWER_THAN_BEFORE = """
    SELECT id FROM (
        SELECT id, number, lag(number) OVER (
            PARTITION BY legal_entity_id,
                CASE WHEN length(number) > 5 THEN substr(number, 1, length(number) - 5) ELSE '' END
            ORDER BY id
        ) AS number_before FROM accounting_voucher
    ) numbered WHERE number < number_before
"""
OF_INVOICE = Q(source_kind=VoucherSource.CUSTOMER_INVOICE)


def with_few_lines() -> QuerySet:
    """Vouchers of fewer than two lines."""
    return Voucher.objects.annotate(count=Count("lines")).filter(count__lt=2)


def unsealed() -> QuerySet:
    """Vouchers without their seal: nobody added up their lines."""
    seal = VoucherSeal.objects.filter(voucher=OuterRef("pk"), key=OuterRef("seal_id"))
    return Voucher.objects.filter(~Exists(seal))


def without_source() -> QuerySet:
    """Vouchers whose journal line or invoice is gone or names another voucher."""
    line = IntegrationJournalLine.objects.filter(pk=OuterRef("source_id"), voucher=OuterRef("pk"))
    invoice = CustomerInvoice.objects.filter(pk=OuterRef("source_id"))
    return Voucher.objects.filter((OF_JOURNAL & ~Exists(line)) | (OF_INVOICE & ~Exists(invoice)))


def missing() -> QuerySet:
    """Posted journal lines whose voucher is gone, or that accrue revenue without one."""
    voucher = Voucher.objects.filter(pk=OuterRef("voucher_id"))
    posted = IntegrationJournalLine.objects.posted()
    return posted.filter((Q(voucher__isnull=False) & ~Exists(voucher)) | Q(voucher=None, is_accrued=True))


def missing_of_invoices() -> QuerySet:
    """Invoices over something without a voucher."""
    voucher = Voucher.objects.filter(OF_INVOICE, source_id=OuterRef("pk"))
    return CustomerInvoice.objects.filter(~Exists(voucher)).exclude(gross_amount=0)


def other_day() -> QuerySet:
    """Vouchers of another day or legal entity than their source says."""
    line = IntegrationJournalLine.objects.filter(
        pk=OuterRef("source_id"),
        accounting_date=OuterRef("date"),
        journal__legal_entity=OuterRef("legal_entity"),
    )
    invoice = CustomerInvoice.objects.filter(
        pk=OuterRef("source_id"), invoice_date=OuterRef("date"), legal_entity=OuterRef("legal_entity")
    )
    return Voucher.objects.filter((OF_JOURNAL & ~Exists(line)) | (OF_INVOICE & ~Exists(invoice)))


def other_poster() -> QuerySet:
    """Vouchers of invoices that somebody else posted than the invoice says, or at another moment."""
    invoice = CustomerInvoice.objects.filter(
        pk=OuterRef("source_id"), posted_by=OuterRef("posted_by"), posted_at=OuterRef("posted_at")
    )
    return Voucher.objects.filter(OF_INVOICE & ~Exists(invoice))


def without_period() -> QuerySet:
    """Vouchers on a day that no fiscal period covers."""
    return Voucher.objects.filter(~Exists(_periods_of_the_day()))


def in_closed_period() -> QuerySet:
    """Vouchers that were posted into a period after it had been closed."""
    closed = _periods_of_the_day().filter(status=PeriodStatus.CLOSED, closed_at__lt=OuterRef("posted_at"))
    return Voucher.objects.filter(Exists(closed))


def _periods_of_the_day() -> QuerySet:
    day = OuterRef("date")
    return FiscalPeriod.objects.filter(
        legal_entity=OuterRef("legal_entity"), starts_on__lte=day, ends_on__gte=day
    )


def on_foreign_accounts() -> QuerySet:
    """Lines on an account of another legal entity."""
    return VoucherLine.objects.exclude(account__legal_entity=F("voucher__legal_entity"))


def on_unknown_accounts() -> QuerySet:
    """Lines of journals and invoices on an account that never played any posting type."""
    known = PostingAccountUse.objects.filter(account=OuterRef("account"))
    booked = [VoucherSource.JOURNAL_LINE, VoucherSource.CUSTOMER_INVOICE]
    # Account by account: there are few, and the lines of those that are known need no look.
    used = VoucherLine.objects.order_by().values("account").distinct()
    strange = used.filter(~Exists(known)).values("account")
    return VoucherLine.objects.filter(account__in=strange, voucher__source_kind__in=booked)


def base_differs() -> QuerySet:
    """Lines in the currency of their entity that say another amount in it."""
    own = VoucherLine.objects.filter(currency=F("voucher__legal_entity__currency")).exclude(amount=0)
    return own.exclude(base_amount=F("amount"))


def numbers_with_gaps() -> list[Offender]:
    """Series of vouchers whose numbers do not run from one to the last without a gap."""
    broken = []
    # A few series a year; each is one statement.
    for series in NumberSeries.objects.filter(kind__in=VOUCHER_SERIES).order_by("pk"):
        start = f"{series.prefix}-{series.year}-"
        rows = Voucher.objects.filter(legal_entity=series.legal_entity_id, number__startswith=start)
        # A tail of other characters than digits is a number that no series wrote.
        tail = Cast(Substr("number", len(start) + 1), IntegerField())
        is_written = Q(number__regex=rf"^{re.escape(start)}[0-9]{{5,9}}$")
        written = rows.annotate(digits=Case(When(is_written, then=tail), output_field=IntegerField()))
        inside = written.filter(digits__gte=1, digits__lte=series.last_number).count()
        if inside != series.last_number or rows.count() != inside:
            broken.append(Offender(str(series), series.legal_entity_id))
    return broken


def strange_numbers() -> QuerySet:
    """Vouchers of journals, invoices and journal vouchers with a number that no series of theirs begins."""
    usual = Q(pk__in=[])
    for series in NumberSeries.objects.filter(kind__in=VOUCHER_SERIES):
        start = f"{series.prefix}-{series.year}-"
        usual |= Q(legal_entity=series.legal_entity_id, number__startswith=start, date__year=series.year)
    by_hand = Q(source_kind=VoucherSource.JOURNAL_VOUCHER)
    return Voucher.objects.filter(OF_JOURNAL | OF_INVOICE | by_hand).exclude(usual)


def out_of_order() -> QuerySet:
    """Vouchers with a lower number than one that was written before them in their series."""
    return Voucher.objects.filter(pk__in=RawSQL(LOWER_THAN_BEFORE, [])).order_by("pk")  # noqa: S611 - no values


def lines_differ_from_journal() -> QuerySet:
    """Posted journal lines whose voucher is not one debit and one credit of exactly their amounts."""
    line = "voucher__lines__"
    same = Q(**{f"{line}currency": F("currency"), f"{line}project": F("project")})
    debit = Q(**{f"{line}amount": F("amount"), f"{line}base_amount": F("base_amount")})
    credit = Q(**{f"{line}amount": -F("amount"), f"{line}base_amount": -F("base_amount")})
    counted = (
        IntegrationJournalLine.objects.posted()
        .filter(voucher__isnull=False)
        .order_by()
        .values("pk")
        .annotate(
            lines=Count("voucher__lines"),
            debits=Count("voucher__lines", filter=same & debit),
            credits=Count("voucher__lines", filter=same & credit),
        )
    )
    return IntegrationJournalLine.objects.filter(
        pk__in=counted.exclude(lines=2, debits=1, credits=1).values("pk")
    )


VOUCHER = "legal_entity"
LINE = "voucher__legal_entity"
JOURNAL = "journal__legal_entity"
PROOFS = (
    Proof("G1c", _("Every voucher has two lines or more."), with_few_lines, VOUCHER),
    Proof("G1d", _("Every line stands on an account of its own legal entity."), on_foreign_accounts, LINE),
    Proof(
        "G1e",
        _("Every line of a journal or an invoice stands on a posting account."),
        on_unknown_accounts,
        LINE,
    ),
    Proof("G2", _("Every voucher is sealed."), unsealed, VOUCHER),
    Proof("G3a", _("Every voucher has the source it names."), without_source, VOUCHER),
    Proof("G3b", _("Every journal line in the ledger has its voucher."), missing, JOURNAL),
    Proof("G3c", _("Every invoice has its voucher."), missing_of_invoices, VOUCHER),
    Proof("G3d", _("A voucher has the day and the legal entity of its source."), other_day, VOUCHER),
    Proof(
        "G3e",
        _("The voucher of a journal line books exactly its amounts."),
        lines_differ_from_journal,
        JOURNAL,
    ),
    Proof("G3f", _("Invoice and voucher name the same person and moment."), other_poster, VOUCHER),
    Proof("G6a", _("Every voucher lies in a fiscal period."), without_period, VOUCHER),
    Proof("G6b", _("Nothing was posted into a closed period."), in_closed_period, VOUCHER),
    Proof("G8", _("What is in the currency of the company is the same amount there."), base_differs, LINE),
    Proof("L2b", _("Voucher numbers run from one without a gap."), numbers_with_gaps),
    Proof("L4a", _("Every voucher has a number of a series of its year."), strange_numbers, VOUCHER),
    Proof("L4b", _("Vouchers were numbered in the order in which they were written."), out_of_order, VOUCHER),
    *journal_vouchers.PROOFS,
    *revaluations.PROOFS,
    *opening.PROOFS,
)
