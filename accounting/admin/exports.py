"""Exports of vouchers to other ledgers: asked for on periods, listed, and handed out as they were (C15)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.balances import Span
from accounting.export_lines import vouchers_to_export
from accounting.exporting import ExportOrder, export_vouchers
from accounting.models import DatevKey, DatevSettings, Voucher, VoucherExport
from accounting.querysets import PeriodQuerySet
from accounting.states import ExportTarget
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    ReadOnlyInline,
    change_url,
    changelist_url,
    columns,
    link_to,
)
from core.templatetags import display

LINES_SHOWN = 200


class ExportForm(forms.Form):
    """For which ledger, and whether once more."""

    target = forms.ChoiceField(label=_("For"), choices=ExportTarget.choices)
    again = forms.BooleanField(
        label=_("Again"),
        required=False,
        help_text=_("Vouchers that were exported before are in the file as well."),
    )


class ExportVouchers(AdminAction):
    """One file for each period, of what was not exported yet for this ledger."""

    name, label, permission = "export-vouchers", _("Export vouchers"), "accounting.export_voucher"
    confirms = True
    form_class = ExportForm
    preview_again_label = _("Show for this ledger")

    def get_initial(self, request: HttpRequest, targets: PeriodQuerySet) -> dict[str, Any]:
        """DATEV is usual."""
        return {"target": ExportTarget.DATEV, "again": False}

    def preview(
        self, request: HttpRequest, targets: PeriodQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """How many vouchers of each period would be in its file."""
        asked = _asked(targets, cleaned_data)
        counts = [_waiting(one).count() for one in asked]
        total = sum(counts)
        summary = ngettext("%(count)s voucher is exported.", "%(count)s vouchers are exported.", total)
        rows = [
            (
                Cell(one.legal_entity),
                Cell(display.days(one.span.first, one.span.last)),
                Cell(display.number(count), is_figure=True),
            )
            for one, count in zip(asked, counts, strict=True)
        ]
        return ActionPreview(
            targets,
            f"{total}",
            summary=summary % {"count": total},
            effects=(
                _("A voucher is exported once for each ledger, unless you ask for it again."),
                _("The file is kept and can be downloaded again as it was."),
            ),
            panels=[Panel(_("Files"), (_("Company"), _("Days"), _("Vouchers")), rows)],
            submit_label=_("Export"),
            is_possible=total > 0,
        )

    def run(
        self, targets: PeriodQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[VoucherExport]:
        """Call the verb for each period that has something to export."""
        every = _asked(targets, cleaned_data)
        filled = [one for one in every if _waiting(one).exists()]
        return [export_vouchers(one, actor=actor, at=at) for one in filled or every]

    def get_success_message(self, result: list[VoucherExport]) -> str:
        """How many files, of how many vouchers."""
        count = sum(one.voucher_count for one in result)
        words = ngettext("%(count)s voucher exported.", "%(count)s vouchers exported.", count)
        return words % {"count": count}

    def get_success_url(self, result: list[VoucherExport], cancel_url: str) -> str:
        """To the one file, or to the list of them."""
        if len(result) == 1:
            return change_url(VoucherExport, result[0].pk)
        return changelist_url(VoucherExport)


def _waiting(asked: ExportOrder) -> QuerySet[Voucher]:
    return vouchers_to_export(asked.legal_entity, asked.span, asked.target, again=asked.again)


def _asked(periods: PeriodQuerySet, cleaned_data: dict[str, Any]) -> list[ExportOrder]:
    target = cleaned_data.get("target") or ExportTarget.DATEV
    again = bool(cleaned_data.get("again"))
    return [
        ExportOrder(one.legal_entity, Span(one.starts_on, one.ends_on), target, again)
        for one in periods.select_related("legal_entity").order_by("starts_on", "pk")
    ]


@admin.register(VoucherExport)
class VoucherExportAdmin(ReadOnlyAdmin):
    """What was exported, when and by whom; the file is handed out as it was."""

    list_display = (
        "name",
        "target",
        "legal_entity",
        columns.day("first_day", _("from")),
        columns.day("last_day", _("to")),
        "voucher_count",
        "is_repeat",
        columns.person("exported_by", _("exported by")),
        columns.moment("exported_at", _("exported at")),
    )
    list_filter = ("target", "is_repeat", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "exported_by")
    search_fields = ("name",)
    date_hierarchy = "last_day"
    fields = (
        *("name", "target", "legal_entity", "first_day", "last_day", "voucher_count", "is_repeat"),
        *("sha256", "exported_by", "exported_at"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the files: a list does not read them."""
        return super().get_queryset(request).defer("content")

    def get_links(self, request: HttpRequest, obj: VoucherExport) -> Iterable[tuple[Any, str]]:
        """The file."""
        yield _("Download"), reverse("admin:accounting_voucherexport_download", args=[obj.pk])

    def get_panels(self, request: HttpRequest, obj: VoucherExport) -> Iterable[Panel]:
        """The vouchers of the file."""
        exported = obj.exported.select_related("voucher").order_by("pk")[:LINES_SHOWN]
        rows = [
            (
                link_to(one.voucher),
                Cell(display.day(one.voucher.date)),
                Cell(one.voucher.get_source_kind_display()),
                Cell(_("Again") if one.times > 1 else ""),
            )
            for one in exported
        ]
        shown = gettext("Vouchers, the first %(count)s") % {"count": LINES_SHOWN}
        title = shown if obj.voucher_count > LINES_SHOWN else _("Vouchers")
        yield Panel(title, (_("Voucher"), _("Date"), _("Source"), _("Again")), rows)

    def get_urls(self) -> list[URLPattern]:
        """The file has an address of its own."""
        view = self.admin_site.admin_view(self.download_view)
        own = path("<int:key>/download/", view, name="accounting_voucherexport_download")
        return [own, *super().get_urls()]

    def download_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The file as it was exported."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = get_object_or_404(super().get_queryset(request), pk=key)
        return HttpResponse(
            bytes(export.content),
            content_type="application/zip" if export.name.endswith(".zip") else "text/csv",
            headers={"Content-Disposition": f'attachment; filename="{export.name}"'},
        )


class DatevKeyInline(ReadOnlyInline):
    """Tax keys of accounts."""

    model = DatevKey
    adds = True
    fields = ("account", "key")


@admin.register(DatevSettings)
class DatevSettingsAdmin(ReadOnlyAdmin):
    """How a company is known to its tax adviser."""

    adds = changes = True
    editable_fields = ("consultant", "client", "account_length", "chart", "initials", "locks_vouchers")
    list_display = ("legal_entity", "consultant", "client", "account_length", "chart")
    list_select_related = ("legal_entity",)
    search_fields = ("legal_entity__name",)
    fields = (
        *("legal_entity", "consultant", "client", "account_length", "chart", "initials", "locks_vouchers"),
    )
    inlines: ClassVar = [DatevKeyInline]
