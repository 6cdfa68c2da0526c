"""What keeps a proposal from being posted: unbilled sales that are not in the books yet (C5, decision 14)."""

from collections.abc import Iterable, Sequence

from django.db.models import Count, Exists, OuterRef

from accounting.models import IntegrationJournal, IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.querysets import JournalQuerySet, ProposalLineQuerySet


def blocking_lines(proposals: Iterable[InvoiceProposal]) -> ProposalLineQuerySet:
    """Lines of proposals whose unbilled sales have not been posted through the integration journal."""
    # Milestones and details added by hand claim no actual, and what replaces billed sales claims one that was
    # written and billed in one event: nothing of them was accrued, so nothing blocks.
    posted = IntegrationJournalLine.objects.posted().filter(actual=OuterRef("detail__actual"))
    return InvoiceProposalLine.objects.filter(
        ~Exists(posted),
        proposal__in=proposals,
        detail__actual__isnull=False,
        detail__replaces__isnull=True,
    )


def blocking_counts(proposals: Sequence[InvoiceProposal]) -> dict[int, int]:
    """How many lines block each proposal; proposals without any are left out."""
    counts = blocking_lines(proposals).order_by().values_list("proposal").annotate(count=Count("pk"))
    return dict(counts)


def blocking_journals(proposals: Iterable[InvoiceProposal]) -> JournalQuerySet:
    """The journals to post first: they hold the unbilled sales that block the proposals."""
    waiting = blocking_lines(proposals).values("detail__actual")
    held = IntegrationJournalLine.objects.unposted().filter(actual__in=waiting)
    return IntegrationJournal.objects.filter(pk__in=held.values("journal"))
