"""The life of one piece of work, step by step with the amount at each: recorded to paid (X5, X2).

Built from its trace; steps that are still to come follow the ones that are done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.payment_states import payment_state
from accounting.states import PaymentState
from accounting.tracing import Trace, TracedInvoice, TracedRow, TracedWork
from billing.states import ProformaStatus
from billing.why_not_invoiced import Answer
from core.models import Activity
from core.people import person_name
from core.templatetags.display import day, moment, money, number, quantity, rate
from projects.models import Approval, Entry
from projects.states import ApprovalStatus, TransactionType

DONE, NOW, NEXT, BLOCKED = "done", "now", "next", "blocked"


@dataclass(frozen=True)
class LifeStep:
    """One step: its name, what is said of it, how much there is of it, and the page that shows it.

    `permission` is what that page needs; `cost` is a line for those who see what work costs.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    amount: str = ""
    state: str = DONE
    url: str = ""
    label: str = ""
    permission: str = ""
    cost: str = ""


def life_of_entry(entry: Entry, trace: Trace, answer: Answer, today: date) -> list[LifeStep]:
    """Every step of an entry, of the share of the customer whom the answer is about.

    The entry has its person loaded. One statement beside those of the trace.
    """
    approval = next((one for one in reversed(trace.approvals) if _lives(one)), None)
    return [
        _recorded(entry),
        *_submission(approval, entry),
        *life_of_work(trace, answer, today),
    ]


def life_of_work(trace: Trace, answer: Answer, today: date) -> list[LifeStep]:
    """The steps from the books on, of the work item that the answer is about."""
    payer = answer.item.work_item_id if answer.item else None
    work = next((one for one in trace.work if payer in (None, one.work_item.pk)), None)
    steps: list[LifeStep] = []
    if work is not None:
        steps += _in_the_books(work)
    traced = trace.invoices[-1] if trace.invoices else None
    if not answer.is_settled and (traced is None or not traced.proforma.is_open):
        # What a correction opened again waits beside the documents that it was on.
        steps.append(_waiting(answer, today, is_approved=work is not None))
        traced = None
    return [*steps, *_documents(traced, answer, today)]


def _lives(approval: Approval) -> bool:
    return approval.status in (ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED)


def _recorded(entry: Entry) -> LifeStep:
    of_entry = Activity.objects.filter(subject_kind="projects.entry", subject_id=entry.pk)
    first = of_entry.select_related("actor").order_by("happened_at", "pk").first()
    who = entry.resource.name if entry.resource else ""
    lines = [", ".join(filter(None, (day(entry.date), who)))]
    if first is not None:
        lines.append(_said(moment(first.happened_at), first.actor))
    address = reverse("trace-entry", args=[entry.pk])
    return LifeStep(
        _("Recorded"),
        lines,
        quantity(entry.quantity, entry.unit),
        DONE,
        address,
        _("Every row of it"),
        "projects.view_entry",
    )


def _submission(approval: Approval | None, entry: Entry) -> Iterator[LifeStep]:
    if approval is None:
        yield LifeStep(_("Submitted"), [], quantity(entry.quantity, entry.unit), NEXT)
        yield LifeStep(_("Approved"), [], "", NEXT)
        return
    submitted = quantity(approval.submitted_quantity, entry.unit)
    said = _said(moment(approval.submitted_at), approval.submitted_by)
    yield LifeStep(_("Submitted"), [said], submitted)
    worth = money(approval.sales_amount, approval.sales_currency) if approval.sales_currency else ""
    if approval.decided_by is None:
        yield LifeStep(_("Approved"), [], worth, NEXT)
        return
    lines = [_said(moment(approval.decided_at), approval.decided_by)]
    if approval.sales_currency and approval.is_priced:
        words = {
            "quantity": quantity(approval.billable_quantity, approval.unit),
            "price": rate(approval.sales_price),
            "type": approval.get_billing_type_display(),
        }
        lines.append(_("%(quantity)s at %(price)s, %(type)s") % words)
    cost = _("Cost %(amount)s") % {"amount": money(approval.cost_amount, approval.cost_currency)}
    yield LifeStep(_("Approved"), lines, worth, cost=cost)


def _said(when: str, who: User | None) -> str:
    name = person_name(who)
    return _("%(moment)s by %(name)s") % {"moment": when, "name": name} if name else when


def _in_the_books(work: TracedWork) -> Iterator[LifeStep]:
    """Its unbilled sales, once the journal has posted them."""
    unbilled = [row for row in work.rows if row.actual.type == TransactionType.UNBILLED_SALES]
    originals = [row for row in unbilled if row.actual.reverses_id is None]
    if not originals:
        return
    row = originals[-1]
    amount = money(row.actual.amount, row.currency)
    voucher = row.voucher
    if voucher is None:
        yield LifeStep(_("In the books as unbilled"), [_("Not posted yet")], amount, NEXT)
        return
    yield LifeStep(
        _("In the books as unbilled"),
        [_("%(voucher)s of %(day)s") % {"voucher": voucher.number, "day": day(voucher.date)}],
        amount,
        DONE,
        *_journal(row),
    )


def _journal(row: TracedRow) -> tuple[str, str, str]:
    line = getattr(row.actual, "journal_line", None)
    if line is None:
        return "", "", ""
    address = reverse("admin:accounting_integrationjournalline_change", args=[line.pk])
    return address, _("Journal %(number)s") % {"number": line.journal.number}, BOOKS


BOOKS = "accounting.view_integrationjournalline"
SEE_PROFORMA, SEE_INVOICE = "billing.view_proforma", "accounting.view_customerinvoice"


def _waiting(answer: Answer, today: date, *, is_approved: bool) -> LifeStep:
    count = len(answer.reasons)
    words = ngettext("%(count)s reason above", "%(count)s reasons above", count) % {"count": number(count)}
    lines = [words]
    if answer.item is not None:
        days = max((today - answer.item.transaction_date).days, 0)
        age = ngettext("Today, %(days)s day after the work", "Today, %(days)s days after the work", days)
        lines.insert(0, age % {"days": number(days)})
    title = _("In the backlog") if is_approved else _("Not in the backlog yet")
    is_blocked = any(one.tone for one in answer.reasons)
    return LifeStep(title, lines, _worth(answer), BLOCKED if is_blocked else NOW)


def _worth(answer: Answer) -> str:
    return "" if answer.amount is None else money(answer.amount, answer.currency)


def _documents(traced: TracedInvoice | None, answer: Answer, today: date) -> Iterator[LifeStep]:
    """Draft, confirmation, invoice, payment: what is there, then what is to come."""
    worth = _worth(answer)
    if traced is None:
        expected = [_("Run of %(day)s") % {"day": day(answer.run_date)}] if answer.run_date else []
        if answer.payer:
            expected.append(_("Paid by %(customer)s") % {"customer": answer.payer})
        yield LifeStep(_("Proforma draft"), expected, worth, NEXT)
        yield LifeStep(_("Confirmed"), [], worth, NEXT)
        yield LifeStep(_("Invoice posted"), [], worth, NEXT)
        yield LifeStep(_("Paid"), [], "", NEXT)
        return
    proforma = traced.proforma
    link = (reverse("proforma", args=[proforma.number]), proforma.number, SEE_PROFORMA)
    created = [_said(moment(proforma.created_at), proforma.created_by)]
    yield LifeStep(_("Proforma draft"), created, worth, NOW if proforma.is_open else DONE, *link)
    if proforma.is_open:
        yield LifeStep(_("Confirmed"), [], worth, NEXT)
    else:
        yield LifeStep(_("Confirmed"), [_said(moment(proforma.confirmed_at), proforma.confirmed_by)], worth)
    is_posted = proforma.status == ProformaStatus.POSTED
    yield _posted(traced, worth) if is_posted else LifeStep(_("Invoice posted"), [], worth, NEXT)
    yield _paid(traced, today)


def _posted(traced: TracedInvoice, worth: str) -> LifeStep:
    proforma, invoice = traced.proforma, traced.invoice
    words = {"number": proforma.customer_invoice_number, "day": day(proforma.customer_invoice_date)}
    lines = [_("%(number)s of %(day)s") % words]
    if invoice is not None and invoice.due_on:
        lines.append(_("Due on %(day)s") % {"day": day(invoice.due_on)})
    address = f"{reverse('invoices')}?q={proforma.customer_invoice_number}"
    return LifeStep(_("Invoice posted"), lines, worth, DONE, address, _("Open the invoice"), SEE_INVOICE)


def _paid(traced: TracedInvoice, today: date) -> LifeStep:
    """How far its invoice is paid; the page of its document shows what paid it."""
    proforma, invoice = traced.proforma, traced.invoice
    if invoice is None:
        return LifeStep(_("Paid"), [], "", NEXT)
    state, words = payment_state(invoice, today)
    link = (reverse("trace-document", args=[proforma.number]), _("Payments and reminders"), SEE_PROFORMA)
    if state == PaymentState.PAID:
        return LifeStep(_("Paid"), [str(words)], "", DONE, *link)
    left = _("%(amount)s of the invoice is open") % {"amount": money(invoice.open_amount, invoice.currency)}
    return LifeStep(_("Paid"), [str(words), left], "", NOW, *link)
