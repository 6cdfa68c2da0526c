"""Entry journals and their cancellation: typed line by line, confirmed, and taken back (#11, #11b)."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, DetailPage, FormPage, ListPage, ObjectMixin
from core.pages.selection import keyed
from projects.filters.journals import CancellationFilter, EntryJournalFilter
from projects.forms.journals import JournalForm, JournalLineForm
from projects.journal_cancelling import confirm_cancellations, discard_cancellations
from projects.journalling import TypedLine, add_line, confirm_journals, remove_lines, start_journal
from projects.models import Actual, CancellationJournal, EntryJournal, EntryJournalLine
from projects.states import EntryJournalStatus
from projects.tables.journals import CancellationTable, EntryJournalTable
from projects.views.actuals import CANCEL, CURRENCY
from projects.views.page_defaults import PageDefaults

VIEW, WRITE = "projects.view_entryjournal", "projects.add_entryjournal"
LINE_RELATED = ("project", "task", "contract_line__contract", "customer", "resource", "role", "category")


class EntryJournals(ListPage):
    """The journals of the user's companies."""

    permission, title, url_name = VIEW, _("Entry journals"), "entry-journals"
    purpose, template_name = _("Facts typed by an accountant"), "projects/entry_journals.html"
    filterset_class, table_class = EntryJournalFilter, EntryJournalTable

    def get_queryset(self) -> QuerySet[EntryJournal]:
        rows = EntryJournal.objects.visible_to(self.user).select_related("legal_entity", "created_by")
        return rows.annotate(line_count=Count("lines"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_write": self.may(WRITE)}


class StartJournal(FormPage):
    """Begin a journal; its lines follow on its own page."""

    permission, title, form_class = WRITE, _("New entry journal"), JournalForm
    submit_label, success_message = _("Create"), _("Journal created")
    cancel_url = reverse_lazy("entry-journals")
    result: EntryJournal

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def form_valid(self, form: JournalForm) -> HttpResponse:
        asked, now = form.cleaned_data, timezone.now()
        entity, reason = asked["legal_entity"], asked["reason"]
        return self.answer(lambda: start_journal(entity, reason=reason, actor=self.user, at=now), form)

    def get_success_url(self) -> str:
        return reverse("entry-journal", args=[self.result.pk])


class JournalMixin(ObjectMixin):
    """A journal among those of the user's companies, with the way back to it."""

    def get_queryset(self) -> Any:
        return EntryJournal.objects.visible_to(self.user)

    @property
    def cancel_url(self) -> str:
        """The journal."""
        return reverse("entry-journal", args=[self.kwargs["pk"]])


class EntryJournalPage(JournalMixin, DetailPage):
    """A journal with its lines; a draft is written and confirmed here."""

    permission, template_name = VIEW, "projects/entry_journal.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("legal_entity", "created_by", "confirmed_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        journal = self.object
        is_open = journal.status == EntryJournalStatus.DRAFT and self.may(WRITE)
        lines = journal.lines.select_related(*LINE_RELATED)
        crumbs = [(_("Entry journals"), reverse("entry-journals")), (journal.number, "")]
        return super().get_context_data(lines=lines, is_open=is_open, crumbs=crumbs, **kwargs)


class AddLine(JournalMixin, PageDefaults, ActionPage):
    """One more line; the form stays for the next one."""

    permission, title, form_class = WRITE, _("Add a line"), JournalLineForm
    template_name, submit_label = "projects/journal_line.html", _("Add")
    success_message = _("Line added")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("legal_entity")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "entity": self.object.legal_entity}

    def get_initial(self) -> dict[str, Any]:
        return {"date": self.today}

    def call_verb(self, form: JournalLineForm) -> Any:
        typed = TypedLine(**form.cleaned_data)
        return add_line(self.targets, typed, actor=self.user, at=timezone.now())


class RemoveLine(JournalMixin, ActionPage):
    """Take one line off a draft."""

    permission, title, success_message = WRITE, _("Remove the line"), _("Line removed")

    def call_verb(self, form: Any) -> Any:
        keys = keyed(EntryJournalLine.objects.all(), [str(self.kwargs["line"])])
        return remove_lines(self.targets, keys, actor=self.user, at=timezone.now())


class ConfirmJournal(JournalMixin, PageDefaults, ActionPage):
    """Write the actuals."""

    permission, title, verb = WRITE, _("Confirm the journal"), confirm_journals
    success_message = _("Confirmed; actuals written: %(count)s")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class Cancellations(ListPage):
    """The journals of the user's companies."""

    permission, title, url_name = (
        "projects.view_cancellationjournal",
        _("Cancellation journals"),
        "cancellations",
    )
    purpose, template_name = _("What entry journals wrote and was taken back"), "projects/cancellations.html"
    filterset_class, table_class = CancellationFilter, CancellationTable

    def get_queryset(self) -> QuerySet[CancellationJournal]:
        rows = CancellationJournal.objects.visible_to(self.user).select_related("legal_entity", "created_by")
        return rows.annotate(line_count=Count("lines"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_cancel": self.may(CANCEL)}


class CancellationMixin(ObjectMixin):
    """A cancellation journal among those of the user's companies."""

    def get_queryset(self) -> Any:
        return CancellationJournal.objects.visible_to(self.user)

    @property
    def cancel_url(self) -> str:
        """The journal."""
        return reverse("cancellation", args=[self.kwargs["pk"]])


class CancellationPage(CancellationMixin, DetailPage):
    """A journal with the actuals it takes back, and where they stand."""

    permission, template_name = "projects.view_cancellationjournal", "projects/cancellation.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("legal_entity", "created_by", "confirmed_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Actual.objects.filter(cancellation_line__journal=self.object).with_statuses()
        related = rows.select_related("event", "work_item__project").annotate(its_currency=CURRENCY)
        is_open = self.object.is_in_process and self.may(CANCEL)
        crumbs = [(_("Cancellation journals"), reverse("cancellations")), (self.object.number, "")]
        return super().get_context_data(rows=related, is_open=is_open, crumbs=crumbs, **kwargs)


class ConfirmCancellation(CancellationMixin, PageDefaults, ActionPage):
    """Reverse the chosen actuals for good."""

    permission, title, verb = CANCEL, _("Confirm the cancellation"), confirm_cancellations
    success_message = _("Confirmed; actuals reversed: %(count)s")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class DiscardCancellation(CancellationMixin, ActionPage):
    """Let the chosen actuals go."""

    permission, title, verb = CANCEL, _("Discard the journal"), discard_cancellations
    success_message = _("Discarded; its actuals can be selected again")
