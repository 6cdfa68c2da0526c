"""Forms of master data: what a customer, a project, a task, a team member and a person are."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from core.pages.selection import keyed
from core.people import person_name
from projects.access import people_visible_to
from projects.forms.choices import CountryField, CurrencyField
from projects.models import (
    Customer,
    DocumentLayout,
    LegalEntity,
    PaymentTerms,
    Project,
    Resource,
    Role,
    SalesTaxGroup,
    Task,
    TeamMember,
)
from projects.new_person import NewPerson
from projects.roles import ROLES


class PersonChoice(forms.ModelChoiceField):
    """One person, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return person_name(obj)


class PeopleChoice(forms.ModelMultipleChoiceField):
    """Some people, by name."""

    def clean(self, value: Any) -> Any:
        """Those that were ticked; what cannot be a key is answered as a bad request."""
        # Django compares keys with `in`, where a number that no column holds is a fault of the database.
        keyed(User.objects.all(), [str(key) for key in value or ()])
        return super().clean(value)

    def label_from_instance(self, obj: Any) -> str:
        return person_name(obj)


def _judged_by_the_verb(exclude: Collection[str] | None = None) -> None:
    """Nothing to say here."""


class RecordForm(forms.ModelForm):
    """A row of master data: what may be chosen are the rows that the user sees. It saves nothing itself."""

    many: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        self.asked_by = user
        super().__init__(*args, **kwargs)
        entities = LegalEntity.objects.visible_to(user)
        if "legal_entity" in self.fields:
            self.choose("legal_entity", entities)
            # One company needs no question; its currency is the usual one.
            first = entities.order_by("pk").first()
            self.fields["legal_entity"].initial = first
            if entities.count() == 1:
                self.fields["legal_entity"].widget = forms.HiddenInput()
            if first is not None and "currency" in self.fields:
                self.fields["currency"].initial = first.currency
                self.fields["country"].initial = first.country

    def choose(self, name: str, rows: models.QuerySet[Any]) -> None:
        """Offer these rows for a field, where the form has it."""
        if name in self.fields:
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the row's own columns."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.many}

    @property
    def related(self) -> dict[str, list[Any]]:
        """The rows that many-to-many fields shall name."""
        return {name: list(self.cleaned_data[name]) for name in self.many}

    def validate_unique(self) -> None:
        """The verb says which number is taken, and how to go on."""

    def full_clean(self) -> None:
        """The verb judges the row as a whole, with a way out; the database's own sentences have none."""
        # Django asks the instance, and has no hook of the form to leave it out.
        self.instance.validate_constraints = _judged_by_the_verb
        super().full_clean()


class CustomerForm(RecordForm):
    """A new customer."""

    country = CountryField(label=_("Country"))
    currency = CurrencyField(label=_("Currency"))
    manager = PersonChoice(label=_("Looked after by"), queryset=User.objects.none(), required=False)

    class Meta:
        model = Customer
        fields: Sequence[str] = (
            *("legal_entity", "number", "name", "short_name", "billing_address", "country", "email"),
            "sends_invoices",
            *("vat_id", "currency", "language", "payment_terms", "purchase_order", "sales_tax_group"),
            *("manager", "document_layout"),
        )
        widgets: ClassVar = {"billing_address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        self.choose(
            "manager", people_visible_to(user).filter(is_active=True).order_by("last_name", "username")
        )
        self.choose("sales_tax_group", SalesTaxGroup.objects.order_by("name"))
        self.choose("payment_terms", PaymentTerms.objects.order_by("net_days", "name"))
        self.choose("document_layout", DocumentLayout.objects.order_by("name"))
        self.fields["short_name"].required = False
        self.fields["short_name"].help_text = _("Used in lists; if it is empty, the beginning of the name.")

    def clean(self) -> dict[str, Any]:
        """A short name where none was given."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("short_name") and cleaned.get("name"):
            cleaned["short_name"] = cleaned["name"][:32]
        return cleaned


class CustomerChangeForm(CustomerForm):
    """A customer that exists: it stays in its company."""

    class Meta(CustomerForm.Meta):
        fields: Sequence[str] = CustomerForm.Meta.fields[1:]


class ProjectForm(RecordForm):
    """A new project."""

    many: ClassVar[tuple[str, ...]] = ("budget_readers",)
    customer = forms.ModelChoiceField(
        label=_("Customer"),
        queryset=Customer.objects.none(),
        required=False,
        help_text=_("Without a customer it is internal."),
    )
    manager = PersonChoice(label=_("Manager"), queryset=User.objects.none())
    starts_on = DayField(label=_("Starts on"), required=False)
    ends_on = DayField(label=_("Ends on"), required=False)
    budget_readers = PeopleChoice(
        label=_("Budget mails to"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At 80 and 100 percent of a budget. If nobody is chosen, the manager gets them."),
    )

    class Meta:
        model = Project
        fields: Sequence[str] = (
            *("legal_entity", "number", "name", "customer", "manager", "starts_on", "ends_on"),
            *("budget_hours", "budget_amount", "budget_readers", "group", "sales_tax_group", "dimension"),
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        mine = self.instance.customer_id
        customers = Customer.objects.visible_to(user)
        # A customer that was closed meanwhile stays where it is.
        self.choose("customer", customers.filter(is_closed=False) | customers.filter(pk=mine))
        people = people_visible_to(user).filter(is_active=True).order_by("last_name", "username")
        self.choose("manager", people)
        self.choose("budget_readers", people)
        self.choose("sales_tax_group", SalesTaxGroup.objects.order_by("name"))


class ProjectChangeForm(ProjectForm):
    """A project that exists: it stays in its company."""

    class Meta(ProjectForm.Meta):
        fields: Sequence[str] = ProjectForm.Meta.fields[1:]


class TaskForm(RecordForm):
    """A task of a project."""

    class Meta:
        model = Task
        fields = ("code", "name", "budget_hours", "budget_amount")


class TeamForm(RecordForm):
    """Somebody on the team of a project."""

    starts_on = DayField(label=_("On the team since"), required=False)

    class Meta:
        model = TeamMember
        fields = ("resource", "role", "is_approver", "starts_on")

    def __init__(self, *args: Any, user: User, project: Project, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        people = Resource.objects.visible_to(user).filter(legal_entity=project.legal_entity_id)
        self.choose("resource", people.filter(is_closed=False).exclude(memberships__project=project))
        self.choose("role", Role.objects.filter(is_closed=False))


class TeamChangeForm(RecordForm):
    """Somebody who is on the team: the person stays, what they do there changes."""

    starts_on = DayField(label=_("On the team since"), required=False)

    class Meta:
        model = TeamMember
        fields = ("role", "is_approver", "starts_on")

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        # A role that was closed meanwhile stays where it is.
        self.choose(
            "role", Role.objects.filter(is_closed=False) | Role.objects.filter(pk=self.instance.role_id)
        )


class CustomerHoldForm(forms.Form):
    """Why a customer is put on hold."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Shown to everybody who bills this customer.")
    )


class NewPersonForm(forms.Form):
    """Somebody new: a user, what they may do, and whether they report hours."""

    legal_entity = forms.ModelChoiceField(label=_("Company"), queryset=LegalEntity.objects.none())
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    username = forms.RegexField(label=_("Username"), regex=r"^[\w.@+-]+\Z", max_length=150)
    email = forms.EmailField(label=_("Mail address"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(name, _(name)) for name in ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        required=False,
        help_text=_("Names the person in lists of hours. Empty for those who report no hours."),
    )
    billed_as = forms.ModelChoiceField(
        label=_("Hours are billed as"), queryset=Role.objects.none(), required=False
    )
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("If it is empty, the person is invited by mail to choose one."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        entities = LegalEntity.objects.visible_to(user)
        entity = self.fields["legal_entity"]
        entity.queryset, entity.initial = entities, entities.first()  # type: ignore[attr-defined]
        if entities.count() == 1:
            entity.widget = forms.HiddenInput()
        self.fields["billed_as"].queryset = Role.objects.filter(is_closed=False)  # type: ignore[attr-defined]

    def clean_password(self) -> str:
        """A password as strong as everybody's."""
        password: str = self.cleaned_data["password"]
        if password:
            names = {name: self.cleaned_data.get(name, "") for name in ("username", "email", "first_name")}
            validate_password(password, User(**names))
        return password

    @property
    def person(self) -> NewPerson:
        """What was filled in."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "legal_entity"}
        return NewPerson(**cleaned)


class PersonChangeForm(forms.ModelForm):
    """Names, mail address and roles of somebody who is here."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(name, _(name)) for name in ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "username", "email")

    def validate_unique(self) -> None:
        """The verb says that a name is taken."""
