"""Editing several details of a draft at once: the new totals are shown before anything is saved."""

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.editing import Changes, edit_in_bulk, totals_after
from billing.forms.bulk_edit import BulkEditForm
from billing.models import InvoiceLineDetail, Proforma
from billing.views.proforma import DRAFT, NOTHING_SELECTED, ProformaMixin
from core.pages import ActionPage, ConfirmedAction
from core.pages.selection import keyed
from core.refusals import Refused, refuse_if
from core.seen_values import Seen, seen_of

RELATED = ("actual__work_item__resource", "line", "item_sales_tax_group", "work_item__resource")
SEEN = ("quantity", "price", "billing_type", "item_sales_tax_group", "external_description")


class EditSelected(ProformaMixin, ConfirmedAction, ActionPage):
    """What shall change on the ticked details; a preview of the totals; then all of it, or nothing."""

    permission, title, form_class = DRAFT, _("Edit selected details"), BulkEditForm
    template_name = "billing/bulk_edit.html"
    success_message = ngettext_lazy("%(count)s detail changed", "%(count)s details changed", "count")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without a selection there is nothing to show."""
        return HttpResponseRedirect(self.cancel_url)

    def get_targets(self) -> QuerySet[InvoiceLineDetail]:
        """The ticked details of this proforma. Raises Refused where there are none."""
        details = InvoiceLineDetail.objects.visible_to(self.user).filter(line__proforma=self.object)
        ticked = details.filter(pk__in=keyed(details, self.request.POST.getlist("row")))
        refuse_if([] if ticked.exists() else [NOTHING_SELECTED])
        return ticked

    def call_verb(self, form: BulkEditForm) -> list[InvoiceLineDetail]:
        """Change what was seen; somebody else's edit since then is shown first."""
        return edit_in_bulk(
            self.targets,
            Changes(**form.changes()),
            percent=form.by_percent(),
            seen=seen_by(form.cleaned_data["seen"]),
            **self.get_verb_kwargs(form),
        )

    @cached_property
    def details(self) -> list[InvoiceLineDetail]:
        """The ticked details as they are now."""
        return list(self.targets.select_related(*RELATED).order_by("transaction_date", "pk"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The details, what the page saw of them, and the totals that a valid form would leave."""
        context = super().get_context_data(**kwargs)
        seen = {str(one.pk): seen_of(one, SEEN) for one in self.details}
        context |= {"details": self.details, "seen": json.dumps(seen), "after": None}
        form = context["form"]
        if form.is_bound and form.is_valid() and "refusals" not in context:
            context |= self._foreseen(form)
        return context

    def _foreseen(self, form: BulkEditForm) -> dict[str, Any]:
        """The proforma as it would be, or why it cannot be."""
        changes, percent = Changes(**form.changes()), form.by_percent()
        try:
            after: list[Proforma] = totals_after(self.targets, changes, percent=percent, actor=self.user)
        except Refused as refused:
            return {"refusals": refused.refusals}
        return {"after": after[0]}


def seen_by(text: str) -> Seen:
    """What a page saw of each detail, by key; nothing of what cannot be read."""
    try:
        rows = json.loads(text)
        return {int(key): {str(name): str(value) for name, value in row.items()} for key, row in rows.items()}
    except (ValueError, AttributeError):
        return {}
