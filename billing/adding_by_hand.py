"""Add a line by hand to a draft: work that nobody recorded, or a fixed amount (N6, N7, B7)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen
from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.states import BY_HAND, Remainder
from billing.totalling import add_up
from core.activity_log import came_with, log_activity
from core.money import times
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_price, reasons_against_quantity
from projects.models import ContractLine
from projects.states import TransactionClass

NEEDED = {
    TransactionClass.TIME: "role",
    TransactionClass.EXPENSE: "category",
    TransactionClass.MATERIAL: "product",
}
"""What work of a class is priced and reported by."""


def add_manual_detail(
    line: InvoiceLine, detail: InvoiceLineDetail, *, actor: User, at: datetime
) -> InvoiceLineDetail:
    """Add a detail without a backing actual to a draft's line; confirming records the work (N6, N7).

    The amount is quantity times price in the proforma's currency, rounded once. Locks the proforma. Raises
    Refused: frozen, project-missing, class-not-included, role-missing, category-missing, product-missing,
    outside-contract, in-the-future, after-cut-off, period-locked, period-missing, too-far-back,
    quantity-not-possible, negative-quantity, quantity-missing, price-not-possible, negative-price,
    price-missing, amount-too-large (decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        proforma = Proforma.objects.select_related("legal_entity").locked().get(pk=line.proforma_id)
        contract_line = ContractLine.objects.select_related("contract").get(pk=line.contract_line_id)
        refuse_if(
            [
                *frozen([proforma]),
                *_without_project(contract_line),
                *_wrong_class(contract_line, detail),
                *_wrong_day(proforma, contract_line, detail.transaction_date, at),
                *_wrong_figures(proforma, contract_line, detail),
            ]
        )

        # What belongs to details with a backing actual, and the amount, whatever the form sent.
        detail.line, detail.remainder = line, Remainder.WRITE_OFF
        detail.amount = times(detail.quantity, detail.price, proforma.currency)
        detail.save(force_insert=True)
        add_up([proforma], by=actor)
        changes = came_with([detail], "quantity", "price", "amount")
        log_activity("added", [detail], actor=actor, at=at, changes=changes)
    return detail


def _without_project(line: ContractLine) -> Iterable[Refusal]:
    """By time and material the work is recorded too, and unbilled sales name a project (K3)."""
    if line.is_time_and_material and line.project_id is None:
        message = _("The contract line has no project.")
        yield Refusal("project-missing", message, line.name, _("Add it to a line that has one."))


def _wrong_class(line: ContractLine, detail: InvoiceLineDetail) -> Iterator[Refusal]:
    included = [one for one in BY_HAND if getattr(line, f"includes_{one.value}")]
    if detail.transaction_class not in included:
        names = ", ".join(str(one.label) for one in included)
        yield Refusal(
            "class-not-included",
            _("The contract line does not include %(class)s.")
            % {"class": detail.get_transaction_class_display()},
            line.name,
            _("It includes: %(classes)s.") % {"classes": names or _("nothing")},
        )
        return
    needed = NEEDED.get(TransactionClass(detail.transaction_class))
    # A foreign key by its key, so that nothing is read for the check.
    missing = needed and not getattr(detail, detail._meta.get_field(needed).attname)
    if missing and needed == "role":
        yield Refusal("role-missing", _("Time needs a role."), line.name, _("Choose as whom it was worked."))
    elif missing and needed == "category":
        yield Refusal("category-missing", _("An expense needs a category."), line.name, _("Choose one."))
    elif missing:
        yield Refusal("product-missing", _("Material needs a product."), line.name, _("Enter its name."))


def _wrong_day(proforma: Proforma, line: ContractLine, day: date, at: datetime) -> Iterator[Refusal]:
    entity = proforma.legal_entity
    if not line.covers_day(day):
        message = _("%(day)s lies outside of the contract.") % {"day": written(day)}
        span = {"first": written(line.first_covered), "last": written(line.contract.ends_on)}
        way_out = _("Use a day of the contract: from %(first)s, until %(last)s.") % span
        yield Refusal("outside-contract", message, line.name, way_out)
    if day > entity.day_of(at):
        message = _("%(day)s lies in the future.") % {"day": written(day)}
        yield Refusal("in-the-future", message, line.name, _("Use today or an earlier day."))
        return
    if day > proforma.cut_off_date:
        message = _("%(day)s lies after the cut-off of the proforma.") % {"day": written(day)}
        way_out = _("Use a day up to %(day)s.") % {"day": written(proforma.cut_off_date)}
        yield Refusal("after-cut-off", message, line.name, way_out)
    yield from EntryDates.of([entity], at).reasons_against(entity, day, line.name)


def _wrong_figures(proforma: Proforma, line: ContractLine, detail: InvoiceLineDetail) -> Iterator[Refusal]:
    subject = line.name
    yield from reasons_against_quantity(detail.quantity, subject)
    yield from reasons_against_price(detail.quantity, detail.price, proforma.currency, subject)
    if not detail.price:
        message = _("The price must be more than zero.")
        way_out = _("To give it away, add it with its price, then set it to complimentary.")
        yield Refusal("price-missing", message, subject, way_out)
