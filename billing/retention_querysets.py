"""The retentions that a user sees, and how much of each is kept back, released and open (B12)."""

from datetime import date
from typing import Self

from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.states import ProformaStatus
from core.fields import AmountField
from core.money import ZERO
from core.querysets import AnyUser, VisibleQuerySet
from projects.querysets import related
from projects.states import BALANCES, BillingType


class RetentionQuerySet(VisibleQuerySet):
    """Retentions; what is kept, released and open of each is added up from the details of proformas (K6)."""

    CONFIRMED = Q(details__line__proforma__status__in=[ProformaStatus.CONFIRMED, ProformaStatus.POSTED])
    # What is kept back is negative, and positive where a correction takes it back.
    KEEPING = Q(details__amount__lt=0, details__corrects__isnull=True) | Q(
        details__amount__gt=0, details__corrects__isnull=False
    )
    RELEASING = Q(details__amount__gt=0, details__corrects__isnull=True) | Q(
        details__amount__lt=0, details__corrects__isnull=False
    )

    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        contracts = related(related(related(self, "line"), "proforma"), "contract").visible_to(user)
        return self.filter(line__proforma__contract__in=contracts.values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Of the contracts a user manages; to see one is not enough."""
        contracts = related(related(related(self, "line"), "proforma"), "contract").managed_by(user)
        return self.filter(line__proforma__contract__in=contracts.values("pk"))

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))

    def confirmed(self) -> Self:
        """Of proformas that were confirmed."""
        frozen = [ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
        return self.filter(line__proforma__status__in=frozen)

    def with_amounts(self) -> Self:
        """Each with `kept`, `released`, `drafted` and `open_amount`, in the currency of its proforma.

        Drafted is what open drafts would release, or take back as corrections. What a correction would keep
        back instead counts once it is confirmed: until then somebody may still lower it.
        """
        on_drafts = Q(details__line__proforma__status__in=[ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW])
        taking = Q(details__amount__gt=0)
        return self.annotate(
            kept=ExpressionWrapper(
                -Sum("details__amount", filter=self.CONFIRMED & self.KEEPING, default=ZERO),
                output_field=AmountField(),
            ),
            released=Sum("details__amount", filter=self.CONFIRMED & self.RELEASING, default=ZERO),
            drafted=Sum("details__amount", filter=on_drafts & taking, default=ZERO),
        ).annotate(
            open_amount=ExpressionWrapper(F("kept") - F("released"), output_field=AmountField()),
        )

    def with_net(self) -> Self:
        """Each with `net`, what its proforma charged for work less discounts, in its currency."""
        details = self.model._meta.get_field("line").related_model._meta.get_field("details").related_model
        charged = details._default_manager.filter(
            line__proforma=OuterRef("line__proforma"),
            billing_type=BillingType.CHARGEABLE,
            corrects__isnull=True,
            replaces__isnull=True,
        ).exclude(transaction_class__in=BALANCES)
        sums = charged.order_by().values("line__proforma").annotate(sum=Sum("amount")).values("sum")
        return self.annotate(net=Coalesce(Subquery(sums), ZERO, output_field=AmountField()))

    def open_ones(self) -> Self:
        """Confirmed, and not released in full."""
        return self.confirmed().with_amounts().filter(open_amount__gt=0)

    def due_on(self, day: date) -> Self:
        """Open, and their release date has come."""
        return self.open_ones().filter(release_on__lte=day)
