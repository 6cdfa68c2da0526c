"""What of contracts or of a selection does not go on a draft, and why, by contract and customer (B5, B1).

What is on a draft already does not stay behind: it has its proforma.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.payers import Payer
from billing.querysets import MilestoneShareQuerySet
from billing.states import MilestoneStatus
from core.money import ZERO
from core.templatetags.display import number
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, NotToExceedStatus

CONTRACT_OF_SHARE = "milestone__contract_line__contract"

OPEN = ~Q(status=BillingStatus.ON_DRAFT)
UNREADY = Q(status=BillingStatus.NOT_READY)
OVER = Q(not_to_exceed_status=NotToExceedStatus.FAILED)
HELD = ~Q(hold_reason="")


@dataclass
class Behind:
    """Why open work and milestones of one contract and customer stay behind; each counts for one reason.

    `amount` is what of them would be charged, in the contract's currency.
    """

    later: int = 0
    over_limit: int = 0
    on_hold: int = 0
    not_ready: int = 0
    milestones_later: int = 0
    milestones_not_ready: int = 0
    on_draft: int = 0
    amount: Decimal = ZERO

    @property
    def count(self) -> int:
        """Entries and milestones together."""
        entries = self.later + self.over_limit + self.on_hold + self.not_ready
        return entries + self.milestones_later + self.milestones_not_ready

    def __str__(self) -> str:
        return ", ".join(filter(None, self._phrases()))

    def _phrases(self) -> list[str]:
        counted = [
            (
                self.not_ready,
                ngettext("%(count)s entry not ready", "%(count)s entries not ready", self.not_ready),
            ),
            (
                self.over_limit,
                ngettext("%(count)s entry over a limit", "%(count)s entries over a limit", self.over_limit),
            ),
            (self.on_hold, ngettext("%(count)s entry on hold", "%(count)s entries on hold", self.on_hold)),
            (
                self.later,
                ngettext("%(count)s entry dated later", "%(count)s entries dated later", self.later),
            ),
            (
                self.milestones_not_ready,
                ngettext(
                    "%(count)s milestone not ready",
                    "%(count)s milestones not ready",
                    self.milestones_not_ready,
                ),
            ),
            (
                self.milestones_later,
                ngettext(
                    "%(count)s milestone due later", "%(count)s milestones due later", self.milestones_later
                ),
            ),
        ]
        return [words % {"count": number(count)} for count, words in counted if count]

    def __add__(self, other: "Behind") -> "Behind":
        names = self.__dataclass_fields__
        return Behind(**{name: getattr(self, name) + getattr(other, name) for name in names})


def stays_behind(
    items: BacklogQuerySet, shares: MilestoneShareQuerySet, until: date
) -> Mapping[Payer, Behind]:
    """What of these items and shares a draft up to a day leaves, by contract and customer; two statements.

    What waits for a customer on hold is ready and is not counted. Changes nothing and locks nothing.
    """
    due = Q(transaction_date__lte=until)
    behind: dict[Payer, Behind] = defaultdict(Behind)
    rows = items.order_by().values("contract", "customer")
    for row in rows.annotate(
        later=Count("pk", filter=OPEN & ~due),
        over_limit=Count("pk", filter=UNREADY & due & OVER),
        on_hold=Count("pk", filter=UNREADY & due & HELD & ~OVER),
        not_ready=Count("pk", filter=UNREADY & due & ~HELD & ~OVER),
        on_draft=Count("pk", filter=~OPEN),
        amount_left=Sum("amount", filter=OPEN & (~due | UNREADY), default=ZERO),
    ):
        key = row.pop("contract"), row.pop("customer")
        behind[key] += Behind(amount=row.pop("amount_left"), **row)
    waits = Q(status__in=[MilestoneStatus.READY, MilestoneStatus.NOT_READY])
    is_due = Q(milestone__due_on__lte=until)
    unready = Q(status=MilestoneStatus.NOT_READY)
    for row in (
        shares.order_by()
        .values("customer", contract=F(CONTRACT_OF_SHARE))
        .annotate(
            milestones_later=Count("pk", filter=waits & ~is_due),
            milestones_not_ready=Count("pk", filter=unready & is_due),
            on_draft=Count("pk", filter=Q(status=MilestoneStatus.ON_DRAFT)),
            amount_left=Sum("open_amount", filter=waits & (~is_due | unready), default=ZERO),
        )
    ):
        key = row.pop("contract"), row.pop("customer")
        behind[key] += Behind(amount=row.pop("amount_left"), **row)
    return behind


def goes_in(entries: int, milestones: int, advances: int = 0) -> str:
    """`29 entries, 1 milestone, 1 advance`; empty where there is none of them."""
    counted = [
        (entries, ngettext("%(count)s entry", "%(count)s entries", entries)),
        (milestones, ngettext("%(count)s milestone", "%(count)s milestones", milestones)),
        (advances, ngettext("%(count)s advance", "%(count)s advances", advances)),
    ]
    return ", ".join(words % {"count": number(count)} for count, words in counted if count)


def nothing_ready(behind: Behind, until: str) -> tuple[str, str]:
    """Why a contract gets no proforma although nothing refuses it, and what to do about it."""
    if behind.count:
        words = _("Nothing is ready up to %(day)s: %(behind)s.")
        return words % {"day": until, "behind": behind}, _("Mark ready what belongs on the invoice.")
    if behind.on_draft:
        return _("All that is open is on a draft already."), _("Look at the drafts of the contract.")
    return _("Nothing is open."), ""
