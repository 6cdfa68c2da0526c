"""The part of a milestone that its next invoice asks for, and why an amount cannot be that part (B2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import MilestoneShare, Proforma
from billing.querysets import MilestoneShareQuerySet
from billing.states import MilestoneStatus
from core.activity_log import Changes, as_text, log_activity
from core.money import HUNDRED, ZERO, has_places, minor_places, rounded_fraction
from core.refusals import Refusal, Refused, refuse_if
from core.templatetags.display import money
from projects.models import ProjectContract
from projects.querysets import ContractQuerySet

BATCH = 500
PERCENT_PLACES = 2


def currency_of(share: MilestoneShare) -> str:
    """The currency of a share, whose milestone, line and contract are loaded."""
    return str(share.milestone.contract_line.contract.currency)


def part_of(share: MilestoneShare, percent: Decimal) -> Decimal:
    """So many percent of the whole share, rounded once to the minor unit."""
    exact = Fraction(share.amount) * Fraction(percent) / int(HUNDRED)
    return rounded_fraction(exact, minor_places(currency_of(share)))


def percent_of(share: MilestoneShare, amount: Decimal) -> Decimal:
    """How much of the whole share an amount is, to two places."""
    exact = Fraction(amount) * int(HUNDRED) / Fraction(share.amount) if share.amount else Fraction(0)
    return rounded_fraction(exact, PERCENT_PLACES)


def reasons_against(share: MilestoneShare, amount: Decimal | None) -> Iterator[Refusal]:
    """Why a share cannot have this part next; None is all that is open. Nothing is locked or raised.

    Codes: on-draft, invoiced, amount-not-positive, below-minor-unit, above-what-is-left.
    """
    subject, currency = str(share), currency_of(share)
    if share.status == MilestoneStatus.ON_DRAFT:
        way_out = _("Take it off the draft first.")
        yield Refusal("on-draft", _("It is on a draft."), subject, way_out)
        return
    if share.status == MilestoneStatus.POSTED:
        way_out = _("What is invoiced is corrected on its proforma.")
        yield Refusal("invoiced", _("It is invoiced."), subject, way_out)
        return
    if amount is None:
        return
    if amount <= ZERO:
        way_out = _("Enter an amount above zero, or leave it empty.")
        yield Refusal("amount-not-positive", _("A part has an amount above zero."), subject, way_out)
    elif not has_places(amount, minor_places(currency)):
        message = _("The amount has more decimals than %(currency)s.") % {"currency": currency}
        yield Refusal("below-minor-unit", message, subject, _("Round the amount."))
    elif amount > share.open_amount:
        facts = {
            "amount": money(amount, currency),
            "left": money(share.open_amount, currency),
            "customer": share.customer.name,
        }
        message = _("%(amount)s is more than the %(left)s left for %(customer)s.") % facts
        yield Refusal("above-what-is-left", message, subject, _("Enter what is left, or less."))


@dataclass(frozen=True)
class NextParts:
    """What the next invoice shall ask for of shares, by key, in their currency; None is all that is open.

    `shares` are those that may be changed. `lock` comes first, then `reasons`, then `store`.
    """

    shares: MilestoneShareQuerySet
    amounts: Mapping[int, Decimal | None]

    def lock(
        self, beside: MilestoneShareQuerySet | None = None, *, contracts: ContractQuerySet | None = None
    ) -> Sequence[MilestoneShare]:
        """Hold the contracts, then the shares, and those beside them that the caller changes as well."""
        chosen = self.shares.filter(pk__in=list(self.amounts))
        # Contracts first (D10): who drafts them waits, and asks for the part that is chosen here.
        wanted = Q(pk__in=chosen.order_by().values("milestone__contract_line__contract"))
        if contracts is not None:
            # In one order with them, so that nobody who drafts some of them waits in a circle.
            wanted |= Q(pk__in=contracts.order_by().values("pk"))
        list(ProjectContract.objects.filter(wanted).only("pk").locked())
        if beside is not None:
            # All at once in one order, so that nobody who marks some of them waits in a circle.
            both = Q(pk__in=list(self.amounts)) | Q(pk__in=beside.order_by().values("pk"))
            list(MilestoneShare.objects.filter(both).only("pk").locked())
        related = ("milestone__contract_line__contract", "customer")
        return list(chosen.select_related(*related).locked())

    def reasons(self, held: Sequence[MilestoneShare]) -> Iterator[Refusal]:
        """Why the locked shares cannot have these parts. Codes: share-missing, and as `reasons_against`."""
        if len(held) != len(self.amounts):
            message = _("One of the milestones is not there any more.")
            yield Refusal("share-missing", message, "", _("Reload the page to see what has changed."))
        for share in held:
            yield from reasons_against(share, self.amounts[share.pk])

    def store(self, held: Sequence[MilestoneShare], *, actor: User, at: datetime) -> int:
        """Write them and what was there before into the history; returns how many ask for something else."""
        changes: dict[int, Changes] = {}
        changed = []
        for share in held:
            before, after = share.next_amount, self.amounts[share.pk]
            if before != after:
                share.next_amount = after
                changed.append(share)
                changes[share.pk] = {"next_amount": [as_text(before), as_text(after)]}
        MilestoneShare.objects.bulk_update(changed, ["next_amount"], batch_size=BATCH)
        log_activity("next part set", changed, actor=actor, at=at, changes=changes)
        return len(changed)

    def set_before_drafting(
        self, shares: MilestoneShareQuerySet, contracts: ContractQuerySet, *, actor: User, at: datetime
    ) -> None:
        """Store them in the transaction that drafts these shares of these contracts.

        Locks all those contracts at once, then the shares. Raises Refused as `set_next_parts` (B2).
        """
        held = self.lock(beside=shares, contracts=contracts)
        refuse_if(self.reasons(held))
        self.store(held, actor=actor, at=at)

    def refuse_unless_drafted(self, drafted: Sequence[Proforma]) -> None:
        """Let nothing be stored where nothing was drafted. Raises Refused: nothing-drafted (B2)."""
        if not drafted:
            message = _("Nothing of it is ready up to this date, so no proforma was created.")
            way_out = _("Mark ready what belongs on the invoice, or save what goes next alone.")
            raise Refused([Refusal("nothing-drafted", message, "", way_out)])
