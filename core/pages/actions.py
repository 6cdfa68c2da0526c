"""Pages that change something: they collect, call a verb once, and say what came of it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView
from django.views.generic.base import TemplateResponseMixin
from django.views.generic.edit import FormMixin

from core import kept_forms
from core.answering import REFUSED, carry_out, first_answer, keep_answer
from core.kept_forms import PARAMETER, KeptForm
from core.pages.page import ObjectMixin, PageMixin
from core.pages.selection import Drift
from core.refusals import Refusal, Refused
from core.templatetags.display import number


class WrittenCount(int):
    """A count that messages write as pages do, and that still chooses the words of one or of many."""

    def __str__(self) -> str:
        return number(int(self))


class AnswerMixin(TemplateResponseMixin, FormMixin, PageMixin):
    """A form that counts once, whose failures are said in words, and whose success leads on.

    `success_message` may hold `%(count)s`, the size of what the verb returned, which stands in `result`;
    where its words depend on the number it is `ngettext_lazy(one, many, "count")`.
    `success_url` is where success leads, `cancel_url` where "Cancel" does and success without the other.
    """

    success_message: ClassVar[str | Promise] = ""
    submit_label: ClassVar[str | Promise] = ""
    result: Any = None

    @property
    def cancel_url(self) -> str | Promise:
        """Address to return to when nothing was done."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        """Where to go after success."""
        return str(self.success_url or self.cancel_url)

    def get_success_message(self) -> str:
        """What is said after success."""
        result = self.result
        count = len(result) if hasattr(result, "__len__") else result if isinstance(result, int) else 1
        # Not str() first: a lazy plural chooses its words when the number is put in.
        return str(self.success_message % {"count": WrittenCount(count)})

    @classmethod
    def get_kept_url(cls, kept: KeptForm) -> str:
        """Where a form that was kept when the session ended is shown again: on its own page."""
        separator = "&" if "?" in kept.address else "?"
        return f"{kept.address}{separator}{PARAMETER}={kept.key}" if cls.template_name else ""

    @cached_property
    def kept_form(self) -> KeptForm | None:
        """What was kept of this form when the session ended, where the address names it."""
        kept = kept_forms.find(self.request) if self.request.method == "GET" else None
        return kept if kept and kept.path == self.request.path else None

    def get_form_kwargs(self) -> dict[str, Any]:
        """Django's keywords, with what was kept in the place of what is sent."""
        kept = {"data": self.kept_form.data} if self.kept_form else {}
        return super().get_form_kwargs() | kept

    def get_form(self, form_class: type[BaseForm] | None = None) -> BaseForm:
        """The form; one that was kept shows what was entered and is validated when it is sent again."""
        form = super().get_form(form_class)
        if self.kept_form:
            form.errors.clear()
        return form

    def answer(self, action: Callable[[], Any], form: BaseForm) -> HttpResponse:
        """Call the verb once and go on to its result, or say why it failed with the form as it was sent."""
        outcome = carry_out(self.request, action)
        if outcome.failure is not None:
            return self.refuse(outcome.failure.refusals, form, status=outcome.failure.status)
        if outcome.first_answer is not None:
            return self.send_to_first_answer(outcome.first_answer or str(self.cancel_url))
        self.result = outcome.result
        address = self.get_success_url()
        keep_answer(self.request, address)
        messages.success(self.request, self.get_success_message())
        return HttpResponseRedirect(address)

    def send_to_first_answer(self, address: str) -> HttpResponse:
        """Lead a form that was sent again to where it led the first time."""
        messages.info(self.request, _("This form was sent before and counted once."))
        return HttpResponseRedirect(address)

    def refuse(
        self, refusals: Sequence[Refusal], form: BaseForm | None = None, *, status: int = REFUSED
    ) -> HttpResponse:
        """Say why nothing was done: on the page itself where it has a template, else on a page of reasons."""
        if self.template_name:
            context = {"form": form} if form is not None else {}
            return self.render_to_response(self.get_context_data(refusals=refusals, **context), status=status)
        return self.render_refused(refusals, status)

    def render_refused(self, refusals: Sequence[Refusal], status: int) -> HttpResponse:
        """The page of reasons, with the way back."""
        context = {"view": self, "title": self.title, "refusals": refusals}
        return render(self.request, "refused.html", context, status=status)

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Errors come back with the form filled; nothing is lost."""
        if not self.template_name:
            return self.refuse(_as_refusals(form), form)
        return self.render_to_response(self.get_context_data(form=form), status=REFUSED)


class FormPage(AnswerMixin, FormView):
    """A page with a form: `form_class` collects, `form_valid` calls the verb through `answer`."""

    template_name = "form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Call the verb: `return self.answer(lambda: verb(...), form)`."""
        raise NotImplementedError


class ActionPage(ObjectMixin, AnswerMixin):
    """One verb on the object of the address: `verb(targets, **get_verb_kwargs(form))` after a POST.

    With `template_name` a GET shows what will happen; `form_class` asks for what the verb needs.
    """

    form_class: type[BaseForm] = Form
    verb: ClassVar[Callable[..., Any] | None] = None

    def get_targets(self) -> Any:
        """The rows the verb acts on: the object of the address as a queryset."""
        return self.get_queryset().filter(pk=self.object.pk)

    @cached_property
    def targets(self) -> Any:
        """The rows the verb acts on, found once per request."""
        return self.get_targets()

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        """Keywords of the verb; the clock is read here, once."""
        return {"actor": self.user, "at": timezone.now()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what will happen; pages without a template only act."""
        if not self.template_name:
            return HttpResponseNotAllowed(["POST"])
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find the rows, then act; a selection that is empty or has changed is said and nothing is done."""
        if self.object is not None:
            self.check_permission(self.object)
        try:
            self.targets  # noqa: B018 - found before the form is validated
        except (Refused, Drift) as missed:
            # The rows may have changed because the same form did what it asks for: it counted once.
            if address := first_answer(request):
                return self.send_to_first_answer(address)
            if isinstance(missed, Refused):
                return self.render_refused(missed.refusals, REFUSED)
            return self.render_drift(missed)
        return self.process_form()

    def process_form(self) -> HttpResponse:
        """Judge the form as Django does."""
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Call the verb."""
        return self.answer(lambda: self.call_verb(form), form)

    def call_verb(self, form: Any) -> Any:
        """The verb with its rows and keywords; override where it takes something else."""
        verb = type(self).verb
        if verb is None:
            raise NotImplementedError
        return verb(self.targets, **self.get_verb_kwargs(form))

    def render_drift(self, drift: Drift) -> HttpResponse:
        """Both sides of a selection that changed, with the form to send again."""
        context = {"view": self, "title": self.title, "drift": drift}
        return render(self.request, "409.html", context, status=409)


class ConfirmedAction(ActionPage):
    """An action that asks first: the page shows what will happen, and its own form does it.

    A selection that has just arrived is shown; the form carries it along and says yes with the button
    `ANSWER`. Comes before `SelectionAction` among the bases.
    """

    ANSWER: ClassVar[str] = "go"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is new where the rows have just arrived, else as sent."""
        kwargs = super().get_form_kwargs()
        fields = self.get_form_class().base_fields.keys()
        if self.request.method == "POST" and not self.request.POST.keys() & {self.ANSWER, *fields}:
            kwargs.pop("data", None)
            kwargs.pop("files", None)
        return kwargs

    def process_form(self) -> HttpResponse:
        """Ask, or act on the answer."""
        if self.ANSWER in self.request.POST:
            return super().process_form()
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What was sent, to be sent along with the answer, without the fields of the page's own form."""
        own = {*kept_forms.NEVER_KEPT, "token", self.ANSWER, *self.get_form_class().base_fields}
        sent = self.request.POST.lists()
        fields = [(name, value) for name, values in sent if name not in own for value in values]
        return super().get_context_data(**{"sent_fields": fields, **kwargs})


def _as_refusals(form: BaseForm) -> list[Refusal]:
    """Errors of a form on a page without template, in the words of a refusal."""
    return [
        Refusal(
            code=f"invalid-{name}",
            message=str(error),
            subject=str(form[name].label) if name in form.fields else "",
        )
        for name, errors in form.errors.items()
        for error in errors
    ]
