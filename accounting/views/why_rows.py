"""The answers of single rows for a reader, and the pages that show one alone (X2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounting.life_of_work import LifeStep, life_of_entry, life_of_work
from accounting.tracing import trace_of_entry, trace_of_work
from accounting.views.why_answer import ShownAnswer, shown
from billing.models import MilestoneShare, Retainer
from billing.views.contracts import ContractMixin
from billing.why_not_invoiced import (
    Answer,
    why_contract,
    why_entry,
    why_item,
    why_retainer,
    why_share,
    why_work,
)
from core.access import may
from core.pages import DetailPage
from core.templatetags.display import day, money, quantity, rate
from projects.models import Approval, BacklogItem, Entry, LegalEntity, Resource, Role, WorkItem
from projects.views.page_defaults import PageDefaults

COST, PRICES = "projects.view_cost", "projects.view_pricelist"
OF_ENTRY = ("legal_entity", "project__customer", "project__manager", "task", "role", "category")
OF_SHARE = ("milestone__contract_line__contract__manager", "customer")
ENTITY_OF_SHARE = "milestone__contract_line__contract__legal_entity"
MOST_ADVANCES = 12
"""So many are named; the others stand on the page of advances."""


def answers_of_item(key: int, user: User, today: date) -> list[ShownAnswer]:
    """Of one open row of the backlog that the user may see; empty where it is not there any more."""
    if not BacklogItem.objects.visible_to(user).filter(pk=key).exists():
        return []
    answer = why_item(key, today)
    assert answer.item is not None
    return [_of_work(answer, answer.item.work_item, answer.item.contract.legal_entity, user, today)]


def answers_of_entry(key: int, user: User, today: date) -> list[ShownAnswer]:
    """Of one entry that the user may see, for each customer who pays."""
    rows = Entry.objects.visible_to(user).filter(pk=key)
    entry = rows.select_related(*OF_ENTRY, "resource__user", "recorded_by").first()
    if entry is None:
        return []
    trace = trace_of_entry(entry)
    approval = trace.approvals[-1] if trace.approvals else None
    about = _about(entry.date, entry.resource, entry.role, entry)
    answers = []
    for answer in why_entry(entry, today):
        life = _readable(life_of_entry(entry, trace, answer, today), user)
        priced = _priced(shown(answer, entry.legal_entity, user, life), approval, user)
        answers.append(replace(priced, about=about))
    return answers


def answers_of_work(work_item: WorkItem, user: User, today: date) -> list[ShownAnswer]:
    """Of one work item: what is open of it and what is on a document."""
    answers = why_work([work_item], today)
    return [_of_work(one, work_item, work_item.legal_entity, user, today) for one in answers]


def answers_of_share(key: int, user: User, today: date) -> list[ShownAnswer]:
    """Of one milestone share that the user may see."""
    rows = MilestoneShare.objects.visible_to(user).filter(pk=key)
    share = rows.select_related(*OF_SHARE, ENTITY_OF_SHARE).first()
    if share is None:
        return []
    entity = share.milestone.contract_line.contract.legal_entity
    return [shown(why_share(share, today), entity, user)]


def answers_of_advance(key: int, user: User, today: date) -> list[ShownAnswer]:
    """Of one advance that the user may see."""
    rows = Retainer.objects.visible_to(user).filter(pk=key)
    retainer = rows.select_related("contract__manager", "contract__legal_entity", "customer").first()
    if retainer is None:
        return []
    return [shown(why_retainer(retainer, today), retainer.contract.legal_entity, user)]


def _of_work(
    answer: Answer, work_item: WorkItem, entity: LegalEntity, user: User, today: date
) -> ShownAnswer:
    related = ("entry__resource", "entry__legal_entity")
    approval = Approval.objects.filter(work_items=work_item).select_related(*related).first()
    if approval is None:
        life = life_of_work(trace_of_work(work_item), answer, today)
    else:
        life = life_of_entry(approval.entry, trace_of_entry(approval.entry), answer, today)
    about = _about(work_item.transaction_date, work_item.resource, work_item.role, work_item)
    return replace(_priced(shown(answer, entity, user, _readable(life, user)), approval, user), about=about)


def _about(on: date, resource: Resource | None, role: Role | None, work: Entry | WorkItem) -> str:
    """The day, who, as what, and the text that the invoice would say."""
    text = work.external_description or work.description
    return ", ".join(str(one) for one in (day(on), resource, role, text) if one)


def _readable(life: Sequence[LifeStep], user: User) -> list[LifeStep]:
    """Without the cost, and without links to pages that the user may not open."""
    sees_cost = may(user, COST)
    return [
        replace(
            one,
            lines=[*one.lines, one.cost] if one.cost and sees_cost else one.lines,
            url=one.url if one.url and may(user, one.permission) else "",
        )
        for one in life
    ]


def _priced(answer: ShownAnswer, approval: Approval | None, user: User) -> ShownAnswer:
    """With where its price comes from, where it has one."""
    if approval is None or not approval.sales_currency or not approval.is_priced:
        return answer
    words = gettext("%(price)s × %(quantity)s = %(amount)s") % {
        "price": rate(approval.sales_price),
        "quantity": quantity(approval.billable_quantity, approval.unit),
        "amount": money(approval.sales_amount, approval.sales_currency),
    }
    price_list = approval.price_list_id if may(user, PRICES) else None
    return replace(answer, price=words, price_source=approval.price_source, price_list=price_list)


class WhyPage(PageDefaults, DetailPage):
    """One answer alone on a page."""

    title, template_name = _("Why is it not on an invoice?"), "accounting/why_one.html"

    def get_answers(self) -> Sequence[ShownAnswer]:
        """The answers of the object."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(answers=self.get_answers(), **kwargs)


class WhyReported(WhyPage):
    """Of an entry, its person's own included."""

    permission = "projects.view_entry"

    def get_queryset(self) -> Any:
        return Entry.objects.visible_to(self.user)

    def get_answers(self) -> Sequence[ShownAnswer]:
        return answers_of_entry(self.object.pk, self.user, self.today)


class WhyOfWork(WhyPage):
    """Of a fact, with or without an entry."""

    permission = "projects.view_backlogitem"

    def get_queryset(self) -> Any:
        return WorkItem.objects.visible_to(self.user).select_related("contract__manager", "legal_entity")

    def get_answers(self) -> Sequence[ShownAnswer]:
        return answers_of_work(self.object, self.user, self.today)


class WhyMilestone(WhyPage):
    """Of a customer's share of a milestone."""

    permission = "billing.view_milestone"

    def get_queryset(self) -> Any:
        return MilestoneShare.objects.visible_to(self.user).select_related("milestone", "customer")

    def get_answers(self) -> Sequence[ShownAnswer]:
        return answers_of_share(self.object.pk, self.user, self.today)


class WhyAdvance(WhyPage):
    """Of an advance, up to the invoice that asks for it."""

    permission = "billing.view_retainer"

    def get_queryset(self) -> Any:
        return Retainer.objects.visible_to(self.user).select_related("contract", "customer")

    def get_answers(self) -> Sequence[ShownAnswer]:
        return answers_of_advance(self.object.pk, self.user, self.today)


class WhyContract(ContractMixin, WhyPage):
    """Of a whole contract: what keeps all of it back; its rows are counted on the page of the contract."""

    permission = "projects.view_projectcontract"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("manager", "legal_entity", "customer")

    def get_answers(self) -> Sequence[ShownAnswer]:
        return [shown(why_contract(self.object, self.today), self.object.legal_entity, self.user)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.object.number
        lists = [
            (gettext("Approved work"), f"{reverse('why')}?contract={number}"),
            (gettext("Not approved or not covered"), f"{reverse('why-entries')}?contract={number}"),
            (gettext("Milestones"), f"{reverse('why-milestones')}?contract={number}"),
            *self._advances(),
        ]
        return super().get_context_data(lists=lists, crumbs=self.get_crumbs(self.title), **kwargs)

    def _advances(self) -> list[tuple[str, str]]:
        """The advances that are not invoiced yet, each with its own answer; one statement."""
        if not self.may(WhyAdvance.permission):
            return []
        waiting = Retainer.objects.visible_to(self.user).filter(contract=self.object).scheduled()
        return [
            (f"{one.name}, {day(one.invoice_on)}", reverse("why-advance", args=[one.pk]))
            for one in waiting.order_by("invoice_on", "pk")[:MOST_ADVANCES]
        ]
