"""Invoice proposals: what accounting decides, what blocks them, what they will say (C5)."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.admin.journals import JournalPosting
from accounting.admin.line_dimensions import SetLineDimension
from accounting.admin.post_proposals import PostProposals, taxes_panel, totals_panel
from accounting.admin.schedule_proposals import (
    MarkChecked,
    ScheduledFilter,
    SchedulePosting,
    schedule_lines,
)
from accounting.blocking import blocking_counts, blocking_journals, blocking_lines
from accounting.dimension_rules import dimension_of_revenue
from accounting.invoicing import posting_outlook
from accounting.models import CustomerInvoice, IntegrationJournal, InvoiceProposal, InvoiceProposalLine
from accounting.previewing import preview_document
from accounting.querysets import JournalQuerySet, ProposalQuerySet
from accounting.refused_proposals import refusals_by_proposal
from accounting.reviewing import PROPOSAL_FIELDS, review_proposals
from accounting.states import ProposalStatus
from billing.models import InvoiceLineDetail
from billing.querysets import document_order
from billing.retentions import net_before_retention
from core.admin_kit import (
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    link_to,
    show_refusals,
    shown_of,
    signed_in_user,
    waiting_rows,
)
from core.refusals import Refusal, Refused
from core.templatetags import display

LINES_SHOWN = 25
TO_POST = ngettext_lazy("%(count)s invoice proposal to post", "%(count)s invoice proposals to post", "count")
LINE_HEADS = (
    _("Date"),
    _("Line"),
    _("Team member"),
    _("Text"),
    _("Quantity"),
    _("Price"),
    _("Amount"),
    _("Tax"),
    _("Dimension"),
)
CHECKS = {
    "own-confirmation": _("Confirmed by you"),
    "period-closed": _("Period is closed"),
    "sales-tax-group-missing": _("No sales tax group"),
    "item-tax-group-missing": _("Lines without a tax group"),
    "tax-rule-missing": _("No tax rule"),
    "date-before-last-number": _("Dated too early"),
    "customer-on-hold": _("Customer is on hold"),
    "period-missing": _("No fiscal period"),
    "not-checked": _("Not checked yet"),
    "characters-not-drawn": _("Cannot be printed"),
}
IN_ORDER = ("original-not-posted", "advance-not-posted", "retention-not-posted")
"""What waits for another invoice says which, and that both may be posted together (I5)."""


class PostBlocking(JournalPosting):
    """Posts what blocks: the journals that hold the unbilled sales of these proposals."""

    name, label = "post-blocking", _("Post the blocking journals")

    def is_available(self, obj: InvoiceProposal) -> bool:
        """Where something blocks that a journal holds."""
        return obj.status == ProposalStatus.DRAFT and blocking_journals([obj]).exists()

    def get_journals(self, targets: ProposalQuerySet) -> JournalQuerySet:
        """The journals that hold the unbilled sales of these proposals."""
        journals = blocking_journals(targets.unposted())
        return IntegrationJournal.objects.filter(pk__in=journals.values("pk"))


@admin.register(InvoiceProposal)
class ProposalAdmin(ReadOnlyAdmin):
    """A confirmed proforma before its invoice; the work itself is fixed."""

    changes = True
    editable_fields = tuple(sorted(PROPOSAL_FIELDS))
    list_display = (
        "proforma",
        columns.text("proforma__customer", _("customer"), "proforma__customer__name"),
        columns.amount("net", _("net"), currency="proforma__currency"),
        "tax_amount",
        "gross_amount",
        columns.day("accounting_date", _("accounting date")),
        columns.state(_("status")),
        "checks",
    )
    list_filter = (
        "status",
        ScheduledFilter,
        ("legal_entity", RelatedOnlyFieldListFilter),
        "proforma__currency",
    )
    list_select_related = ("proforma__customer", "legal_entity")
    search_fields = ("proforma__number", "proforma__customer__name", "proforma__contract__number")
    date_hierarchy = "accounting_date"
    fieldsets = (
        (_("Set by accounting"), {"fields": ("accounting_date", "due_date", "sales_tax_group", "dimension")}),
        (_("On the document"), {"fields": ("layout", "note")}),
        (_("Status"), {"fields": ("proforma", "legal_entity", "status", "created_at")}),
    )
    action_classes: ClassVar = (PostProposals, MarkChecked, SchedulePosting, PostBlocking, SetLineDimension)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the net of each."""
        net = net_before_retention("proforma", "proforma__net_amount")
        return super().get_queryset(request).annotate(net=net)

    def is_changeable(self, obj: InvoiceProposal) -> bool:
        """Until it is posted."""
        return obj.status == ProposalStatus.DRAFT

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Proposals to post."""
        proposals = InvoiceProposal.objects.visible_to(signed_in_user(request))
        yield waiting_rows(proposals.unposted(), TO_POST, status__exact="draft")

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Taxes and objections of all drafts of the page at once; of posted ones, the invoice's figures."""
        drafts = [row.pk for row in rows if row.status == ProposalStatus.DRAFT]
        outlook = posting_outlook(
            InvoiceProposal.objects.filter(pk__in=drafts), actor=signed_in_user(request)
        )
        taxed = [one for one in outlook.prepared if one.taxes]
        figures = {one.proposal.pk: (one.tax_amount, one.gross_amount) for one in taxed}
        posted = CustomerInvoice.objects.filter(proposal__in=[row.pk for row in rows])
        figures |= {
            key: (tax, gross)
            for key, tax, gross in posted.values_list("proposal", "tax_amount", "gross_amount")
        }
        against = refusals_by_proposal([one for one in rows if one.pk in set(drafts)], outlook.refusals)
        blocking = blocking_counts([row for row in rows if row.pk in drafts])
        for row in rows:
            row.blocking = blocking.get(row.pk, 0)
            row.figures = figures.get(row.pk)
            row.objection = next(iter(against.get(row.pk, ())), None)

    @admin.display(description=_("tax"))
    def tax_amount(self, row: Any) -> str:
        return display.money(row.figures[0] if row.figures else None, row.proforma.currency)

    @admin.display(description=_("to pay"))
    def gross_amount(self, row: Any) -> str:
        return display.money(row.figures[1] if row.figures else None, row.proforma.currency)

    @admin.display(description=_("checks"))
    def checks(self, row: Any) -> str:
        if row.status != ProposalStatus.DRAFT:
            return display.NOTHING
        if row.blocking:
            words = ngettext("Blocked by %(count)s line", "Blocked by %(count)s lines", row.blocking)
            return display.badge("error", "", words % {"count": row.blocking})
        if row.objection and row.objection.code in IN_ORDER:
            return display.badge("pending", "", row.objection.way_out)
        if row.objection:
            return display.badge("error", "", CHECKS.get(row.objection.code, _("Set-up is incomplete")))
        if row.post_on is not None:
            return display.badge("pending", "", _("Posted on %(day)s") % {"day": display.day(row.post_on)})
        return display.badge("ready", "", _("Can be posted"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and refuses what was posted meanwhile."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            user = signed_in_user(request)
            proposals = InvoiceProposal.objects.visible_to(user).filter(pk=obj.pk)
            review_proposals(proposals, changes, actor=user, at=timezone.now())

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""

    def get_links(self, request: HttpRequest, obj: InvoiceProposal) -> Iterable[tuple[Any, str]]:
        """The document as it would be, or the invoice that came of it."""
        invoice = CustomerInvoice.objects.filter(proposal=obj).first()
        if invoice is None:
            yield _("Preview PDF"), reverse("admin:accounting_invoiceproposal_preview", args=[obj.pk])
            lines = reverse("admin:accounting_invoiceproposalline_changelist")
            yield _("Lines and their tax groups"), f"{lines}?proposal__id__exact={obj.pk}"
        else:
            yield str(invoice), change_url(CustomerInvoice, invoice.pk)

    def get_panels(self, request: HttpRequest, obj: InvoiceProposal) -> Iterable[Panel]:
        """What blocks it, what it will say, its lines."""
        if obj.status == ProposalStatus.DRAFT:
            blocking = blocking_lines([obj])
            if blocking.exists():
                yield _blocking_panel(blocking)
            outlook = posting_outlook(
                InvoiceProposal.objects.filter(pk=obj.pk), actor=signed_in_user(request)
            )
            if outlook.refusals:
                yield _reasons_panel(outlook.refusals)
            if said := schedule_lines(obj):
                yield Panel(_("Before posting"), (_("What"),), [(Cell(line),) for line in said])
            yield taxes_panel(outlook.prepared)
            yield totals_panel(outlook.prepared)
        yield _lines_panel(obj)

    def get_urls(self) -> list[URLPattern]:
        """The preview has an address of its own."""
        view = self.admin_site.admin_view(self.preview_view)
        own = path("<int:key>/preview.pdf", view, name="accounting_invoiceproposal_preview")
        return [own, *super().get_urls()]

    def preview_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The document as it would be printed, marked as a proforma."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = get_object_or_404(self.get_queryset(request), pk=key)
        try:
            pdf = preview_document(proposal, actor=signed_in_user(request))
        except Refused as refused:
            show_refusals(request, refused.refusals)
            return HttpResponseRedirect(change_url(InvoiceProposal, key))
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="preview-{key}.pdf"'},
        )


def _reasons_panel(refusals: Sequence[Refusal]) -> Panel:
    rows = [(Cell(one.message), Cell(one.way_out)) for one in refusals]
    title = _("What keeps it from being posted")
    return Panel(title, (_("Reason"), _("What to do")), rows, tone="warn")


def _blocking_panel(blocking: Any) -> Panel:
    lines = blocking.select_related(
        "detail__actual__journal_line__journal", "detail__actual__work_item__resource"
    ).order_by("pk")
    rows = [
        (
            Cell(display.day(line.detail.transaction_date)),
            Cell(line.detail.actual.work_item.resource or display.NOTHING),
            Cell(str(line.detail)),
            Cell(display.quantity(line.detail.quantity, line.detail.unit), is_figure=True),
            _journal_of(line),
        )
        for line in lines[:LINES_SHOWN]
    ]
    title = ngettext("%(count)s line blocks posting", "%(count)s lines block posting", blocking.count())
    return Panel(
        title % {"count": blocking.count()},
        (_("Date"), _("Team member"), _("Work"), _("Quantity"), _("Journal")),
        rows,
        lines=(
            _("Their unbilled sales are not posted through the integration journal yet."),
            *shown_of(LINES_SHOWN, blocking.count()),
        ),
        tone="warn",
    )


def _journal_of(line: InvoiceProposalLine) -> Cell:
    held = getattr(line.detail.actual, "journal_line", None)
    return Cell(_("In no journal yet: import first")) if held is None else link_to(held.journal)


def _terms(detail: InvoiceLineDetail) -> tuple[Cell, Cell]:
    """Quantity and price, where they say something."""
    if detail.is_amount_alone:
        return Cell(display.NOTHING, is_figure=True), Cell(display.NOTHING, is_figure=True)
    quantity = display.quantity(detail.quantity, detail.unit)
    return Cell(quantity, is_figure=True), Cell(display.rate_per(detail.price, detail.unit), is_figure=True)


def _lines_panel(proposal: InvoiceProposal) -> Panel:
    lines = (
        proposal.lines.annotate(booked_on=dimension_of_revenue())
        .select_related(
            "detail__line",
            "detail__actual__work_item__task",
            "detail__actual__work_item__category",
            "detail__work_item__task",
            "detail__work_item__category",
            "item_sales_tax_group",
            "actual__work_item__resource",
        )
        .order_by(*document_order("detail__"))
    )
    currency = proposal.proforma.currency
    rows = [
        (
            Cell(display.day(line.detail.transaction_date)),
            Cell(line.detail.line.name),
            Cell(line.actual.work_item.resource or display.NOTHING),
            Cell(" · ".join(filter(None, (line.detail.printed_text, line.detail.correction_reason)))),
            *_terms(line.detail),
            Cell(display.money(line.amount, currency), is_figure=True),
            Cell(line.item_sales_tax_group or display.NOTHING),
            Cell(line.booked_on or proposal.dimension or display.NOTHING),
        )
        for line in lines[:LINES_SHOWN]
    ]
    count = proposal.lines.count()
    shown = gettext("Lines, the first %(shown)s of %(count)s") % {"shown": LINES_SHOWN, "count": count}
    return Panel(shown if count > LINES_SHOWN else _("Lines"), LINE_HEADS, rows, _("No line."))
