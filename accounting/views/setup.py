"""The page of the set-up, and the full forms of the company and its fiscal years."""

from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounting.adding_accounts import add_missing_accounts
from accounting.forms.company import CompanyChangeForm, CompanyForm, FiscalYearForm
from accounting.missing_accounts import proposed_accounts
from accounting.models import FiscalPeriod
from accounting.setting_up import add_fiscal_year, found_company
from accounting.views.set_up_list import SetUpList
from accounting.views.set_up_steps import STEP_PAGES
from core.pages import ActionPage, FormPage, Page
from projects.models import LegalEntity
from projects.setting_up import change_legal_entity
from projects.views.page_defaults import PageDefaults

A_DAY = timedelta(days=1)


class SetUp(SetUpList, Page):
    """The list of steps; open to everybody who can do one of them, with the next one ready to be done."""

    permission, title, template_name = "projects.set_up_company", _("Set-up"), "accounting/setup.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the form of the next step, where the reader may do it."""
        context = super().get_context_data(**kwargs)
        following = context["following"]
        if following is not None and following.may_do and following.step.key in STEP_PAGES:
            page = STEP_PAGES[following.step.key]()
            page.setup(self.request)
            context |= {"opened": page, "form": page.get_form()}
        return context


class FoundCompany(PageDefaults, FormPage):
    """A new company with its books."""

    permission, title, form_class = "projects.add_legalentity", _("New company"), CompanyForm
    template_name, submit_label = "accounting/company_form.html", _("Create the company and its books")
    cancel_url, success_message = reverse_lazy("setup"), _("Company and books created")

    def get_initial(self) -> dict[str, Any]:
        return {"first_day": self.today.replace(month=1, day=1)}

    def form_valid(self, form: CompanyForm) -> HttpResponse:
        entity, books, user = form.instance, form.books, self.user
        return self.answer(lambda: found_company(entity, books, actor=user, at=timezone.now()), form)


class OfCompany(ActionPage):
    """Something done to one company."""

    template_name, cancel_url = "accounting/company_form.html", reverse_lazy("setup")

    def get_queryset(self) -> Any:
        return LegalEntity.objects.visible_to(self.user)


class ChangeCompany(OfCompany):
    """What documents show of a company."""

    permission, title, form_class = "projects.change_legalentity", _("Edit company"), CompanyChangeForm
    success_message = _("Saved")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.get_object()}

    def call_verb(self, form: Any) -> Any:
        return change_legal_entity(self.object, form.cleaned_data, **self.get_verb_kwargs(form))


class MissingAccounts(OfCompany):
    """The accounts that posting types lack, proposed as the chart of the company numbers them."""

    permission, title = "accounting.add_postingaccount", _("Missing accounts")
    template_name, submit_label = "accounting/missing_accounts.html", _("Add these accounts")
    verb, success_message = (
        add_missing_accounts,
        ngettext_lazy(
            "%(count)s posting type has an account now",
            "%(count)s posting types have an account now",
            "count",
        ),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what would be added."""
        return super().get_context_data(proposed=proposed_accounts(self.object), **kwargs)


class AddFiscalYear(OfCompany):
    """A further year of open periods; the one after the last that exists is suggested."""

    permission, title, form_class = "accounting.add_fiscalperiod", _("Add a fiscal year"), FiscalYearForm
    submit_label = _("Open twelve months")
    success_message = ngettext_lazy("%(count)s period opened", "%(count)s periods opened", "count")

    def get_initial(self) -> dict[str, Any]:
        last = FiscalPeriod.objects.filter(legal_entity=self.object).aggregate(last=Max("ends_on"))["last"]
        return {"first_day": last + A_DAY} if last else {}

    def call_verb(self, form: Any) -> Any:
        first_day, last_day = form.days
        kwargs = self.get_verb_kwargs(form)
        return add_fiscal_year(self.object, first_day=first_day, last_day=last_day, **kwargs)
