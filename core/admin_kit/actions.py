"""Verbs as actions of the admin: on a selection, on one thing, or on everything that waits.

An action asks first when what it does cannot be taken back, or when it needs to know something; it says
what will happen to how many for how much, leaves out what the verb would refuse and names it (UX 7).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import form_tokens
from core.access import may
from core.admin_kit.panels import Panel, Text
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, Refused

LONGEST_TOKEN = 64
MESSAGES_SHOWN = 12
CARRIED = (ACTION_CHECKBOX_NAME, "select_across", "action")
UNSAID = {"csrfmiddlewaretoken", "token", "expect", "index", "confirmed", "again"}


@dataclass
class Plan:
    """What an action will do: to which rows, in which words; what it leaves out and why."""

    targets: Any
    expect: str
    lead: Text = ""
    effects: Sequence[Text] = ()
    panels: Sequence[Panel] = ()
    refusals: Sequence[Refusal] = ()
    button: Text = ""
    is_possible: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


class VerbAction:
    """One verb offered in a window; subclasses name it and call it.

    `asks`: show a page first. `on_one`: a tool on the page of one thing. `on_many`: in the list's menu.
    `on_all`: a tool above the list, on `everything`. `looks_again`: a button that shows the plan once more
    for what the form says now.
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    permission: ClassVar[str]
    asks: ClassVar[bool] = False
    on_one: ClassVar[bool] = True
    on_many: ClassVar[bool] = True
    on_all: ClassVar[bool] = False
    is_primary: ClassVar[bool] = False
    form_class: ClassVar[type[forms.Form] | None] = None
    looks_again: ClassVar[Text] = ""
    template: ClassVar[str] = "admin/ask.html"
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(self) -> None:
        self.__name__ = self.name
        self.short_description = self.label

    # --- What a subclass says -------------------------------------------------------------------------

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> Any:
        """Call the verb."""
        raise NotImplementedError

    def sentence(self, result: Any) -> str:
        """What was done, in one sentence."""
        raise NotImplementedError

    def offered_on(self, thing: models.Model) -> bool:
        """Whether the action makes sense for one thing as it stands."""
        return True

    def everything(self, window: Any, request: HttpRequest) -> Any:
        """The rows of the tool above the list."""
        return window.get_queryset(request)

    def plan(self, request: HttpRequest, targets: Any, said: dict[str, Any]) -> Plan:
        """What will happen; `said` is what the form collected, empty at first."""
        count = targets.count()
        return Plan(targets, str(count), button=self.label, is_possible=count > 0)

    def initial(self, request: HttpRequest, targets: Any) -> dict[str, Any]:
        """What the form starts with."""
        return {}

    def destination(self, result: Any, back: str) -> str:
        """Where to go after success."""
        return back

    # --- How it is answered ---------------------------------------------------------------------------

    def is_allowed(self, user: Any) -> bool:
        """Ask the door."""
        return may(user, self.permission)

    def __call__(self, window: Any, request: HttpRequest, queryset: Any) -> HttpResponse:
        """Called by the list with the selection."""
        return self.answer(window, request, queryset, back=request.get_full_path())

    def answer(self, window: Any, request: HttpRequest, targets: Any, *, back: str) -> HttpResponse:
        """Ask, or act and go back; a refusal changes nothing and is said in full."""
        if not self.is_allowed(request.user):
            raise PermissionDenied(
                _("You need the permission “%(name)s” for this.") % {"name": self.permission}
            )
        is_sent = request.method == "POST" and (not self.asks or "confirmed" in request.POST)
        form = self._form(request, targets, is_sent)
        if is_sent and form is not None and not form.is_valid():
            return self._ask(window, request, targets, form, {}, back, status=422)
        said = form.cleaned_data if is_sent and form is not None else {}
        if not is_sent or "again" in request.POST:
            return self._ask(window, request, targets, form, said, back)
        if self.asks:
            plan = self.plan(request, targets, said)
            if not plan.is_possible or plan.expect != request.POST.get("expect"):
                return self._ask(window, request, targets, form, said, back, status=409)
            targets = plan.targets
        return self._carry_out(window, request, targets, form, said, back)

    def _form(self, request: HttpRequest, targets: Any, is_sent: bool) -> forms.Form | None:
        if self.form_class is None:
            return None
        if is_sent:
            return self.form_class(data=request.POST)
        return self.form_class(initial=self.initial(request, targets))

    def _ask(
        self,
        window: Any,
        request: HttpRequest,
        targets: Any,
        form: forms.Form | None,
        said: dict[str, Any],
        back: str,
        *,
        status: int = 200,
        refusals: Sequence[Refusal] = (),
    ) -> HttpResponse:
        plan = self.plan(request, targets, said)
        context = {
            **window.admin_site.each_context(request),
            "opts": window.opts,
            "title": self.label,
            "action": self,
            "plan": plan,
            "form": form,
            "back": back,
            "refused": refusals,
            "is_stale": status == 409,
            "carried": [(name, value) for name in CARRIED for value in request.POST.getlist(name)],
        }
        return TemplateResponse(request, self.template, context, status=status)

    def _carry_out(
        self, window: Any, request: HttpRequest, targets: Any, form: Any, said: dict[str, Any], back: str
    ) -> HttpResponse:
        token = request.POST.get("token", "")
        try:
            earlier = _claimed(request, token)
            if earlier is not None:
                messages.info(request, _("This form was sent before and counted once."))
                return HttpResponseRedirect(earlier or back)
            result = _released_on_failure(
                token, lambda: self.act(targets, actor=request.user, at=timezone.now(), said=said)
            )
        except (Refused, ChangedMeanwhile, IntegrityError) as reason:
            refusals = reasons_of(reason)
            if self.asks:
                return self._ask(window, request, targets, form, said, back, status=422, refusals=refusals)
            say_refusals(request, refusals)
            return HttpResponseRedirect(back)
        address = self.destination(result, back)
        if token:
            form_tokens.settle(token, address)
        messages.success(request, self.sentence(result))
        return HttpResponseRedirect(address)


def _claimed(request: HttpRequest, token: str) -> str | None:
    """Claim the form's token: None when it is new, else the address of the first answer."""
    if not token:
        return None
    if len(token) > LONGEST_TOKEN:
        raise SuspiciousOperation("a form token is too long")
    said = sorted((name, values) for name, values in request.POST.lists() if name not in UNSAID)
    content = sha256(repr([request.path, *said]).encode()).hexdigest()
    return form_tokens.claim(token, user=request.user, content_sha256=content, at=timezone.now())


def _released_on_failure(token: str, act: Callable[[], Any]) -> Any:
    """Act; whatever fails gives the token back, so that the form may be sent again."""
    try:
        return act()
    except BaseException:
        if token:
            form_tokens.release(token)
        raise


def reasons_of(reason: Exception) -> tuple[Refusal, ...]:
    """What a verb or the database said, as refusals."""
    if isinstance(reason, Refused):
        return reason.refusals
    if isinstance(reason, ChangedMeanwhile):
        return (CHANGED,)
    # What a guard of the database says is written for people (RELIABILITY D2).
    return (Refusal("refused-by-the-database", str(reason).splitlines()[0]),)


def say_refusals(request: HttpRequest, refusals: Sequence[Refusal]) -> None:
    """One message per reason: the sentence, the way out, the code."""
    for refusal in refusals[:MESSAGES_SHOWN]:
        messages.error(request, f"{refusal} ({refusal.code})")
    if len(refusals) > MESSAGES_SHOWN:
        left = len(refusals) - MESSAGES_SHOWN
        messages.error(request, _("And %(count)s further reasons.") % {"count": left})


CHANGED = Refusal(
    "changed-meanwhile",
    gettext_lazy("Somebody changed these rows a moment ago."),
    way_out=gettext_lazy("Look at them again, then repeat."),
)
