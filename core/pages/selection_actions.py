"""Actions on what was selected on a list, checked against what the user saw there."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import kept_forms
from core.kept_forms import KeptForm
from core.pages.actions import ActionPage
from core.pages.kept_selection import DONE
from core.pages.lists import ListPage
from core.pages.selection import Drift
from core.refusals import Refusal, Refused, refuse_if

UNDO_ROWS = 500
AHEAD = "ahead"
"""The field with which the script of a list asks what an action would do, before anybody chooses it."""

NOTHING_SELECTED = Refusal(
    code="nothing-selected",
    message=_("No row was selected."),
    way_out=_("Tick the rows you mean, then choose what to do with them."),
)

OF_OTHERS = Refusal(
    code="managed-by-others",
    message=_("Some of the selected rows are managed by somebody else: you may see them, not change them."),
    way_out=_("Untick them, or ask whoever manages them."),
)


class SelectionAction(ActionPage):
    """One verb on what was selected on `list_page`; `inverse` is the address name of what undoes it.

    Where nothing is done, "Back" leads to the list with the same filter and the same rows ticked. To see a
    row is not enough: the whole selection is refused where one of its rows is not the user's to change,
    unless the action leaves such rows out by itself and names them (`leaves_out_others`).
    """

    list_page: ClassVar[type[ListPage]]
    inverse: ClassVar[str] = ""
    leaves_out_others: ClassVar[bool] = False
    # The address names no object.
    object = None
    kept: KeptForm | None = None

    def get_targets(self) -> Any:
        """The selected rows.

        Raises Drift when they changed, Refused when there are none or when some are not the user's to change:
        nothing-selected, managed-by-others.
        """
        selected = self.list_page.for_request(self.request).get_selection(self.request.POST)
        refuse_if([] if selected.exists() else [NOTHING_SELECTED])
        if not self.leaves_out_others:
            others = selected.exclude(pk__in=self.get_permitted(selected).values("pk"))
            refuse_if([OF_OTHERS] if others.exists() else [])
        return selected

    def get_permitted(self, selected: Any) -> Any:
        """Those of the selected rows that the user may act on: what the queryset says may be changed."""
        return selected.model._default_manager.all().changeable_by(self.user)

    @property
    def cancel_url(self) -> str:
        """The list with its filter; with its ticked rows where the selection was kept."""
        if self.kept is not None:
            return self.get_kept_url(self.kept)
        sent = self.request.POST.get("filter")
        # All rows were shown on purpose: an address that says nothing would put the usual filter back.
        is_all = sent == "" and bool(self.list_page.default_filter)
        return self.list_page.get_url("all=1" if is_all else sent or "")

    @classmethod
    def get_kept_url(cls, kept: KeptForm) -> str:
        """The list with filter, order and page as they were, naming the selection that was kept."""
        return cls.list_page.get_kept_url(kept)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without a selection there is nothing to show: pages that ask first lead back to their list."""
        if self.template_name:
            return HttpResponseRedirect(self.cancel_url)
        return super().get(request, *args, **kwargs)

    def answer(self, action: Callable[[], Any], form: BaseForm) -> HttpResponse:
        """Act, then offer to undo it where that is possible."""
        keys = self.get_undo_keys()
        response = super().answer(action, form)
        if response.status_code == HttpResponseRedirect.status_code:
            self.request.session[DONE] = self.list_page.url_name
        if keys and response.status_code == HttpResponseRedirect.status_code:
            undo = {"url": reverse(self.inverse), "rows": keys, "filter": self.request.POST.get("filter", "")}
            self.request.session["undo"] = undo
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Act or ask; only say what would be done, where the button of the list wants to know."""
        if AHEAD not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            words = self.ahead()
        except (Refused, Drift):
            words = ""
        return HttpResponse(words, content_type="text/plain; charset=utf-8")

    def ahead(self) -> str:
        """What the button of the list says while these rows are ticked; empty for its usual words.

        May raise what `get_targets` raises.
        """
        return ""

    def get_undo_keys(self) -> list[str]:
        """Keys of the rows for the action that undoes this one; none where there are too many."""
        if not self.inverse:
            return []
        keys = [str(key) for key in self.targets.values_list("pk", flat=True)[: UNDO_ROWS + 1]]
        return keys if len(keys) <= UNDO_ROWS else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page that asks first keeps the selection, so that its way back finds the rows ticked."""
        if self.kept is None and self.request.method == "POST":
            self.keep_selection()
        crumbs = [(self.list_page.title, self.cancel_url), (self.title, "")]
        return super().get_context_data(**{"crumbs": crumbs, **kwargs})

    def render_refused(self, refusals: Sequence[Refusal], status: int) -> HttpResponse:
        """The page of reasons; the selection is kept."""
        self.keep_selection()
        return super().render_refused(refusals, status)

    def render_drift(self, drift: Drift) -> HttpResponse:
        """Both sides of a selection that changed; what is left of it is kept."""
        self.keep_selection()
        return super().render_drift(drift)

    def keep_selection(self) -> None:
        """Keep the ticked rows for the way back to the list."""
        self.kept = kept_forms.keep(self.request, str(self.user.pk))
