"""Why is it not on an invoice? Lists of what is not, with the whole answer of one row beside them (X2)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.views.why_answer import ShownAnswer
from accounting.views.why_rows import answers_of_entry, answers_of_item, answers_of_share
from billing.filters.why import WhyMilestoneFilter, WhyReportedFilter, WhyWorkFilter
from billing.models import MilestoneShare
from billing.not_invoiced import (
    Sums,
    all_reasons,
    entries_with_reason,
    item_conditions,
    items_with_reason,
    run_of_item,
    shares_with_reason,
    waiting_entries,
)
from billing.tables.backlog_groups import backlog_groups
from billing.tables.why import ROW, Reasons, WhyMilestoneTable, WhyReportedTable, WhyTable, WhyWorkTable
from billing.views.backlog_figures import grouped_sums
from billing.views.money_list import MoneyList
from billing.views.why_figures import (
    figures_of,
    sums_of_entries,
    sums_of_items,
    sums_of_shares,
    totals_of,
)
from core.pages import Group, Total
from projects.models import BacklogItem, Entry

REASON = "reason"
LONGEST_KEY = 18
TABS = (
    ("why", _("Approved work"), "projects.view_backlogitem"),
    ("why-entries", _("Not approved or not covered"), "projects.view_backlogitem"),
    ("why-milestones", _("Milestones"), "billing.view_milestone"),
)


class WhyList(MoneyList):
    """What the three lists share: figures per reason above, and one row's answer beside."""

    title, template_name = _("Why is it not on an invoice?"), "accounting/why.html"
    sums: Sums = ()  # type: ignore[assignment]

    def add_up(self, rows: Any) -> Sums:
        """The rows by reason and currency, in one statement."""
        raise NotImplementedError

    def get_answers(self, key: int) -> Sequence[ShownAnswer]:
        """The answer of one row that the user may see."""
        raise NotImplementedError

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Per currency; the sums are kept for the figures above the list."""
        self.sums = self.add_up(rows)
        return totals_of(self.sums)

    def get_sums(self) -> Sums:
        """By reason over the whole list, so that one reason leads to the others; else those of the view."""
        if REASON not in self.params:
            return self.sums
        others = self.params.copy()
        others.pop(REASON)
        return self.add_up(self.matching(self.filtered(others)))

    def get_whole_table(self, **kwargs: Any) -> WhyTable:
        table = super().get_whole_table(**kwargs)
        assert isinstance(table, WhyTable)
        table.today, table.params, table.opened = self.today, self.params, self.opened
        return table

    @property
    def opened(self) -> int | None:
        """The row whose answer is shown; none where the address names none, or nonsense."""
        key = self.params.get(ROW, "")
        return int(key) if key.isdecimal() and len(key) <= LONGEST_KEY else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        table: WhyTable = context["table"]
        table.look_up([row.record for row in table.paginated_rows])
        without_row = self.params.copy()
        without_row.pop(ROW, None)
        return context | {
            "kpis": figures_of(self.get_sums(), self.params),
            "answers": self.get_answers(self.opened) if self.opened is not None else (),
            "opened": self.opened,
            "list_address": self.get_url(without_row.urlencode()),
            "tabs": [
                {"label": label, "url": reverse(name), "current": name == self.url_name}
                for name, label, permission in TABS
                if self.may(permission)
            ],
        }


class WhyWork(WhyList):
    """Approved work that is on no invoice."""

    permission, url_name = "projects.view_backlogitem", "why"
    purpose = _("Approved work that is not on an invoice yet, and what keeps it back")
    filterset_class, table_class = WhyWorkFilter, WhyWorkTable

    def get_queryset(self) -> QuerySet[BacklogItem]:
        return items_with_reason(BacklogItem.objects.visible_to(self.user), self.today)

    def with_details(self, rows: Any) -> QuerySet[BacklogItem]:
        """With all names, and the run that takes each."""
        return rows.with_everything().annotate(run_on=run_of_item())

    def get_whole_table(self, **kwargs: Any) -> WhyTable:
        """With every reason of the rows that are shown or exported."""
        table = super().get_whole_table(**kwargs)
        table.find_reasons = self.find_reasons
        return table

    def find_reasons(self, records: Sequence[BacklogItem]) -> Reasons:
        """Every reason of these rows, in one statement."""
        rows = BacklogItem.objects.filter(pk__in=[one.pk for one in records])
        return all_reasons(rows, item_conditions(self.today))

    def add_up(self, rows: Any) -> Sums:
        return sums_of_items(rows)

    def get_groups(self, rows: QuerySet[Any]) -> dict[Any, Group]:
        """Per contract and customer."""
        return backlog_groups(grouped_sums(rows, self.today))

    def get_answers(self, key: int) -> Sequence[ShownAnswer]:
        return answers_of_item(key, self.user, self.today)


class WhyReportedList(WhyList):
    """Work for customers that is not approved, or that no contract covers."""

    permission, url_name = "projects.view_backlogitem", "why-entries"
    purpose = _("Work for customers that is not approved, or that no contract covers")
    filterset_class, table_class = WhyReportedFilter, WhyReportedTable

    def get_queryset(self) -> QuerySet[Entry]:
        return entries_with_reason(waiting_entries(Entry.objects.visible_to(self.user)))

    def with_details(self, rows: Any) -> QuerySet[Entry]:
        return rows.select_related("project__customer", "resource")

    def add_up(self, rows: Any) -> Sums:
        return sums_of_entries(rows)

    def get_answers(self, key: int) -> Sequence[ShownAnswer]:
        return answers_of_entry(key, self.user, self.today)


class WhyMilestones(WhyList):
    """Milestone shares that are not invoiced."""

    permission, url_name = "billing.view_milestone", "why-milestones"
    purpose = _("Milestones that are not invoiced yet, and what they wait for")
    filterset_class, table_class = WhyMilestoneFilter, WhyMilestoneTable
    default_filter = "status=open"

    def get_queryset(self) -> QuerySet[MilestoneShare]:
        return shares_with_reason(MilestoneShare.objects.visible_to(self.user), self.today)

    def with_details(self, rows: Any) -> QuerySet[MilestoneShare]:
        return rows.select_related("milestone__contract_line__contract", "customer")

    def add_up(self, rows: Any) -> Sums:
        return sums_of_shares(rows)

    def get_answers(self, key: int) -> Sequence[ShownAnswer]:
        return answers_of_share(key, self.user, self.today)
