"""Why an advance is not invoiced, in words (X2)."""

from datetime import date

from django.utils.translation import gettext as _

from billing.models import BatchOutcome, Proforma, Retainer
from billing.not_invoiced import all_reasons, retainer_conditions
from billing.reason_ways import (
    DRAFT,
    MARK,
    SEE_RUN,
    Reason,
    Way,
    agreement_reason,
    draft_way,
    of_confirmed,
    on_draft,
    send,
    to,
)
from billing.states import DueOutcome, NotInvoiced, RetainerStatus, RetainerUse
from core.templatetags.display import day

DATED = {NotInvoiced.RUN_FAILED, NotInvoiced.AFTER_CUT_OFF}
ON_PROFORMA = {
    NotInvoiced.ON_DRAFT,
    NotInvoiced.IN_REVIEW,
    NotInvoiced.NOT_POSTED,
    NotInvoiced.INVOICED,
}


def reasons_of_retainer(retainer: Retainer, today: date) -> list[Reason]:
    """Every reason, in the order to clear them; four statements at most.

    Contract with manager and entity, and customer are loaded.
    """
    rows = Retainer.objects.filter(pk=retainer.pk)
    codes = all_reasons(rows, retainer_conditions(today))[retainer.pk]
    if retainer.status == RetainerStatus.READY and not {*codes} & DATED:
        codes.append(NotInvoiced.WAITS_FOR_RUN)
    return [_reason(code, retainer, today) for code in codes]


def _reason(code: NotInvoiced, retainer: Retainer, today: date) -> Reason:
    agreed = agreement_reason(code, retainer.contract, retainer.customer)
    if agreed is not None:
        return agreed
    if code in ON_PROFORMA:
        proforma = _invoicing(retainer)
        is_open = code in (NotInvoiced.ON_DRAFT, NotInvoiced.IN_REVIEW)
        return on_draft(code, proforma) if is_open else of_confirmed(proforma)
    if code == NotInvoiced.NOT_READY:
        return _not_ready(retainer, today)
    return _waits(code, retainer)


def _invoicing(retainer: Retainer) -> Proforma:
    """The latest proforma that invoices it."""
    held = Proforma.objects.filter(
        lines__details__retainer=retainer, lines__details__retainer_use=RetainerUse.INVOICE
    )
    latest = held.select_related("contract__manager", "legal_entity").order_by(
        "-lines__details__claim_number", "-pk"
    )
    return latest[:1].get()


def _not_ready(retainer: Retainer, today: date) -> Reason:
    title = _("Dated %(day)s, not marked ready") % {"day": day(retainer.invoice_on)}
    detail = _("Nobody has said that it is to be invoiced.")
    if retainer.invoice_on > today:
        detail = _("It is invoiced from that day on, once it is marked ready.")
    contract = retainer.contract
    way = send(_("Mark ready"), "advances-ready", MARK, retainer.pk)
    return Reason(NotInvoiced.NOT_READY, title, detail, MARK, (way,), contract.manager, contract)


def _waits(code: NotInvoiced, retainer: Retainer) -> Reason:
    contract, words = retainer.contract, {"day": day(retainer.invoice_on)}
    ways: tuple[Way, ...] = (draft_way(contract),)
    if code == NotInvoiced.AFTER_CUT_OFF:
        title = _("Ready, dated %(day)s") % words
        detail = _("The run of that day invoices it; nobody has to do anything.")
        return Reason(code, title, detail, "", ways, contract.manager, contract)
    if code == NotInvoiced.RUN_FAILED:
        failed = BatchOutcome.objects.filter(retainer=retainer, outcome=DueOutcome.FAILED)
        last = failed.select_related("run").order_by("-pk")[:1].get()
        title = _("The run of %(day)s failed") % {"day": day(last.run.business_date)}
        ways = (to(_("Open the run"), "run", SEE_RUN, last.run_id), *ways)
        return Reason(code, title, last.message, DRAFT, ways, contract.manager, contract)
    title = _("Ready, due since %(day)s") % words
    detail = _("The next run invoices it; a proforma can be created at once.")
    return Reason(NotInvoiced.WAITS_FOR_RUN, title, detail, "", ways, contract.manager, contract)
