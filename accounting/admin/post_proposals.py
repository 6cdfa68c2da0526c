"""Posting proposals as customer invoices: what will happen is shown first, number by number (C6)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.admin.credit_panel import warnings_of
from accounting.credit import credit_of
from accounting.invoice_posting_lines import PreparedInvoice
from accounting.invoicing import Outlook, post_proposals, posting_outlook
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.querysets import ProposalQuerySet
from accounting.states import ProposalStatus
from billing.numbering import expected_numbers
from billing.states import SeriesKind
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    change_url,
    changelist_url,
    link_to,
    per_currency,
    signed_in_user,
)
from core.day_inputs import DayField
from core.templatetags import display

INVOICES_SHOWN = 200
EFFECTS = (
    _("Each invoice takes the next legal number of its series; a number is never given back."),
    _("Voucher and both subledgers are written; what was accrued is reversed."),
    _("A posted invoice is never changed: it is corrected by a corrective proforma."),
    _("The documents are printed in the background right afterwards."),
)


class PostingForm(forms.Form):
    invoice_date = DayField(
        label=_("Invoice date"),
        required=False,
        help_text=_("Empty: each proposal's own accounting date."),
    )


class PostProposals(AdminAction):
    """Gives number, voucher and subledger rows to every selected proposal that posting would not refuse."""

    name, label, permission = "post", _("Post"), "accounting.post_invoice"
    confirms = is_primary = True
    form_class = PostingForm
    preview_again_label = _("Show for this date")

    def is_available(self, obj: InvoiceProposal) -> bool:
        """Each proposal is posted once."""
        return obj.status == ProposalStatus.DRAFT

    def preview(
        self, request: HttpRequest, targets: ProposalQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """What posting would make of them; what it would refuse is named and left out."""
        day = cleaned_data.get("invoice_date")
        outlook = posting_outlook(targets, actor=signed_in_user(request), invoice_date=day)
        posting = ExpectedPosting(outlook, day)
        good, total = posting.good, per_currency(posting.sums.items())
        words = {"count": len(good), "total": total}
        return ActionPreview(
            InvoiceProposal.objects.filter(pk__in=[draft.proposal.pk for draft in good]),
            f"{len(good)}|{total}",
            summary=_summary(good, words),
            effects=(*posting.warnings(), *EFFECTS) if good else (),
            panels=posting.panels() if good else (),
            refusals=outlook.refusals,
            submit_label=ngettext(
                "Post %(count)s invoice and allocate its number",
                "Post %(count)s invoices and allocate their numbers",
                len(good),
            )
            % words,
            is_possible=bool(good),
        )

    def run(
        self, targets: ProposalQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[CustomerInvoice]:
        """Call the verb."""
        return post_proposals(targets, actor=actor, at=at, invoice_date=cleaned_data.get("invoice_date"))

    def get_success_message(self, result: list[CustomerInvoice]) -> str:
        """The numbers that were given."""
        numbers = result[0].number if len(result) == 1 else f"{result[0].number} – {result[-1].number}"
        return ngettext(
            "%(count)s invoice posted: %(numbers)s.", "%(count)s invoices posted: %(numbers)s.", len(result)
        ) % {"count": len(result), "numbers": numbers}

    def get_success_url(self, result: list[CustomerInvoice], cancel_url: str) -> str:
        """To the one invoice, or to the list of them."""
        if len(result) == 1:
            return change_url(CustomerInvoice, result[0].pk)
        return changelist_url(CustomerInvoice)


def _summary(good: Sequence[PreparedInvoice], words: dict[str, Any]) -> str:
    if not good:
        return gettext("Nothing can be posted yet.")
    text = ngettext(
        "%(count)s customer invoice over %(total)s will be posted.",
        "%(count)s customer invoices over %(total)s will be posted.",
        len(good),
    )
    return text % words


class ExpectedPosting:
    """What posting would make of the proposals that it would not refuse, as panels of the preview."""

    def __init__(self, outlook: Outlook, day: date | None):
        refused = {refusal.subject for refusal in outlook.refusals}
        self.good = [draft for draft in outlook.prepared if str(draft.proposal) not in refused]
        self.contexts, self.day = outlook.contexts, day

    @property
    def sums(self) -> dict[str, Decimal]:
        """Gross amounts per currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for draft in self.good:
            sums[draft.proposal.proforma.currency] += draft.gross_amount
        return dict(sorted(sums.items()))

    def warnings(self) -> list[str]:
        """Customers of invoices that are beyond their credit limit."""
        customers = {
            draft.proposal.proforma.customer_id: draft.proposal.proforma.customer
            for draft in self.good
            if draft.gross_amount > 0 and draft.proposal.proforma.customer.credit_limit is not None
        }
        if not customers:
            return []
        for draft in self.good:
            # Loaded with the proposal: the customer is of the same company.
            draft.proposal.proforma.customer.legal_entity = draft.proposal.legal_entity
        return list(warnings_of(credit_of(customers.values(), timezone.localdate()).values()))

    def panels(self) -> list[Panel]:
        """Each invoice with its number, then taxes and totals."""
        return [self._invoices_panel(), taxes_panel(self.good), totals_panel(self.good)]

    def _invoices_panel(self) -> Panel:
        heads = (_("Expected number"), _("Proforma"), _("Customer"), _("Invoice date"), _("Period"), _("Net"))
        numbers = self._numbers()
        rows = [self._row(draft, next(numbers)) for draft in self.good[:INVOICES_SHOWN]]
        further = len(self.good) - len(rows)
        lines = [gettext("The first %(count)s are shown.") % {"count": len(rows)}] if further else []
        return Panel(_("Invoices"), (*heads, _("Tax"), _("To pay")), rows, lines=lines)

    def _date_of(self, draft: PreparedInvoice) -> date:
        return self.day or draft.proposal.accounting_date

    def _numbers(self) -> Iterator[str]:
        """The number that each invoice would get, in the order in which posting takes them."""
        years = [(draft.proposal.legal_entity, self._date_of(draft).year) for draft in self.good]
        series = {
            key: iter(expected_numbers(key[0], SeriesKind.CUSTOMER_INVOICE, key[1], len(self.good)))
            for key in dict.fromkeys(years)
        }
        return (next(series[key]) for key in years)

    def _row(self, draft: PreparedInvoice, number: str) -> list[Cell]:
        proposal, on = draft.proposal, self._date_of(draft)
        is_open = self.contexts[proposal.legal_entity_id].is_open_on(on)
        figures = (draft.charged_net, draft.tax_amount, draft.gross_amount)
        return [
            Cell(gettext("%(number)s (expected)") % {"number": number}),
            link_to(proposal),
            Cell(proposal.proforma.customer),
            Cell(display.day(on)),
            Cell(_("Open") if is_open else _("Closed")),
            *(Cell(display.money(figure, proposal.proforma.currency), is_figure=True) for figure in figures),
        ]


def taxes_panel(good: Sequence[PreparedInvoice]) -> Panel:
    sums: dict[tuple[str, str, Decimal], list[Decimal]] = {}
    for draft in good:
        for group in draft.taxes:
            key = (draft.proposal.proforma.currency, str(group.name or _("Without tax code")), group.percent)
            base, tax = sums.get(key, [Decimal(0), Decimal(0)])
            sums[key] = [base + group.base_amount, tax + group.tax_amount]
    rows = [
        (
            Cell(name),
            Cell(display.percent(percent), is_figure=True),
            Cell(display.money(base, currency), is_figure=True),
            Cell(display.money(tax, currency), is_figure=True),
        )
        for (currency, name, percent), (base, tax) in sorted(sums.items())
    ]
    return Panel(_("Tax by rate"), (_("Tax"), _("Rate"), _("Base"), _("Tax amount")), rows, _("No tax."))


def totals_panel(good: Sequence[PreparedInvoice]) -> Panel:
    rows = []
    for currency in sorted({draft.proposal.proforma.currency for draft in good}):
        mine = [draft for draft in good if draft.proposal.proforma.currency == currency]
        figures = [
            sum((getattr(draft, name) for draft in mine), Decimal(0))
            for name in ("charged_net", "tax_amount", "gross_amount")
        ]
        cells = [Cell(display.money(figure, currency), is_figure=True) for figure in figures]
        rows.append((Cell(currency), Cell(display.number(len(mine)), is_figure=True), *cells))
    heads = (_("Currency"), _("Invoices"), _("Net"), _("Tax"), _("To pay"))
    return Panel(_("Totals"), heads, rows, _("None can be posted."))
