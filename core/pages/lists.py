"""List pages on django-filter and django-tables2: the address is the state, totals are per currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from core.answering import REFUSED
from core.pages import exports
from core.pages.active_filters import (
    NOT_FILTERS,
    SEARCH,
    active_filters,
    canonical,
    parameters,
    without_empty,
)
from core.pages.columns import ListTable
from core.pages.kept_selection import KeptSelectionMixin
from core.pages.page import PageMixin
from core.pages.selection import Drift, Ticks, Total, expected_sums, keyed, left_out
from core.refusals import Refusal, Refused, refuse_if

UNREADABLE = Refusal(
    code="unreadable-filter",
    message=_("The filter cannot be read, so it is not clear which rows are meant."),
    way_out=_("Go back to the list, correct the filter, and select again."),
)
PAGE_SIZES = (25, 50, 100, 200)
USUAL_SIZE = 50
LONGEST_COUNT = 12
LONGEST_NAME = 40


@dataclass(frozen=True)
class SavedView:
    """Tab above a list: a name, its query string, the number of rows, and what they add up to."""

    label: str | Promise
    query: str = ""
    count: int | None = None
    amounts: Sequence[tuple[Decimal, str]] = ()


@dataclass(frozen=True)
class Button:
    """Action on the selection for holders of its permission: where it posts, and the key that presses it.

    A rare one stands under "More", so that a list with many actions keeps its bar on one row.
    `one` and `many` are its words while rows are ticked that make one document or several
    (`Tick.document`), with {count} and {sums} for the script to fill in. Where a sum is more than the amounts
    of the rows, `asks` lets the script ask the page of the action for its words (`SelectionAction.ahead`).
    """

    label: str | Promise
    url_name: str
    permission: str
    key: str = ""
    primary: bool = False
    rare: bool = False
    one: str | Promise = ""
    many: str | Promise = ""
    asks: bool = False


@dataclass(frozen=True)
class Group:
    """Header row of a group over the whole filter, not only over this page.

    `others` are its amounts in further currencies; `note` stands behind the amount and leads to `note_url`.
    """

    title: str
    detail: str = ""
    amount: Decimal | None = None
    currency: str = ""
    url: str = ""
    others: Sequence[tuple[Decimal, str]] = ()
    note: str = ""
    note_label: str = ""
    note_url: str = ""
    note_tone: str = ""


class TotalsMixin:
    """One total per currency over the whole filter, never across currencies.

    Set `amount_field` and `currency_field` (and `quantity_field`, `unit`; `net_field` of documents, whose
    amount is what is to pay), or override `get_totals`.
    """

    amount_field: ClassVar[str] = ""
    currency_field: ClassVar[str] = "currency"
    quantity_field: ClassVar[str] = ""
    net_field: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    totals: Sequence[Total] = ()

    def get_totals(self, rows: QuerySet[Any]) -> Sequence[Total]:
        """The totals of these rows, in one statement; none where the page names no amount."""
        if not self.amount_field:
            return ()
        columns = {"count": Count("pk"), "amount": Sum(self.amount_field)}
        if self.quantity_field:
            columns["quantity"] = Sum(self.quantity_field)
        if self.net_field:
            columns["net_sum"] = Sum(self.net_field)
        sums = rows.order_by().values(self.currency_field).annotate(**columns).order_by(self.currency_field)
        return [
            Total(
                row[self.currency_field],
                row["count"],
                row["amount"],
                row.get("quantity"),
                self.unit,
                row.get("net_sum"),
            )
            for row in sums
        ]


class SelectionMixin(TotalsMixin):
    """What was selected on a list, found again under the user's rights and compared with what was shown."""

    def get_selection(self, post: QueryDict) -> QuerySet[Any]:
        """The rows a form means. Raises Drift when they are not those the user saw."""
        if post.get("scope") == "filter":
            return self._selection_by_filter(post)
        rows = self.get_queryset()  # type: ignore[attr-defined]
        keys = keyed(rows, post.getlist("row"))
        selected = rows.filter(pk__in=keys)
        count = selected.count()
        if count != len(set(keys)):
            raise Drift(post, len(set(keys)), (), count)
        return selected

    def _selection_by_filter(self, post: QueryDict) -> QuerySet[Any]:
        """All that match, less what was unticked; count and sums must be those that were shown.

        A filter that cannot be read means no rows at all, and is refused.
        """
        filterset = self.filtered(QueryDict(post.get("filter", "")))  # type: ignore[attr-defined]
        refuse_if([] if filterset.is_valid() else [UNREADABLE])
        rows = self.matching(filterset)  # type: ignore[attr-defined]
        totals = self.get_totals(rows)
        count = sum(total.count for total in totals) if totals else rows.count()
        expected, sums = post.get("expect_count", ""), expected_sums(post)
        if str(count) != expected or sums != {total.currency: total.amount for total in totals}:
            seen = int(expected) if expected.isdecimal() and len(expected) <= LONGEST_COUNT else 0
            raise Drift(post, seen, totals, count)
        return rows.exclude(pk__in=keyed(rows, sorted(left_out(post))))


class ListPage(KeptSelectionMixin, SelectionMixin, PageMixin, SingleTableMixin, FilterView):
    """`filterset_class`, `table_class`, and `get_queryset()` with the rows that the user may see.

    `default_filter` holds where the address names no filter. Every order ends with the primary key.
    """

    template_name = "list.html"
    filterset_class: ClassVar[type[FilterSet]]
    table_class: ClassVar[type[ListTable]]
    url_name: ClassVar[str] = ""
    purpose: ClassVar[str | Promise] = ""
    default_filter: str = ""
    saved_views: ClassVar[Sequence[SavedView]] = ()
    buttons: ClassVar[Sequence[Button]] = ()
    # Lists whose rows are billed: a name that is misspelt must not mean all of them.
    refuses_unknown_names: ClassVar[bool] = False

    @classmethod
    def get_url(cls, query: str = "") -> str:
        """Address of the list, with a query string where one is given."""
        return f"{reverse(cls.url_name)}?{query}" if query else reverse(cls.url_name)

    @classmethod
    def for_request(cls, request: HttpRequest) -> Self:
        """This page as the user would see it, for actions on what was selected there."""
        page = cls()
        page.setup(request)
        page.check_permission()
        return page

    @cached_property
    def params(self) -> QueryDict:
        """What the address says, with the default filter where it names none."""
        params = without_empty(self.request.GET)
        if self.default_filter and not canonical(params) and "all" not in params:
            return QueryDict(f"{self.default_filter}&{params.urlencode()}")
        return params

    def get_filterset_kwargs(self, filterset_class: type[FilterSet]) -> dict[str, Any]:
        """django-filter's keywords, with the default filter."""
        return {**super().get_filterset_kwargs(filterset_class), "data": self.params}

    def filtered(self, params: QueryDict) -> FilterSet:
        """The filter set over what may be seen, for other parameters than those of the address."""
        filterset_class = self.get_filterset_class()
        kwargs = {**self.get_filterset_kwargs(filterset_class), "data": params}
        return self.with_unknown_names(filterset_class(**kwargs), params)

    def get_filterset(self, filterset_class: type[FilterSet]) -> FilterSet:
        """The filter set of the address."""
        return self.with_unknown_names(super().get_filterset(filterset_class), self.params)

    def with_unknown_names(self, filterset: FilterSet, params: QueryDict) -> FilterSet:
        """The filter set, with an error for each name that is none of its filters: it would be ignored.

        A misspelt filter would show, and select, all rows.
        """
        if not self.refuses_unknown_names:
            return filterset
        form = filterset.form
        known = {one for name, field in form.fields.items() for one in parameters(name, field)}
        for name in sorted({*params} - known - {*NOT_FILTERS}):
            form.add_error(None, _("There is no filter “%(name)s”.") % {"name": name[:LONGEST_NAME]})
        return filterset

    def matching(self, filterset: FilterSet) -> QuerySet[Any]:
        """The rows that match; none while the filter has an error, which is shown beside its field."""
        return filterset.qs if filterset.is_valid() else filterset.queryset.none()

    def get_groups(self, rows: QuerySet[Any]) -> dict[Any, Group]:
        """Header rows by group key, each over the whole filter; empty for a list without groups."""
        return {}

    def get_saved_views(self) -> Sequence[SavedView]:
        """Tabs of this user; override to count what waits."""
        return self.saved_views

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the file of its rows that the address asks for (`export=csv`, `export=xlsx`)."""
        file_format = request.GET.get(exports.PARAMETER, "")
        if file_format in exports.FORMATS:
            self.filterset = self.get_filterset(self.get_filterset_class())
            # A filter that cannot be answered is answered by the page, which says so beside its field.
            if self.filterset.is_valid():
                return self.export(file_format)
        return super().get(request, *args, **kwargs)

    def export(self, file_format: str) -> HttpResponseBase:
        """The rows of the view, all of them, as a file; where a format cannot hold them it is said why."""
        self.object_list = self.matching(self.filterset)
        table = self.get_whole_table()
        if file_format == "csv":
            return exports.csv_response(table, self.url_name)
        active = active_filters(self.filterset.form, self.params)
        facts = exports.facts_of_view(self.user, active, self.params.get(SEARCH, ""), table)
        try:
            return exports.xlsx_response(table, self.url_name, str(self.title), facts)
        except Refused as refused:
            context = {"view": self, "title": self.title, "refusals": refused.refusals}
            return render(self.request, "refused.html", context, status=REFUSED)

    @property
    def cancel_url(self) -> str:
        """The list with the same filter, for a page that says why it cannot be exported."""
        return self.get_url(canonical(self.params))

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """The table as the address sorts it, with the primary key last and all its rows."""
        known = self.table_class.base_columns
        order = [alias for alias in self.params.getlist("sort") if alias.removeprefix("-") in known]
        # Given the request, django-tables2 would sort and cut by whatever the address says.
        table = self.table_class(data=self.get_table_data(), order_by=order or None, **kwargs)
        table.request = self.request
        data = table.data
        # Totals count every row that matches, so the pages need not be counted again.
        data._length = sum(total.count for total in self.totals) or None
        data.data = data.data.order_by(*self.get_group_order(), *data.data.query.order_by, "pk")
        return table

    def get_group_order(self) -> Sequence[str]:
        """The fields that every order begins with, so that the rows of a group stand together."""
        return self.table_class.group_order

    def get_table(self, **kwargs: Any) -> ListTable:
        """The table, cut to one page."""
        table = self.get_whole_table(**kwargs)
        sizes = {str(size): size for size in PAGE_SIZES}
        size = sizes.get(self.params.get("per_page", ""), USUAL_SIZE)
        try:
            table.paginate(page=self.params.get("page", "1"), per_page=size)
        except PageNotAnInteger:
            table.paginate(page=1, per_page=size)
        except EmptyPage:
            table.paginate(page=table.paginator.num_pages, per_page=size)
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Filter, active filters, table, totals and the state of the selection."""
        filterset, is_valid = self.filterset, self.filterset.is_valid()
        self.object_list = rows = self.matching(filterset)
        # Before the totals of the list: pages keep the sums they were asked for last.
        kept_totals = self.get_kept_totals()
        self.totals = self.get_totals(rows) if is_valid else ()
        context = super().get_context_data(**{**kwargs, "object_list": rows})
        buttons = [button for button in self.buttons if self.may(button.permission)]
        self.prepare_table(context["table"], rows, has_selection=bool(buttons))
        return context | {
            "params": self.params,
            "filter_query": canonical(self.params),
            "search": filterset.form[SEARCH] if SEARCH in filterset.form.fields else None,
            "active_filters": active_filters(filterset.form, self.params) if is_valid else [],
            "totals": self.totals,
            "buttons": buttons,
            "rare_buttons": [button for button in buttons if button.rare],
            "saved_views": [
                (view, canonical(QueryDict(view.query)) == canonical(self.params))
                for view in self.get_saved_views()
            ],
            "kept_totals": kept_totals,
            "carried": self.get_carried(context["table"]) if buttons else [],
            "is_selection_done": self.take_done(),
            "page_sizes": PAGE_SIZES,
            "selected_at": timezone.now(),
        }

    def prepare_table(self, table: ListTable, rows: QuerySet[Any], *, has_selection: bool) -> None:
        """Give the table its groups and the state of its boxes, as they were where a selection was kept."""
        table.groups = self.get_groups(rows)
        table.selecting = has_selection
        table.all_selected = has_selection and self.params.get("select") == "all"
        table.ticks = Ticks(self.kept.data) if has_selection and self.kept else None
