"""What cannot be read of a CSV file of a bank, in words that name row and column (C11)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.bank_csv import CsvFault, CsvReading
from core.refusals import Refusal
from core.templatetags.display import number

NAMED = 20
"""So many faults are named; of more it is said how many there are."""
WORDS = {
    "column-missing": gettext_lazy("the row has no such column"),
    "no-date": gettext_lazy("“%(value)s” is no date in this order"),
    "no-number": gettext_lazy("“%(value)s” is no amount with this decimal sign"),
    "no-amount": gettext_lazy("neither column has an amount"),
    "two-amounts": gettext_lazy("both columns have an amount"),
    "other-sign": gettext_lazy("“%(value)s” is below zero, but other amounts that went out are above"),
    "no-currency": gettext_lazy("“%(value)s” is no currency"),
}
OF_FILE = {
    "wrong-encoding": gettext_lazy("Its letters are not in this encoding."),
    "no-table": gettext_lazy("It cannot be split into columns with this delimiter."),
    "no-bookings": gettext_lazy("It holds no bank booking from its first row on."),
}


def fault_words(fault: CsvFault) -> str:
    """One fault as a sentence: row, column, and what is wrong there."""
    if fault.code in OF_FILE:
        said = str(OF_FILE[fault.code])
        return _("Row %(row)s: %(said)s") % {"row": number(fault.row), "said": said} if fault.row else said
    why = WORDS[fault.code] % {"value": fault.value[:40]}
    words = {"row": number(fault.row), "column": number(fault.column), "why": why}
    return _("Row %(row)s, column %(column)s: %(why)s.") % words


def fault_refusals(reading: CsvReading, name: str) -> Iterator[Refusal]:
    """A refusal for each of the first faults, and one that says how many more there are."""
    for fault in reading.faults[:NAMED]:
        code = "unreadable-file" if fault.code in OF_FILE else "unreadable-row"
        way_out = _("Correct the mapping, or the file: nothing of it was imported.")
        yield Refusal(code, fault_words(fault), name, way_out)
    more = len(reading.faults) - NAMED
    if more > 0:
        said = ngettext("%(count)s more cell cannot be read.", "%(count)s more cells cannot be read.", more)
        message = said % {"count": number(more)}
        yield Refusal("unreadable-row", message, name, _("Begin with those that are named."))
