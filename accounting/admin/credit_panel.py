"""The credit of a customer in the admin: limit, what counts against it, and whether it is on hold (C11)."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from accounting.credit import CreditPosition, credit_of
from core.admin_kit import Cell, Panel, change_url
from core.refusals import Text
from core.templatetags import display
from projects.models import Customer


def credit_panel(customer: Customer, today: date) -> Panel:
    """What is open and confirmed beside the limit; the customer's page is where limit and hold are set."""
    position = credit_of([customer], today)[customer.pk]
    currency = customer.legal_entity.currency
    limit = customer.credit_limit
    figures: list[tuple[Text, str]] = [
        (_("Open"), display.money(position.open_base, currency)),
        (_("Confirmed, not posted, with tax"), display.money(position.confirmed, currency)),
        (_("Credit limit"), str(_("None")) if limit is None else display.money(limit, currency)),
    ]
    if position.left is not None:
        figures.append((_("Left"), display.money(position.left, currency)))
    hold = _("On hold: %(reason)s") % {"reason": customer.hold_reason or display.NOTHING}
    figures.append((_("Account on hold"), str(hold) if customer.is_on_hold else str(_("No"))))
    rows = [(Cell(label), Cell(text, is_figure=True)) for label, text in figures]
    return Panel(
        _("Credit"),
        (_("What"), _("Amount")),
        rows,
        lines=tuple(warnings_of([position])),
        more=str(_("Change limit, put on hold or release")),
        more_url=change_url(Customer, customer.pk),
    )


def warnings_of(positions: Iterable[CreditPosition]) -> Iterable[str]:
    """A sentence for each customer beyond its limit, and for what could not be counted."""
    for one in positions:
        currency = one.customer.legal_entity.currency
        if one.left is not None and one.is_over:
            yield _("%(customer)s is beyond its credit limit by %(amount)s.") % {
                "customer": one.customer,
                "amount": display.money(-one.left, currency),
            }
        if one.unknown:
            yield _("Not counted for want of an exchange rate: proformas of %(customer)s in %(names)s.") % {
                "customer": one.customer,
                "names": ", ".join(one.unknown),
            }
