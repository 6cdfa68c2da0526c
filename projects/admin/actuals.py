"""Actuals, which are only shown."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin_kit import ReadOnlyAdmin, columns
from core.templatetags.display import NOTHING, badge
from projects.models import Actual
from projects.states import TransactionType


@admin.register(Actual)
class ActualAdmin(ReadOnlyAdmin):
    """Actuals are never changed."""

    list_display = (
        "id",
        columns.day("work_item__transaction_date", _("date")),
        columns.text("work_item__project", _("project"), "work_item__project__number"),
        columns.text("work_item__resource", _("team member"), "work_item__resource__name"),
        "type",
        "billing_type",
        columns.quantity("quantity", _("quantity"), unit="work_item__unit"),
        columns.amount("amount", _("amount"), currency="its_currency"),
        "billing_status",
        "adjustment_status",
    )
    list_filter = ("type", "billing_type", ("work_item__project", RelatedOnlyFieldListFilter))
    list_select_related = ("work_item__project", "work_item__resource")
    date_hierarchy = "accounting_date"
    fields = (
        "work_item",
        "event",
        "type",
        "billing_type",
        "quantity",
        "price",
        "amount",
        "accounting_date",
        "reverses",
        "bills",
        "billing_status",
        "adjustment_status",
    )

    readonly_fields = ("billing_status", "adjustment_status")
    currency_paths: ClassVar = {"amount": "its_currency"}

    def visible_rows(self, user: User) -> QuerySet[Any]:
        """With the statuses, which are derived."""
        return super().visible_rows(user).with_statuses()  # type: ignore[attr-defined]

    @admin.display(description=_("billing status"), ordering="billing_status")
    def billing_status(self, actual: Any) -> str:
        """Where it stands in invoicing."""
        return badge(actual.billing_status, "billing") if actual.billing_status else NOTHING

    @admin.display(description=_("adjustment status"), ordering="adjustment_status")
    def adjustment_status(self, actual: Any) -> str:
        """Whether it still counts."""
        return badge(actual.adjustment_status) if actual.adjustment_status else NOTHING

    def get_links(self, request: HttpRequest, obj: Any) -> Iterable[tuple[Any, str]]:
        """Where its work came from and what came of it."""
        yield _("Trace"), reverse("trace-work", args=[obj.work_item_id])

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Cost rows are in the currency of the cost."""
        for row in rows:
            item = row.work_item
            row.its_currency = item.cost_currency if row.type == TransactionType.COST else item.currency

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The same for one row."""
        actual = super().get_object(request, *args, **kwargs)
        self.load_for_rows(request, [actual] if actual else [])
        return actual
