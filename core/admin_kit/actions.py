"""Verbs as actions of the admin: on one object, on the selected rows, or on all rows of a list.

An action that cannot be undone, or that needs a value, shows a page first: what will happen to how many
rows for what amount, and which rows the verb would refuse. Those are named and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.access import may
from core.admin_kit.panels import Panel
from core.admin_kit.scoping import signed_in_user
from core.answering import CONFLICT, REFUSED, Failure, carry_out, keep_answer
from core.missing_permissions import denied
from core.querysets import AnyUser
from core.refusals import Refusal, Text

SELECTION_FIELDS = (ACTION_CHECKBOX_NAME, "select_across", "action")
MESSAGES_SHOWN = 12


@dataclass(frozen=True)
class ActionPreview:
    """What an action will do: to which rows, in which words; what it leaves out and why.

    `expect` is a text of counts and sums. When it differs at the moment of confirmation, nothing is done
    and the page is shown again.
    """

    targets: Any
    expect: str
    summary: Text = ""
    effects: Sequence[Text] = ()
    panels: Sequence[Panel] = ()
    refusals: Sequence[Refusal] = ()
    submit_label: Text = ""
    is_possible: bool = True


@dataclass(frozen=True)
class ActionCall:
    """One request for an action: on which page, for which rows, and where to go when nothing is done."""

    model_admin: ModelAdmin
    request: HttpRequest
    targets: Any
    cancel_url: str


class PreviewOutdated(Exception):
    """The rows are no longer those that the person was shown."""


class AdminAction:
    """One verb offered on an admin page; a subclass names it and calls it.

    `confirms`: show a page first. `on_one`: a button on the page of one object. `on_many`: in the menu of
    the list. `on_all`: a button above the list, for the rows of `get_queryset`. `preview_again_label`: a
    button that shows the preview once more for what the form says now.
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    permission: ClassVar[str]
    confirms: ClassVar[bool] = False
    on_one: ClassVar[bool] = True
    on_many: ClassVar[bool] = True
    on_all: ClassVar[bool] = False
    is_primary: ClassVar[bool] = False
    form_class: ClassVar[type[forms.Form] | None] = None
    preview_again_label: ClassVar[Text] = ""
    template_name: ClassVar[str] = "admin/confirm_action.html"

    # --- What a subclass says -------------------------------------------------------------------------

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> Any:
        """Call the verb."""
        raise NotImplementedError

    def get_success_message(self, result: Any) -> str:
        """What was done, in one sentence."""
        raise NotImplementedError

    def get_success_url(self, result: Any, cancel_url: str) -> str:
        """Where to go after success: back, unless a subclass knows better."""
        return cancel_url

    def is_available(self, obj: Any) -> bool:
        """Whether the action makes sense for an object in its present state."""
        return True

    def get_queryset(self, model_admin: ModelAdmin, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the button above the list."""
        return model_admin.get_queryset(request)

    def preview(self, request: HttpRequest, targets: Any, cleaned_data: dict[str, Any]) -> ActionPreview:
        """What will happen; `cleaned_data` is empty until the form was sent."""
        count = targets.count()
        return ActionPreview(targets, str(count), submit_label=self.label, is_possible=count > 0)

    def get_initial(self, request: HttpRequest, targets: Any) -> dict[str, Any]:
        """What the form starts with."""
        return {}

    # --- How it is answered ---------------------------------------------------------------------------

    def has_permission(self, user: AnyUser) -> bool:
        """Whether the user's role may call the verb."""
        return may(user, self.permission)

    def answer_selection(self, model_admin: ModelAdmin, request: HttpRequest, rows: Any) -> HttpResponse:
        """Called by the list with the selected rows."""
        return self.answer(ActionCall(model_admin, request, rows, request.get_full_path()))

    def answer(self, call: ActionCall) -> HttpResponse:
        """Show what will happen, or do it once and go on; what fails changes nothing and keeps the form."""
        request = call.request
        if not self.has_permission(request.user):
            raise denied(self.permission)
        is_sent = request.method == "POST" and (not self.confirms or "confirmed" in request.POST)
        form = self._form(call, is_sent)
        if not is_sent:
            return self._page(call, form)
        if form is not None and not form.is_valid():
            return self._page(call, form, status=REFUSED)
        if "again" in request.POST:
            return self._page(call, form)
        return self._answer_sent(call, form)

    def _form(self, call: ActionCall, is_sent: bool) -> forms.Form | None:
        if self.form_class is None:
            return None
        if is_sent:
            return self.form_class(data=call.request.POST)
        return self.form_class(initial=self.get_initial(call.request, call.targets))

    def _answer_sent(self, call: ActionCall, form: forms.Form | None) -> HttpResponse:
        request = call.request
        try:
            outcome = carry_out(request, lambda: self._run(call, _cleaned_data(form)))
        except PreviewOutdated:
            return self._page(call, form, status=CONFLICT, is_outdated=True)
        if outcome.failure is not None:
            return self._page(call, form, status=outcome.failure.status, failure=outcome.failure)
        if outcome.first_answer is not None:
            messages.info(request, _("This form was sent before and counted once."))
            return HttpResponseRedirect(outcome.first_answer or call.cancel_url)
        address = self.get_success_url(outcome.result, call.cancel_url)
        keep_answer(request, address)
        messages.success(request, self.get_success_message(outcome.result))
        return HttpResponseRedirect(address)

    def _run(self, call: ActionCall, cleaned_data: dict[str, Any]) -> Any:
        targets = call.targets
        if self.confirms:
            preview = self.preview(call.request, targets, cleaned_data)
            if not preview.is_possible or preview.expect != call.request.POST.get("expect"):
                raise PreviewOutdated
            targets = preview.targets
        actor = signed_in_user(call.request)
        return self.run(targets, actor=actor, at=timezone.now(), cleaned_data=cleaned_data)

    def _page(
        self,
        call: ActionCall,
        form: forms.Form | None,
        *,
        status: int = 200,
        failure: Failure | None = None,
        is_outdated: bool = False,
    ) -> HttpResponse:
        post = call.request.POST
        context = {
            **call.model_admin.admin_site.each_context(call.request),
            "opts": call.model_admin.opts,
            "title": self.label,
            "action": self,
            "preview": self.preview(call.request, call.targets, _cleaned_data(form)),
            "form": form,
            "cancel_url": call.cancel_url,
            "refusals": failure.refusals if failure else (),
            "is_outdated": is_outdated,
            "selection": [(name, value) for name in SELECTION_FIELDS for value in post.getlist(name)],
        }
        return TemplateResponse(call.request, self.template_name, context, status=status)


def _cleaned_data(form: forms.Form | None) -> dict[str, Any]:
    """What a form collected; nothing before it was sent, and nothing of a form with errors."""
    return form.cleaned_data if form is not None and form.is_bound and form.is_valid() else {}


def show_refusals(request: HttpRequest, refusals: Sequence[Refusal]) -> None:
    """One message with every reason: the sentence and what to do about it; one alone without a list."""
    if len(refusals) == 1:
        messages.error(request, str(refusals[0]))
        return
    head = ngettext(
        "Nothing was changed, for %(count)s reason:",
        "Nothing was changed, for %(count)s reasons:",
        len(refusals),
    )
    listed = [str(one) for one in refusals[:MESSAGES_SHOWN]]
    left = len(refusals) - len(listed)
    if left:
        further = ngettext("And %(count)s further reason.", "And %(count)s further reasons.", left)
        listed.append(further % {"count": left})
    points = format_html_join("", "<li>{}</li>", ((one,) for one in listed))
    messages.error(request, format_html("{}<ul>{}</ul>", head % {"count": len(refusals)}, points))
