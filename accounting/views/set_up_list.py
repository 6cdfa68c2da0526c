"""The list of steps of the set-up: the state of each, who can do it, what the company has so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounting.set_up_progress import DUTIES, Facts, SetUpStep, facts_of, steps_of
from accounting.views.set_up_addresses import LISTED, OPENED, address, address_of_step
from core.access import may
from core.refusals import Text
from core.templatetags.display import number
from projects.models import LegalEntity
from projects.record_files import KINDS
from projects.roles import holders_of
from projects.views.page_defaults import PageDefaults
from projects.views.record_imports import PERMISSIONS

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
    accounts_url: str = ""

    @property
    def open_url(self) -> str:
        """Where the step opens in its place; empty where it is done on other pages."""
        return reverse(f"setup-{self.step.key}") if self.step.key in OPENED else ""

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


class SetUpList(PageDefaults):
    """A page that shows the steps; one of them may stand open."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The steps with their states, and what the company has so far."""
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
            kpis_so_far=so_far(facts, self.user),
            kinds=[kind for name, kind in KINDS.items() if self.may(PERMISSIONS[name])],
            may_invite=entity is not None and self.may("auth.add_user"),
            may_import_hours=entity is not None and self.may("projects.import_entry"),
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
                    self._accounts_url(step, facts),
                )
            )
        return shown

    def _accounts_url(self, step: SetUpStep, facts: Facts) -> str:
        """Where accounts for posting types are proposed, for who may add them."""
        if not step.lacks_accounts or facts.entity is None or not self.may("accounting.add_postingaccount"):
            return ""
        return reverse("missing-accounts", args=[facts.entity.pk])


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


def so_far(facts: Facts, user: User) -> list[tuple[str, str, str]]:
    """What the company has: label, figure, and the page that shows it to those it is open to."""
    periods = gettext("%(open)s of %(all)s") % {"open": facts.open_periods, "all": facts.periods}
    shown = [
        (gettext("People"), facts.people, "people", "auth.view_user"),
        (gettext("Billing roles"), facts.roles, "roles", "projects.view_role"),
        (gettext("Customers"), facts.customers, "customers", "projects.view_customer"),
        (gettext("Price lists"), facts.price_lists, "price-lists", "projects.view_pricelist"),
        (gettext("Projects"), facts.projects, "projects", "projects.view_project"),
        (gettext("Contracts"), facts.contracts, "contracts", "projects.view_projectcontract"),
        (gettext("Invoices posted"), facts.invoices, "invoices", "accounting.view_customerinvoice"),
    ]
    return [
        (gettext("Periods open"), periods, ""),
        *(
            (label, number(count), address(page) if may(user, permission) else "")
            for label, count, page, permission in shown
        ),
    ]
