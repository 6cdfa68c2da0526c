"""Find a number: one page leads to the life of whatever bears it (X5)."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounting.finding_numbers import LONGEST, NumberMatch, kinds_for, matches_of
from core.pages import Page


class FindNumber(Page):
    """What bears the number that was typed: its page at once, or a short list where several do."""

    title, template_name = _("Find a number"), "accounting/find.html"
    permission = "projects.view_entry"

    def has_permission(self, obj: Model | None = None) -> bool:
        """Whoever may see any kind of what bears a number; each kind asks for its own permission."""
        return bool(kinds_for(self.user))

    @cached_property
    def typed(self) -> str:
        """What was typed."""
        return self.request.GET.get("q", "").strip()[: LONGEST + 1]

    @cached_property
    def matches(self) -> list[NumberMatch]:
        """What bears it."""
        return matches_of(self.typed, self.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Straight to the one page that there is."""
        if len(self.matches) == 1:
            return HttpResponseRedirect(self.matches[0].url)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(typed=self.typed, matches=self.matches, **kwargs)
