"""Pages about passwords: change one's own, ask for a link when it is forgotten, choose another one (A13)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
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
from projects.forms.passwords import MailForm
from projects.password_links import ask_for_password_link, note_changed_password


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
