"""In which order a set of proposals is posted: what names an invoice comes after it (I5, P15).

A credit note names the invoice that it corrects, and what takes an advance off takes it off at what the
invoice of the advance was booked with. So does what releases a part that an invoice kept back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from accounting.models import InvoiceProposal
from billing.correction_rows import originals_of
from billing.models import InvoiceLineDetail, Proforma
from billing.states import RetainerUse
from core.refusals import Refusal


@dataclass(frozen=True)
class Earlier:
    """The proformas that each proforma of a set needs before it, by key.

    Those that it corrects, those of advances that it takes off, and those that kept back what it releases.
    """

    originals: Mapping[int, Sequence[Proforma]] = field(default_factory=dict)
    advances: Mapping[int, Sequence[Proforma]] = field(default_factory=dict)
    retentions: Mapping[int, Sequence[Proforma]] = field(default_factory=dict)

    def of(self, proforma_id: int) -> list[Proforma]:
        """All of them, each once."""
        needed = (self.originals, self.advances, self.retentions)
        return list({one.pk: one for each in needed for one in each.get(proforma_id, ())}.values())


def earlier_of(proposals: Iterable[InvoiceProposal]) -> Earlier:
    """What these proposals need before them; four statements, eight at most, for any number of them."""
    proformas = [one.proforma for one in proposals]
    return Earlier(originals_of(proformas), _advances_of(proformas), _keeping(proformas))


def in_order(
    proposals: Iterable[InvoiceProposal], earlier: Earlier, days: Mapping[int, date]
) -> list[InvoiceProposal]:
    """Proposals by their day, by key, and on one day each after what it needs.

    Numbers follow the dates (L5), so that nothing dated later comes first: what needs it is refused.
    """
    waiting = {one.proforma_id: one for one in sorted(proposals, key=lambda one: (days[one.pk], one.pk))}
    ordered: dict[int, InvoiceProposal] = {}
    for first in waiting.values():
        # A stack and no recursion: corrections of corrections may be long.
        stack = [first]
        while stack:
            one = stack[-1]
            missing = [
                before
                for other in earlier.of(one.proforma_id)
                if (before := waiting.get(other.pk)) is not None
                and before.pk not in ordered
                and before is not one
                and days[before.pk] == days[one.pk]
            ]
            if missing:
                stack.append(missing[0])
            else:
                ordered[stack.pop().pk] = one
    return list(ordered.values())


def not_posted_before(
    ordered: Sequence[InvoiceProposal], earlier: Earlier, refused: Iterable[int]
) -> Iterable[Refusal]:
    """Why proposals cannot be posted yet: what they need is not, and is not posted before them in this set.

    `refused` are the keys of proposals that are not posted for other reasons: what needs one of those is not
    posted either, and nothing else. Codes: original-not-posted, advance-not-posted, retention-not-posted.
    """
    stopped, ahead = set(refused), set[int]()
    for proposal in ordered:
        named = _needs(proposal, earlier, ahead)
        yield from named
        if not named and proposal.pk not in stopped:
            ahead.add(proposal.proforma_id)


def _needs(proposal: InvoiceProposal, earlier: Earlier, ahead: set[int]) -> list[Refusal]:
    kinds = (
        (
            "original-not-posted",
            _("It corrects %(number)s, which is not posted before it."),
            earlier.originals,
        ),
        (
            "advance-not-posted",
            _("It takes off an advance that %(number)s invoices, which is not posted before it."),
            earlier.advances,
        ),
        (
            "retention-not-posted",
            _("It releases what %(number)s keeps back, which is not posted before it."),
            earlier.retentions,
        ),
    )
    way_out = _("Post the invoice of %(number)s first, or with it and dated no later.")
    return [
        Refusal(code, message % {"number": one.number}, str(proposal), way_out % {"number": one.number})
        for code, message, needed in kinds
        for one in needed.get(proposal.proforma_id, ())
        if not one.customer_invoice_number and one.pk not in ahead
    ]


def _keeping(proformas: Sequence[Proforma]) -> dict[int, list[Proforma]]:
    """The proformas that kept back what each of these releases."""
    released = InvoiceLineDetail.objects.filter(
        line__proforma__in=proformas, retention__isnull=False, corrects__isnull=True, replaces__isnull=True
    ).exclude(line=F("retention__line"))
    pairs = set(released.order_by().values_list("line__proforma", "retention__line__proforma"))
    known = Proforma.objects.in_bulk({one for _release, one in pairs}) if pairs else {}
    needed: dict[int, list[Proforma]] = defaultdict(list)
    for release, one in sorted(pairs):
        needed[release].append(known[one])
    return dict(needed)


def _advances_of(proformas: Sequence[Proforma]) -> dict[int, list[Proforma]]:
    """The proformas that invoiced what each of these applies or refunds."""
    uses = InvoiceLineDetail.objects.filter(
        line__proforma__in=proformas,
        retainer_use__in=[RetainerUse.APPLY, RetainerUse.REFUND],
        corrects__isnull=True,
    )
    columns = ("retainer", "line__proforma__event", "line__proforma")
    taken_off = list(uses.order_by().values_list(*columns))
    if not taken_off:
        return {}
    invoicing = InvoiceLineDetail.objects.filter(
        retainer__in={retainer for retainer, _event, _proforma in taken_off},
        retainer_use=RetainerUse.INVOICE,
        corrects__isnull=True,
        line__proforma__event__isnull=False,
    )
    asked: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for retainer, event, proforma in invoicing.order_by("line__proforma__event").values_list(*columns):
        asked[retainer].append((event, proforma))
    needed: dict[int, set[int]] = defaultdict(set)
    for retainer, event, proforma in taken_off:
        # One that was corrected and invoiced once more: the last invoice before it was taken off.
        needed[proforma] |= {max(one for one in asked[retainer] if one[0] < event)[1]}
    known = Proforma.objects.in_bulk({one for keys in needed.values() for one in keys})
    return {key: [known[one] for one in sorted(keys)] for key, keys in needed.items()}
