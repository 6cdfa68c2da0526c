"""Coming in: signing in, changing one's own password, and replacing a forgotten one by a link in a mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView, PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from core.answering import REFUSED
from core.client_address import client_address
from core.refusals import Refused
from demo.people import PASSWORD, STAFF
from projects.password_links import ask_for_password_link, note_changed_password


class SignIn(LoginView):
    """Name and password; those who are signed in already go on to where they wanted to go."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **demo_logins()}


class ChangePassword(PasswordChangeView):
    """Everybody's own password: the old one, and the new one twice."""

    template_name, success_url = "registration/change_password.html", reverse_lazy("overview")
    title = gettext_lazy("Change password")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_changed_password(form.user, at=timezone.now())
        messages.success(self.request, _("Your password was changed. Other sessions of yours have ended."))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=REFUSED)


class MailForm(forms.Form):
    """The address that the link is sent to."""

    mail = forms.EmailField(
        label=gettext_lazy("Mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@method_decorator(login_not_required, name="dispatch")
class ForgottenPassword(FormView):
    """Ask for a link; what comes next is the same whether somebody has the address or not."""

    template_name, form_class = "registration/forgotten.html", MailForm
    success_url = reverse_lazy("password-link-sent")

    def form_valid(self, form: MailForm) -> HttpResponse:
        place = client_address(self.request)
        try:
            ask_for_password_link(form.cleaned_data["mail"], asked_from=place, at=timezone.now())
        except Refused as refused:
            context = self.get_context_data(form=form, refusals=refused.refusals)
            return self.render_to_response(context, status=REFUSED)
        return super().form_valid(form)

    def form_invalid(self, form: MailForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=REFUSED)


@method_decorator(login_not_required, name="dispatch")
class LinkSent(TemplateView):
    """Look into the mailbox."""

    template_name = "registration/link_sent.html"


class ChoosePassword(PasswordResetConfirmView):
    """Where the link in a mail leads: it works once, and for three days."""

    template_name, success_url = "registration/choose_password.html", reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_changed_password(form.user, at=timezone.now())
        messages.success(self.request, _("Your password was changed. Sign in with the new one."))
        return response


def demo_logins() -> dict[str, Any]:
    """The logins of the demo company, where one was made and only this machine is answered."""
    if settings.MODE != "demo" or not (settings.VAR / "demo-logins.txt").exists():
        return {}
    return {"demo_logins": STAFF, "demo_password": PASSWORD}
