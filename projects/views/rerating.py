"""Price unbilled work again: choose, look at every change, say why, do it (B11)."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.pages import FormPage
from core.templatetags.display import number
from projects.approval_querysets import ApprovalQuerySet
from projects.forms.rerating import RerateForm, ScopeForm
from projects.rerating import rerate_work
from projects.rerating_preview import Rerating, rerating_of
from projects.rerating_scope import rerateable_by
from projects.views.page_defaults import PageDefaults

RERATE, COST = "projects.rerate_work", "projects.view_cost"
SHOWN = 100


class RerateWork(PageDefaults, FormPage):
    """The preview for what the address or the sent form says, and the button that does it."""

    permission, title = RERATE, _("Price unbilled work again")
    purpose = _("Approved work that is not billed yet is reversed and replaced at another price")
    template_name, form_class = "projects/rerate_work.html", RerateForm
    cancel_url = reverse_lazy("price-lists")
    result: Rerating

    @cached_property
    def scope_form(self) -> ScopeForm:
        """What was chosen, empty when the page is opened without a choice."""
        return ScopeForm(self.request.POST or self.request.GET or None, user=self.user)

    @property
    def work(self) -> ApprovalQuerySet:
        """The chosen work, as far as the user may price it."""
        return rerateable_by(self.scope_form.scope().approvals(), self.user)

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.scope_form.is_valid():
            return self.form_invalid(form)
        return self.answer(lambda: self.rerate(form), form)

    def rerate(self, form: RerateForm) -> Rerating:
        """Call the verb with what was chosen and shown."""
        return rerate_work(
            self.work,
            reason=form.cleaned_data["reason"],
            expected=form.cleaned_data["expected"],
            prices=self.scope_form.scope().prices,
            actor=self.user,
            on=self.today,
            at=timezone.now(),
        )

    def get_success_message(self) -> str:
        count = len(self.result.changes)
        text = ngettext("One entry was priced again.", "%(count)s entries were priced again.", count)
        return text % {"count": number(count)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The choice, and its preview where something was chosen."""
        context = super().get_context_data(scope_form=self.scope_form, may_see_cost=self.may(COST), **kwargs)
        if self.scope_form.is_bound and self.scope_form.is_valid():
            preview = rerating_of(self.work, prices=self.scope_form.scope().prices)
            page = Paginator(preview.changes, SHOWN).get_page(self.request.GET.get("page"))
            shown = {"preview": preview, "by_customer": preview.by_customer()}
            context |= shown | {"page": page, "left_out": preview.left_out[:SHOWN]}
        return context
