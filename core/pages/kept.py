"""The way back to what somebody sent when the session had ended."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core import kept_forms
from core.kept_forms import KeptForm

NOT_SHOWN = ("token", "query", "filter", "scope", "expect", "index", "next")
"""Fields that are sent again and say nothing to a person."""


class KeptFormPage(TemplateView):
    """Leads to the page of the form or of the list; without one, shows what was kept and sends it again."""

    template_name = "kept_form.html"
    title: ClassVar[str | Promise] = gettext_lazy("Your session had ended")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find what was kept. Raises Http404 where it is not there any more or belongs to somebody else."""
        kept = kept_forms.find(request, kwargs["key"])
        if kept is None:
            raise Http404("nothing is kept under this address")
        address = _page_of(kept)
        if not address:
            return self.render_to_response(self.get_context_data(kept=kept))
        messages.info(request, _sentence(kept))
        return HttpResponseRedirect(address)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The fields to send again, and those that are shown."""
        fields = [(name, value) for name, values in kwargs["kept"].data.lists() for value in values]
        shown = [(name, value) for name, value in fields if value and name not in NOT_SHOWN]
        return super().get_context_data(title=self.title, fields=fields, shown=shown, **kwargs)


def _page_of(kept: KeptForm) -> str:
    """Address of the page that shows a kept form filled or a kept selection ticked; empty without one."""
    try:
        view = getattr(resolve(kept.path).func, "view_class", None)
    except Resolver404:
        return ""
    return view.get_kept_url(kept) if hasattr(view, "get_kept_url") else ""


def _sentence(kept: KeptForm) -> str:
    if kept.is_complete:
        return _("Your session had ended. What you entered was kept: look at it, then send it again.")
    return _("Your session had ended. What you entered was kept, except files and very long texts.")
