"""What verbs and pages ask of the tables of the books."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth

from accounting.receivable_querysets import NOTHING
from accounting.states import (
    JournalLineStatus,
    JournalStatus,
    JournalVoucherKind,
    JournalVoucherStatus,
    PeriodStatus,
    ProposalStatus,
)
from billing.retentions import net_before_retention
from core.money import ZERO
from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of
from projects.querysets import OfEntityQuerySet, related

Rows = QuerySet[Any, dict[str, Any]]
"""Sums by group: one dictionary per row."""


class EntityStateQuerySet(StateMachineQuerySet):
    """Rows of a legal entity that have a state; `entity_path` leads to the entity."""

    entity_path: ClassVar[str] = "legal_entity"

    def visible_to(self, user: AnyUser) -> Self:
        """The rows of the user's legal entities."""
        return self.filter(**{f"{self.entity_path}__in": entities_of(user)})


class JournalQuerySet(EntityStateQuerySet):
    def postable(self) -> Self:
        """Journals that hold something to post: drafts, and those whose lines failed before."""
        return self.filter(status__in=[JournalStatus.DRAFT, JournalStatus.ERROR])


class JournalLineQuerySet(EntityStateQuerySet):
    entity_path = "journal__legal_entity"

    def unposted(self) -> Self:
        """Lines that are not in the books yet, whether they were tried or not."""
        # Lines in error as well: they still belong in the books, and their period stays open for them.
        return self.exclude(status=JournalLineStatus.POSTED)

    def posted(self) -> Self:
        """Lines in the books; nothing of them changes any more (J1)."""
        return self.filter(status=JournalLineStatus.POSTED)


class ProposalQuerySet(EntityStateQuerySet):
    def unposted(self) -> Self:
        """Proposals without a customer invoice."""
        return self.filter(status=ProposalStatus.DRAFT)

    def checked(self) -> Self:
        """Those that somebody has marked as checked."""
        return self.filter(checked_at__isnull=False)


class PeriodQuerySet(EntityStateQuerySet):
    def open(self) -> Self:
        """Periods that may still be posted into."""
        return self.filter(status=PeriodStatus.OPEN)


class InvoiceQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Customer invoices of the contracts a user may see; accountants see them all."""
        proforma = related(related(self, "proposal"), "proforma")
        # By the contract, so that a manager sees the invoices of own contracts and no others.
        contracts = related(proforma, "contract").visible_to(user).values("pk")
        return self.filter(proposal__proforma__contract__in=contracts)

    def with_net(self) -> Self:
        """Each with `net`, as its document names it; in its currency."""
        return self.annotate(net=net_before_retention("proposal__proforma"))

    def with_open(self) -> Self:
        """Each with `open_amount`: what of it is not settled by now, in its currency and with its sign.

        `open_due` is the day on which the first open part of it is due: of its instalments, where it has any.
        """
        relation: Any = self.model._meta.get_field("customer_transaction")
        rows = relation.related_model._default_manager.filter(invoice=OuterRef("pk")).with_open()
        next_due = self._instalments().open().order_by("number").values("due_date")[:1]
        return self.annotate(
            open_amount=Coalesce(Subquery(rows.values("open_amount")), NOTHING),
            open_due=Coalesce(Subquery(next_due), F("due_date")),
        )

    def _instalments(self) -> Any:
        relation: Any = self.model._meta.get_field("instalments")
        return relation.related_model._default_manager.filter(invoice=OuterRef("pk"))

    def unpaid(self) -> Self:
        """Of which something is open, each with how much."""
        return self.with_open().filter(open_amount__gt=ZERO)

    def overdue(self, day: date) -> Self:
        """Due before a day and not paid, or not in full; `late_amount` is what of each should be paid by now.

        Of an invoice in instalments that is what is open of those that were due before the day.
        """
        late = self._instalments().open().filter(due_date__lt=day).order_by().values("invoice")
        late_parts = Subquery(late.annotate(late=Sum("open_amount")).values("late"))
        return (
            self.unpaid()
            .filter(open_due__lt=day)
            .annotate(late_amount=Coalesce(late_parts, F("open_amount")))
        )

    def overdue_sums(self, day: date) -> Rows:
        """One row per currency: how many invoices are overdue on a day, and what is late of them."""
        rows = self.overdue(day).order_by().values("currency")
        return rows.annotate(invoices=Count("pk"), open=Sum("late_amount")).order_by("currency")

    def to_send(self) -> Self:
        """Of customers who get invoices by mail, and not sent yet."""
        return self.filter(customer__sends_invoices=True, sent__isnull=True)

    def summed(self) -> Rows:
        """One row per currency: how many invoices, and their sums."""
        return (
            self.order_by()
            .values("currency")
            .annotate(
                invoices=Count("pk"),
                net=Sum(net_before_retention("proposal__proforma")),
                tax=Sum("tax_amount"),
                gross=Sum("gross_amount"),
            )
            .order_by("currency")
        )

    def by_month(self) -> Rows:
        """One row per currency and month of the invoice date: net invoiced, and net credited below zero."""
        return (
            self.order_by()
            .annotate(month=TruncMonth("invoice_date"), net=net_before_retention("proposal__proforma"))
            .values("currency", "month")
            # Apart from each other: in one sum a credit would hide as much of what was invoiced.
            .annotate(
                invoiced=Sum("net", filter=Q(net__gte=0), default=ZERO),
                credited=Sum("net", filter=Q(net__lt=0), default=ZERO),
            )
            .order_by("currency", "month")
        )

    def with_printed(self) -> Self:
        """Each with when its document was printed, empty until then."""
        return self.annotate(printed=F("document__rendered_at"))

    def without_document(self) -> Self:
        """Posted, but not printed yet; the printing task finds its work here."""
        # Asked of the table, not of a queue: a print that was lost is found again (D7).
        return self.filter(document__isnull=True)


class IntegrityCheckQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Every check: each is about the books of all legal entities, and names few rows of any."""
        return self.all()

    def newest(self) -> Any:
        """The newest check, None before the first."""
        return self.order_by("-pk").first()


class EstimateQuerySet(EntityStateQuerySet):
    def in_status(self, status: str) -> Self:
        """Estimates that stand there."""
        return self.filter(status=status)


class EstimateEventQuerySet(OfEntityQuerySet):
    entity_path = "estimate__legal_entity"

    def standing(self, step: str) -> Self:
        """Events of a step that nothing has reversed."""
        return self.filter(step=step, reversed_by__isnull=True)


class ProfileRuleQuerySet(OfEntityQuerySet):
    entity_path = "profile__legal_entity"


class ProjectTransactionQuerySet(OfEntityQuerySet):
    entity_path = "actual__work_item__legal_entity"


class JournalVoucherQuerySet(EntityStateQuerySet):
    def drafts(self) -> Self:
        """Those that somebody has written and nobody has posted or discarded."""
        return self.filter(status=JournalVoucherStatus.DRAFT)

    def posted(self) -> Self:
        """Those in the ledger."""
        return self.filter(status=JournalVoucherStatus.POSTED)

    def year_ends(self) -> Self:
        """Those that close fiscal years, and their reversals."""
        return self.filter(kind=JournalVoucherKind.YEAR_END)

    def closing_years(self) -> Self:
        """The year ends that are drafts or in the ledger, and that nothing in the ledger reverses."""
        alive = [JournalVoucherStatus.DRAFT, JournalVoucherStatus.POSTED]
        gone = self.model._default_manager.filter(reversals__status=JournalVoucherStatus.POSTED)
        return (
            self.year_ends().filter(reverses__isnull=True, status__in=alive).exclude(pk__in=gone.values("pk"))
        )

    def standing(self) -> Self:
        """Those in the ledger that reverse nothing, and that no draft or posted one reverses."""
        reversal = Q(reversals__status__in=[JournalVoucherStatus.DRAFT, JournalVoucherStatus.POSTED])
        reversed_ones = self.model._default_manager.filter(reversal).values("pk")
        return self.posted().filter(reverses__isnull=True).exclude(pk__in=reversed_ones)


class JournalVoucherLineQuerySet(OfEntityQuerySet):
    entity_path = "journal_voucher__legal_entity"


class RevaluationQuerySet(OfEntityQuerySet):
    def standing(self) -> Self:
        """Those that were not reversed, and reverse none."""
        return self.filter(reverses__isnull=True, reversed_by__isnull=True)


class OpeningItemQuerySet(OfEntityQuerySet):
    def standing(self) -> Self:
        """Those that were not reversed, and reverse none."""
        return self.filter(reverses__isnull=True, reversed_by__isnull=True)


class VoucherLineQuerySet(OfEntityQuerySet):
    entity_path = "voucher__legal_entity"


class ProposalLineQuerySet(OfEntityQuerySet):
    entity_path = "proposal__legal_entity"


class OfInvoiceQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """What belongs to the invoices that a user may see."""
        return self.filter(invoice__in=related(self, "invoice").visible_to(user).values("pk"))
