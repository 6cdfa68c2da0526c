"""Pages that change something: they collect, call a verb, and show what came of it."""

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.forms import BaseForm
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages.lists import ListPage
from core.pages.page import OfOne, Page
from core.pages.selection import Drift
from core.refusals import Refusal, Refused

UNDO_ROWS = 500
FORM_TOKEN = re.compile(r"[0-9a-z]{1,64}")


class Acting(Page):
    """Share of form and action pages: the form counts once, refusals are shown, success is said."""

    success: ClassVar[Any] = ""
    form_class: ClassVar[type[BaseForm] | None] = None

    def claim_token(self, request: HttpRequest) -> str | None:
        """Claim the form's token; None when it is new, else the address of the first answer ("" if open)."""
        token = request.POST.get("token", "")
        if not token or self.tokens is None:
            return None
        if not FORM_TOKEN.fullmatch(token):
            raise SuspiciousOperation("a form token is not one of ours")
        content = sha256(repr(sorted(_said(request.POST))).encode()).hexdigest()
        return self.tokens.claim(token, user=request.user, content_sha256=content, at=timezone.now())

    def carried_out(self, act: Callable[[], Any], form: BaseForm | None = None) -> HttpResponse:
        """Call the verb once and go on to its result; a refusal releases the token and keeps the form."""
        try:
            earlier = self.claim_token(self.request)
        except Refused as refused:
            return self.refuse(refused.refusals, form, status=409)
        if earlier is not None:
            messages.info(self.request, _("This form was sent before and counted once."))
            return HttpResponseRedirect(earlier or self.back())
        return self._answered(act, form)

    def _answered(self, act: Callable[[], Any], form: BaseForm | None) -> HttpResponse:
        token = self.request.POST.get("token", "") if self.tokens else ""
        try:
            result = act()
        except Refused as refused:
            self._forget(token)
            return self.refuse(refused.refusals, form)
        except BaseException:
            self._forget(token)
            raise
        address = self.destination(result)
        if token:
            self.tokens.settle(token, address)
        messages.success(self.request, self.sentence(result))
        return HttpResponseRedirect(address)

    def _forget(self, token: str) -> None:
        if token:
            self.tokens.release(token)

    def form(self) -> BaseForm | None:
        """The form as sent, or empty; None for pages without one."""
        if self.form_class is None:
            return None
        if self.request.method == "POST":
            return self.form_class(data=self.request.POST, files=self.request.FILES, **self.form_arguments())
        return self.form_class(**self.form_arguments())

    def form_arguments(self) -> dict[str, Any]:
        """What the form is made with beside what was sent: `initial`, `instance`."""
        return {}

    def sentence(self, result: Any) -> str:
        """What is said after success: `success`, with `%(count)s` for the size of what the verb answered."""
        count = len(result) if hasattr(result, "__len__") else result if isinstance(result, int) else 1
        return str(self.success) % {"count": count}

    def destination(self, result: Any) -> str:
        """Where to go after success; back by default."""
        return self.back()

    def back(self) -> str:
        """Address to return to when nothing was done."""
        raise NotImplementedError

    def refuse(
        self, refusals: Sequence[Refusal], form: BaseForm | None = None, *, status: int = 422
    ) -> HttpResponse:
        """Say no: the page itself with its form filled where it has a template, else the page of refusals."""
        context = {"refusals": refusals, "form": form, "back": self.back()}
        if self.template_name:
            return self.shown(status=status, **context)
        return render(
            self.request, "refused.html", {"page": self, "title": self.title, **context}, status=status
        )


class FormPage(Acting):
    """Page with a form: `form_class` collects, `act(form)` calls the verb, `success` says what was done."""

    template_name = "form.html"
    submit_label: ClassVar[Any] = ""

    def act(self, form: BaseForm) -> Any:
        """Call the verb with what the form collected."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.shown(form=self.form(), back=self.back())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Errors come back with the form filled; nothing is lost."""
        form = self.form()
        if not form.is_valid():
            return self.shown(status=422, form=form, back=self.back())
        return self.carried_out(lambda: self.act(form), form)


class ActionPage(OfOne, Acting):
    """One verb on one thing or on a selection: `verb(targets, **arguments())` after a POST.

    With `list_page` the targets are what was selected there, checked against what the reader saw (UX 4);
    else the one thing of the address. With `template_name` a GET shows what will happen, before it does.
    """

    verb: ClassVar[Callable[..., Any] | None] = None
    list_page: ClassVar[type[ListPage] | None] = None
    inverse: ClassVar[str] = ""

    def arguments(self) -> dict[str, Any]:
        """Keywords of the verb; the clock is read here, once."""
        return {"actor": self.request.user}

    def targets(self) -> Any:
        """What the verb acts on: the selection, or the one thing of the address as a set of one."""
        if self.list_page is None:
            return self.rows().filter(pk=self.found().pk)
        return self.list_page.opened(self.request).selected(self.request.POST)

    def act(self, targets: Any, form: BaseForm | None) -> Any:
        """Call the verb; override when the form has a say in it."""
        return type(self).verb(targets, **self.arguments())

    def back(self) -> str:
        """The list the selection was made on, with its filter."""
        if self.list_page is None:
            raise NotImplementedError
        asked = self.request.POST.get("filter", "")
        return f"{self.list_page.address()}?{asked}" if asked else self.list_page.address()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what will happen; pages without a template only act."""
        if not self.template_name:
            return HttpResponseNotAllowed(["POST"])
        return self.shown(form=self.form(), back=self.back())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find the targets, ask the door for them, act; what changed meanwhile is shown, never swallowed."""
        form = self.form()
        if form is not None and not form.is_valid():
            return self.refuse(_as_refusals(form), form)
        try:
            targets = self.targets()
        except Drift as drift:
            return render(
                request, "409.html", {"page": self, "title": self.title, "drift": drift}, status=409
            )
        if self.list_page is None:
            self.require(self.found())
        keys = self._keys(targets) if self.inverse else []
        response = self.carried_out(lambda: self.act(targets, form), form)
        if keys and response.status_code == 302:
            asked = request.POST.get("filter", "")
            request.session["undo"] = {"url": reverse(self.inverse), "rows": keys, "filter": asked}
        return response

    def _keys(self, targets: Any) -> list[str]:
        keys = [str(key) for key in targets.values_list("pk", flat=True)[: UNDO_ROWS + 1]]
        return keys if len(keys) <= UNDO_ROWS else []


def _as_refusals(form: BaseForm) -> list[Refusal]:
    """Errors of a form on a page without template, in the words of a refusal."""
    return [
        Refusal(
            code=f"invalid-{name}",
            message=error,
            subject=str(form[name].label) if name in form.fields else "",
        )
        for name, errors in form.errors.items()
        for error in errors
    ]


def _said(post: QueryDict) -> Iterator[tuple[str, list[str]]]:
    """What a form says, without the two tokens it is sent with."""
    return ((name, values) for name, values in post.lists() if name not in ("csrfmiddlewaretoken", "token"))
