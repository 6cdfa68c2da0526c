"""Why proposals cannot be posted: by whom, when, and what is missing in the set-up (C6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.blocking import blocking_counts
from accounting.invoice_posting_lines import PreparedInvoice, names_of
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.posting_context import PostingContext
from accounting.states import ProposalStatus
from accounting.undrawn_texts import reasons_against_texts
from core.money import ZERO
from core.querysets import AnyUser
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import ItemSalesTaxGroup, SalesTaxGroup

SET_UP = gettext_lazy("Enter it in the set-up of the legal entity.")
WAYS_OUT = {
    "sales-tax-group": gettext_lazy("Choose one on the proposal: who pays no tax has an exempt group."),
    "item-tax-group": gettext_lazy("Choose one on the lines of the proposal."),
    "tax-rule": gettext_lazy("Enter a tax rule for both groups: a code without tax says why."),
}

Contexts = Mapping[int, PostingContext]
"""Posting contexts by the key of their legal entity."""

PROBLEMS = {
    "account": ("account-missing", gettext_lazy("No account is set for the posting type %(name)s.")),
    "profile": ("profile-missing", gettext_lazy("No cost and revenue profile applies to %(name)s lines.")),
    "tax-rate": ("tax-rate-missing", gettext_lazy("Tax code %(name)s has no rate on the invoice date.")),
    "sales-tax-group": ("sales-tax-group-missing", gettext_lazy("It has no sales tax group.")),
    "item-tax-group": (
        "item-tax-group-missing",
        gettext_lazy("Some of its lines have no item sales tax group."),
    ),
    "tax-rule": ("tax-rule-missing", gettext_lazy("No tax code is set where %(name)s meet.")),
    "exchange-rate": (
        "exchange-rate-missing",
        gettext_lazy("There is no exchange rate of %(name)s on the invoice date."),
    ),
}


def reasons_against_posting(
    proposals: Sequence[InvoiceProposal], contexts: Contexts, actor: AnyUser, days: Mapping[int, date]
) -> Iterable[Refusal]:
    """Reasons in the proposals, their people and periods; `days` are their invoice dates by key.

    Four statements for any number of them. Codes: already-posted, own-confirmation, lines-not-posted,
    customer-on-hold, period-closed, period-missing, date-before-last-number, characters-not-drawn,
    not-checked.
    """
    yield from reasons_against_texts(proposals)
    blocking = blocking_counts(proposals)
    last_days = _last_days(proposals)
    for proposal in proposals:
        subject, day = str(proposal), days[proposal.pk]
        if proposal.status != ProposalStatus.DRAFT:
            message = _("It is posted already.")
            yield Refusal(
                "already-posted", message, subject, _("To change it, open its proforma and choose “Correct”.")
            )
        # The database refuses this too; here it is said in words and for the whole set (S2).
        if proposal.proforma.confirmed_by_id == actor.pk:
            message = _("Whoever confirmed a proforma does not post its invoice.")
            yield Refusal("own-confirmation", message, subject, _("Ask another accountant."))
        if proposal.legal_entity.checks_proposals and proposal.checked_at is None:
            way_out = _("Look at it and choose “Mark as checked”.")
            yield Refusal("not-checked", _("Nobody has checked it yet."), subject, way_out)
        # Their accrual is not in the books yet, so posting could not take it back (decision 14).
        if proposal.pk in blocking:
            message = ngettext(
                "%(count)s of its lines is not posted in the integration journal.",
                "%(count)s of its lines are not posted in the integration journal.",
                blocking[proposal.pk],
            )
            way_out = _("Post the journals that hold them first.")
            yield Refusal("lines-not-posted", message % {"count": blocking[proposal.pk]}, subject, way_out)
        customer = proposal.proforma.customer
        # What gives money back is posted nevertheless: it lowers what such a customer owes.
        if customer.is_on_hold and proposal.proforma.gross_amount > ZERO:
            message = _("Customer %(customer)s is on hold: %(reason)s.") % {
                "customer": customer,
                "reason": customer.hold_reason or _("no reason was given"),
            }
            yield Refusal("customer-on-hold", message, subject, _("Release the customer first."))
        yield from _not_open(contexts[proposal.legal_entity_id], day, subject)
        # The database refuses it as well, for a number that was taken since this was looked at (L5).
        last = last_days.get((proposal.legal_entity_id, day.year))
        if last is not None and day < last:
            message = _("The last invoice of this series is dated %(last)s.") % {"last": written(last)}
            yield Refusal("date-before-last-number", message, subject, _("Choose that date or a later one."))


def _not_open(context: PostingContext, day: date, subject: str) -> Iterable[Refusal]:
    if not context.covers(day):
        message = _("No fiscal period covers %(day)s.") % {"day": written(day)}
        yield Refusal("period-missing", message, subject, _("Choose another date, or create the period."))
    elif not context.is_open_on(day):
        message = _("%(day)s lies in a closed period.") % {"day": written(day)}
        yield Refusal("period-closed", message, subject, _("Choose a date in an open period."))


def problems_of(prepared: Iterable[PreparedInvoice]) -> Iterable[Refusal]:
    """What is missing in the set-up, as refusals; codes are those of `PROBLEMS`."""
    every = list(prepared)
    pairs = _names_of_pairs(
        name for one in every for kind, name in names_of(one.problems) if kind == "tax-rule"
    )
    for one in every:
        for kind, name in names_of(one.problems):
            code, message = PROBLEMS[kind]
            way_out = str(WAYS_OUT.get(kind, SET_UP))
            yield Refusal(code, str(message) % {"name": pairs.get(name, name)}, str(one.proposal), way_out)


def _names_of_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """Both groups of a missing rule by name; two statements, and none where no rule is missing."""
    keys = {pair: pair.split("/") for pair in pairs}
    if not keys:
        return {}
    sales = SalesTaxGroup.objects.in_bulk([int(sides[0]) for sides in keys.values()])
    items = ItemSalesTaxGroup.objects.in_bulk([int(sides[1]) for sides in keys.values()])
    return {pair: f"{sales[int(one)]} × {items[int(other)]}" for pair, (one, other) in keys.items()}


def _last_days(proposals: Sequence[InvoiceProposal]) -> dict[tuple[int, int], date]:
    entities = {one.legal_entity_id for one in proposals}
    last = (
        CustomerInvoice.objects.filter(legal_entity__in=entities)
        .order_by()
        .values_list("legal_entity", "series__year")
        .annotate(last=Max("invoice_date"))
    )
    return {(entity_id, year): day for entity_id, year, day in last}
