"""From an empty installation to the first posted invoice: the steps, and the pages of the first two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounting.forms.company import CompanyChangeForm, CompanyForm, FiscalYearForm
from accounting.models import FiscalPeriod
from accounting.set_up_progress import DUTIES, Facts, SetUpStep, facts_of, steps_of
from accounting.setting_up import add_fiscal_year, found_company
from accounting.views.set_up_addresses import LISTED, address, address_of_step
from core.pages import ActionPage, FormPage, Page
from core.refusals import Text
from core.templatetags.display import number
from projects.models import LegalEntity
from projects.record_files import KINDS
from projects.roles import holders_of
from projects.setting_up import change_legal_entity
from projects.views.page_defaults import PageDefaults
from projects.views.record_imports import PERMISSIONS

A_DAY = timedelta(days=1)
PARTS: Sequence[tuple[Text, range]] = (
    (_("The company"), range(1, 3)),
    (_("Who and what you bill"), range(3, 7)),
    (_("First contract, first invoice"), range(7, 10)),
)
IMPORTED = {"people": "people", "customers": "customers", "prices": "prices", "project": "projects"}
"""The kind of file that does a step for many rows at once."""


@dataclass(frozen=True)
class ShownStep:
    """A step as the page shows it: its state, where it is done, and who else can do it."""

    step: SetUpStep
    state: str
    url: str
    import_kind: str
    people: Sequence[str]
    may_do: bool

    @property
    def label(self) -> Text:
        """What the button says: the last steps lead to lists, where nothing is added at once."""
        if not self.step.is_done:
            return _("Start")
        return _("Open") if self.step.key in LISTED else _("Add")

    @property
    def waits_for(self) -> str:
        """The numbers of the steps it waits for."""
        return ", ".join(str(number) for number in self.step.waits_for)


class SetUp(PageDefaults, Page):
    """The list of steps; open to everybody who can do one of them."""

    permission, title, template_name = "projects.set_up_company", _("Set-up"), "accounting/setup.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entity = LegalEntity.objects.visible_to(self.user).order_by("pk").first()
        facts = facts_of(entity, self.today)
        steps = self.steps_shown(facts)
        done = sum(one.step.is_done for one in steps)
        following = next((one for one in steps if one.state == "next"), None)
        return super().get_context_data(
            entity=entity,
            parts=parts_of(steps),
            done=done,
            all=len(steps),
            following=following,
            kpis_so_far=so_far(facts),
            kinds=[kind for name, kind in KINDS.items() if self.may(PERMISSIONS[name])],
            duties=[(label, (facts.duties or {}).get(code, ())) for label, code in DUTIES],
            **kwargs,
        )

    def steps_shown(self, facts: Facts) -> list[ShownStep]:
        """The steps with their states: the first open one that waits for nothing is next."""
        steps, shown, has_next = steps_of(facts), list[ShownStep](), False
        done = {step.number for step in steps if step.is_done}
        permissions = [step.permission for step in steps]
        people = holders_of(facts.entity, permissions) if facts.entity else {}
        for step in steps:
            state = state_of(step, done, has_next=has_next)
            has_next = has_next or state == "next"
            shown.append(
                ShownStep(
                    step,
                    state,
                    address_of_step(step, facts, self.user),
                    IMPORTED.get(step.key, ""),
                    people.get(step.permission, ()),
                    self.may(step.permission),
                )
            )
        return shown


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


class AddFiscalYear(OfCompany):
    """A further year of open periods; the one after the last that exists is suggested."""

    permission, title, form_class = "accounting.add_fiscalperiod", _("Add a fiscal year"), FiscalYearForm
    submit_label = _("Open twelve months")
    success_message = _("%(count)s periods opened")

    def get_initial(self) -> dict[str, Any]:
        last = FiscalPeriod.objects.filter(legal_entity=self.object).aggregate(last=Max("ends_on"))["last"]
        return {"first_day": last + A_DAY} if last else {}

    def call_verb(self, form: Any) -> Any:
        first_day, last_day = form.days
        kwargs = self.get_verb_kwargs(form)
        return add_fiscal_year(self.object, first_day=first_day, last_day=last_day, **kwargs)


def state_of(step: SetUpStep, done: set[int], *, has_next: bool) -> str:
    """Where a step stands: done, gap, next, can (start now) or later (waits for others)."""
    if step.is_done:
        return "gap" if step.gap else "done"
    if not set(step.waits_for) <= done:
        return "later"
    return "can" if has_next else "next"


def parts_of(steps: Sequence[ShownStep]) -> list[dict[str, Any]]:
    """The three parts of the list with their steps, and how many of each are done."""
    parts = []
    for nth, (title, numbers) in enumerate(PARTS, 1):
        of_part = [one for one in steps if one.step.number in numbers]
        done = sum(one.step.is_done for one in of_part)
        is_current = any(one.state == "next" for one in of_part)
        parts.append(
            {
                "number": nth,
                "title": title,
                "steps": of_part,
                "done": done,
                "all": len(of_part),
                "current": is_current,
            }
        )
    return parts


def so_far(facts: Facts) -> list[tuple[str, str, str]]:
    """What stands in the company: label, figure, and the page that shows it."""
    periods = gettext("%(open)s of %(all)s") % {"open": facts.open_periods, "all": facts.periods}
    return [
        (gettext("Periods open"), periods, ""),
        (gettext("People"), number(facts.people), address("people")),
        (gettext("Billing roles"), number(facts.roles), address("roles")),
        (gettext("Customers"), number(facts.customers), address("customers")),
        (gettext("Price lists"), number(facts.price_lists), address("price-lists")),
        (gettext("Projects"), number(facts.projects), address("projects")),
        (gettext("Contracts"), number(facts.contracts), address("contracts")),
        (gettext("Invoices posted"), number(facts.invoices), address("invoices")),
    ]
