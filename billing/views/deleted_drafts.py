"""What was removed from drafts, and drafts that were deleted: shown, and put back (B5, B7)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Removal
from billing.putting_back import put_back
from billing.views.proforma import DRAFT
from core.pages import ActionPage, Page
from core.pages.selection import keyed
from core.refusals import Refusal, refuse_if

MOST_REMOVALS = 200

NO_REMOVAL = Refusal(
    "nothing-selected",
    gettext_lazy("Nothing was chosen to put back."),
    way_out=gettext_lazy("Choose a deleted draft, or what was removed from one."),
)


class PutBack(ActionPage):
    """Put back what was removed, or drafts that were deleted."""

    permission, title, verb, object = DRAFT, gettext_lazy("Put back"), put_back, None

    def get_targets(self) -> QuerySet[Removal]:
        """The removals that were named. Raises Refused where there are none."""
        removals = Removal.objects.changeable_by(self.user)
        chosen = removals.filter(pk__in=keyed(removals, self.request.POST.getlist("row")))
        refuse_if([] if chosen.exists() else [NO_REMOVAL])
        return chosen

    @property
    def cancel_url(self) -> str:
        """The proformas."""
        return reverse("proformas")

    def get_success_url(self) -> str:
        """The draft; the list where there are several."""
        numbers = {draft.number for draft in self.result}
        return reverse("proforma", args=[*numbers]) if len(numbers) == 1 else self.cancel_url

    def get_success_message(self) -> str:
        """What came back where."""
        numbers = ", ".join(draft.number for draft in self.result)
        return _("Put back with its edits: %(numbers)s") % {"numbers": numbers}


class DeletedDrafts(Page):
    """Drafts that were deleted and can be put back, newest first."""

    permission, template_name = DRAFT, "billing/drafts_deleted.html"
    title = gettext_lazy("Deleted drafts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        removals = Removal.objects.changeable_by(self.user).lasting().of_drafts()
        rows = removals.select_related("contract", "customer", "removed_by").defer("details", "heading")
        crumbs = [(gettext_lazy("Proforma invoices"), reverse("proformas")), (self.title, "")]
        shown = rows[:MOST_REMOVALS]
        return super().get_context_data(removals=shown, most=MOST_REMOVALS, crumbs=crumbs, **kwargs)
