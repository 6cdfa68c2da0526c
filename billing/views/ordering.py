"""Another order of the lines of a draft, and of the details of a line (B7)."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from billing.forms.order import OFFERED, OrderForm, PlacedRow
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.reordering import OWN, Places, order_details, reorder_details, reorder_lines
from billing.states import DetailOrder
from billing.views.of_draft import OfDraft
from core.answering import CONFLICT
from core.models import Activity
from core.pages import FormPage
from core.pages.keep_mine import Version, Versions
from core.refusals import Refusal
from core.seen_values import EDITED_MEANWHILE
from core.templatetags.display import NOTHING, number

ROWS_PER_PAGE = 100
# Whole sentences: no language makes them of the labels of the buttons.
ORDERED = {
    DetailOrder.DATE: gettext_lazy("Ordered by date: documents print it so."),
    DetailOrder.PERSON: gettext_lazy("Ordered by person: documents print it so."),
    DetailOrder.TASK: gettext_lazy("Ordered by task: documents print it so."),
}
RELATED = (
    "line",
    "actual__work_item__resource",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__resource",
    "work_item__task",
    "work_item__category",
)


class OrderPage(OfDraft, FormPage):
    """Rows with their places; what is typed or moved is saved, and the page shows the new order."""

    template_name, form_class = "billing/order.html", OrderForm
    success_message = gettext_lazy("The order is saved: documents print it so.")
    model: type[InvoiceLine | InvoiceLineDetail]

    def get_queryset(self) -> QuerySet[Proforma]:
        """Drafts alone: what is confirmed keeps its order."""
        return super().get_queryset().open()  # type: ignore[attr-defined]

    def get_rows(self) -> QuerySet[Any]:
        """All rows, as documents print them."""
        raise NotImplementedError

    @cached_property
    def page(self) -> Page:
        """As many of them as one form carries."""
        return Paginator(self.get_rows(), ROWS_PER_PAGE).get_page(self.request.GET.get("page"))

    @property
    def placed(self) -> Sequence[PlacedRow]:
        """The rows of the page with their places."""
        first, last = self.page.start_index(), self.page.paginator.count
        return [
            PlacedRow(row.pk, place, last, self.subject_of(row), row, self.who_of(row))
            for place, row in enumerate(self.page, start=first)
        ]

    def subject_of(self, row: Any) -> str:
        """How a row is called."""
        return str(row)

    def who_of(self, row: Any) -> str:
        """Whose work it is; nothing of a line."""
        return ""

    def get_form_kwargs(self) -> dict[str, Any]:
        focus = self.request.GET.get("moved", "")
        focused = int(focus) if focus.isdecimal() and len(focus) < 12 else None
        return super().get_form_kwargs() | {"rows": self.placed, "focus": focused}

    def form_valid(self, form: OrderForm) -> HttpResponse:
        places, user, now = Places(form.wanted(), form.seen_places()), self.user, timezone.now()
        self.moved = next(iter(places.wanted), None)
        return self.answer(lambda: self.call_verb(form, places, actor=user, at=now), form)

    def call_verb(self, form: OrderForm, places: Places, **who: Any) -> int:
        """The verb that moves these rows."""
        raise NotImplementedError

    def refuse(self, refusals: Sequence[Refusal], form: Any = None, *, status: int = 422) -> HttpResponse:
        """Both orders where somebody else was faster; else the reasons as on every page."""
        if form is None or not any(one.code == EDITED_MEANWHILE for one in refusals):
            return super().refuse(refusals, form, status=status)
        mine = form.wanted()
        del self.page
        kwargs = self.get_form_kwargs() | {"data": None, "files": None, "mine": mine}
        context = self.get_context_data(form=OrderForm(**kwargs), versions=self._versions(form, mine))
        return self.render_to_response(context, status=CONFLICT)

    def _versions(self, form: OrderForm, mine: dict[int, int]) -> Versions:
        now = {row.key: row.place for row in self.placed}
        shown = [
            Version(row.subject, number(now[row.key]) if row.key in now else NOTHING, number(place), True)
            for row in form.rows
            for place in [mine.get(row.key)]
            if place is not None
        ]
        keys = [row.key for row in form.rows]
        others = Activity.objects.filter(subject_kind=self.model._meta.label_lower, subject_id__in=keys)
        last = others.filter(verb="reordered").select_related("actor").order_by("-happened_at", "-pk")
        return Versions(shown, last.first())

    def get_success_url(self) -> str:
        """The same page, at the row that was moved."""
        page = f"page={self.page.number}&" if self.page.number > 1 else ""
        moved = f"moved={self.moved}#r{self.moved}" if self.moved is not None else ""
        return f"{self.request.path}?{page}{moved}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each row with its field."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "object": self.object,
            "rows": [(row, form[f"place-{row.key}"]) for row in form.rows],
            "page": self.page,
            "crumbs": self.get_crumbs(),
        }


class OrderLines(OrderPage):
    """The lines of a draft."""

    title, model = gettext_lazy("Order of the lines"), InvoiceLine

    def get_rows(self) -> QuerySet[InvoiceLine]:
        lines: QuerySet[InvoiceLine] = InvoiceLine.objects.filter(proforma=self.object).in_order()
        return lines.annotate(count=Count("details"))

    def call_verb(self, form: OrderForm, places: Places, **who: Any) -> int:
        return reorder_lines(Proforma.objects.filter(pk=self.object.pk), places, **who)


class OrderDetails(OrderPage):
    """The details of one line: by hand, or by date, person or task."""

    title, model = gettext_lazy("Order of the details"), InvoiceLineDetail

    @cached_property
    def line(self) -> InvoiceLine:
        """The line that the address names, of this proforma; 404 when it is not there."""
        return get_object_or_404(InvoiceLine, pk=self.kwargs["line"], proforma=self.object)

    def get_rows(self) -> QuerySet[InvoiceLineDetail]:
        details = InvoiceLineDetail.objects.filter(line=self.line)
        own: QuerySet[InvoiceLineDetail] = details.filter(OWN).in_order()
        return own.select_related(*RELATED)

    def subject_of(self, row: InvoiceLineDetail) -> str:
        return row.printed_text

    def who_of(self, row: InvoiceLineDetail) -> str:
        work_item = row.actual.work_item if row.actual else row.work_item
        return str((work_item and work_item.resource) or row.get_transaction_class_display())

    def call_verb(self, form: OrderForm, places: Places, **who: Any) -> int:
        lines = InvoiceLine.objects.filter(pk=self.line.pk)
        if form.cleaned_data["by"]:
            return order_details(lines, DetailOrder(form.cleaned_data["by"]), **who)
        return reorder_details(lines, places, **who)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        *way, here = super().get_crumbs()
        return [*way, (OrderLines.title, reverse("proforma-order", args=[self.object.number])), here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered = [(one.value, one.label, one == self.line.detail_order) for one in OFFERED]
        return super().get_context_data(line=self.line, offered=offered, **kwargs)

    def get_success_message(self) -> str:
        """By what the whole line is ordered now, or that the places are saved."""
        if by := self.request.POST.get("by"):
            return str(ORDERED[DetailOrder(by)])
        return super().get_success_message()
