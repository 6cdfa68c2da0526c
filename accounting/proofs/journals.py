"""What breaks the integration journal and the project subledger against the work they repeat (C1, G3, J1)."""

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    IntegrationJournal,
    IntegrationJournalLine,
    InvoiceProposalLine,
    ProjectTransaction,
)
from accounting.proofs.proof import Proof
from accounting.states import JournalLineStatus, JournalStatus, ProjectTransactionKind, ProposalStatus
from projects.models import Actual
from projects.states import TransactionType

ITEM = "actual__work_item__"
CURRENCY = Case(
    When(actual__type=TransactionType.COST, then=F(f"{ITEM}cost_currency")),
    default=F(f"{ITEM}currency"),
    output_field=CharField(),
)


def differ_from_actual() -> QuerySet:
    """Journal lines of another amount, currency, project or company than their actual, or dated before it."""
    lines = IntegrationJournalLine.objects.annotate(its_currency=CURRENCY)
    return lines.exclude(
        amount=F("actual__amount"),
        currency=F("its_currency"),
        project=F(f"{ITEM}project"),
        journal__legal_entity=F(f"{ITEM}legal_entity"),
        accounting_date__gte=F("actual__accounting_date"),
    )


def base_differs() -> QuerySet:
    """Journal lines in the currency of their entity that say another amount in it."""
    own = IntegrationJournalLine.objects.filter(currency=F("journal__legal_entity__currency"))
    return own.exclude(base_amount=F("amount"))


def reversals_differ() -> QuerySet:
    """Journal lines of reversals that are not the exact opposite of their originals in the ledger."""
    both = IntegrationJournalLine.objects.filter(actual__reverses__journal_line__isnull=False)
    return both.exclude(base_amount=-F("actual__reverses__journal_line__base_amount"))


def billed_in_journal() -> QuerySet:
    """Journal lines of billed sales: those reach the books through invoices alone."""
    return IntegrationJournalLine.objects.filter(actual__type=TransactionType.BILLED_SALES)


def states_of_lines() -> QuerySet:
    """Lines that have a voucher or accrue and are not posted, or are posted and say an error."""
    unposted = ~Q(status=JournalLineStatus.POSTED)
    return IntegrationJournalLine.objects.filter(
        (unposted & (Q(voucher__isnull=False) | Q(is_accrued=True)))
        | (Q(status=JournalLineStatus.POSTED) & ~Q(error=""))
        | (Q(status=JournalLineStatus.ERROR) & Q(error=""))
    )


def states_of_journals() -> QuerySet:
    """Journals that are posted and hold open lines, or are drafts and hold posted ones."""
    lines = IntegrationJournalLine.objects.filter(journal=OuterRef("pk"))
    is_posted, is_draft = Q(status=JournalStatus.POSTED), Q(status=JournalStatus.DRAFT)
    return IntegrationJournal.objects.filter(
        (is_posted & Exists(lines.unposted())) | (is_draft & Exists(lines.posted()))
    )


def without_project_row() -> QuerySet:
    """Posted journal lines without their row in the project subledger, or with another one."""
    row = ProjectTransaction.objects.filter(
        actual=OuterRef("actual"),
        project=OuterRef("project"),
        accounting_date=OuterRef("accounting_date"),
        currency=OuterRef("currency"),
        amount=OuterRef("amount"),
    ).exclude(kind=ProjectTransactionKind.INVOICED)
    with_voucher = row.filter(voucher=OuterRef("voucher"))
    without = row.filter(voucher__isnull=True)
    posted = IntegrationJournalLine.objects.posted()
    return posted.filter(
        (Q(voucher__isnull=False) & ~Exists(with_voucher)) | (Q(voucher__isnull=True) & ~Exists(without))
    )


def invoiced_without_project_row() -> QuerySet:
    """Lines of posted proposals without their row in the project subledger, or with another one."""
    row = ProjectTransaction.objects.filter(
        actual=OuterRef("actual"),
        kind=ProjectTransactionKind.INVOICED,
        accounting_date=OuterRef("proposal__customer_invoice__invoice_date"),
        currency=OuterRef("proposal__proforma__currency"),
        amount=OuterRef("amount"),
    )
    return InvoiceProposalLine.objects.filter(~Exists(row), proposal__status=ProposalStatus.POSTED)


def project_row_without_source() -> QuerySet:
    """Rows of the project subledger that no posted journal line and no posted proposal line explains."""
    line = IntegrationJournalLine.objects.posted().filter(actual=OuterRef("actual"))
    invoiced = InvoiceProposalLine.objects.filter(
        actual=OuterRef("actual"), proposal__status=ProposalStatus.POSTED
    )
    is_invoiced = Q(kind=ProjectTransactionKind.INVOICED)
    kind = Case(
        When(type=TransactionType.COST, then=F("type")),
        default=None,
        output_field=Actual._meta.get_field("type"),
    )
    of_cost = Actual.objects.filter(pk=OuterRef("actual")).annotate(cost=kind).values("cost")
    is_cost = Q(kind=ProjectTransactionKind.COST)
    return ProjectTransaction.objects.annotate(of_cost=Subquery(of_cost[:1])).filter(
        (is_invoiced & ~Exists(invoiced))
        | (~is_invoiced & ~Exists(line))
        | (is_cost & Q(of_cost__isnull=True))
        | (~is_cost & Q(of_cost__isnull=False))
    )


JOURNAL = "journal__legal_entity"
PROPOSAL = "proposal__legal_entity"
PROOFS = (
    Proof("J1a", _("A journal line repeats its actual."), differ_from_actual, JOURNAL),
    Proof(
        "J1b",
        _("A journal line in the currency of the company is the same amount there."),
        base_differs,
        JOURNAL,
    ),
    Proof("J2b", _("A reversal leaves nothing of its original in the ledger."), reversals_differ, JOURNAL),
    Proof("J1c", _("Billed sales reach the books through invoices alone."), billed_in_journal, JOURNAL),
    Proof("I4a", _("A journal line is posted exactly when it is in the books."), states_of_lines, JOURNAL),
    Proof("I4b", _("A journal is posted when all its lines are."), states_of_journals, "legal_entity"),
    Proof(
        "G4f",
        _("Every posted journal line has its row in the project subledger."),
        without_project_row,
        JOURNAL,
    ),
    Proof(
        "G4g",
        _("Every invoiced line has its row in the project subledger."),
        invoiced_without_project_row,
        PROPOSAL,
    ),
    Proof(
        "G4h",
        _("Every row of the project subledger has its source."),
        project_row_without_source,
        "actual__work_item__legal_entity",
    ),
)
