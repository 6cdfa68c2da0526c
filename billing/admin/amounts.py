"""The amounts of a document as it prints them: net and tax, then what is paid later (B12)."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from billing.retentions import retained_on
from core.admin_kit import Cell, Panel
from core.refusals import Text
from core.templatetags import display


def amounts_panel(proforma: Proforma, net: Decimal, tax: Decimal) -> Panel:
    """Amounts of a proforma or of its invoice; `net` is what the books say, what is kept back taken off."""
    rows = [
        (Cell(name), Cell(display.money(amount, proforma.currency), is_figure=True))
        for name, amount in _amounts(proforma, net, tax)
    ]
    return Panel(_("Amounts"), (_("What"), _("Amount")), rows)


def _amounts(proforma: Proforma, net: Decimal, tax: Decimal) -> Iterator[tuple[Text, Decimal]]:
    kept, released = retained_on(proforma)
    charged = net - kept - released
    yield _("Net"), charged
    yield _("Tax"), tax
    yield _("Total"), charged + tax
    if kept:
        yield _("Kept back"), kept
    if released:
        yield _("Released"), released
    if kept or released:
        yield _("To pay now"), net + tax
