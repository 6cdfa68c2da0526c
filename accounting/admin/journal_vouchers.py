"""Journal vouchers: written by one person, posted by another, undone by their reversals (C6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from accounting.admin.recurring_vouchers import RepeatVouchers
from accounting.admin.write_voucher import PERMISSION, VoucherPage
from accounting.models import JournalVoucher, JournalVoucherLine, Voucher
from accounting.posting_vouchers import post_journal_vouchers
from accounting.querysets import JournalVoucherQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus, VoucherSource
from accounting.writing_vouchers import discard_journal_vouchers, reverse_journal_vouchers
from core.access import may
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    link_to,
    per_currency,
    signed_in_user,
    waiting_rows,
)
from core.day_inputs import DayField
from core.money import ZERO
from core.people import person_name
from core.templatetags import display

TO_POST = ngettext_lazy("%(count)s journal voucher to post", "%(count)s journal vouchers to post", "count")
LINE_HEADS = (
    _("Account"),
    _("Text"),
    _("Customer"),
    _("Project"),
    _("Dimension"),
    _("Debit"),
    _("Credit"),
)
LINES_SHOWN = 400


def debits_of(vouchers: Iterable[int]) -> dict[int, list[tuple[str, Any]]]:
    """What vouchers debit, by their key and currency: one statement."""
    rows = JournalVoucherLine.objects.filter(journal_voucher__in=list(vouchers), amount__gt=0).order_by()
    sums: dict[int, list[tuple[str, Any]]] = {}
    summed = rows.values_list("journal_voucher", "currency").annotate(sum=Sum("amount"))
    for key, currency, amount in summed.order_by("journal_voucher", "currency"):
        sums.setdefault(key, []).append((currency, amount))
    return sums


def _shown_dimension(line: JournalVoucherLine) -> str:
    if line.percent is None or line.whole is None:
        return line.dimension or display.NOTHING
    return _("%(value)s, %(percent)s of %(whole)s") % {
        "value": line.dimension,
        "percent": display.percent(line.percent),
        "whole": display.money(abs(line.whole), line.currency),
    }


class VoucherAction(AdminAction):
    """Shared by what moves journal vouchers: shown with their days, texts and amounts before."""

    confirms = True
    effects: ClassVar[Sequence[Any]] = ()

    def choose(self, targets: JournalVoucherQuerySet, user: User) -> JournalVoucherQuerySet:
        """Those that the verb takes."""
        return targets.drafts()

    def preview(
        self, request: HttpRequest, targets: JournalVoucherQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The vouchers with what they debit."""
        chosen = self.choose(targets, signed_in_user(request))
        vouchers = list(chosen.select_related("written_by").order_by("date", "pk"))
        debits = debits_of(one.pk for one in vouchers)
        rows = [
            (
                Cell(display.day(one.date)),
                link_to(one),
                Cell(person_name(one.written_by)),
                Cell(per_currency(debits.get(one.pk, [])), is_figure=True),
            )
            for one in vouchers
        ]
        heads = (_("Date"), _("Text"), _("Written by"), _("Amount"))
        # The lines as well: what was written anew meanwhile is looked at again.
        seen = [(one.pk, str(one.written_at), debits.get(one.pk)) for one in vouchers]
        return ActionPreview(
            JournalVoucher.objects.filter(pk__in=[one.pk for one in vouchers]),
            str(seen),
            effects=self.effects,
            panels=(Panel(_("Journal vouchers"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(vouchers),
        )


class PostVouchers(VoucherAction):
    name, label, permission = "post", _("Post"), "accounting.post_journal_voucher"
    is_primary = True
    effects = (
        _("Each takes the next number of the journal vouchers of its year, and never changes afterwards."),
    )

    def is_available(self, obj: JournalVoucher) -> bool:
        """While it is a draft."""
        return obj.status == JournalVoucherStatus.DRAFT

    def run(
        self, targets: JournalVoucherQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[Voucher]:
        """Call the verb."""
        return post_journal_vouchers(targets, actor=actor, at=at)

    def get_success_message(self, result: list[Voucher]) -> str:
        """The numbers while there are few."""
        return ngettext("Posted as %(numbers)s.", "%(count)s posted: %(numbers)s.", len(result)) % {
            "count": len(result),
            "numbers": ", ".join(one.number for one in result[:12]),
        }


class DiscardVouchers(VoucherAction):
    name, label, permission = "discard", _("Discard"), PERMISSION
    effects = (_("They stay readable, and are never posted."),)

    def is_available(self, obj: JournalVoucher) -> bool:
        """While it is a draft."""
        return obj.status == JournalVoucherStatus.DRAFT

    def run(
        self, targets: JournalVoucherQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return discard_journal_vouchers(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        return ngettext("%(count)s draft discarded.", "%(count)s drafts discarded.", result) % {
            "count": result
        }


class ReversalDayForm(forms.Form):
    """The day of what reverses vouchers."""

    on = DayField(label=_("Date of the reversal"))


class ReverseVouchers(VoucherAction):
    name, label, permission = "reverse", _("Reverse"), PERMISSION
    form_class = ReversalDayForm
    effects = (_("A draft with every line on the other side is written; another person posts it."),)

    def is_available(self, obj: JournalVoucher) -> bool:
        """Once, and nothing that reverses itself."""
        return JournalVoucher.objects.standing().filter(pk=obj.pk).exists()

    def choose(self, targets: JournalVoucherQuerySet, user: User) -> JournalVoucherQuerySet:
        """Those that stand."""
        return targets.standing()

    def get_initial(self, request: HttpRequest, targets: JournalVoucherQuerySet) -> dict[str, Any]:
        """The latest of their days, which is the earliest that may be."""
        last = targets.order_by("-date").first()
        return {"on": last.date} if last else {}

    def run(
        self, targets: JournalVoucherQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[JournalVoucher]:
        """Call the verb."""
        return reverse_journal_vouchers(targets, on=cleaned_data["on"], actor=actor, at=at)

    def get_success_message(self, result: list[JournalVoucher]) -> str:
        """How many wait for posting."""
        return ngettext(
            "%(count)s reversal is kept as a draft. Another person posts it.",
            "%(count)s reversals are kept as drafts. Another person posts them.",
            len(result),
        ) % {"count": len(result)}

    def get_success_url(self, result: list[JournalVoucher], cancel_url: str) -> str:
        """The draft, where there is one."""
        return change_url(JournalVoucher, result[0].pk) if len(result) == 1 else cancel_url


@admin.register(JournalVoucher)
class JournalVoucherAdmin(ReadOnlyAdmin):
    """What is written into the ledger by hand, newest first."""

    change_list_template = "admin/journal_vouchers_list.html"
    list_display = (
        columns.day("date", _("date")),
        "text",
        "voucher_number",
        "debit",
        columns.person("written_by", _("written by")),
        columns.person("posted_by", _("posted by")),
        columns.state(_("status")),
    )
    list_filter = ("status", "kind", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "written_by", "posted_by")
    search_fields = ("text",)
    date_hierarchy = "date"
    fields = (
        *("legal_entity", "date", "text", "kind", "status", "reverses", "reversed_on", "recurring"),
        *("written_by", "written_at", "posted_by", "posted_at"),
    )
    action_classes: ClassVar = (PostVouchers, ReverseVouchers, RepeatVouchers, DiscardVouchers)

    def get_urls(self) -> list[URLPattern]:
        """Writing a voucher has addresses of its own."""
        wrap = self.admin_site.admin_view
        return [
            path("write/", wrap(self.write_view), name="accounting_journalvoucher_write"),
            path("<int:key>/rewrite/", wrap(self.rewrite_view), name="accounting_journalvoucher_rewrite"),
            *super().get_urls(),
        ]

    def write_view(self, request: HttpRequest) -> HttpResponse:
        """A new journal voucher."""
        return VoucherPage(self, request).answer()

    def rewrite_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A draft, written anew."""
        drafts = JournalVoucher.objects.visible_to(signed_in_user(request)).select_related("legal_entity")
        draft = drafts.filter(pk=key).first()
        if draft is None:
            raise Http404
        return VoucherPage(self, request, draft).answer()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the button that writes one for those who may."""
        is_offered = may(signed_in_user(request), PERMISSION)
        url = reverse("admin:accounting_journalvoucher_write") if is_offered else ""
        return super().changelist_view(request, {"write_url": url, **(extra_context or {})})

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Numbers in the ledger and what each debits: two statements."""
        numbers, debits = self._numbers(rows), debits_of(row.pk for row in rows)
        for row in rows:
            row.number, row.debits = numbers.get(row.pk, ""), debits.get(row.pk, [])

    @staticmethod
    def _numbers(rows: Sequence[Any]) -> dict[int, str]:
        keys = [row.pk for row in rows]
        mine = Voucher.objects.filter(source_kind=VoucherSource.JOURNAL_VOUCHER, source_id__in=keys)
        return dict(mine.values_list("source_id", "number"))

    @admin.display(description=_("voucher"))
    def voucher_number(self, row: Any) -> str:
        return row.number or display.NOTHING

    @admin.display(description=_("amount"))
    def debit(self, row: Any) -> str:
        return per_currency(row.debits)

    def get_panels(self, request: HttpRequest, obj: JournalVoucher) -> Iterable[Panel]:
        """Its lines, the voucher in the ledger, and its reversal."""
        lines = obj.lines.select_related("account", "customer", "project").order_by("position")
        voucher = Voucher.objects.filter(source_kind=VoucherSource.JOURNAL_VOUCHER, source_id=obj.pk).first()
        yield Panel(
            _("Lines"),
            LINE_HEADS,
            [self._line(line) for line in lines[:LINES_SHOWN]],
            more=voucher.number if voucher else "",
            more_url=change_url(Voucher, voucher.pk) if voucher else "",
        )
        reversals = list(JournalVoucher.objects.filter(Q(reverses=obj)).order_by("pk"))
        if reversals:
            rows = [
                [Cell(display.day(one.date)), link_to(one), Cell(display.state(one))] for one in reversals
            ]
            yield Panel(_("Reversal"), (_("Date"), _("Text"), _("Status")), rows)

    @staticmethod
    def _line(line: JournalVoucherLine) -> list[Cell]:
        written = display.money(abs(line.amount), line.currency)
        return [
            link_to(line.account),
            Cell(line.text or display.NOTHING),
            link_to(line.customer),
            link_to(line.project, line.project.number if line.project else None),
            Cell(_shown_dimension(line)),
            Cell(written if line.amount > ZERO else "", is_figure=True),
            Cell(written if line.amount < ZERO else "", is_figure=True),
        ]

    def get_links(self, request: HttpRequest, obj: JournalVoucher) -> Iterable[tuple[Any, str]]:
        """Writing a draft anew, for those who may."""
        is_own = obj.kind == JournalVoucherKind.ORDINARY and obj.reverses_id is None
        if obj.status == JournalVoucherStatus.DRAFT and is_own and may(signed_in_user(request), PERMISSION):
            yield _("Change"), reverse("admin:accounting_journalvoucher_rewrite", args=[obj.pk])

    def get_waiting(self, request: HttpRequest) -> Any:
        """Drafts that somebody else may post."""
        user = signed_in_user(request)
        drafts = JournalVoucher.objects.visible_to(user).drafts()
        yield waiting_rows(drafts, TO_POST, status__exact="draft")
