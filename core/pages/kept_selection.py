"""A selection that was kept: ticked again on its list, with its sums, and carried along from page to page."""

from collections.abc import Sequence
from typing import Any, cast

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property

from core import kept_forms
from core.kept_forms import PARAMETER, KeptForm
from core.pages.active_filters import canonical
from core.pages.columns import ListTable, Tick
from core.pages.selection import Drift, Total, keyed
from core.refusals import Refused

MOST_CARRIED = 500
DONE = "selection_done"
"""Name in the session: the list whose selection was acted on, so that its script forgets it."""


class KeptSelectionMixin:
    """What a list does about a selection that the session keeps, without a script and with one."""

    @classmethod
    def get_kept_url(cls, kept: KeptForm) -> str:
        """The list with filter, order and page as they were, naming the selection that was kept."""
        data = kept.data
        query = QueryDict(data.get("query", "") or data.get("filter", ""), mutable=True)
        query.pop("select", None)
        if data.get("scope") == "filter":
            query["select"] = "all"
        if not canonical(query):
            query["all"] = "1"
        query[PARAMETER] = kept.key
        page = cast(Any, cls)
        return str(page.get_url(query.urlencode()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what is ticked and show the list with its sums: what a script does without asking."""
        return HttpResponseRedirect(self.get_kept_url(kept_forms.keep(request, str(request.user.pk))))

    @cached_property
    def kept(self) -> KeptForm | None:
        """The selection that the address names, where one was kept."""
        return kept_forms.find(cast(Any, self).request)

    def get_kept_totals(self) -> tuple[int, Sequence[Total]] | None:
        """How many rows are selected, and their sums; None where they are not those any more."""
        page = cast(Any, self)
        if self.kept is None or not page.filterset.is_valid():
            return None
        try:
            selected = page.get_selection(self.kept.data)
        except (Drift, Refused, SuspiciousOperation):
            return None
        totals = page.get_totals(selected)
        count = sum(total.count for total in totals) if totals else selected.count()
        return (count, totals) if count else None

    def get_carried(self, table: ListTable) -> list[tuple[Any, Tick]]:
        """Rows of a kept selection that are not on this page, as the form carries them along."""
        if table.ticks is None or table.ticks.is_everything:
            return []
        page = cast(Any, self)
        here = {str(row.record.pk) for row in table.paginated_rows}
        keys = keyed(page.get_queryset(), sorted(table.ticks.rows - here)[:MOST_CARRIED])
        others = page.get_table_data().filter(pk__in=keys) if keys else ()
        return [(record.pk, table.tick(record)) for record in others]

    def take_done(self) -> bool:
        """Whether something was done to the selection of this list since it was shown; said once."""
        page = cast(Any, self)
        if page.request.session.get(DONE) != page.url_name:
            return False
        del page.request.session[DONE]
        return True
