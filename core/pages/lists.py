"""List pages: a filter set, a table, a queryset word; the address is the state (UX 2, 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django_filters import FilterSet

from core.pages.active_filters import SEARCH, canonical, chips, cleared
from core.pages.columns import ListTable
from core.pages.page import Page
from core.pages.selection import Drift, Total, expected_sums, keyed, left_out

PAGE_SIZES = (25, 50, 100, 200)
USUAL_SIZE = 50
LONGEST_COUNT = 12


@dataclass(frozen=True)
class SavedView:
    """Tab above a list: a name, the query string it stands for, and how much waits there."""

    label: str | Promise
    query: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Button:
    """Action on the selection for those whom the door admits: where it posts, and the key that presses it."""

    label: str | Promise
    url_name: str
    permission: str
    key: str = ""
    primary: bool = False


@dataclass(frozen=True)
class Group:
    """Header row of a group over the whole filter, not only over this page."""

    title: str
    detail: str = ""
    amount: Decimal | None = None
    currency: str = ""
    url: str = ""


class ListPage(Page):
    """`filterset_class`, `table_class`, `rows()` from the access door; the rest has a default.

    Totals are per currency and never across: set `amount_field` and `currency_field` (and `quantity_field`,
    `unit`), or override `totals(rows)`. Every order ends with the primary key.
    """

    template_name = "list.html"
    filterset_class: ClassVar[type[FilterSet]]
    table_class: ClassVar[type[ListTable]]
    url_name: ClassVar[str] = ""
    purpose: ClassVar[Any] = ""
    defaults: ClassVar[str] = ""
    views: ClassVar[Sequence[SavedView]] = ()
    buttons: ClassVar[Sequence[Button]] = ()
    amount_field: ClassVar[str] = ""
    currency_field: ClassVar[str] = "currency"
    quantity_field: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    counted: Sequence[Total] = ()

    def rows(self) -> QuerySet[Any]:
        """Everything this reader may see, from the access door."""
        raise NotImplementedError

    @classmethod
    def address(cls) -> str:
        """Address of the list without a filter."""
        return reverse(cls.url_name)

    @classmethod
    def opened(cls, request: HttpRequest) -> Self:
        """This page as its own reader would have it, for actions on what was selected there."""
        page = cls()
        page.setup(request)
        page.require()
        return page

    def asked(self) -> QueryDict:
        """What the address says, with the default filter where it says nothing."""
        asked = cleared(self.request.GET)
        if self.defaults and not canonical(asked) and "all" not in asked:
            defaults = QueryDict(self.defaults, mutable=True)
            defaults.update(asked)
            return defaults
        return asked

    def narrowed(self, asked: QueryDict) -> FilterSet:
        """The filter set over what may be seen."""
        return self.filterset_class(data=asked, queryset=self.rows(), request=self.request)

    def matching(self, filterset: FilterSet) -> QuerySet[Any]:
        """The rows that match; none while the filter has an error, which stands beside its field."""
        return filterset.qs if filterset.is_valid() else filterset.queryset.none()

    def totals(self, rows: QuerySet[Any]) -> Sequence[Total]:
        """One total per currency over the whole filter; none where the page names no amount."""
        if not self.amount_field:
            return ()
        words = {"count": Count("pk"), "amount": Sum(self.amount_field)}
        if self.quantity_field:
            words["quantity"] = Sum(self.quantity_field)
        found = rows.order_by().values(self.currency_field).annotate(**words).order_by(self.currency_field)
        return [
            Total(row[self.currency_field], row["count"], row["amount"], row.get("quantity"), self.unit)
            for row in found
        ]

    def groups(self, rows: QuerySet[Any]) -> dict[Any, Group]:
        """Header rows by group key, each over the whole filter; empty for a list without groups."""
        return {}

    def saved_views(self) -> Sequence[SavedView]:
        """Tabs of this reader; override to count what waits."""
        return self.views

    def selected(self, post: QueryDict) -> QuerySet[Any]:
        """The rows a form means, under this reader's rights; raises Drift when they changed meanwhile."""
        if post.get("scope") == "filter":
            return self._selected_by_filter(post)
        keys = keyed(self.rows(), post.getlist("row"))
        found = self.rows().filter(pk__in=keys)
        if found.count() != len(set(keys)):
            raise Drift(post, len(set(keys)), (), found.count())
        return found

    def _selected_by_filter(self, post: QueryDict) -> QuerySet[Any]:
        found = self.matching(self.narrowed(QueryDict(post.get("filter", ""))))
        totals = self.totals(found)
        count = sum(total.count for total in totals) if totals else found.count()
        expected, sums = post.get("expect_count", ""), expected_sums(post)
        if str(count) != expected or sums != {total.currency: total.amount for total in totals}:
            seen = int(expected) if expected.isdecimal() and len(expected) <= LONGEST_COUNT else 0
            raise Drift(post, seen, totals, count)
        return found.exclude(pk__in=keyed(found, sorted(left_out(post))))

    def table(self, rows: QuerySet[Any], asked: QueryDict) -> ListTable:
        """The table, sorted with the primary key last and cut to one page."""
        known = self.table_class.base_columns
        order = [alias for alias in asked.getlist("sort") if alias.removeprefix("-") in known]
        # Given to the table itself, the request would sort and cut by whatever the address says.
        table = self.table_class(rows, order_by=order or None)
        table.request = self.request
        data = table.data
        # Totals count every row that matches, so the pages need not be counted again.
        data._length = sum(total.count for total in self.counted) or None
        data.data = data.data.order_by(*table.group_order, *data.data.query.order_by, "pk")
        sizes = {str(size): size for size in PAGE_SIZES}
        size = sizes.get(asked.get("per_page", ""), USUAL_SIZE)
        number = asked.get("page", "1")
        try:
            table.paginate(page=number, per_page=size)
        except PageNotAnInteger:
            table.paginate(page=1, per_page=size)
        except EmptyPage:
            table.paginate(page=table.paginator.num_pages, per_page=size)
        return table

    def context(self) -> dict[str, Any]:
        """Filter, chips, table, totals and the state of the selection."""
        asked = self.asked()
        filterset = self.narrowed(asked)
        rows = self.matching(filterset)
        valid = filterset.is_valid()
        self.counted = self.totals(rows) if valid else ()
        table = self.table(rows, asked)
        buttons = [button for button in self.buttons if self.admits(self.request.user, button.permission)]
        table.groups = self.groups(rows)
        table.selecting = bool(buttons)
        table.all_selected = bool(buttons) and asked.get("select") == "all"
        return {
            "page_query": asked,
            "filter_query": canonical(asked),
            "filter": filterset,
            "search": filterset.form[SEARCH] if SEARCH in filterset.form.fields else None,
            "chips": chips(filterset.form, asked) if valid else [],
            "table": table,
            "totals": self.counted,
            "buttons": buttons,
            "saved_views": [
                (view, canonical(QueryDict(view.query)) == canonical(asked)) for view in self.saved_views()
            ],
            "page_sizes": PAGE_SIZES,
            "selected_at": timezone.now(),
        }
