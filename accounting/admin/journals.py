"""Integration journals: import and posting (C1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin, RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.models import IntegrationJournal, IntegrationJournalLine
from accounting.posting import Posted, post_journals
from accounting.pulling import Pulled, pull_journals, pull_proposals
from accounting.querysets import JournalQuerySet
from accounting.states import JournalLineStatus, JournalPeriodUnit, JournalStatus
from billing.models import Proforma
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    changelist_url,
    columns,
    link_to,
    per_currency,
    signed_in_user,
    waiting_rows,
)
from core.sweeping import isolate
from core.templatetags import display
from projects.models import LegalEntity
from projects.querysets import LegalEntityQuerySet
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
    sums: dict[int, list[dict[str, Any]]] = defaultdict(list)
    lines = IntegrationJournalLine.objects.filter(journal__in=journals).order_by()
    grouped = lines.values("journal", "currency", type=F("actual__type")).annotate(
        count=Count("pk"),
        total=Sum("amount"),
        errors=Count("pk", filter=Q(status=JournalLineStatus.ERROR)),
        open=Count("pk", filter=~Q(status=JournalLineStatus.POSTED)),
    )
    for row in grouped.order_by("currency", "type"):
        sums[row["journal"]].append(dict(row))
    return sums


def debits(rows: Sequence[dict[str, Any]], kind: int) -> str:
    """Debits of one type, per currency."""
    return per_currency((row["currency"], row["total"]) for row in rows if row["type"] == kind)


class ImportForm(forms.Form):
    unit = forms.ChoiceField(label=_("One journal per"), choices=JournalPeriodUnit.choices)


class ImportMissing(AdminAction):
    """New actuals become journal lines, and newly confirmed proformas become invoice proposals."""

    name, label, permission = "import", _("Import what is missing"), "accounting.post_journal"
    confirms = on_all = is_primary = True
    on_one = on_many = False
    form_class = ImportForm

    def get_initial(self, request: HttpRequest, targets: LegalEntityQuerySet) -> dict[str, Any]:
        """Months are usual."""
        return {"unit": JournalPeriodUnit.MONTHS}

    def get_queryset(self, model_admin: ModelAdmin, request: HttpRequest) -> LegalEntityQuerySet:
        """The user's legal entities."""
        return LegalEntity.objects.visible_to(signed_in_user(request)).order_by("pk")

    def preview(
        self, request: HttpRequest, targets: LegalEntityQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Importing twice changes nothing, so nothing needs to be counted first."""
        names = ", ".join(entity.name for entity in targets)
        return ActionPreview(
            targets,
            names,
            summary=gettext(
                "Cost and unbilled sales that are in no journal yet become journals to post, for %(names)s."
            )
            % {"names": names},
            effects=(
                _("Journals are drafts: nothing is posted, and importing again changes nothing."),
                _("Confirmed proformas become invoice proposals."),
            ),
            submit_label=_("Import"),
            is_possible=bool(names),
        )

    def run(
        self, targets: LegalEntityQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> tuple[int, Pulled]:
        """Call the verbs, legal entity by legal entity: one that fails keeps no other one back."""
        unit, lines = cleaned_data["unit"], 0
        failures: dict[int, Exception] = {}
        for entity in targets:
            pulled, failed = isolate(
                [entity], lambda some: sum(pull_journals(one, unit=unit, actor=actor, at=at) for one in some)
            )
            lines += sum(pulled)
            failures |= {one.pk: error for one, error in failed.items()}
        if len(failures) == len(targets):
            raise next(iter(failures.values()))
        proposals = pull_proposals(Proforma.objects.filter(legal_entity__in=targets), at=at)
        return lines, Pulled(proposals.count, {**proposals.failures, **failures})

    def get_success_message(self, result: tuple[int, Pulled]) -> str:
        """Both numbers, and how many proformas could not be proposed, with the reason of the first."""
        lines, proposals = result
        made = ngettext("%(count)s journal line", "%(count)s journal lines", lines) % {"count": lines}
        also = ngettext("%(count)s invoice proposal", "%(count)s invoice proposals", proposals.count)
        words = {"lines": made, "proposals": also % {"count": proposals.count}}
        done = gettext("Imported: %(lines)s and %(proposals)s.") % words
        failures = list(proposals.failures.values())
        failed = ngettext(
            "%(count)s proforma could not be proposed: %(reason)s",
            "%(count)s proformas could not be proposed, the first because of this: %(reason)s",
            len(failures),
        )
        return f"{done} {failed % {'count': len(failures), 'reason': failures[0]}}" if failures else done


class JournalPosting(AdminAction):
    """Shared by the actions that post journals: each finds its journals in another way."""

    permission = "accounting.post_journal"
    confirms = True

    def get_journals(self, targets: Any) -> JournalQuerySet:
        """The journals to post; the targets themselves, unless a subclass finds them elsewhere."""
        journals: JournalQuerySet = targets
        return journals

    def preview(self, request: HttpRequest, targets: Any, cleaned_data: dict[str, Any]) -> ActionPreview:
        """How many lines for how much; posted journals are left out."""
        selected = self.get_journals(targets)
        journals = list(selected.postable().order_by("number"))
        sums = sums_by_journal(journals)
        rows = [self._row(journal, sums[journal.pk]) for journal in journals]
        count = sum(row["open"] for journal in journals for row in sums[journal.pk])
        left = selected.count() - len(journals)
        summary = ngettext(
            "%(count)s journal line will be posted.", "%(count)s journal lines will be posted.", count
        )
        heads = (_("Journal"), _("Period"), _("Lines to post"), _("Cost"), _("Unbilled sales"), _("In error"))
        return ActionPreview(
            IntegrationJournal.objects.filter(pk__in=[journal.pk for journal in journals]),
            f"{len(journals)}|{count}",
            summary=summary % {"count": count},
            effects=(
                _("Each line gets a voucher, as its cost and revenue profile says; this cannot be undone."),
                _("Lines that cannot be posted move to an error journal that says why."),
                *([_left_out(left)] if left else []),
            ),
            panels=(Panel(_("Journals"), heads, rows),),
            submit_label=ngettext("Post %(count)s journal", "Post %(count)s journals", len(journals))
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

    def run(
        self, targets: JournalQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> Posted:
        """Call the verb."""
        return post_journals(targets, actor=actor, at=at)

    def get_success_message(self, result: Posted) -> str:
        """How many are in the books, how many wait."""
        said = ngettext(
            "%(posted)s line posted, %(failed)s moved to an error journal.",
            "%(posted)s lines posted, %(failed)s moved to an error journal.",
            result.posted,
        )
        return said % {"posted": result.posted, "failed": result.failed}


class PostJournals(JournalPosting):
    name, label, is_primary = "post", _("Post"), True

    def is_available(self, obj: IntegrationJournal) -> bool:
        """What is posted stays posted."""
        return obj.status in (JournalStatus.DRAFT, JournalStatus.ERROR)


class PostAllJournals(JournalPosting):
    name, label = "post-all", _("Post all")
    on_one = on_many = False
    on_all = True

    def get_queryset(self, model_admin: ModelAdmin, request: HttpRequest) -> JournalQuerySet:
        """Every draft, and what is in error once more."""
        return IntegrationJournal.objects.visible_to(signed_in_user(request)).postable()


@admin.register(IntegrationJournal)
class JournalAdmin(ReadOnlyAdmin):
    """A period's actuals before and after posting; its lines have an admin page of their own."""

    list_display = (
        "number",
        columns.day("period_starts_on", _("period"), "month"),
        columns.state(_("status")),
        "line_count",
        "cost_amount",
        "sales_amount",
        "error_count",
        "original",
        columns.moment("imported_at", _("imported at")),
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
    action_classes: ClassVar = (ImportMissing, PostJournals, PostAllJournals)

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Journals to post, and those that hold errors."""
        rows = self.get_queryset(request)
        yield waiting_rows(rows.filter(status=JournalStatus.DRAFT), TO_POST, status__exact="draft")
        yield waiting_rows(rows.filter(status=JournalStatus.ERROR), IN_ERROR, status__exact="error")

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
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

    def get_panels(self, request: HttpRequest, obj: IntegrationJournal) -> Iterable[Panel]:
        """Totals per type and currency, then the first lines, errors before the others."""
        sums = sums_by_journal([obj])[obj.pk]
        yield Panel(
            _("Totals"),
            (_("Type"), _("Currency"), _("Lines"), _("Debit = credit"), _("To post"), _("In error")),
            [self._total(row) for row in sums],
            _("This journal holds no lines."),
        )
        lines = obj.lines.select_related("actual__work_item__resource", "project", "voucher")
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
            more_url=changelist_url(IntegrationJournalLine, journal__id__exact=obj.pk),
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


def _left_out(count: int) -> str:
    words = ngettext(
        "%(count)s posted journal is left out.", "%(count)s posted journals are left out.", count
    )
    return words % {"count": count}
