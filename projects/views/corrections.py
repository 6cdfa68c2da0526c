"""Correction journals: choose approved work, give it other values, look at both sides, post (A10, #10)."""

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages import Button, ConfirmedAction, DetailPage, ListPage, SelectionAction
from projects.correcting import correct_entries, preview_correction
from projects.correction_plans import NewValues, correctable, recorded_lines
from projects.filters.corrections import CorrectableFilter, CorrectionFilter
from projects.forms.corrections import CorrectionForm
from projects.models import CorrectionJournal, Entry
from projects.tables.corrections import CorrectableTable, CorrectionTable
from projects.views.page_defaults import PageDefaults

VIEW, CORRECT = "projects.view_correctionjournal", "projects.add_correctionjournal"
COST = "projects.view_cost"


class Corrections(ListPage):
    """The journals of the user's companies."""

    permission, title, url_name = VIEW, _("Correction journals"), "corrections"
    purpose, template_name = _("Approved work that was given other values"), "projects/corrections.html"
    filterset_class, table_class = CorrectionFilter, CorrectionTable

    def get_queryset(self) -> QuerySet[CorrectionJournal]:
        rows = CorrectionJournal.objects.visible_to(self.user).select_related("legal_entity", "created_by")
        return rows.annotate(line_count=Count("lines"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_correct": self.may(CORRECT)}


class Correctable(ListPage):
    """Approved work that is on no draft and no invoice, to choose from."""

    permission, title, url_name = CORRECT, _("Correct approved work"), "correctable"
    purpose = _("Select the entries; enter the right values on the next page")
    filterset_class, table_class = CorrectableFilter, CorrectableTable
    buttons = (Button(_("Correct"), "correct-entries", CORRECT, key="c", primary=True),)

    def get_queryset(self) -> QuerySet[Entry]:
        related = ("project", "task", "resource", "role", "category")
        return correctable(Entry.objects.visible_to(self.user)).select_related(*related)


class CorrectEntries(PageDefaults, ConfirmedAction, SelectionAction):
    """The new values, then both sides of each entry, then the journal."""

    permission, list_page, title = CORRECT, Correctable, _("Correct approved work")
    form_class, template_name = CorrectionForm, "projects/correct_entries.html"
    success_message = _("Correction posted")
    result: CorrectionJournal

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def call_verb(self, form: CorrectionForm) -> CorrectionJournal:
        reason, now = form.cleaned_data["reason"], timezone.now()
        return correct_entries(
            self.targets, values_of(form), reason=reason, actor=self.user, on=self.today, at=now
        )

    def get_success_url(self) -> str:
        return reverse("correction", args=[self.result.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and both sides where it was filled in."""
        shown = {"count": self.targets.count(), "may_see_cost": self.may(COST)}
        context = super().get_context_data(**shown, **kwargs)
        form = context["form"]
        if form.is_bound and form.is_valid():
            values, now = values_of(form), timezone.now()
            preview = preview_correction(self.targets, values, actor=self.user, on=self.today, at=now)
            context |= {"preview": preview, "can_post": not preview.refusals}
        return context


def values_of(form: CorrectionForm) -> NewValues:
    """The new values of a valid form."""
    return NewValues(**{name: value for name, value in form.cleaned_data.items() if name != "reason"})


class Correction(DetailPage):
    """One journal: each entry before and after."""

    permission, template_name = VIEW, "projects/correction.html"

    def get_queryset(self) -> QuerySet[CorrectionJournal]:
        return CorrectionJournal.objects.visible_to(self.user).select_related("legal_entity", "created_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = recorded_lines(self.object)
        crumbs = [(_("Correction journals"), reverse("corrections")), (self.object.number, "")]
        return super().get_context_data(lines=lines, crumbs=crumbs, may_see_cost=self.may(COST), **kwargs)
