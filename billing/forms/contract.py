"""The form of a contract as a whole: what it says itself, its customers, its lines with payers and rules."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from billing.forms.contract_offers import Offers, PickField
from billing.forms.contract_payers import PayerForm, RowForm, RuleForm, shares_of
from billing.forms.contract_rows import ContractRows, LineRows, place_of
from billing.forms.schedules import LineScheduleForm
from core.day_inputs import DayField
from core.number_inputs import NumberField, SharePercentField, typed
from core.people import person_name
from projects.agreements import ContractHead, LineTerms, PayerShare, evenly_distributed
from projects.forms.choices import CurrencyField
from projects.models import ContractLine, Project, ProjectContract, Task
from projects.models.contract import MOST_RETENTION_MONTHS
from projects.states import BillingMethod, IncrementRule, IncrementScope

SCOPES = [("project", _("All tasks")), ("tasks", _("Only these"))]
CLASSES = ("includes_time", "includes_expense", "includes_material", "includes_fee")
SAVE, CONFIRM, REFRESH = "save", "confirm", "refresh"


class LineForm(forms.Form):
    """One line with its payers and rules."""

    # Work on the line needs its project before the contract is confirmed.
    needed = ("project",)
    line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Line name"), max_length=120)
    billing_method = forms.ChoiceField(label=_("Billing method"), choices=BillingMethod.choices)
    project = PickField(label=_("Project"), required=False)
    contracted_amount = NumberField(label=_("Contracted amount"), required=False)
    not_to_exceed_amount = NumberField(
        label=_("Not to exceed"), required=False, help_text=_("Work above it is held")
    )
    billing_starts_on = DayField(
        label=_("Billing starts on"), required=False, help_text=_("Earlier work is not covered")
    )
    includes_time = forms.BooleanField(label=_("Time"), required=False)
    includes_expense = forms.BooleanField(label=_("Expense"), required=False)
    includes_material = forms.BooleanField(label=_("Material"), required=False)
    includes_fee = forms.BooleanField(label=_("Fee"), required=False)
    increment_minutes = forms.IntegerField(
        label=_("Increment in minutes"), required=False, help_text=_("Empty: as recorded")
    )
    increment_rule = forms.ChoiceField(label=_("Rounded"), choices=IncrementRule.choices, required=False)
    increment_scope = forms.ChoiceField(label=_("Taken"), choices=IncrementScope.choices, required=False)
    day_hours = NumberField(
        label=_("Hours of a billed day"), required=False, help_text=_("Empty: billed in hours")
    )
    discount_percent = SharePercentField(
        label=_("Standing discount in percent"), required=False, help_text=_("On every new draft")
    )
    discount_reason = forms.CharField(
        label=_("Reason of the discount"), max_length=120, required=False, help_text=_("Is printed")
    )
    scope = forms.ChoiceField(label=_("Tasks"), choices=SCOPES, widget=forms.RadioSelect, required=False)
    tasks = forms.MultipleChoiceField(label=_("Tasks"), widget=forms.CheckboxSelectMultiple, required=False)
    rounding = forms.IntegerField(required=False)

    def __init__(self, data: Any, nth: int, rows: LineRows, offers: Offers):
        super().__init__(data, prefix=f"line-{nth}")
        self.nth, self.offers = nth, offers
        self.fields["project"].offer(offers.projects)  # type: ignore[attr-defined]
        self.fields["tasks"].choices = [  # type: ignore[attr-defined]
            (str(task.pk), f"{task.code} {task.name}") for task in self.offered_tasks
        ]
        self.payers = [
            PayerForm(data, f"line-{nth}-payer-{place}", offers) for place in range(len(rows.payers))
        ]
        subjects = offers.subjects_of_rules(self.chosen_project)
        self.schedule = LineScheduleForm(data, prefix=f"line-{nth}")
        self.rules = [
            RuleForm(data, f"line-{nth}-rule-{place}", subjects) for place in range(len(rows.rules))
        ]

    @property
    def chosen_project(self) -> Project | None:
        """The project chosen in the form, whether the form is valid or not."""
        rows: dict[str, Project] = self.fields["project"].rows  # type: ignore[attr-defined]
        return rows.get(self.data.get(self.add_prefix("project"), ""))

    @property
    def offered_tasks(self) -> list[Task]:
        """The tasks of the project that is chosen."""
        return self.offers.tasks.get(self.chosen_project.pk, []) if self.chosen_project else []

    @property
    def place(self) -> str:
        """Its place among the lines, as buttons name it."""
        return str(self.nth)

    @property
    def adds_payer(self) -> str:
        """The button that adds a payer to it."""
        return f"add-payer-{self.nth}"

    @property
    def drops_payer(self) -> str:
        """The beginning of the buttons that drop one of its payers."""
        return f"drop-payer-{self.nth}"

    @property
    def classes(self) -> list[forms.BoundField]:
        """The boxes of the classes it may include."""
        return [self[name] for name in CLASSES]

    @property
    def has_steps(self) -> bool:
        """Whether time is billed in increments or days."""
        names = ("increment_minutes", "day_hours")
        return any(self.data.get(self.add_prefix(name)) for name in names)

    @property
    def key(self) -> str:
        """The key of the row that the line changes; empty for a new one."""
        return str(self.data.get(self.add_prefix("line"), ""))

    @property
    def is_fixed_price(self) -> bool:
        """Whether milestones are billed, and not work."""
        return self.data.get(self.add_prefix("billing_method")) == BillingMethod.FIXED_PRICE

    @property
    def rounding_place(self) -> str:
        """The row of the payer that is marked to take the rounding."""
        return str(self.data.get(self.add_prefix("rounding"), ""))

    @property
    def parts(self) -> list[RowForm]:
        """The forms in it that count."""
        schedule = [] if self.is_fixed_price else [self.schedule]
        rows: list[RowForm] = [*self.payers, *schedule, *self.rules]
        return [part for part in rows if not part.is_empty]

    def shares(self) -> tuple[PayerShare, ...]:
        """The payers as the verbs take them."""
        return shares_of(self.payers, self.rounding_place)

    def terms(self, lines: Mapping[int, ContractLine]) -> LineTerms:
        """The line as the verbs take it."""
        cleaned = self.cleaned_data
        own = ("name", "billing_method", "project", "contracted_amount", "not_to_exceed_amount")
        steps = ("billing_starts_on", "increment_minutes", "day_hours", *CLASSES)
        lowered = ("discount_percent", "discount_reason")
        chosen = set(cleaned["tasks"]) if cleaned["scope"] == "tasks" else set()
        return LineTerms(
            **{name: cleaned[name] for name in (*own, *steps, *lowered)},
            increment_rule=cleaned["increment_rule"] or IncrementRule.UP,
            increment_scope=cleaned["increment_scope"] or IncrementScope.ENTRY,
            line=lines.get(cleaned["line"] or 0),
            tasks=tuple(task for task in self.offered_tasks if str(task.pk) in chosen),
            payers=self.shares(),
            rules=tuple(rule.rule() for rule in self.rules if not rule.is_empty),
        )


class ContractForm(forms.Form):
    """A contract as a whole; `button` is the one that was pressed, which may add, drop or fill rows."""

    legal_entity = PickField(label=_("Legal entity"))
    number = forms.CharField(
        label=_("Number"), max_length=20, required=False, help_text=_("Empty: the next one")
    )
    name = forms.CharField(label=_("Name on invoices"), max_length=120)
    customer = PickField(label=_("Customer"))
    manager = PickField(label=_("Project manager"), required=False)
    starts_on = DayField(label=_("Start"), required=False, help_text=_("Earlier work is not covered"))
    ends_on = DayField(label=_("End"), required=False, help_text=_("Later work is not covered"))
    purchase_order = forms.CharField(
        label=_("Purchase order"), max_length=40, required=False, help_text=_("Is printed")
    )
    not_to_exceed_amount = NumberField(label=_("Not to exceed"), required=False)
    currency = CurrencyField(label=_("Currency"))
    sales_tax_group = PickField(
        label=_("Sales tax group"), required=False, help_text=_("Empty: as the customer")
    )
    payment_terms = PickField(
        label=_("Payment terms"), required=False, help_text=_("Empty: as the customer who pays")
    )
    document_layout = PickField(
        label=_("Document layout"), required=False, help_text=_("Empty: as the customer who pays")
    )
    dimension = forms.CharField(
        label=_("Financial dimension"),
        max_length=40,
        required=False,
        help_text=_("Of projects without one; empty: as the customer"),
    )
    retention_percent = SharePercentField(
        label=_("Retention in percent"), required=False, help_text=_("Kept back of every new proforma")
    )
    retention_months = forms.IntegerField(
        label=_("Months until its release"),
        required=False,
        min_value=0,
        max_value=MOST_RETENTION_MONTHS,
        help_text=_("Empty: the date is entered later"),
    )
    retention_condition = forms.CharField(
        label=_("Condition of the release"), max_length=120, required=False, help_text=_("Is printed")
    )
    rounding = forms.IntegerField(required=False)

    def __init__(
        self,
        rows: ContractRows,
        *,
        user: User,
        contract: ProjectContract | None = None,
        fixed: Mapping[str, Any] | None = None,
        button: str = SAVE,
    ):
        """`fixed` are the fields that no longer change, each with the reason shown beside it."""
        rows.press(button)
        self.asks = button == REFRESH
        if button in (SAVE, CONFIRM):
            rows.fill_in_payers()
        data = rows.data()
        super().__init__(data)
        offers = Offers(user, contract)
        for name, offered in (
            ("legal_entity", offers.entities),
            ("customer", offers.customers),
            ("sales_tax_group", offers.tax_groups),
            ("payment_terms", offers.payment_terms),
            ("document_layout", offers.document_layouts),
        ):
            self.fields[name].offer(offered)  # type: ignore[attr-defined]
        self.fields["manager"].offer(offers.managers, person_name)  # type: ignore[attr-defined]
        self.fixed = dict(fixed or {})
        for name in self.fixed:
            self.fields[name].widget = forms.HiddenInput()
        self.customers = [PayerForm(data, f"customer-{nth}", offers) for nth in range(len(rows.customers))]
        self.lines = [LineForm(data, nth, line, offers) for nth, line in enumerate(rows.lines)]
        self._fill_evenly(button, data)

    def _fill_evenly(self, button: str, data: MultiValueDict[str, str]) -> None:
        """Give the payers of a line, or the customers of the contract, equal shares (A5)."""
        before, _dash, nth = button.partition("even-")
        if before or not nth:
            return
        holder = self if nth == "customers" else self._line(nth)
        if holder is None:
            return
        rows = self.customers if isinstance(holder, ContractForm) else holder.payers
        named = [(nth, form) for nth, form in enumerate(rows) if form.is_valid() and not form.is_empty]
        marked = holder.rounding_place
        even = evenly_distributed([form.share(is_rounding=str(place) == marked) for place, form in named])
        for (place, form), share in zip(named, even, strict=True):
            data[form.add_prefix("split_percent")] = typed(share.split_percent, 2)
            if share.is_rounding:
                data[holder.add_prefix("rounding")] = str(place)

    def _line(self, nth: str) -> LineForm | None:
        place = place_of(nth)
        return self.lines[place] if place is not None and place < len(self.lines) else None

    @property
    def own_fields(self) -> list[dict[str, Any]]:
        """The fields of the contract itself, those that are fixed with their words and the reason."""
        return [
            {"field": self[name], "value": self._word_of(name), "reason": self.fixed.get(name, "")}
            for name in self.fields
            if name != "rounding"
        ]

    def _word_of(self, name: str) -> str:
        """The value of a fixed field, in words."""
        sent, field = self.data.get(self.add_prefix(name), ""), self.fields[name]
        choices: Any = field.choices if isinstance(field, forms.ChoiceField) else []
        return str(dict(choices).get(sent, sent))

    @property
    def rounding_place(self) -> str:
        """The row of the customer that is marked to take the rounding of new lines."""
        return str(self.data.get(self.add_prefix("rounding"), ""))

    @cached_property
    def parts(self) -> list[forms.Form]:
        """Every form in it that counts."""
        customers = [form for form in self.customers if not form.is_empty]
        return [*customers, *self.lines, *(part for line in self.lines for part in line.parts)]

    def is_valid(self) -> bool:
        """Whether the form and everything in it can be read."""
        valid = [super().is_valid(), *(part.is_valid() for part in self.parts)]
        return all(valid)

    def forget_errors(self) -> None:
        """Show what was entered without validating it, but for schedules of which the next runs are asked."""
        parts = (
            part for line in self.lines for part in line.parts if part is not line.schedule or not self.asks
        )
        for form in (self, *self.customers, *self.lines, *parts):
            form._errors = ErrorDict()  # type: ignore[attr-defined]

    @property
    def wrong_fields(self) -> list[tuple[str, str, str]]:
        """Every error with the label and the id of its field."""
        return [
            (str(form[name].label), str(form[name].id_for_label), str(error))
            for form in (self, *self.parts)
            for name, errors in form.errors.items()
            for error in errors
        ]

    def head(self) -> ContractHead:
        """The contract itself as the verbs take it."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "rounding"}
        return ContractHead(**cleaned, customers=shares_of(self.customers, self.rounding_place))

    def terms(self, lines: Mapping[int, ContractLine]) -> list[LineTerms]:
        """The lines as the verbs take them; `lines` are the rows that stand, by key."""
        return [line.terms(lines) for line in self.lines]


__all__ = ["CONFIRM", "SAVE", "ContractForm"]
