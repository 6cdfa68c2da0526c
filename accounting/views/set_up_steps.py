"""The steps of the set-up, each done where it stands: its form opens in the list, and success leads back."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounting.forms.company import FiscalYearForm
from accounting.forms.set_up import (
    CompanyStartForm,
    ContractStartForm,
    CustomerStartForm,
    PricesStartForm,
    ProjectStartForm,
)
from accounting.models import FiscalPeriod
from accounting.setting_up import add_fiscal_year, found_company
from accounting.views.set_up_list import SetUpList
from core.answering import REFUSED
from core.days import day_after
from core.pages import FormPage
from core.refusals import Refusal
from projects.forms.records import NewPersonForm
from projects.maintaining import add_project, add_records
from projects.models import Customer, LegalEntity, PriceList, Project
from projects.price_setting import save_price_lists
from projects.staffing import admit_people
from projects.states import PriceContext
from projects.views.record_numbers import next_number
from projects.writing_contracts import create_contract


class StepPage(SetUpList, FormPage):
    """The list of steps with one of them open; the form is the same whether it was sent or not."""

    key: ClassVar[str] = ""
    title, template_name = gettext_lazy("Set-up"), "accounting/setup.html"
    heading: ClassVar[str | Promise] = ""
    hint: ClassVar[str | Promise] = ""
    cancel_url = reverse_lazy("setup")
    needs_company: ClassVar[bool] = True
    field_of: ClassVar[Mapping[str, str]] = {
        "already-exists": "number",
        "code-taken": "code",
        "iban-malformed": "iban",
        "name-taken": "name",
        "vat-id-malformed": "vat_id",
        "year-is-there": "first_day",
    }
    """The field that a refusal is about, by its code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Before there is a company, only the company can be set up."""
        if request.user.is_authenticated and self.needs_company and self.entity is None:
            self.check_permission()
            return HttpResponseRedirect(reverse("setup"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def entity(self) -> LegalEntity | None:
        """The company that is set up: the first that the user sees."""
        return LegalEntity.objects.visible_to(self.user).order_by("pk").first()

    @property
    def company(self) -> LegalEntity:
        """The company, on pages that are there once it is."""
        if self.entity is None:
            raise LookupError("there is no company yet")
        return self.entity

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return reverse(f"setup-{self.key}")

    @property
    def who(self) -> dict[str, Any]:
        """Who acts, and when: the clock is read here, once per verb."""
        return {"actor": self.user, "at": timezone.now()}

    def get_form_kwargs(self) -> dict[str, Any]:
        """With who is asked, which decides what may be chosen."""
        return {**super().get_form_kwargs(), "user": self.user}

    def refuse(self, refusals: Sequence[Refusal], form: Any = None, *, status: int = REFUSED) -> HttpResponse:
        """What is wrong with one field is said at that field; everything else above the form."""
        rest = []
        for one in refusals:
            name = self.field_of.get(one.code, "")
            if form is not None and name in form.fields:
                form.add_error(name, f"{one.message} {one.way_out}".strip())
            else:
                rest.append(one)
        return super().refuse(rest, form, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With this step open."""
        return super().get_context_data(**{"opened": self, **kwargs})


class CompanyStep(StepPage):
    key, permission, needs_company = "company", "projects.add_legalentity", False
    form_class, submit_label = CompanyStartForm, gettext_lazy("Create the company and its books")
    heading = gettext_lazy("Who sends the invoices")
    hint = gettext_lazy("Bank, register and contact lines can follow")
    success_message = gettext_lazy("Company and books created")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["user"]
        return kwargs

    def get_initial(self) -> dict[str, Any]:
        return {"first_day": self.today.replace(month=1, day=1)}

    def form_valid(self, form: CompanyStartForm) -> HttpResponse:
        entity, books = form.instance, form.books
        return self.answer(lambda: found_company(entity, books, **self.who), form)


class BooksStep(StepPage):
    key, permission, form_class = "books", "accounting.add_fiscalperiod", FiscalYearForm
    heading, submit_label = gettext_lazy("Add a fiscal year"), gettext_lazy("Open twelve months")
    success_message = ngettext_lazy("%(count)s period opened", "%(count)s periods opened", "count")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["user"]
        return kwargs

    def get_initial(self) -> dict[str, Any]:
        last = FiscalPeriod.objects.filter(legal_entity=self.company).aggregate(last=Max("ends_on"))["last"]
        return {"first_day": day_after(last) if last else self.today.replace(month=1, day=1)}

    def form_valid(self, form: FiscalYearForm) -> HttpResponse:
        first_day, last_day = form.days
        return self.answer(
            lambda: add_fiscal_year(self.company, first_day=first_day, last_day=last_day, **self.who), form
        )


class PeopleStep(StepPage):
    key, permission, form_class = "people", "auth.add_user", NewPersonForm
    heading, submit_label = gettext_lazy("Add somebody"), gettext_lazy("Add")
    field_of: ClassVar = {"already-exists": "code", "username-taken": "username", "roles-clash": "roles"}
    success_message = gettext_lazy("Added")

    def form_valid(self, form: NewPersonForm) -> HttpResponse:
        entity, person = form.cleaned_data["legal_entity"], form.person
        return self.answer(lambda: admit_people(entity, [person], **self.who), form)


class CustomersStep(StepPage):
    key, permission, form_class = "customers", "projects.add_customer", CustomerStartForm
    heading, submit_label = gettext_lazy("Add a customer"), gettext_lazy("Add")
    hint = gettext_lazy("Language, contacts and order numbers can follow")
    success_message = gettext_lazy("Added")

    def get_initial(self) -> dict[str, Any]:
        number = next_number(Customer.objects.visible_to(self.user)) or "K-10001"
        return {"number": number, "manager": self.user}

    def form_valid(self, form: CustomerStartForm) -> HttpResponse:
        return self.answer(lambda: add_records([form.instance], **self.who), form)


class PricesStep(StepPage):
    """A sales list first; where there is one, a list of what hours cost."""

    key, permission, form_class = "prices", "projects.add_roleprice", PricesStartForm
    heading, submit_label = gettext_lazy("Enter the prices"), gettext_lazy("Create the price list")
    hint = gettext_lazy("A role without a price can get one later; expenses and materials too")
    success_message = gettext_lazy("Price list created")

    def get_initial(self) -> dict[str, Any]:
        lists = PriceList.objects.filter(legal_entity=self.company, contract=None)
        has_sales = lists.filter(context=PriceContext.SALES).exists()
        name = _("Cost prices") if has_sales else _("Sales prices")
        return {
            "legal_entity": self.company,
            "name": name,
            "context": PriceContext.COST if has_sales else PriceContext.SALES,
            "currency": self.company.currency,
            "starts_on": self.today.replace(month=1, day=1),
        }

    def form_valid(self, form: PricesStartForm) -> HttpResponse:
        prices = form.prices
        entity = prices.price_list.legal_entity
        return self.answer(lambda: save_price_lists(entity, [prices], **self.who), form)


class ProjectStep(StepPage):
    key, permission, form_class = "project", "projects.add_project", ProjectStartForm
    heading, submit_label = gettext_lazy("Add a project"), gettext_lazy("Add")
    hint = gettext_lazy("Budgets and dates can follow")
    success_message = gettext_lazy("Added")

    def get_initial(self) -> dict[str, Any]:
        number = next_number(Project.objects.visible_to(self.user)) or "PRJ-0001"
        customers = list(Customer.objects.visible_to(self.user).filter(is_closed=False)[:2])
        only = {"customer": customers[0]} if len(customers) == 1 else {}
        return {"number": number, "manager": self.user, **only}

    def form_valid(self, form: ProjectStartForm) -> HttpResponse:
        return self.answer(lambda: add_project(form.instance, form.tasks, form.team, **self.who), form)


class ContractStep(StepPage):
    """A draft of one line, then its confirmation, which says first what it means."""

    key, permission, form_class = "contract", "projects.add_projectcontract", ContractStartForm
    heading, submit_label = gettext_lazy("Write a contract of one line"), gettext_lazy("Save and confirm")
    hint = gettext_lazy("More lines, several payers and limits are in the full form")
    success_message = gettext_lazy("Contract saved as a draft")

    def get_initial(self) -> dict[str, Any]:
        projects = list(
            Project.objects.visible_to(self.user).filter(is_closed=False, customer__isnull=False)[:2]
        )
        only = {"project": projects[0], "name": projects[0].name} if len(projects) == 1 else {}
        return {"starts_on": self.today.replace(month=1, day=1), **only}

    def form_valid(self, form: ContractStartForm) -> HttpResponse:
        head, line = form.head, form.line
        return self.answer(lambda: create_contract(head, [line], on=self.today, **self.who), form)

    def get_success_url(self) -> str:
        """On to the confirmation."""
        return reverse("contract-confirm", args=[self.result.number])


STEP_PAGES: Mapping[str, type[StepPage]] = {
    page.key: page
    for page in (CompanyStep, BooksStep, PeopleStep, CustomersStep, PricesStep, ProjectStep, ContractStep)
}
