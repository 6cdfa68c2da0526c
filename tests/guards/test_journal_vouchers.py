"""G13: what is written by hand is posted by another person, balances, and never changes afterwards."""

import re
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, QuerySet

from accounting.models import JournalVoucher, JournalVoucherLine, Voucher
from tests.company import book_rows, rows
from tests.guards.attacks import Attack, delete, each, insert, refused, update
from tests.guards.guarded_rows import GuardedRows

KEPT = "journal vouchers are never deleted"
BEGINS = "a journal voucher begins as a draft"
BACK = "a journal voucher reverses a posted one of its company"
FINAL = "a journal voucher that is posted or discarded never changes"
LINES = "lines of a journal voucher that is posted or discarded never change"
BALANCE = "a journal voucher balances in each currency"
NEGATION = "the reversal of a journal voucher is its exact negation"
STAYS = "a journal voucher stays in its company"
LEDGER = "a journal voucher is in the ledger as it was posted"
ANOTHER = re.compile("(?i)journal_voucher_posted_by_another")
SOMEBODY = re.compile("(?i)journal_voucher_posted_by_somebody")
ONCE = re.compile("(?i)journal_voucher_reversed_once|UNIQUE|not replaced")
POSTED = {"status": "posted", "posted_at": rows.NOW}


def _draft(guarded: GuardedRows, *amounts: str, **columns: object) -> JournalVoucher:
    """A draft of the accountant with a line for each amount; unsaved where columns spoil it."""
    usual = {
        "legal_entity": guarded.company.entity,
        "date": rows.CUT_OFF,
        "text": "By hand",
        "written_by": guarded.company.accountant,
        "written_at": rows.NOW,
    }
    made = JournalVoucher.objects.create(**usual | columns)
    for position, amount in enumerate(amounts, start=1):
        _line(guarded, made, amount, position=position).save()
    return made


def _line(
    guarded: GuardedRows, of: JournalVoucher, amount: str = "5", **columns: object
) -> JournalVoucherLine:
    usual = {
        "position": 9,
        "account": book_rows.account(guarded.company),
        "currency": "EUR",
        "base_amount": Decimal(amount),
    }
    return JournalVoucherLine(journal_voucher=of, amount=Decimal(amount), **usual | columns)


def _posted(guarded: GuardedRows) -> JournalVoucher:
    made = _draft(guarded, "5", "-5")
    _rows(made).update(posted_by=guarded.company.manager, **POSTED)
    return made


def _back(guarded: GuardedRows, original: JournalVoucher, factor: int = -1) -> JournalVoucher:
    back = _draft(guarded, reverses=original)
    for line in original.lines.all():
        line.pk, line.journal_voucher = None, back
        line.amount, line.base_amount = factor * line.amount, factor * line.base_amount
        line.save()
    return back


def _rows(of: JournalVoucher) -> QuerySet[JournalVoucher]:
    return JournalVoucher.objects.filter(pk=of.pk)


def _first_line(of: JournalVoucher) -> QuerySet[JournalVoucherLine]:
    return JournalVoucherLine.objects.filter(pk=of.lines.order_by("pk").values("pk")[:1])


def _new(guarded: GuardedRows, **columns: object) -> JournalVoucher:
    usual = {
        "legal_entity": guarded.company.entity,
        "date": rows.CUT_OFF,
        "text": "By hand",
        "written_by": guarded.company.accountant,
        "written_at": rows.NOW,
    }
    return JournalVoucher(**usual | columns)


def _posting(guarded: GuardedRows, *amounts: str, **columns: object) -> tuple[QuerySet, dict[str, object]]:
    """A draft of these lines, and the step that posts it."""
    return _rows(_draft(guarded, *amounts)), POSTED | {"posted_by": guarded.company.manager} | columns


def _second_reversal(guarded: GuardedRows) -> JournalVoucher:
    original = _posted(guarded)
    _back(guarded, original)
    return _new(guarded, reverses=original)


def _unfixed(guarded: GuardedRows) -> tuple[QuerySet, dict[str, object]]:
    draft = _draft(guarded, "5", "-5")
    draft.lines.update(base_amount=None)
    return _rows(draft), POSTED | {"posted_by": guarded.company.manager}


def _unlike(guarded: GuardedRows, factor: int) -> tuple[QuerySet, dict[str, object]]:
    back = _back(guarded, _posted(guarded), factor)
    return _rows(back), POSTED | {"posted_by": guarded.company.manager}


def _in_ledger(guarded: GuardedRows, **columns: object) -> Voucher:
    posted = _posted(guarded)
    usual = {
        "legal_entity": guarded.company.entity,
        "number": "GV-1",
        "date": posted.date,
        "source_kind": "journal_voucher",
        "source_id": posted.pk,
        "posted_by": guarded.company.manager,
        "posted_at": rows.NOW,
    }
    return Voucher(**usual | columns)


@each(
    insert("begins-posted", re.compile(f"{SOMEBODY.pattern}|{BEGINS}"), lambda g: _new(g, status="posted")),
    insert("takes-back-a-draft", BACK, lambda g: _new(g, reverses=_draft(g, "5", "-5"))),
    insert(
        "takes-back-too-early",
        BACK,
        lambda g: _new(g, reverses=_posted(g), date=rows.CUT_OFF - timedelta(days=1)),
    ),
    insert("takes-back-twice", ONCE, _second_reversal),
    update("one-line", BALANCE, lambda g: _posting(g, "5")),
    update("unbalanced", BALANCE, lambda g: _posting(g, "5", "-4")),
    update("no-base-amount", BALANCE, _unfixed),
    update("posted-by-the-writer", ANOTHER, lambda g: _posting(g, "5", "-5", posted_by=g.company.accountant)),
    update("posted-by-nobody", SOMEBODY, lambda g: _posting(g, "5", "-5", posted_by=None)),
    update("not-the-negation", NEGATION, lambda g: _unlike(g, 1)),
    update("twice-the-negation", NEGATION, lambda g: _unlike(g, -2)),
    update("other-reversed", STAYS, lambda g: (_rows(_draft(g, "5", "-5")), {"reverses": _posted(g)})),
    update("text-of-a-posted-one", FINAL, lambda g: (_rows(_posted(g)), {"text": "Else"})),
    update("back-to-draft", FINAL, lambda g: (_rows(_posted(g)), {"status": "draft"})),
    update("line-of-a-posted-one", LINES, lambda g: (_first_line(_posted(g)), {"amount": Decimal(6)})),
    insert("line-for-a-posted-one", LINES, lambda g: _line(g, _posted(g))),
    delete("line-of-a-posted-one", LINES, lambda g: _first_line(_posted(g))),
    delete("a-draft", KEPT, lambda g: _rows(_draft(g))),
    insert("ledger-of-the-writer", LEDGER, lambda g: _in_ledger(g, posted_by=g.company.accountant)),
    insert("ledger-of-another-day", LEDGER, lambda g: _in_ledger(g, date=rows.DAY)),
    insert("ledger-of-a-draft", LEDGER, lambda g: _in_ledger(g, source_id=_draft(g, "5", "-5").pk)),
)
def test_journal_vouchers_are_guarded(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_a_draft_is_written_anew_and_a_reversal_is_posted(guarded: GuardedRows):
    draft = _draft(guarded, "5", "-5")
    draft.lines.update(amount=F("amount") * 2)
    draft.lines.all().delete()
    _rows(_back(guarded, _posted(guarded))).update(posted_by=guarded.company.manager, **POSTED)
    assert JournalVoucher.objects.filter(status="posted").count() == 2
