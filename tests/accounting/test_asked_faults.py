"""The faults that the books were asked to find, in their own words, and what is planted for each (C12)."""

import pytest

from tests.accounting.test_planted_faults import FAULTS

ASKED: dict[str, tuple[str, ...]] = {
    # What the books were asked to find.
    "dates going back": ("a date that goes back",),
    "voucher in a closed or missing period": (
        "a voucher in a closed period",
        "a voucher where no period is",
    ),
    "due date moved": ("a due date that was moved", "a due date moved in the subledger"),
    "subledger row deleted or doubled": (
        "a subledger row deleted",
        "a subledger row doubled",
        "a project row deleted",
        "a project row of an invoice deleted",
    ),
    "document bytes against hash": (
        "bytes of a document",
        "bytes and hash of a document",
        "bytes of a list of hours",
    ),
    "snapshot changed": ("a snapshot",),
    "tax percent changed": ("a tax percent",),
    "tax line on another account": ("a tax line on another account",),
    "cost voucher against actual": ("a cost voucher against its actual",),
    "source cut": ("a source cut",),
    "seal deleted": ("the seal of a voucher deleted", "the seal of an event deleted"),
    "voucher renumbered": (
        "a voucher renumbered",
        "a voucher renumbered at will",
        "two vouchers that swapped numbers",
    ),
    "journal line against actual": ("a journal line against its actual",),
    "invoice's customer swapped": (
        "the customer of an invoice swapped",
        "customers swapped on invoice and proforma",
    ),
    "state gone back": (
        "a journal line gone back",
        "a journal gone back",
        "a proposal gone back",
        "a proforma gone back",
        "an approval gone back",
        "an entry gone back",
        "a contract gone back",
    ),
    "audit row deleted (hash chain)": (
        "a row of the log deleted",
        "a row of the log changed",
        "the row of a posting deleted",
    ),
    # What they found already when it was asked.
    "unbalanced or missing voucher line": ("a voucher line that unbalances", "a voucher line missing"),
    "subledger amount": ("an amount in the subledger",),
    "number gap": ("a gap in the numbers",),
    "missing voucher": ("a voucher missing", "the voucher of an invoice missing"),
    "doubled base amount": ("a base amount doubled",),
    "poster = confirmer": ("a poster who confirmed",),
    "billed actual changed": ("the amount of a billed actual",),
}
OF_OUR_OWN = 20


@pytest.mark.parametrize("asked", ASKED)
def test_what_was_asked_is_planted(asked: str):
    planted = {name for name, _plant, _code in FAULTS}
    assert [one for one in ASKED[asked] if one not in planted] == []


def test_there_are_more_of_our_own_and_each_name_stands_once():
    names = [name for name, _plant, _code in FAULTS]
    asked = {one for plants in ASKED.values() for one in plants}
    assert len(names) == len(set(names))
    assert len(set(names) - asked) >= OF_OUR_OWN
