"""Integration journals: import and posting (C1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.models import IntegrationJournal, IntegrationJournalLine
from accounting.posting import Posted, post_journals
from accounting.pulling import Pulled, pull_journals, pull_proposals
from accounting.states import JournalLineStatus, JournalPeriodUnit, JournalStatus
from billing.models import Proforma
from core.admin_kit import Cell, Panel, Plan, Shown, VerbAction, Window, link_to, listed, per_currency, waits
from core.templatetags import display
from projects.models import LegalEntity
from projects.states import TransactionType

LINES_SHOWN = 20
NAMED_TYPE = dict(TransactionType.choices)
TO_POST = ngettext_lazy(
    "%(count)s integration journal to post", "%(count)s integration journals to post", "count"
)
IN_ERROR = ngettext_lazy(
    "%(count)s integration journal with errors", "%(count)s integration journals with errors", "count"
)


def sums_by_journal(journals: Iterable[Any]) -> dict[int, list[dict[str, Any]]]:
    """Lines, debits, open and failed lines of journals per type and currency, in one query."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    lines = IntegrationJournalLine.objects.filter(journal__in=journals).order_by()
    grouped = lines.values("journal", "currency", type=F("actual__type")).annotate(
        count=Count("pk"),
        total=Sum("amount"),
        errors=Count("pk", filter=Q(status=JournalLineStatus.ERROR)),
        open=Count("pk", filter=~Q(status=JournalLineStatus.POSTED)),
    )
    for row in grouped.order_by("currency", "type"):
        found[row["journal"]].append(row)
    return found


def debits(rows: Sequence[dict[str, Any]], kind: int) -> str:
    """Debits of one type, per currency."""
    return per_currency((row["currency"], row["total"]) for row in rows if row["type"] == kind)


class ImportForm(forms.Form):
    unit = forms.ChoiceField(label=_("One journal per"), choices=JournalPeriodUnit.choices)


class ImportMissing(VerbAction):
    """What the floors below wrote since the last time: actuals into journals, proformas into proposals."""

    name, label, permission = "import", _("Import what is missing"), "accounting.post_journal"
    asks = on_all = is_primary = True
    on_one = on_many = False
    form_class = ImportForm

    def initial(self, request: HttpRequest, targets: Any) -> dict[str, Any]:
        """Months are usual."""
        return {"unit": JournalPeriodUnit.MONTHS}

    def everything(self, window: Window, request: HttpRequest) -> Any:
        """The user's legal entities."""
        return LegalEntity.objects.visible_to(request.user).order_by("pk")

    def plan(self, request: HttpRequest, targets: Any, said: dict[str, Any]) -> Plan:
        """Importing twice changes nothing, so nothing needs to be counted first."""
        names = ", ".join(entity.name for entity in targets)
        return Plan(
            targets,
            names,
            lead=gettext(
                "Cost and unbilled sales that are in no journal yet are laid before you, for %(names)s."
            )
            % {"names": names},
            effects=(
                _("Journals are drafts: nothing is posted, and importing again changes nothing."),
                _("Confirmed proformas become invoice proposals."),
            ),
            button=_("Import"),
            is_possible=bool(names),
        )

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> tuple[int, Pulled]:
        """Call the verbs, legal entity by legal entity."""
        lines = sum(pull_journals(entity, unit=said["unit"], actor=actor, at=at) for entity in targets)
        return lines, pull_proposals(Proforma.objects.filter(legal_entity__in=targets), at=at)

    def sentence(self, result: tuple[int, Pulled]) -> str:
        """Both numbers, and how many proformas could not be proposed, with the reason of the first."""
        lines, proposals = result
        done = gettext("%(lines)s journal lines and %(proposals)s invoice proposals imported.") % {
            "lines": lines,
            "proposals": proposals.count,
        }
        failures = list(proposals.failures.values())
        failed = ngettext(
            "%(count)s proforma could not be proposed: %(reason)s",
            "%(count)s proformas could not be proposed, the first because of this: %(reason)s",
            len(failures),
        )
        return f"{done} {failed % {'count': len(failures), 'reason': failures[0]}}" if failures else done


class PostJournals(VerbAction):
    name, label, permission = "post", _("Post"), "accounting.post_journal"
    asks = is_primary = True

    def offered_on(self, thing: IntegrationJournal) -> bool:
        """What is posted is posted."""
        return thing.status in (JournalStatus.DRAFT, JournalStatus.ERROR)

    def plan(self, request: HttpRequest, targets: Any, said: dict[str, Any]) -> Plan:
        """How many lines for how much; posted journals are left out."""
        journals = list(targets.postable().order_by("number"))
        sums = sums_by_journal(journals)
        rows = [self._row(journal, sums[journal.pk]) for journal in journals]
        count = sum(row["open"] for journal in journals for row in sums[journal.pk])
        left = targets.count() - len(journals)
        lead = ngettext(
            "%(count)s journal line will be posted.", "%(count)s journal lines will be posted.", count
        )
        heads = (_("Journal"), _("Period"), _("Lines to post"), _("Cost"), _("Unbilled sales"), _("In error"))
        return Plan(
            IntegrationJournal.objects.filter(pk__in=[journal.pk for journal in journals]),
            f"{len(journals)}|{count}",
            lead=lead % {"count": count},
            effects=(
                _("Each line gets its voucher as its profile says; this cannot be taken back."),
                _("Lines that cannot be posted move to an error journal that says why."),
                *([gettext("%(count)s posted journals are left out.") % {"count": left}] if left else []),
            ),
            panels=(Panel(_("Journals"), heads, rows),),
            button=ngettext("Post %(count)s journal", "Post %(count)s journals", len(journals))
            % {"count": len(journals)},
            is_possible=bool(journals),
        )

    @staticmethod
    def _row(journal: IntegrationJournal, sums: Sequence[dict[str, Any]]) -> list[Cell]:
        return [
            link_to(journal),
            Cell(display.day(journal.period_starts_on, "month")),
            Cell(display.number(sum(row["open"] for row in sums)), is_figure=True),
            Cell(debits(sums, TransactionType.COST), is_figure=True),
            Cell(debits(sums, TransactionType.UNBILLED_SALES), is_figure=True),
            Cell(display.number(sum(row["errors"] for row in sums)), is_figure=True),
        ]

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> Posted:
        """Call the verb."""
        return post_journals(targets, actor=actor, at=at)

    def sentence(self, result: Posted) -> str:
        """How many are in the books, how many wait."""
        return gettext("%(posted)s lines posted, %(failed)s moved to an error journal.") % {
            "posted": result.posted,
            "failed": result.failed,
        }


class PostAllJournals(PostJournals):
    name, label = "post-all", _("Post all")
    on_one = on_many = is_primary = False
    on_all = True

    def everything(self, window: Window, request: HttpRequest) -> Any:
        """Every draft, and what is in error once more."""
        return window.get_queryset(request).postable()


@admin.register(IntegrationJournal)
class JournalWindow(Window):
    """A period's actuals before and after posting; its lines have a window of their own."""

    list_display = (
        "number",
        Shown.day("period_starts_on", _("period"), "month"),
        Shown.state(_("status")),
        "line_count",
        "cost_amount",
        "sales_amount",
        "error_count",
        "original",
        Shown.moment("imported_at", _("imported at")),
    )
    list_filter = ("status", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("original",)
    search_fields = ("number",)
    date_hierarchy = "period_starts_on"
    fields = (
        "number",
        "legal_entity",
        "description",
        "period_starts_on",
        "status",
        "original",
        "imported_at",
    )
    tools: ClassVar = (ImportMissing, PostJournals, PostAllJournals)

    def waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Journals to post, and those that hold errors."""
        rows = self.get_queryset(request)
        yield waits(rows.filter(status=JournalStatus.DRAFT), TO_POST, status__exact="draft")
        yield waits(rows.filter(status=JournalStatus.ERROR), IN_ERROR, status__exact="error")

    def enrich(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Sums of all journals of the page at once."""
        sums = sums_by_journal(rows)
        for row in rows:
            row.sums = sums[row.pk]

    @admin.display(description=_("lines"))
    def line_count(self, row: Any) -> str:
        return display.number(sum(one["count"] for one in row.sums))

    @admin.display(description=_("cost"))
    def cost_amount(self, row: Any) -> str:
        return debits(row.sums, TransactionType.COST)

    @admin.display(description=_("unbilled sales"))
    def sales_amount(self, row: Any) -> str:
        return debits(row.sums, TransactionType.UNBILLED_SALES)

    @admin.display(description=_("errors"))
    def error_count(self, row: Any) -> str:
        return display.number(sum(one["errors"] for one in row.sums))

    def panels(self, request: HttpRequest, thing: IntegrationJournal) -> Iterable[Panel]:
        """Totals per type and currency, then the first lines, errors before the others."""
        sums = sums_by_journal([thing])[thing.pk]
        yield Panel(
            _("Totals"),
            (_("Type"), _("Currency"), _("Lines"), _("Debit = credit"), _("To post"), _("In error")),
            [self._total(row) for row in sums],
            _("This journal holds no lines."),
        )
        lines = thing.lines.select_related("actual__work_item__resource", "project", "voucher")
        yield Panel(
            _("Lines"),
            (
                _("Error"),
                _("Date"),
                _("Project"),
                _("Work"),
                _("Type"),
                _("Amount"),
                _("Status"),
                _("Voucher"),
            ),
            [self._line(line) for line in lines.order_by("-error", "accounting_date", "pk")[:LINES_SHOWN]],
            _("This journal holds no lines."),
            more=_("All lines of this journal, to filter and to review"),
            more_url=listed(IntegrationJournalLine, journal__id__exact=thing.pk),
        )

    @staticmethod
    def _total(row: dict[str, Any]) -> list[Cell]:
        return [
            Cell(NAMED_TYPE[row["type"]]),
            Cell(row["currency"]),
            Cell(display.number(row["count"]), is_figure=True),
            Cell(display.money(row["total"], row["currency"]), is_figure=True),
            Cell(display.number(row["open"]), is_figure=True),
            Cell(display.number(row["errors"]), is_figure=True),
        ]

    @staticmethod
    def _line(line: IntegrationJournalLine) -> list[Cell]:
        return [
            Cell(line.error or display.NOTHING),
            link_to(line, display.day(line.accounting_date)),
            link_to(line.project, line.project.number),
            Cell(line.actual.work_item.resource or line.actual.work_item.external_description),
            Cell(line.actual.get_type_display()),
            Cell(display.money(line.amount, line.currency), is_figure=True),
            Cell(display.state(line)),
            link_to(line.voucher),
        ]
