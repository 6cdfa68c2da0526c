"""Where what was chosen goes: for each contract and customer a new draft, or an open one (B5)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists
from django.http import QueryDict
from django.utils.translation import gettext as _

from billing.draft_targets import drafts_of_item, drafts_of_share, payer_asked_by, reasons_against_drafts
from billing.drafts_ahead import Preview, previews
from billing.forms.draft_contents import draft_choice
from billing.models import Proforma
from billing.next_parts import NextParts
from billing.payers import Payer
from billing.querysets import MilestoneShareQuerySet, ProformaQuerySet
from billing.retainer_querysets import RetainerQuerySet
from core.querysets import AnyUser
from core.refusals import Refusal
from projects.querysets import BacklogQuerySet

NEW = "new"


def field_of(payer: Payer) -> str:
    """What the form calls the choice of a contract and customer."""
    contract_id, customer_id = payer
    return f"into-{contract_id}-{customer_id}"


@dataclass(frozen=True)
class Placement:
    """What one contract and customer get: the preview, the open drafts there are, and the one chosen."""

    preview: Preview
    drafts: Sequence[Proforma]
    chosen: str

    @property
    def field(self) -> str:
        """The name of the choice."""
        return field_of((self.preview.contract.pk, self.preview.customer.pk))

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The open drafts by number, as people know them."""
        return [draft_choice(draft) for draft in self.drafts]

    @property
    def is_added(self) -> bool:
        """Whether it goes to an open draft."""
        return self.chosen not in (NEW, "")

    @property
    def is_open_question(self) -> bool:
        """Whether nobody has said yet which of several drafts is meant."""
        return self.chosen == ""


class Placing:
    """The choices of one form: which payers have open drafts, and where each goes.

    `adds` proposes the open draft where there is one and asks where there are several; else a new draft is
    proposed everywhere.
    """

    def __init__(self, user: AnyUser, payers: Sequence[Payer], post: QueryDict, *, adds: bool):
        contracts = {contract_id for contract_id, _customer in payers}
        rows = Proforma.objects.visible_to(user).open().filter(contract__in=contracts)
        self.drafts_of: Mapping[Payer, list[Proforma]] = defaultdict(list)
        for draft in rows.with_net().select_related("legal_entity").order_by("number"):
            self.drafts_of[payer_asked_by(draft)].append(draft)
        self.chosen = {payer: self._chosen(payer, post, adds=adds) for payer in payers}

    def _chosen(self, payer: Payer, post: QueryDict, *, adds: bool) -> str:
        sent = post.get(field_of(payer))
        if sent is not None:
            return sent
        drafts = self.drafts_of.get(payer, [])
        if not adds or not drafts:
            return NEW
        return drafts[0].number if len(drafts) == 1 else ""

    @property
    def targets(self) -> list[Proforma]:
        """The open drafts that were chosen."""
        return [
            draft
            for payer, drafts in self.drafts_of.items()
            for draft in drafts
            if draft.number == self.chosen.get(payer)
        ]

    @property
    def target_rows(self) -> ProformaQuerySet:
        """The same as a queryset."""
        return Proforma.objects.filter(pk__in=[draft.pk for draft in self.targets])

    def refusals(self) -> Iterator[Refusal]:
        """Why the choices cannot be followed: several drafts and none chosen, or one that is open no more."""
        for payer, chosen in self.chosen.items():
            drafts = self.drafts_of.get(payer, [])
            if chosen == "":
                yield Refusal(
                    "draft-not-chosen",
                    _("There are several open drafts."),
                    ", ".join(draft.number for draft in drafts),
                    _("Choose one of them, or a new draft."),
                )
            elif chosen != NEW and chosen not in {draft.number for draft in drafts}:
                yield Refusal(
                    "draft-not-open",
                    _("This draft is not open any more."),
                    chosen[:40],
                    _("Choose another one, or a new draft."),
                )


def placements(
    items: BacklogQuerySet,
    shares: MilestoneShareQuerySet,
    day: dt.date,
    placing: Placing,
    *,
    retainers: RetainerQuerySet | None = None,
    parts: NextParts | None = None,
) -> list[Placement]:
    """What goes where, by contract number and customer; what goes to a draft is dated up to its cut-off.

    `retainers` go on new drafts alone, where nothing is added to another one; `parts` are asked for instead
    of what is stored. The number of statements depends on how many different dates the chosen drafts have.
    """
    targets = placing.target_rows
    rows = previews(
        items.exclude(Exists(drafts_of_item(targets))),
        shares.exclude(Exists(drafts_of_share(targets))),
        day,
        retainers=None if placing.targets else retainers,
        parts=parts,
    )
    by_dates: dict[tuple[dt.date, dt.date], list[Proforma]] = defaultdict(list)
    for draft in placing.targets:
        by_dates[draft.invoice_date, draft.cut_off_date].append(draft)
    for (invoice_date, cut_off), drafts in by_dates.items():
        group = Proforma.objects.filter(pk__in=[draft.pk for draft in drafts])
        of_items = items.filter(Exists(drafts_of_item(group)))
        of_shares = shares.filter(Exists(drafts_of_share(group)))
        rows += previews(of_items, of_shares, invoice_date, cut_off=cut_off, parts=parts)
    _judge(rows, placing.targets)
    rows.sort(key=lambda one: (one.contract.number, one.customer.name))
    return [
        Placement(one, placing.drafts_of.get(payer, []), placing.chosen.get(payer, NEW))
        for one in rows
        for payer in [(one.contract.pk, one.customer.pk)]
    ]


def _judge(rows: Sequence[Preview], targets: Sequence[Proforma]) -> None:
    """Let what goes to a draft be refused for what the draft is, and not for the date of a new one."""
    draft_of = {payer_asked_by(draft): draft for draft in targets}
    preview_of = {(one.contract.pk, one.customer.pk): one for one in rows}
    waiting = {payer for payer, one in preview_of.items() if one.has_ready}
    contracts = [one.contract for payer, one in preview_of.items() if payer in draft_of]
    by_number: dict[str, list[Refusal]] = defaultdict(list)
    for refusal in reasons_against_drafts(targets, contracts, waiting & draft_of.keys()):
        by_number[refusal.subject].append(refusal)
    for payer, draft in draft_of.items():
        if payer in preview_of:
            one = preview_of[payer]
            kept = [refusal for refusal in one.refusals if refusal.code != "period-locked"]
            one.refusals = [*kept, *by_number[draft.number]]
