"""Every actual with where it stands; what entry journals wrote can be chosen for cancellation (A10, #11b)."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, CharField, F, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import Button, ConfirmedAction, ListPage, SelectionAction
from projects.filters.journals import ActualFilter
from projects.forms.journals import JournalReasonForm
from projects.journal_cancelling import RowsInProcess, choose_actuals
from projects.models import Actual
from projects.states import TransactionType
from projects.tables.journals import ActualTable

CANCEL = "projects.add_cancellationjournal"
CURRENCY = Case(
    When(type=TransactionType.COST, then=F("work_item__cost_currency")),
    default=F("work_item__currency"),
    output_field=CharField(),
)


class Actuals(ListPage):
    """Facts of the projects a person may see."""

    permission, title, url_name = "projects.view_actual", _("Actuals"), "actuals"
    purpose = _("Every fact in money, and where it stands; none is ever changed")
    filterset_class, table_class = ActualFilter, ActualTable
    buttons = (Button(_("Cancel rows of entry journals"), "cancel-actuals", CANCEL),)

    def get_queryset(self) -> QuerySet[Actual]:
        rows = Actual.objects.visible_to(self.user).with_statuses().annotate(its_currency=CURRENCY)
        return rows.select_related("event", "work_item__project", "work_item__resource")


class CancelActuals(ConfirmedAction, SelectionAction):
    """Choose what will be taken back, and say why; what cannot be is left alone and named."""

    permission, list_page, title = CANCEL, Actuals, _("Cancel rows of entry journals")
    form_class, template_name = JournalReasonForm, "projects/cancel_actuals.html"
    submit_label, success_message = (
        _("Create cancellation journal"),
        _("Cancellation journal created; confirm it to reverse its actuals"),
    )
    result: RowsInProcess

    def get_verb_kwargs(self, form: JournalReasonForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"reason": form.cleaned_data["reason"]}

    def call_verb(self, form: JournalReasonForm) -> RowsInProcess:
        return choose_actuals(self.targets, **self.get_verb_kwargs(form))

    def get_success_url(self) -> str:
        for sentence in self.result.ignored:
            messages.warning(self.request, sentence)
        return reverse("cancellation", args=[self.result.journal.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=self.targets.count(), **kwargs)
