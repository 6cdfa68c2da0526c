"""The audit export of a year: what it holds, and the archive (C15)."""

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounting.audit_tables import TABLES
from accounting.exporting import export_audit
from accounting.forms.tax_report import AuditForm
from core.pages import Page
from projects.views.page_defaults import PageDefaults


class AuditExport(PageDefaults, Page):
    """Choose a year, see which files are exported, and download them as one archive."""

    permission, title, template_name = (
        "accounting.export_audit",
        _("Audit export"),
        "accounting/audit_export.html",
    )

    @cached_property
    def form(self) -> AuditForm:
        """The year that is asked for, the newest one without anything."""
        if "year" in self.request.GET:
            return AuditForm(self.request.GET, user=self.user)
        years = list(AuditForm(user=self.user).spans)
        return AuditForm({"year": years[0] if years else ""}, user=self.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, or the archive."""
        if request.GET.get("export") == "zip" and self.form.is_valid():
            return self._archive()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.form.chosen if self.form.is_valid() else None
        return super().get_context_data(
            form=self.form, has_periods=bool(self.form.spans), chosen=chosen, files=TABLES, **kwargs
        )

    def _archive(self) -> FileResponse:
        chosen = self.form.chosen
        name = f"audit-{chosen.legal_entity.code}-{chosen.span.first:%Y}.zip"
        return FileResponse(
            export_audit(chosen.legal_entity, chosen.span, actor=self.user, at=timezone.now()),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
