"""A proforma in review: ask a person, answer, remind, take back."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.asking_reviews import (
    approve_reviews,
    remind_reviewers,
    return_reviews,
    submit_for_review,
    take_back,
)
from billing.forms.review import AnswerForm, AskReviewForm
from billing.models import Proforma
from billing.views.proforma import CONFIRM, DRAFT, ProformaMixin, SeenMixin
from billing.views.proformas import Proformas
from core.pages import ActionPage, ConfirmedAction, SelectionAction


class Review(ProformaMixin, ActionPage):
    """Ask somebody to look at one draft."""

    permission, title, verb = DRAFT, _("Submit for review"), submit_for_review
    template_name, form_class = "billing/review_ask.html", AskReviewForm
    success_message = _("Submitted for review. A mail tells the person.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Who may be asked depends on the proforma."""
        return super().get_form_kwargs() | {"proformas": [self.object], "asker": self.user}

    def get_verb_kwargs(self, form: AskReviewForm) -> dict[str, Any]:
        """The person and the note."""
        return super().get_verb_kwargs(form) | form.cleaned_data

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The one proforma, and the way to it."""
        crumbs = [
            (Proformas.title, reverse("proformas")),
            (self.object.number, self.cancel_url),
            (self.title, ""),
        ]
        return super().get_context_data(proformas=[self.object], crumbs=crumbs, **kwargs)


class SubmitSelected(ConfirmedAction, SelectionAction):
    """Ask somebody to look at what was selected, after choosing the person."""

    permission, title, list_page = DRAFT, _("Submit for review"), Proformas
    verb, inverse = submit_for_review, "proformas-take-back"
    template_name, form_class = "billing/review_ask.html", AskReviewForm
    success_message = ngettext_lazy(
        "%(count)s proforma submitted for review", "%(count)s proformas submitted for review", "count"
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        """Who may be asked depends on the companies of the selection."""
        return super().get_form_kwargs() | {"proformas": self.proformas, "asker": self.user}

    @property
    def proformas(self) -> list[Proforma]:
        """The selection with what names it."""
        rows: QuerySet[Proforma] = self.targets.select_related("customer", "contract", "legal_entity")
        return list(rows.order_by("number"))

    def get_verb_kwargs(self, form: AskReviewForm) -> dict[str, Any]:
        """The person and the note."""
        return super().get_verb_kwargs(form) | form.cleaned_data

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The selection by name."""
        return super().get_context_data(proformas=self.proformas, **kwargs)


class TakeBackSelected(SelectionAction):
    """Take what was selected back from review."""

    permission, title, list_page = DRAFT, _("Take back"), Proformas
    verb = take_back
    success_message = ngettext_lazy(
        "%(count)s proforma taken back from review", "%(count)s proformas taken back from review", "count"
    )


class TakeBack(ProformaMixin, ActionPage):
    """Work on a proforma in review again."""

    permission, title, verb = DRAFT, _("Take back"), take_back
    success_message = _("Taken back from review")


class AnswerReview(SeenMixin, ActionPage):
    """What whoever is asked says, with a comment; the verb refuses everybody else."""

    permission, form_class = CONFIRM, AnswerForm

    def get_verb_kwargs(self, form: AnswerForm) -> dict[str, Any]:
        """The comment."""
        return super().get_verb_kwargs(form) | form.cleaned_data


class ApproveReview(AnswerReview):
    """Say that it may be confirmed."""

    title, verb = _("Approve"), approve_reviews
    success_message = _("Approved: whoever asked may confirm it.")


class ReturnReview(AnswerReview):
    """Give it back with what must change."""

    title, verb = _("Return"), return_reviews
    success_message = _("Returned with your comment")


class RemindReviewer(ProformaMixin, ActionPage):
    """Write to whoever is asked once more."""

    permission, title, verb = DRAFT, _("Remind"), remind_reviewers
    success_message = _("Reminded by mail")

    def get_success_url(self) -> str:
        """Where the click came from: the proforma."""
        return reverse("proforma", args=[self.object.number])
