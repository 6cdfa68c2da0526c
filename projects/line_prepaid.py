"""What a contract line with prepaid hours may not become: hours and money of its blocks would part (A12)."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from core.refusals import Refusal
from projects.agreements import LineTerms
from projects.models import ContractLine, ContractLineCustomer


def reasons_against_prepaid(
    terms: LineTerms, line: ContractLine, known: Mapping[int, ContractLineCustomer]
) -> Iterator[Refusal]:
    """Refusals for new terms of a line that has prepaid hours; they are loaded, `known` are its payers.

    What planning refuses, the line does not get afterwards: a standing discount, billed days, another payer,
    or no time. Codes: prepaid-discount, prepaid-day-rate, prepaid-payers, prepaid-time (A12).
    """
    if not hasattr(line, "prepaid_hours"):
        return
    if terms.discount_percent is not None:
        message = _("The line has prepaid hours, and the rate of a block is agreed without a discount.")
        yield Refusal("prepaid-discount", message, line.name, _add_a_line())
    if terms.day_hours is not None:
        message = _("The line has prepaid hours, and its time is not billed in days.")
        yield Refusal("prepaid-day-rate", message, line.name, _add_a_line())
    paying = {payer.customer.pk for payer in terms.payers if payer.split_percent > 0}
    if paying != {customer for customer, share in known.items() if share.split_percent > 0}:
        message = _("The line has prepaid hours, which %(customer)s has bought alone.")
        buyers = [str(share.customer) for share in known.values() if share.split_percent > 0]
        way_out = _("Add another line for other payers.")
        yield Refusal("prepaid-payers", message % {"customer": ", ".join(buyers)}, line.name, way_out)
    if not terms.includes_time:
        message = _("The line has prepaid hours, which pay for time.")
        yield Refusal("prepaid-time", message, line.name, _("Let the line include time."))


def _add_a_line() -> str:
    return _("Leave it empty, and add another line for what is agreed otherwise.")
