"""Writing a journal voucher: its rows, what debit and credit come to, and the draft that is kept (C6)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.forms.journal_voucher import (
    FIRST_ROWS,
    MORE_ROWS,
    MOST_ROWS,
    VoucherForm,
    VoucherRowForm,
    accounts_to_choose,
    initial_of,
    rows_of,
    rows_of_lines,
    unknown,
)
from accounting.journal_voucher_checks import NewVoucher, NewVoucherLine, control_accounts
from accounting.models import JournalVoucher
from accounting.writing_vouchers import rewrite_journal_voucher, write_journal_vouchers
from core.access import may
from core.admin_kit import ReadOnlyAdmin, change_url, changelist_url, signed_in_user
from core.answering import REFUSED, Failure, carry_out, keep_answer
from core.money import ZERO
from projects.models import Customer, LegalEntity, Project

PERMISSION = "accounting.write_journal_voucher"


class VoucherPage:
    """One request for the page: a new voucher, or a draft that is written anew."""

    def __init__(self, model_admin: ReadOnlyAdmin, request: HttpRequest, draft: JournalVoucher | None = None):
        self.model_admin, self.request, self.draft = model_admin, request, draft
        self.user = signed_in_user(request)
        entities = LegalEntity.objects.visible_to(self.user).values_list("pk", flat=True)
        self.accounts = accounts_to_choose(self.user, control_accounts(entities))

    def answer(self) -> HttpResponse:
        """Show the rows, show them with their sums, or keep the draft."""
        if not may(self.user, PERMISSION):
            raise PermissionDenied(_("You need the permission to write journal vouchers."))
        if self.request.method != "POST":
            return self._page(self._first_form(), self._first_rows())
        form, rows = VoucherForm(self.user, data=self.request.POST), self._sent_rows()
        if "more" in self.request.POST:
            return self._page(form, [*rows, *self._blank_rows(len(rows), MORE_ROWS)])
        is_valid = all([form.is_valid(), *(row.is_valid() for row in rows)])
        new = self._voucher(form, rows) if is_valid else None
        if new is None:
            return self._page(form, rows, status=REFUSED)
        return self._page(form, rows) if "again" in self.request.POST else self._kept(form, rows, new)

    def _first_form(self) -> VoucherForm:
        entity = LegalEntity.objects.visible_to(self.user).order_by("pk").first()
        initial: dict[str, Any] = {"legal_entity": entity}
        if self.draft is not None:
            draft = self.draft
            facts = ("legal_entity_id", "date", "text", "reversed_on")
            initial = {name.removesuffix("_id"): getattr(draft, name) for name in facts}
        elif entity is not None:
            initial["date"] = entity.day_of(timezone.now())
        return VoucherForm(self.user, initial=initial)

    def _first_rows(self) -> list[VoucherRowForm]:
        if self.draft is None:
            return self._blank_rows(0, FIRST_ROWS)
        lines = list(self.draft.lines.select_related("customer", "project").order_by("position"))
        rows = [
            VoucherRowForm(row=row, accounts=self.accounts, initial=initial_of(parts))
            for row, parts in enumerate(rows_of_lines(lines), start=1)
        ]
        return [*rows, *self._blank_rows(len(rows), 2)]

    def _blank_rows(self, after: int, count: int) -> list[VoucherRowForm]:
        rows = range(after + 1, min(after + count, MOST_ROWS) + 1)
        return [VoucherRowForm(row=row, accounts=self.accounts) for row in rows]

    def _sent_rows(self) -> list[VoucherRowForm]:
        count = rows_of(self.request.POST.get("rows", ""))
        sent = self.request.POST
        return [VoucherRowForm(sent, row=row, accounts=self.accounts) for row in range(1, count + 1)]

    def _voucher(self, form: VoucherForm, rows: list[VoucherRowForm]) -> NewVoucher | None:
        """What was typed, or nothing where a number is of no customer or project; the row then says so."""
        entity: LegalEntity = form.cleaned_data["legal_entity"]
        typed = [row for row in rows if not row.is_blank]
        customers = self._by_number(Customer.objects.all(), entity, typed, "customer")
        projects = self._by_number(Project.objects.all(), entity, typed, "project")
        if any(row.errors for row in typed):
            return None
        lines = [
            NewVoucherLine(
                row=row.row,
                account=row.chosen_account,
                currency=row.cleaned_data["currency"] or entity.currency,
                amount=row.amount,
                text=row.cleaned_data["text"],
                customer=customers.get(row.cleaned_data["customer"].strip()),
                project=projects.get(row.cleaned_data["project"].strip()),
                dimension=row.cleaned_data["dimension"],
                shares=row.shares,
            )
            for row in typed
        ]
        said = form.cleaned_data
        return NewVoucher(entity, said["date"], said["text"], lines, said["reversed_on"])

    def _by_number(
        self, rows: Any, entity: LegalEntity, typed: Iterable[VoucherRowForm], name: str
    ) -> dict[str, Any]:
        numbers = {row: row.cleaned_data[name].strip() for row in typed}
        asked = {number for number in numbers.values() if number}
        mine = rows.visible_to(self.user).filter(legal_entity=entity, number__in=asked)
        known = {one.number: one for one in mine} if asked else {}
        for row, number in numbers.items():
            if number and number not in known:
                row.add_error(name, unknown(number))
        return known

    def _kept(self, form: VoucherForm, rows: list[VoucherRowForm], new: NewVoucher) -> HttpResponse:
        outcome = carry_out(self.request, lambda: self._write(new))
        if outcome.failure is not None:
            return self._page(form, rows, status=outcome.failure.status, failure=outcome.failure)
        if outcome.first_answer is not None:
            return HttpResponseRedirect(outcome.first_answer or changelist_url(self.model_admin.model))
        address = change_url(JournalVoucher, outcome.result.pk)
        keep_answer(self.request, address)
        words = _("“%(text)s” is kept as a draft. Another person posts it.") % {"text": outcome.result.text}
        messages.success(self.request, words)
        return HttpResponseRedirect(address)

    def _write(self, new: NewVoucher) -> JournalVoucher:
        at = timezone.now()
        if self.draft is None:
            (written,) = write_journal_vouchers([new], actor=self.user, at=at)
            return written
        mine = JournalVoucher.objects.filter(pk=self.draft.pk)
        shown = moment_from(self.request.POST.get("shown", ""))
        return rewrite_journal_voucher(
            mine, new, actor=self.user, at=at, shown=shown or self.draft.written_at
        )

    def _shown(self) -> str:
        """When the draft was written that the rows were read from; a form that is sent keeps it."""
        written = self.draft.written_at.isoformat() if self.draft else ""
        return self.request.POST.get("shown", written)

    def _page(
        self,
        form: VoucherForm,
        rows: list[VoucherRowForm],
        *,
        status: int = 200,
        failure: Failure | None = None,
    ) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(self.request),
            "opts": self.model_admin.opts,
            "title": _("Change a journal voucher") if self.draft else _("New journal voucher"),
            "form": form,
            "rows": rows,
            "sums": sums_of(form, rows),
            "shown": self._shown(),
            "refusals": failure.refusals if failure else (),
            "cancel_url": change_url(JournalVoucher, self.draft.pk)
            if self.draft
            else changelist_url(JournalVoucher),
        }
        return TemplateResponse(self.request, "admin/write_voucher.html", context, status=status)


def moment_from(text: str) -> datetime | None:
    """The moment of a hidden field; nothing where somebody wrote another text into it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def sums_of(form: VoucherForm, rows: Iterable[VoucherRowForm]) -> list[dict[str, Any]]:
    """By currency, what the rows that can be read debit and credit, and what is between them."""
    if not form.is_bound or not form.is_valid():
        return []
    own = form.cleaned_data["legal_entity"].currency
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        if not row.is_bound or not row.is_valid() or row.is_blank:
            continue
        of_currency = sums.setdefault(row.cleaned_data["currency"] or own, [ZERO, ZERO])
        of_currency[0 if row.amount > ZERO else 1] += abs(row.amount)
    return [
        {"currency": currency, "debit": debit, "credit": credit, "rest": abs(debit - credit)}
        for currency, (debit, credit) in sorted(sums.items())
    ]
