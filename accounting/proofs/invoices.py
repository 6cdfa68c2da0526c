"""What breaks invoices: numbers, days, parties, documents (C6, C7, G4, I1-I6, L4, L5)."""

from django.db.models import (
    CharField,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat, LPad
from django.utils.translation import gettext_lazy as _

from accounting.invoice_hashes import with_hashes
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    HoursList,
    InvoiceDocument,
    InvoiceProposal,
    InvoiceProposalLine,
    VoucherLine,
)
from accounting.proofs.proof import Proof, sum_of
from accounting.states import ControlKind, ProposalStatus, VoucherSource
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.states import ProformaStatus
from core.models import Activity
from core.row_hashes import Sha256OfBytes
from projects.models import Actual
from projects.states import BillingType, EventKind

FROZEN = [ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
DIGITS = 5
MOST_OF_FIVE_DIGITS = 99_999


def dates_going_back() -> QuerySet:
    """Invoices dated before the one with the number before theirs."""
    before = CustomerInvoice.objects.filter(
        series=OuterRef("series"),
        series_number=OuterRef("series_number") - 1,
        invoice_date__gt=OuterRef("invoice_date"),
    )
    return CustomerInvoice.objects.filter(Exists(before)).order_by("pk")


def other_numbers() -> QuerySet:
    """Invoices whose number is not the one their series wrote, or whose series is not theirs."""
    year, number = Cast("series__year", CharField()), Cast("series_number", CharField())
    start = Concat(F("series__prefix"), Value("-"), year, Value("-"), output_field=CharField())
    short = Concat(start, LPad(number, DIGITS, Value("0")), output_field=CharField())
    rows = CustomerInvoice.objects.filter(series_number__lte=MOST_OF_FIVE_DIGITS).annotate(written=short)
    return rows.exclude(
        number=F("written"),
        legal_entity=F("series__legal_entity"),
        invoice_date__year=F("series__year"),
    )


def other_parties() -> QuerySet:
    """Invoices of another customer, currency or company than their proforma."""
    return CustomerInvoice.objects.exclude(
        customer=F("proposal__proforma__customer"),
        currency=F("proposal__proforma__currency"),
        legal_entity=F("proposal__proforma__legal_entity"),
    )


def other_customers_of_work() -> QuerySet:
    """Billed rows of work whose customer is not the one whose proforma bills it."""
    details = InvoiceLineDetail.objects.filter(line__proforma__status__in=FROZEN)
    own = Q(actual__isnull=False) & ~Q(actual__work_item__customer=F("line__proforma__customer"))
    by_hand = Q(work_item__isnull=False) & ~Q(work_item__customer=F("line__proforma__customer"))
    return details.filter(own | by_hand)


def owed_differs() -> QuerySet:
    """Invoices without their row in the customer subledger, or with other dates, customer or amount there."""
    owed = CustomerTransaction.objects.filter(
        invoice=OuterRef("pk"),
        legal_entity=OuterRef("legal_entity"),
        customer=OuterRef("customer"),
        date=OuterRef("invoice_date"),
        due_date=OuterRef("due_date"),
        currency=OuterRef("currency"),
        amount=OuterRef("gross_amount"),
        voucher__source_kind=VoucherSource.CUSTOMER_INVOICE,
        voucher__source_id=OuterRef("pk"),
    )
    return CustomerInvoice.objects.filter(~Exists(owed)).exclude(gross_amount=0)


def owed_without_line() -> QuerySet:
    """Rows of the customer subledger without a line of their voucher on the control account."""
    line = VoucherLine.objects.filter(
        voucher=OuterRef("voucher"),
        customer=OuterRef("customer"),
        currency=OuterRef("currency"),
        amount=OuterRef("amount"),
        base_amount=OuterRef("base_amount"),
        account__control=ControlKind.CUSTOMER,
    )
    return CustomerTransaction.objects.filter(~Exists(line))


def documents_differ() -> QuerySet:
    """Documents whose bytes are not those of their hash."""
    return InvoiceDocument.objects.annotate(bytes_say=Sha256OfBytes("pdf")).exclude(sha256=F("bytes_say"))


def lists_of_hours_differ() -> QuerySet:
    """Lists of hours whose bytes are not those of their hash."""
    return HoursList.objects.annotate(bytes_say=Sha256OfBytes("pdf")).exclude(sha256=F("bytes_say"))


def documents_not_in_log() -> QuerySet:
    """Documents whose hash is not the one that was noted when they were printed."""
    noted = _noted(
        CustomerInvoice,
        "printed",
        OuterRef("invoice"),
        KeyTextTransform("sha256", KeyTransform("document", "facts")),
    )
    # What the log does not know was printed before the log noted hashes.
    return InvoiceDocument.objects.annotate(noted=noted).exclude(noted="").exclude(sha256=F("noted"))


def _noted(model: type[Model], verb: str, subject: OuterRef, value: KeyTextTransform) -> Coalesce:
    rows = Activity.objects.filter(subject_kind=model._meta.label_lower, subject_id=subject, verb=verb)
    values = rows.annotate(value=Cast(value, TextField())).order_by("pk").values("value")[:1]
    return Coalesce(Subquery(values), Value("", output_field=TextField()), output_field=TextField())


def changed(part: str) -> QuerySet:
    """Invoices of which a part is not what was noted in the log when they were posted."""
    value = KeyTextTransform(part, KeyTransform("hashes", "facts"))
    noted = _noted(InvoiceProposal, "posted", OuterRef("proposal"), value)
    rows = with_hashes(CustomerInvoice.objects.all()).annotate(noted=noted)
    return rows.exclude(**{f"its_{part}": F("noted")}).order_by("pk")


def not_in_log() -> QuerySet:
    """Invoices that the log does not know: they were not posted by a verb, or their row of it is gone."""
    posted = Activity.objects.filter(
        subject_kind=InvoiceProposal._meta.label_lower, subject_id=OuterRef("proposal"), verb="posted"
    )
    return CustomerInvoice.objects.filter(~Exists(posted))


def states_of_proposals() -> QuerySet:
    """Proposals that are posted without an invoice, or have one and are drafts."""
    invoice = CustomerInvoice.objects.filter(proposal=OuterRef("pk"))
    is_posted = Q(status=ProposalStatus.POSTED)
    return InvoiceProposal.objects.filter((is_posted & ~Exists(invoice)) | (~is_posted & Exists(invoice)))


def lines_of_proposals() -> QuerySet:
    """Lines of proposals with another amount than the customer pays for their detail."""
    charged = Q(detail__billing_type=BillingType.CHARGEABLE)
    return InvoiceProposalLine.objects.filter(
        (charged & ~Q(amount=F("detail__amount"))) | (~charged & ~Q(amount=0))
    )


def lines_of_proformas() -> QuerySet:
    """Lines of proformas that are not the sum of their chargeable details."""
    paid = InvoiceLineDetail.objects.filter(billing_type=BillingType.CHARGEABLE)
    return InvoiceLine.objects.annotate(added_up=sum_of(paid, "line")).exclude(amount=F("added_up"))


def stamps_differ() -> QuerySet:
    """Posted proformas with another invoice date or tax than their invoice."""
    invoice = CustomerInvoice.objects.filter(
        proposal__proforma=OuterRef("pk"),
        invoice_date=OuterRef("customer_invoice_date"),
        tax_amount=OuterRef("customer_invoice_tax"),
    )
    return Proforma.objects.filter(~Exists(invoice), status=ProformaStatus.POSTED)


def confirmations_differ() -> QuerySet:
    """Confirmed proformas whose event is of another kind, person, company or day."""
    return Proforma.objects.filter(status__in=FROZEN).exclude(
        event__kind=EventKind.CONFIRMATION,
        event__actor=F("confirmed_by"),
        event__legal_entity=F("legal_entity"),
        event__happened_on=F("invoice_date"),
    )


def billed_differs() -> QuerySet:
    """Billed sales with another price or billing type than the detail that bills them."""
    details = InvoiceLineDetail.objects.filter(line__proforma__status__in=FROZEN, actual__isnull=False)
    billed = Actual.objects.billed_sales().filter(
        bills=OuterRef("actual"), price=OuterRef("price"), billing_type=OuterRef("billing_type")
    )
    return details.filter(~Exists(billed))


def own_postings() -> QuerySet:
    """Invoices posted by whoever confirmed their proforma."""
    return CustomerInvoice.objects.filter(posted_by=F("proposal__proforma__confirmed_by"))


INVOICE = "legal_entity"
OF_INVOICE = "invoice__legal_entity"
PROFORMA = "line__proforma__legal_entity"
PROOFS = (
    Proof("S2", _("Nobody posted what they confirmed."), own_postings, INVOICE),
    Proof("L5", _("Invoice dates never go back within a series."), dates_going_back, INVOICE),
    Proof("L4c", _("Every invoice has the number that its series wrote."), other_numbers, INVOICE),
    Proof(
        "I3c",
        _("An invoice has the customer, the currency and the company of its proforma."),
        other_parties,
        INVOICE,
    ),
    Proof(
        "I3d", _("Work is invoiced to the customer it was approved for."), other_customers_of_work, PROFORMA
    ),
    Proof(
        "G4d",
        _("Every invoice has its customer, dates and total in the customer subledger."),
        owed_differs,
        INVOICE,
    ),
    Proof(
        "G4e",
        _("Every row of the customer subledger has its line in the ledger."),
        owed_without_line,
        INVOICE,
    ),
    Proof("I6a", _("The bytes of a document are those of its hash."), documents_differ, OF_INVOICE),
    Proof("I6c", _("The bytes of a list of hours are those of its hash."), lists_of_hours_differ, OF_INVOICE),
    Proof("I6b", _("The hash of a document is the one that was noted."), documents_not_in_log, OF_INVOICE),
    Proof(
        "J1d", _("An invoice and its snapshot are as they were posted."), lambda: changed("invoice"), INVOICE
    ),
    Proof("J1e", _("The taxes of an invoice are as they were posted."), lambda: changed("taxes"), INVOICE),
    Proof("J1f", _("What a customer owes is as it was posted."), lambda: changed("owed"), INVOICE),
    Proof("J1g", _("The voucher of an invoice is as it was posted."), lambda: changed("voucher"), INVOICE),
    Proof("S4", _("The log knows who posted every invoice."), not_in_log, INVOICE),
    Proof("I4c", _("A proposal is posted exactly when its invoice exists."), states_of_proposals, INVOICE),
    Proof(
        "I3q",
        _("A line of a proposal asks for what its detail bills."),
        lines_of_proposals,
        "proposal__legal_entity",
    ),
    Proof(
        "I2b",
        _("A line of a proforma is the sum of its chargeable details."),
        lines_of_proformas,
        "proforma__legal_entity",
    ),
    Proof("I1b", _("A posted proforma says the date and the tax of its invoice."), stamps_differ, INVOICE),
    Proof(
        "I3e",
        _("A proforma was confirmed by the person and on the day it says."),
        confirmations_differ,
        INVOICE,
    ),
    Proof(
        "I3b",
        _("Billed sales have the price and the billing type that were confirmed."),
        billed_differs,
        PROFORMA,
    ),
)
