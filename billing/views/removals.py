"""What goes back when details are removed or drafts deleted, and the undo of both (B7, decision 5)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse

from billing.models import Removal
from billing.querysets import DetailQuerySet
from core.money import ZERO
from core.pages import ActionPage


@dataclass(frozen=True)
class GoingBack:
    """What of a draft is ready again once it is deleted, as it was approved and agreed, and what is not.

    Amounts are in the currency of the draft. Lines by hand and corrections claim nothing that could be ready.
    """

    entries: int
    entries_amount: Decimal
    milestones: int
    milestones_amount: Decimal
    by_hand: int
    corrections: int
    edited: int

    @property
    def is_nothing(self) -> bool:
        """Whether the draft is empty."""
        return not (self.entries or self.milestones or self.by_hand or self.corrections)


def going_back(details: DetailQuerySet) -> GoingBack:
    """What these details would give back; two statements."""
    by_hand = Q(actual=None, milestone_share=None, corrects=None, replaces=None)
    sums = details.order_by().aggregate(
        entries=Count("actual"),
        entries_amount=Sum("actual__amount", default=ZERO),
        milestones=Count("milestone_share"),
        milestones_amount=Sum("amount", filter=Q(milestone_share__isnull=False), default=ZERO),
        by_hand=Count("pk", filter=by_hand),
        corrections=Count("corrects"),
    )
    return GoingBack(edited=details.edited().count(), **sums)


class UndoableRemoval(ActionPage):
    """An action that removes; what it removed can be put back from its message."""

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        """The moment is kept: by it the removals are found again."""
        self.verb_kwargs = super().get_verb_kwargs(form)
        return self.verb_kwargs

    def get_success_message(self) -> str:
        """What was done, with the offer to undo it: what left is put back."""
        made = {"removed_by": self.verb_kwargs["actor"], "removed_at": self.verb_kwargs["at"]}
        keys = Removal.objects.filter(**made).values_list("pk", flat=True)
        self.request.session["undo"] = {
            "url": reverse("removals-put-back"),
            "rows": [str(key) for key in keys],
            "filter": "",
        }
        return super().get_success_message()
