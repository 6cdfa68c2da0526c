"""Plan advances, change and delete them, refund them, and say how much of them drafts apply (B3)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.applying import apply_to_open_drafts, set_applied
from billing.forms.advances import AdvanceForm, AppliedForm, ChangeAdvanceForm, RefundForm, ScheduleForm
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.retainer_querysets import RetainerQuerySet
from billing.retaining import (
    ask_for_refund,
    change_retainer,
    delete_retainers,
    keep_balance,
    plan_retainers,
)
from billing.states import RetainerUse
from billing.views.advances import DRAFT, PLAN, Advances
from core.pages import ActionPage, FormPage, ObjectMixin
from projects.models import ContractLineCustomer, ProjectContract
from projects.views.page_defaults import PageDefaults


class PlanningPage(PageDefaults, FormPage):
    """A form about the contracts the user may see; leads back to the advances."""

    permission, template_name = PLAN, "billing/advance_form.html"
    cancel_url = reverse_lazy("advances")

    def get_form_kwargs(self) -> dict[str, Any]:
        contracts = ProjectContract.objects.managed_by(self.user)
        return super().get_form_kwargs() | {"contracts": contracts}

    def get_initial(self) -> dict[str, Any]:
        """The first payer of the contract that the address names, where it names one."""
        number = self.request.GET.get("contract", "")
        payers = ContractLineCustomer.objects.filter(contract_line__contract__number=number)
        first = payers.order_by("contract_line__number", "pk").values_list(
            "contract_line__contract", "customer"
        )
        return {"payer": "-".join(map(str, first[0])) if number and first else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(Advances.title, reverse("advances")), (self.title, "")]
        return super().get_context_data(**{"crumbs": crumbs, **kwargs})

    def form_valid(self, form: Any) -> HttpResponse:
        """Plan what was typed."""
        (contract, customer), plans, now = form.cleaned_data["payer"], form.plans(), timezone.now()
        return self.answer(lambda: plan_retainers(contract, customer, plans, actor=self.user, at=now), form)


class AddAdvance(PlanningPage):
    title, form_class, submit_label = _("New advance"), AdvanceForm, _("Add advance")
    success_message = _("Advance added: mark it ready to invoice it")

    def get_initial(self) -> dict[str, Any]:
        """Invoiced today unless another day is typed."""
        return super().get_initial() | {"invoice_on": self.today}


class ScheduleAdvances(PlanningPage):
    """The series is shown before it is made: the first click shows it, the second one makes it."""

    title, form_class, submit_label = _("Schedule advances"), ScheduleForm, _("Show the series")
    template_name = "billing/advance_schedule.html"
    success_message = ngettext_lazy("%(count)s advance added", "%(count)s advances added", "count")

    def form_valid(self, form: ScheduleForm) -> HttpResponse:
        """Make it where it was shown; otherwise show it."""
        if "make" in self.request.POST:
            return super().form_valid(form)
        contract, _customer = form.cleaned_data["payer"]
        total = form.cleaned_data["total"]
        shown = {"plans": form.plans(), "currency": contract.currency, "total": total}
        return self.render_to_response(self.get_context_data(form=form, **shown))


class OfAdvance(ObjectMixin):
    """An advance by its key, among those of contracts the user manages; leads back to its page."""

    def get_queryset(self) -> QuerySet[Retainer]:
        rows = Retainer.objects.changeable_by(self.user)
        return rows.select_related("contract", "customer")

    @property
    def chosen(self) -> RetainerQuerySet:
        """It as the verbs take it."""
        rows: RetainerQuerySet = Retainer.objects.filter(pk=self.object.pk)
        return rows

    @property
    def cancel_url(self) -> str:
        """What became of it."""
        return reverse("advance", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way back."""
        here = (self.object.name, self.cancel_url)
        crumbs = [(Advances.title, reverse("advances")), here, (self.title, "")]
        return super().get_context_data(**{"retainer": self.object, "crumbs": crumbs, **kwargs})


class ChangeAdvance(OfAdvance, FormPage):
    permission, title, form_class = PLAN, _("Edit advance"), ChangeAdvanceForm
    template_name, success_message = "billing/advance_change.html", _("Advance saved")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"retainer": self.object}

    def form_valid(self, form: ChangeAdvanceForm) -> HttpResponse:
        (plan,), now = form.plans(), timezone.now()
        return self.answer(lambda: change_retainer(self.chosen, plan, actor=self.user, at=now), form)


class DeleteAdvance(OfAdvance, ActionPage):
    permission, title, verb = PLAN, _("Delete advance"), delete_retainers
    success_message, success_url = _("Advance deleted"), reverse_lazy("advances")


class RefundAdvance(OfAdvance, FormPage):
    """The whole balance goes back with the next proforma, for a reason that is printed."""

    permission, title, form_class = PLAN, _("Refund advance"), RefundForm
    template_name = "billing/advance_refund.html"
    success_message = _("Ready to refund: the next proforma of the contract gives it back")

    def form_valid(self, form: RefundForm) -> HttpResponse:
        reason, now = form.cleaned_data["reason"], timezone.now()
        return self.answer(lambda: ask_for_refund(self.chosen, reason=reason, actor=self.user, at=now), form)


class KeepAdvance(OfAdvance, ActionPage):
    permission, title, verb = PLAN, _("Keep the balance"), keep_balance
    template_name = "billing/advance_keep.html"
    success_message = _("It is not refunded; the balance is available again")


class ApplyAdvance(OfAdvance, ActionPage):
    """Apply it to the open drafts of its contract and customer, after a page that names them."""

    permission, title, verb = DRAFT, _("Apply advance"), apply_to_open_drafts
    template_name = "billing/advance_apply.html"
    success_message = ngettext_lazy("Applied to %(count)s draft", "Applied to %(count)s drafts", "count")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the drafts that can take it."""
        drafts = Proforma.objects.open().filter(
            contract=self.object.contract_id, customer=self.object.customer_id
        )
        return super().get_context_data(drafts=drafts.order_by("pk"), **kwargs)


class ReduceAdvance(FormPage):
    """How much of an advance a draft applies; what is taken off is available again."""

    permission, title, form_class = DRAFT, _("Reduce advance"), AppliedForm
    template_name = "billing/advance_reduce.html"
    success_message = _("Saved. The totals are added up again.")

    @cached_property
    def detail(self) -> InvoiceLineDetail:
        """The detail that applies it, of the proforma in the address; 404 when it is not there."""
        rows = InvoiceLineDetail.objects.changeable_by(self.user).filter(retainer_use=RetainerUse.APPLY)
        related = ("line__proforma__customer", "retainer__contract")
        number = self.kwargs["number"]
        return get_object_or_404(
            rows.select_related(*related), pk=self.kwargs["pk"], line__proforma__number=number
        )

    @property
    def cancel_url(self) -> str:
        """The draft."""
        return reverse("proforma", args=[self.kwargs["number"]])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"detail": self.detail}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what is left, and the total before it is taken off."""
        proforma, retainer = self.detail.line.proforma, self.detail.retainer
        left = retainer.available_amount - self.detail.amount if retainer else None
        crumbs = [(proforma.number, self.cancel_url), (self.title, "")]
        context = {"detail": self.detail, "object": proforma, "left": left, "crumbs": crumbs}
        return super().get_context_data(**{**context, **kwargs})

    def form_valid(self, form: AppliedForm) -> HttpResponse:
        rows, now = InvoiceLineDetail.objects.filter(pk=self.detail.pk), timezone.now()
        return self.answer(lambda: set_applied(rows, form.applied(), actor=self.user, at=now), form)
