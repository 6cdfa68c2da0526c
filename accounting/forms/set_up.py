"""What the steps of the set-up ask where they stand: the least that is needed; the rest can follow."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from accounting.forms.company import CompanyForm
from core.day_inputs import DayField
from core.money import HUNDRED
from core.number_inputs import NumberField
from projects.agreements import ContractHead, LineTerms, PayerShare
from projects.forms.choices import CurrencyField
from projects.forms.records import CustomerForm, ProjectForm
from projects.models import (
    Customer,
    LegalEntity,
    PriceList,
    Project,
    Resource,
    Role,
    RolePrice,
    Task,
    TeamMember,
)
from projects.price_rows import PricesOfList
from projects.states import BillingMethod, PriceContext

MOST_TASKS = 50


class CompanyStartForm(CompanyForm):
    """A new company with the books it begins with; bank and register can follow."""

    class Meta(CompanyForm.Meta):
        fields: Sequence[str] = (
            *("name", "short_name", "code", "address", "country", "currency"),
            *("language", "timezone", "vat_id", "iban"),
        )


class CustomerStartForm(CustomerForm):
    """The first customer: who receives the invoice, where, and on which terms."""

    class Meta(CustomerForm.Meta):
        fields: Sequence[str] = (
            *("legal_entity", "number", "name", "short_name", "billing_address", "country", "vat_id"),
            *("currency", "payment_terms", "sales_tax_group", "manager"),
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        for name in ("short_name", "manager"):
            self.fields[name].widget = forms.HiddenInput()
        entity = LegalEntity.objects.visible_to(user).order_by("pk").first()
        # Documents for it are in the language of the company, until somebody says otherwise.
        self.instance.language = entity.language if entity else self.instance.language


class PricesStartForm(forms.Form):
    """A price list in one go: its currency, its first day, and what an hour of each role costs."""

    legal_entity = forms.ModelChoiceField(queryset=LegalEntity.objects.none(), widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name of the list"), max_length=80)
    context = forms.ChoiceField(label=_("Kind"), choices=PriceContext.choices)
    currency = CurrencyField(label=_("Currency"))
    starts_on = DayField(label=_("Valid from"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["legal_entity"].queryset = LegalEntity.objects.visible_to(user)  # type: ignore[attr-defined]
        self.roles = list(Role.objects.filter(is_closed=False).order_by("name"))
        for role in self.roles:
            label = _("An hour of %(role)s") % {"role": role}
            self.fields[f"price-{role.pk}"] = NumberField(label=label, required=False, least=2)

    def clean(self) -> dict[str, Any]:
        """One price at least, or the list would price nothing."""
        cleaned = super().clean() or self.cleaned_data
        if self.roles and not self.errors and not self.rows:
            self.add_error(f"price-{self.roles[0].pk}", _("Enter the price of one role at least."))
        return cleaned

    @property
    def rows(self) -> list[RolePrice]:
        """The prices that were typed; a role without one waits for it."""
        prices = {role: self.cleaned_data.get(f"price-{role.pk}") for role in self.roles}
        return [RolePrice(role=role, price=price) for role, price in prices.items() if price is not None]

    @property
    def prices(self) -> PricesOfList:
        """The list with its prices."""
        columns = ("legal_entity", "name", "context", "currency", "starts_on")
        return PricesOfList(
            PriceList(**{name: self.cleaned_data[name] for name in columns}),
            list(self.rows),
        )


class ProjectStartForm(ProjectForm):
    """The first project with its tasks and who works on it."""

    task_names = forms.CharField(
        label=_("Tasks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One in each line; they are numbered T1, T2 and so on."),
    )
    people = forms.ModelMultipleChoiceField(
        label=_("Who works on it"),
        queryset=Resource.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("People whose usual billing role is known; others are added on the page of the project."),
    )
    budget_readers = None  # type: ignore[assignment]
    many: ClassVar[tuple[str, ...]] = ()

    class Meta(ProjectForm.Meta):
        fields: Sequence[str] = ("legal_entity", "number", "name", "customer", "manager", "starts_on")

    ends_on = None  # type: ignore[assignment]
    field_order: ClassVar = ("number", "name", "customer", "manager", "starts_on")

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        people = Resource.objects.visible_to(user).filter(is_closed=False, role__is_closed=False)
        self.choose("people", people.select_related("role"))

    def clean_task_names(self) -> list[str]:
        """The names, without empty lines."""
        names = [line.strip() for line in self.cleaned_data["task_names"].splitlines() if line.strip()]
        longest = Task._meta.get_field("name").max_length or 0
        if len(names) > MOST_TASKS or any(len(name) > longest for name in names):
            words = {"most": MOST_TASKS, "longest": longest}
            raise forms.ValidationError(
                _("Enter up to %(most)s tasks of %(longest)s characters each."), params=words
            )
        return names

    @property
    def tasks(self) -> list[Task]:
        """The tasks, numbered in their order."""
        return [
            Task(code=f"T{nth}", name=name) for nth, name in enumerate(self.cleaned_data["task_names"], 1)
        ]

    @property
    def team(self) -> list[TeamMember]:
        """Who was ticked, with the usual role of each."""
        day = self.cleaned_data.get("starts_on")
        return [TeamMember(resource=one, role=one.role, starts_on=day) for one in self.cleaned_data["people"]]


class ContractStartForm(forms.Form):
    """The first contract: one line for one project, paid by its customer alone."""

    name = forms.CharField(label=_("Name on invoices"), max_length=120)
    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    billing_method = forms.ChoiceField(label=_("Billed by"), choices=BillingMethod.choices)
    contracted_amount = NumberField(
        label=_("Agreed amount"), required=False, least=2, help_text=_("For a fixed price only.")
    )
    starts_on = DayField(label=_("Starts on"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.asked_by = user
        mine = Customer.objects.visible_to(user).filter(is_closed=False, is_on_hold=False)
        projects = Project.objects.visible_to(user).filter(is_closed=False, customer__in=mine)
        self.fields["project"].queryset = projects.select_related("customer")  # type: ignore[attr-defined]

    @property
    def head(self) -> ContractHead:
        """The contract: its number is the next one, its currency that of the customer."""
        project = self.cleaned_data["project"]
        return ContractHead(
            legal_entity=project.legal_entity,
            name=self.cleaned_data["name"],
            customer=project.customer,
            currency=project.customer.currency,
            manager=self.asked_by,
            starts_on=self.cleaned_data["starts_on"],
        )

    @property
    def line(self) -> LineTerms:
        """Its one line: time, expenses and material of the whole project."""
        cleaned = self.cleaned_data
        return LineTerms(
            name=cleaned["name"],
            billing_method=cleaned["billing_method"],
            project=cleaned["project"],
            includes_fee=cleaned["billing_method"] == BillingMethod.FIXED_PRICE,
            contracted_amount=cleaned["contracted_amount"],
            payers=(PayerShare(cleaned["project"].customer, HUNDRED, is_rounding=True),),
        )
