"""Expenses, material and fees: recorded with their receipts, changed, submitted, taken back (A8)."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, Button, DetailPage, FormPage
from projects.approval_terms import approval_of
from projects.approvers import receipts_for
from projects.contract_terms import ContractTerms
from projects.duplicates import duplicates_of
from projects.entering_costs import CostReport, SentFile, change_cost, enter_cost, remove_receipt
from projects.filters.entries import CostFilter
from projects.forms.costs import CostForm
from projects.models import Entry, Project, Receipt, Resource
from projects.states import BillingType, TransactionClass
from projects.tables.entries import CostTable
from projects.views.entries import PERMISSION, Delete, Entries, Recall, Submit, own_entries
from projects.views.page_defaults import PageDefaults
from projects.views.submitting_saved import SubmitSaved
from projects.views.uncovered_warning import warn_of_uncovered
from projects.views.whose_work import changeable_entries, person_of_request

COSTS = (TransactionClass.EXPENSE, TransactionClass.MATERIAL, TransactionClass.FEE)
TITLES = {
    TransactionClass.EXPENSE: _("New expense"),
    TransactionClass.MATERIAL: _("New material"),
    TransactionClass.FEE: _("New fee"),
}


class Costs(Entries):
    """A person's own expenses, material and fees."""

    title, url_name = _("My expenses"), "expenses"
    purpose, template_name = _("What you paid or used, and where it stands"), "projects/expenses.html"
    filterset_class, table_class = CostFilter, CostTable
    buttons = [
        Button(_("Delete"), "delete-expenses", PERMISSION),
        Button(_("Recall"), "recall-expenses", PERMISSION),
        Button(_("Submit"), "submit-expenses", PERMISSION, key="s", primary=True),
    ]

    def get_queryset(self) -> QuerySet[Entry]:
        rows = own_entries(self.user).filter(transaction_class__in=COSTS)
        return rows.select_related("project", "task", "category", "legal_entity").with_receipts()


class SubmitCosts(Submit):
    """Submit expenses to their approver."""

    list_page, inverse = Costs, "recall-expenses"


class RecallCosts(Recall):
    """Take submitted expenses back."""

    list_page, inverse = Costs, "submit-expenses"


class DeleteCosts(Delete):
    """Delete drafts of expenses."""

    list_page = Costs


class CostPage(SubmitSaved, PageDefaults):
    """The form of an expense, material or a fee."""

    permission, form_class, template_name = PERMISSION, CostForm, "projects/expense.html"
    cancel_url = reverse_lazy("expenses")

    @property
    def kind(self) -> TransactionClass:
        """Which of the three it is."""
        raise NotImplementedError

    @property
    def person(self) -> Resource:
        """Whose it is."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = Project.objects.order_by("number")
        is_own = self.person.user_id == self.user.pk
        projects = rows.visible_to(self.user) if is_own else rows.managed_by(self.user)
        return super().get_form_kwargs() | {"kind": self.kind, "person": self.person, "projects": projects}

    def report_of(self, form: CostForm) -> CostReport:
        """What the form says."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "receipts"}
        values["unit"] = values.get("unit") or (values["category"].unit if values.get("category") else "pcs")
        return CostReport(transaction_class=self.kind, **values)

    def files_of(self, form: CostForm) -> list[SentFile]:
        """The receipts that were sent along."""
        return [SentFile(file.name or "", form.bytes_of(file)) for file in form.attached]


class RecordCost(CostPage, FormPage):
    """Record an expense, material or a fee."""

    success_message, is_submitted = _("Saved"), False

    @property
    def kind(self) -> TransactionClass:
        """As the address names it."""
        if self.kwargs["kind"] not in COSTS:
            raise Http404("no such kind")
        return TransactionClass(self.kwargs["kind"])

    @cached_property
    def person(self) -> Resource:
        return person_of_request(self.request)

    def get_initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"title": TITLES[self.kind], "person": self.person, **kwargs})

    def form_valid(self, form: CostForm) -> HttpResponse:
        """Save it; submit it as well where that was asked for."""
        return self.answer(lambda: self.save(form), form)

    def save(self, form: CostForm) -> Entry:
        """The new draft."""
        entry = enter_cost(
            self.person,
            self.report_of(form),
            files=self.files_of(form),
            actor=self.user,
            at=timezone.now(),
        )
        warn_of_uncovered(self.request, [entry])
        self.is_submitted = self.submit_saved(Entry.objects.filter(pk=entry.pk))
        return entry

    def get_success_url(self) -> str:
        """The list; the draft itself where it could not be submitted yet, or may be there twice."""
        is_left = "submit" in self.request.POST and not self.is_submitted
        duplicates = duplicates_of([self.result], self.user).get(self.result.pk, [])
        if is_left or (duplicates and not self.is_submitted):
            return reverse("change-expense", args=[self.result.pk])
        for one in duplicates:
            messages.warning(
                self.request, _("%(duplicate)s. The approver sees this too.") % {"duplicate": one}
            )
        return str(self.cancel_url)


class ChangeCost(CostPage, ActionPage):
    """Change a draft, or what was sent back; add and remove receipts."""

    title, success_message = _("Change expense"), _("Saved")

    @property
    def kind(self) -> TransactionClass:
        return TransactionClass(self.object.transaction_class)

    @property
    def person(self) -> Resource:
        # A fee may be without a person; it is no one's expense and has no page here.
        if self.object.resource is None:
            raise Http404("nobody reported it")
        return self.object.resource

    def get_queryset(self) -> QuerySet[Entry]:
        rows = changeable_entries(self.user).filter(transaction_class__in=COSTS)
        named = ("resource__legal_entity", "legal_entity", "project", "category", "role")
        return rows.select_related(*named).with_comment()

    def get_initial(self) -> dict[str, Any]:
        """The entry as its form holds it."""
        names = ("project", "task", "category", "product", "quantity", "unit", "price", "currency")
        texts = ("description", "external_description")
        values = {name: getattr(self.object, name) for name in (*names, *texts)}
        return values | {"day": self.object.date}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The receipts, and what the customer would pay if it were submitted now."""
        receipts = Receipt.objects.filter(entry=self.object).defer("content")
        terms = ContractTerms.of([self.object])
        preview = approval_of(self.object, terms, actor=self.user, at=timezone.now())
        shown = {"receipts": receipts, "entry": self.object, "person": self.person, "preview": preview}
        shown["uncovered"] = terms.sentence_of(self.object)
        shown["duplicates"] = duplicates_of([self.object], self.user).get(self.object.pk, [])
        shown["is_chargeable"] = preview.billing_type == BillingType.CHARGEABLE
        return super().get_context_data(**shown, **kwargs)

    def call_verb(self, form: Any) -> int:
        """Save it; submit it as well where that was asked for."""
        report, files = self.report_of(form), self.files_of(form)
        count = change_cost(self.targets, report, files=files, actor=self.user, at=timezone.now())
        warn_of_uncovered(self.request, list(self.targets.select_related("project")))
        self.submit_saved(self.targets)
        return count


class ReceiptDownload(PageDefaults, DetailPage):
    """The bytes of a receipt, for whoever may see or decide its entry; nothing in it runs as a page."""

    permission, title = "projects.view_entry", _("Receipt")

    def has_permission(self, obj: Model | None = None) -> bool:
        """As the page; which receipts are open to the user is said by the rows it looks in."""
        return self.may(self.permission)

    def get_queryset(self) -> QuerySet[Receipt]:
        # Who stands in for an approver sees no entries of the project, and must see what proves an expense.
        return receipts_for(self.user, self.today)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A download, so that nothing in the file runs as a page of this site."""
        receipt = cast(Receipt, self.get_object())
        headers = {
            "Content-Disposition": str(content_disposition_header(True, receipt.name)),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(bytes(receipt.content), content_type=receipt.content_type, headers=headers)


class RemoveReceipt(ActionPage):
    """Take a receipt off a draft."""

    permission, title, success_message = PERMISSION, _("Remove"), _("Receipt removed")

    def get_queryset(self) -> QuerySet[Receipt]:
        return Receipt.objects.filter(entry__in=changeable_entries(self.user).values("pk"))

    @property
    def cancel_url(self) -> str:
        """The expense it was on."""
        return reverse("change-expense", args=[self.object.entry_id])

    def call_verb(self, form: Any) -> None:
        return remove_receipt(self.object, actor=self.user, at=timezone.now())
