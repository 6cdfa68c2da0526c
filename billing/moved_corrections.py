"""Corrections that move to another draft, and with them what their invoice kept back (B7, B12)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.correction_rows import first_events
from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from core.refusals import Refusal


@dataclass
class OfInvoice:
    """On one draft, what corrects one invoice, by key: its work, and its share of the retention."""

    number: str
    work: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)

    def goes_whole(self, moving: Collection[int]) -> bool:
        """Whether all of its work moves, so that what was kept back of it follows."""
        return bool(self.work) and self.work <= set(moving)

    def is_torn(self, moving: Collection[int]) -> bool:
        """Whether a part of it would stay, and its share of the retention would fit on neither draft."""
        touched = (self.work | self.kept) & set(moving)
        return bool(self.work and touched) and not self.goes_whole(moving)


def kept_back_with(moving: DetailQuerySet) -> tuple[DetailQuerySet, list[Refusal]]:
    """Details with what their invoices kept back, and why they cannot move: corrections-apart.

    The drafts are locked. One statement where they correct no retention, else two and one for each link of
    the longest chain of corrections.
    """
    groups = _groups(moving)
    if not groups:
        return moving, []
    keys = set(moving.values_list("pk", flat=True))
    following = {key for group in groups if group.goes_whole(keys) for key in group.kept}
    wanted = Q(pk__in=keys | following) | Q(replaces__in=following)
    return InvoiceLineDetail.objects.filter(wanted), list(_torn(groups, keys))


def _groups(moving: DetailQuerySet) -> list[OfInvoice]:
    """What corrects invoices that kept something back, by draft and invoice."""
    of_drafts = InvoiceLineDetail.objects.corrections().filter(
        line__proforma__in=moving.order_by().values("line__proforma"), retainer__isnull=True
    )
    if not of_drafts.filter(retention__isnull=False).exists():
        return []
    related = ("corrects", "line", "retention__line__proforma")
    corrections = list(of_drafts.select_related(*related).order_by("pk"))
    first = first_events([one.corrects for one in corrections if one.corrects is not None])
    groups: dict[tuple[int, int | None], OfInvoice] = defaultdict(lambda: OfInvoice(""))
    for one in corrections:
        group = groups[one.line.proforma_id, first[one.corrects_id or 0]]
        invoice = one.retention.line.proforma if one.retention is not None else None
        if invoice is None:
            group.work.add(one.pk)
        # A release that is corrected stands by itself.
        elif invoice.event_id == first[one.corrects_id or 0]:
            group.number = _named(invoice)
            group.kept.add(one.pk)
    return [group for group in groups.values() if group.kept]


def _named(invoice: Proforma) -> str:
    return invoice.customer_invoice_number or invoice.number


def _torn(groups: Iterable[OfInvoice], moving: Collection[int]) -> Iterable[Refusal]:
    for group in groups:
        if group.is_torn(moving):
            yield Refusal(
                "corrections-apart",
                _("A share of %(number)s was kept back, so that its corrections stay on one draft.")
                % {"number": group.number},
                group.number,
                _("Choose all corrections of %(number)s: what was kept back goes with them.")
                % {"number": group.number},
            )
