"""Open items that were brought from another system, and taking them back (C13)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import OpeningItem, Voucher
from accounting.opening_items import reverse_opening_items
from accounting.querysets import OpeningItemQuerySet
from accounting.states import VoucherSource
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.templatetags import display

SHOWN = 200


class ReverseItems(AdminAction):
    """Reverses open items that nothing settled, so that they may be brought in anew."""

    name, label, permission = "reverse", _("Reverse"), "accounting.enter_opening_items"
    confirms = True

    def is_available(self, obj: OpeningItem) -> bool:
        """While it stands."""
        return OpeningItem.objects.standing().filter(pk=obj.pk).exists()

    def preview(
        self, request: HttpRequest, targets: OpeningItemQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Those that stand."""
        chosen = list(targets.standing().select_related("customer").order_by("pk"))
        rows = [
            (
                link_to(one),
                Cell(one.customer),
                Cell(display.day(one.due_date)),
                Cell(display.money(one.amount, one.currency), is_figure=True),
            )
            for one in chosen[:SHOWN]
        ]
        heads = (_("Original number"), _("Customer"), _("Due"), _("Amount"))
        return ActionPreview(
            OpeningItem.objects.filter(pk__in=[one.pk for one in chosen]),
            ",".join(str(one.pk) for one in chosen),
            effects=(_("Their reversals are posted on the opening date; their numbers are free again."),),
            panels=(Panel(_("Open items"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: OpeningItemQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return reverse_opening_items(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        words = ngettext("%(count)s open item reversed.", "%(count)s open items reversed.", result)
        return words % {"count": result}


@admin.register(OpeningItem)
class OpeningItemAdmin(ReadOnlyAdmin):
    """What customers owed in another system on the opening date."""

    list_display = (
        "number",
        "customer",
        columns.day("document_date", _("date of the document")),
        columns.day("due_date", _("due date")),
        columns.amount("amount", _("amount")),
        columns.amount("base_amount", _("in the entity's currency"), currency="legal_entity__currency"),
        columns.day("opened_on", _("opening date")),
        "reverses",
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), ("customer", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "customer", "reverses")
    search_fields = ("number", "customer__name")
    date_hierarchy = "opened_on"
    fields = (
        *("legal_entity", "customer", "number", "document_date", "due_date", "opened_on"),
        *("currency", "amount", "base_amount", "reverses", "entered_by", "entered_at"),
    )
    currency_paths: ClassVar = {"base_amount": "legal_entity__currency"}
    action_classes: ClassVar = (ReverseItems,)

    def get_panels(self, request: HttpRequest, obj: OpeningItem) -> Iterable[Panel]:
        """Its voucher."""
        posted = Voucher.objects.filter(source_kind=VoucherSource.OPENING_ITEM, source_id=obj.pk)
        rows = [[link_to(one), Cell(display.day(one.date))] for one in posted]
        yield Panel(_("Vouchers"), (_("Number"), _("Date")), rows)

    def get_links(self, request: HttpRequest, obj: OpeningItem) -> Iterable[tuple[Any, str]]:
        """Where further ones are brought in."""
        yield _("Bring in open items"), reverse("opening-items")
