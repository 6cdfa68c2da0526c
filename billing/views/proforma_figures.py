"""The key figures above the details of a proforma: its contract before it, with it and after it."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.checks import ContractPosition
from billing.models import Proforma
from core.templatetags.display import money, number, percent


def kpis_of(proforma: Proforma, position: ContractPosition) -> list[dict[str, Any]]:
    """The figures above the details, in the proforma's currency; what was not agreed has none."""
    lines = ngettext("%(count)s line", "%(count)s lines", position.lines) % {"count": number(position.lines)}
    # What bills no work, such as an advance, is shown at its net; it uses nothing of the value.
    shown = position.this or position.net
    used = position.percent_of_limit
    limit = _("%(percent)s used") if used is not None else _("No limit")
    figures = [
        (_("Contract value"), position.value, lines),
        (_("Billed before"), position.before, _share(position, position.before)),
        (_("This proforma"), shown, _said_of_this(position, proforma.currency)),
        (_("Remaining after"), position.remaining, _share(position, position.remaining)),
        (_("Not to exceed"), position.limit, limit % {"percent": percent(used)}),
    ]
    return [
        {
            "label": label,
            "value": money(figure, proforma.currency),
            "detail": [one for one in (detail if isinstance(detail, list) else [detail]) if one],
            "current": figure is shown,
        }
        for label, figure, detail in figures
        if figure is not None
    ]


def _said_of_this(position: ContractPosition, currency: str) -> list[str]:
    """That it is the net, or what the net is besides; what is to pay where the net says nothing."""
    if not position.this:
        is_paid_later = not position.net and position.to_pay
        to_pay = _("%(amount)s to pay") % {"amount": money(position.to_pay, currency)}
        return [_("net"), to_pay] if is_paid_later else [_("net")]
    share = position.percent_of_value(position.this)
    if position.this == position.net:
        return [_("net") if share is None else _("%(percent)s, net") % {"percent": percent(share)}]
    net = _("net with advances %(amount)s") % {"amount": money(position.net, currency)}
    work = _("without advances")
    if share is not None:
        work = _("%(percent)s, without advances") % {"percent": percent(share)}
    return [work, net]


def _share(position: ContractPosition, amount: Decimal | None) -> str:
    share = position.percent_of_value(amount)
    return "" if share is None else percent(share)
