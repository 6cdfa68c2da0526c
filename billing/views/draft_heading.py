"""Another invoice date, cut-off or description for a draft (B5, B7)."""

from datetime import date
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.closed_periods import first_open_day
from billing.forms.draft_contents import HeadingForm, OpenDayForm
from billing.models import Proforma
from billing.redating import HeadingChanges, change_headings
from billing.views.of_draft import OfDraft
from core.pages import ActionPage
from core.pages.keep_mine import KeepMine
from core.templatetags.display import day as written


class EditHeading(KeepMine, OfDraft, ActionPage):
    """Another invoice date, cut-off or description."""

    title, form_class = gettext_lazy("Dates and description"), HeadingForm
    template_name = "billing/draft_heading.html"
    success_message = gettext_lazy("Saved. The tax is estimated for the new date.")

    def get_initial(self) -> dict[str, Any]:
        """What the draft says; the first open day in the place of one that is closed."""
        draft = self.object
        return {
            "invoice_date": self.open_day or draft.invoice_date,
            "cut_off": draft.cut_off_date,
            "description": draft.description,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"draft": self.object}

    def call_verb(self, form: HeadingForm) -> list[Proforma]:
        changes, seen = HeadingChanges(**form.changes()), {self.object.pk: form.seen_values()}
        return change_headings(self.targets, changes, seen=seen, **self.get_verb_kwargs(form))

    def get_row(self) -> Proforma:
        """The draft as somebody else has saved it."""
        self.object = self.get_object()
        return self.object

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open_day=self.open_day, crumbs=self.get_crumbs(), **kwargs)

    @cached_property
    def open_day(self) -> date | None:
        """The first open day, where the date of the draft is closed."""
        entity = self.object.legal_entity
        is_closed = self.object.is_open and entity.is_locked_on(self.object.invoice_date)
        return first_open_day(entity) if is_closed else None


class SetOpenDay(OfDraft, ActionPage):
    """Give the draft the open day that its page offered as its invoice date."""

    title, form_class = gettext_lazy("Set the invoice date"), OpenDayForm

    def call_verb(self, form: OpenDayForm) -> list[Proforma]:
        changes = HeadingChanges(invoice_date=form.cleaned_data["day"])
        return change_headings(self.targets, changes, **self.get_verb_kwargs(form))

    def get_success_message(self) -> str:
        (draft,) = self.result
        return _("The invoice date is %(day)s now.") % {"day": written(draft.invoice_date)}
