"""What a change form answers when its change fails: the form as it was typed, and every reason in words."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from core.answering import Failure, carry_out, keep_answer


class NotSaved(Exception):
    """The form has errors: `response` shows them, and its form token may be sent again."""

    def __init__(self, response: HttpResponse):
        super().__init__("the form was not saved")
        self.response = response


def answer_change(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a change form, once for each form however often it is sent.

    `view` saves what was sent and redirects, or shows the form again with its errors. When it raises what
    `core.answering` knows, it is called once more to show the form as it was typed: nothing is saved.
    """
    if request.method != "POST":
        return view()
    try:
        outcome = carry_out(request, lambda: _saved(view))
    except NotSaved as not_saved:
        return not_saved.response
    if outcome.first_answer is not None:
        messages.info(request, _("This form was sent before and counted once."))
        return HttpResponseRedirect(outcome.first_answer or request.get_full_path())
    if outcome.failure is not None:
        request.failure = outcome.failure  # type: ignore[attr-defined]
        response = view()
        response.status_code = outcome.failure.status
        return response
    keep_answer(request, outcome.result.url)
    return outcome.result


def failure_on(request: HttpRequest) -> Failure | None:
    """Why the change of this request failed; None while it did not."""
    return getattr(request, "failure", None)


def refused_form(form_class: type[forms.ModelForm]) -> Any:
    """The same form, shown as it was typed and never valid."""

    def is_valid(form: forms.ModelForm) -> bool:
        return False

    return type(form_class.__name__, (form_class,), {"is_valid": is_valid, "__module__": __name__})


def _saved(view: Callable[[], HttpResponse]) -> HttpResponseRedirect:
    response = view()
    if not isinstance(response, HttpResponseRedirect):
        raise NotSaved(response)
    return response
