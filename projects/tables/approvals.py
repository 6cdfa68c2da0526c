"""The entries of one person and week, before an approver."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import AmountColumn, DayColumn, ListTable, QuantityColumn, TextColumn, Tick
from core.templatetags.display import badge, day, icon, money, quantity, rate
from projects.approval_querysets import AGAINST
from projects.duplicates import Duplicate, duplicates_of
from projects.limit_verdicts import NOT_APPLICABLE, Verdict
from projects.models import Approval, ApprovalReason, Receipt
from projects.prepaid_use import hours_left
from projects.price_problems import sentence_of
from projects.states import BillingType, LimitLevel, NotToExceedStatus, RuleEffect
from projects.tables.uncovered import COVERED_NOW, NOTHING_COVERED, uncovered_mark
from projects.work_coverage import coverage_of


def _terms_address(record: Approval) -> str | None:
    """Where terms are changed; what no contract line includes is billed to nobody."""
    return reverse("approval-terms", args=[record.pk]) if record.contract_line_id is not None else None


class BillableColumn(TextColumn):
    """How the work will be billed, and how much of it where that differs from what was submitted."""

    def render(self, value: Any, record: Approval) -> str:
        """The billing type, and the billable quantity below it."""
        if (record.billable_quantity, record.unit) == (record.submitted_quantity, record.entry.unit):
            return str(value)
        return format_html("{}<small>{}</small>", value, quantity(record.billable_quantity, record.unit))


class ValueColumn(AmountColumn):
    """What will be billed, with what its limits say below it."""

    second = "limit"


def limit_words(verdict: Verdict, currency: str) -> str:
    """Whether it fits into its limits; where it does not, which one it would exceed and by how much."""
    if verdict.exceeded_by is None:
        return str(LIMIT_WORDS[verdict.status])
    return gettext("Exceeds the limit of the %(level)s by %(amount)s") % {
        "level": LimitLevel(verdict.level).label,
        "amount": money(verdict.exceeded_by, currency),
    }


def left_words(hours: Decimal | None) -> str:
    """How many prepaid hours are left before an entry is approved; empty where none were bought."""
    if hours is None:
        return ""
    return gettext("%(hours)s of the block left") % {"hours": quantity(hours, "h")}


LIMIT_WORDS = {
    NotToExceedStatus.COMMITTED: _("Within the limits"),
    NotToExceedStatus.NOT_APPLICABLE: _("No limit"),
}


class NoteColumn(TextColumn):
    """The description, with a badge for everything the approval policy found."""

    def render(self, value: Any, record: Approval) -> SafeString:
        """Words first, reasons below them, and why there is no price."""
        text = record.entry.external_description or record.entry.description
        why = sentence_of(record) if record.billing_type == BillingType.CHARGEABLE else ""
        words = format_html('<small class="text-warn">{}</small>', why) if why else ""
        return format_html("{}{}{}", text, reason_badges(record), words)


def receipt_links(receipts: Sequence[Receipt]) -> SafeString:
    """The files that prove an expense, each to be opened."""
    links = [(reverse("receipt", args=[one.pk]), icon("receipt"), one.name) for one in receipts]
    # A file opens beside the page: it would take the place of what is being decided.
    link = '<a class="file-link" href="{}" target="_blank" rel="noopener">{}{}</a> '
    joined = format_html_join("", link, links)
    return format_html('<div class="file-links">{}</div>', joined) if links else joined


def duplicate_marks(duplicates: Sequence[Duplicate]) -> SafeString:
    """A badge where an expense may be there twice, and what it looks like."""
    if not duplicates:
        return format_html("{}", "")
    mark = badge("flag", word=gettext("Possible duplicate"))
    sentences = format_html_join("", "<small>{}</small>", [(str(one),) for one in duplicates])
    return format_html('<div class="flags">{}</div>{}', mark, sentences)


def reason_badges(record: Approval) -> SafeString:
    """A badge for each reason: held, flagged, or approved by a rule."""
    badges = [(badge(BADGE_OF[one.effect], word=_words(one)),) for one in record.reasons.all()]
    marks = format_html_join("", "{}", badges)
    return format_html('<div class="flags">{}</div>', marks) if marks else marks


def is_held(record: Approval) -> bool:
    """Whether a rule holds it, so that it is not approved together with others; its reasons are loaded."""
    return any(one.effect == RuleEffect.HOLD for one in record.reasons.all())


def is_closed(record: Approval) -> bool:
    """Whether its work lies in a closed period, so that it cannot be approved; the legal entity is loaded."""
    return record.entry.legal_entity.is_locked_on(record.entry.date)


def closed_words(record: Approval) -> str:
    """That its day lies in a closed period, and what can be done; empty where it does not."""
    if not is_closed(record):
        return ""
    words = gettext(
        "%(day)s lies in a closed period. Send it back, or ask the controller to reopen the period."
    )
    return words % {"day": day(record.entry.date)}


def _closed_mark(record: Approval) -> SafeString:
    words = closed_words(record)
    if not words:
        return format_html("{}", "")
    return format_html(
        '<div class="flags">{}</div><small>{}</small>', badge("on_hold", word=gettext("Closed period")), words
    )


def _words(reason: ApprovalReason) -> str:
    """The reason; what holds an entry says that it does."""
    if reason.effect == RuleEffect.HOLD:
        return gettext("Held: %(reason)s") % {"reason": reason.sentence}
    return reason.sentence


BADGE_OF: dict[str, str] = {
    RuleEffect.HOLD: "on_hold",
    RuleEffect.FLAG: "flag",
    RuleEffect.APPROVE: "approved",
}


def _decision_address(record: Approval) -> str:
    """Where one entry is decided by itself."""
    return reverse("decide-approval", args=[record.pk])


class ApprovalTable(ListTable):
    """Rows of the right pane; unflagged entries are ticked at first."""

    caption, identity = _("Entries to approve"), "date"
    empty = _("Nothing waits for your approval.")
    date = DayColumn(
        accessor="entry__date",
        form="weekday",
        verbose_name=_("Date"),
        slot="title",
        linkify=_decision_address,
    )
    project = TextColumn(
        accessor="entry__project__name",
        detail="entry__task",
        verbose_name=_("Project and task"),
        slot="subtitle",
    )
    quantity = QuantityColumn(
        accessor="submitted_quantity", of="entry__unit", verbose_name=_("Quantity"), slot="value"
    )
    billing_type = BillableColumn(verbose_name=_("Billable"), slot="status", linkify=_terms_address)
    amount = ValueColumn(
        accessor="sales_amount", of="sales_currency", with_currency=True, verbose_name=_("Value"), slot="line"
    )
    note = NoteColumn(
        accessor="pk", verbose_name=_("Note and flags"), orderable=False, wide=True, slot="line"
    )

    verdicts: Mapping[int, Verdict] = MappingProxyType({})
    # Given by the page: a table shows what limits say and does not judge by itself.
    find_verdicts: Callable[[Sequence[Approval]], Mapping[int, Verdict]] | None = None
    coverage, may_write_contracts = NOTHING_COVERED, False
    receipts: Mapping[int, Sequence[Receipt]] = MappingProxyType({})
    duplicates: Mapping[int, Sequence[Duplicate]] = MappingProxyType({})
    hours_left: Mapping[int, Decimal] = MappingProxyType({})

    class Meta:
        order_by = ("date",)

    def render_amount(self, value: Decimal, record: Approval, column: ValueColumn) -> str:
        """Nothing where nothing will be billed; else the amount, and whether it fits into the limits."""
        if not record.will_be_billed:
            return column.default
        words = limit_words(self.verdict_on(record), record.sales_currency)
        if record.pk in self.hours_left:
            words = f"{words}. {left_words(self.hours_left[record.pk])}"
        price = gettext("%(price)s from %(list)s") % {
            "price": rate(record.sales_price),
            "list": record.price_source or gettext("the entry itself"),
        }
        return format_html("{}<small>{}</small><small>{}</small>", column.render(value, record), price, words)

    def render_note(self, value: Any, record: Approval, column: NoteColumn) -> SafeString:
        """The note, receipts, and what stands out on a narrow screen too: no payer, duplicates, limits."""
        note, verdict = column.render(value, record), self.verdict_on(record)
        files = receipt_links(self.receipts.get(record.entry_id, ()))
        doubts = duplicate_marks(self.duplicates.get(record.entry_id, ()))
        note = format_html(
            "{}{}{}{}{}", note, files, self.uncovered_mark(record), doubts, _closed_mark(record)
        )
        if verdict.status != NotToExceedStatus.FAILED:
            return note
        word = limit_words(verdict, record.sales_currency)
        return format_html('{}<div class="flags">{}</div>', note, badge(verdict.status, "limit", word))

    def uncovered_mark(self, record: Approval) -> str:
        """Why nobody would pay, where no contract line includes work on the project of a customer."""
        if record.contract_line_id is not None or record.entry.project.customer_id is None:
            return format_html("{}", "")
        reason = self.coverage.sentence_of(record.entry)
        return uncovered_mark(self, record.entry, reason or gettext(COVERED_NOW))

    def look_up(self, records: Sequence[Approval]) -> None:
        """What limits say as if all were approved, prepaid hours left, who pays, receipts, duplicates."""
        entries = [record.entry for record in records]
        self.verdicts = self.find_verdicts(records) if self.find_verdicts else {}
        self.hours_left = hours_left(records)
        self.coverage = coverage_of([one.entry for one in records if one.contract_line_id is None])
        self.receipts = Receipt.objects.by_entry([entry.pk for entry in entries])
        self.duplicates = duplicates_of(entries, self.request.user)

    def verdict_on(self, record: Approval) -> Verdict:
        """What the limits say, as if all of the page were approved now."""
        return self.verdicts.get(record.pk, NOT_APPLICABLE)

    def tick(self, record: Approval) -> Tick:
        """What the entry adds to the bar; flagged ones wait for the approver's own tick."""
        entry = record.entry
        return Tick(
            f"{day(entry.date, 'weekday')}, {entry.project.name}, {quantity(entry.quantity, entry.unit)}",
            record.sales_amount if record.will_be_billed else None,
            record.sales_currency,
            record.submitted_quantity,
            entry.unit,
            ticked=not self.is_flagged(record),
            blocked=self._blocked(record),
        )

    def _blocked(self, record: Approval) -> str:
        """Why it has no box: a closed period allows no approval at all, a rule none together with others."""
        if is_closed(record):
            return gettext("its day lies in a closed period")
        return gettext("it is held and decided by itself, with a comment") if is_held(record) else ""

    def held_count(self) -> int:
        """How many rows of this page cannot be ticked, because a rule holds them."""
        return sum(is_held(row.record) and not is_closed(row.record) for row in self.paginated_rows)

    def closed_count(self) -> int:
        """How many rows of this page cannot be ticked, because their days lie in closed periods."""
        return sum(is_closed(row.record) for row in self.paginated_rows)

    def is_flagged(self, record: Approval) -> bool:
        """Whether the policy, a possible duplicate or the lack of a contract line asks to look twice."""
        is_doubted = any(one.effect in AGAINST for one in record.reasons.all())
        return is_doubted or record.entry_id in self.duplicates or bool(self.uncovered_mark(record))
