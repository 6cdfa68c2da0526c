"""Import statements of banks: a file once, a booking once, all of a file or nothing (C11)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.bank_csv import read_csv
from accounting.bank_faults import fault_refusals
from accounting.bank_files import BankFileUnreadable, BankStatement, is_camt, keys_of, read_camt
from accounting.models import BankAccount, BankBooking, BankCsvMapping, BankFile
from core.activity_log import came_with, changes_of, log_activity
from core.refusals import Refusal, refuse_if

BATCH = 500
LARGEST = 20 * 1024 * 1024
UNREADABLE = {
    "no-xml": gettext_lazy("It is no XML, or it is damaged."),
    "document-type": gettext_lazy("It declares a document type, which no statement of a bank does."),
    "no-statement": gettext_lazy("It holds no statement of an account, or one without dates and amounts."),
}


def import_bank_file(
    bank_account: BankAccount,
    *,
    name: str,
    content: bytes,
    mapping: BankCsvMapping | None = None,
    actor: User,
    at: datetime,
) -> tuple[BankFile, int]:
    """Import a file of a bank, CAMT.053 or CSV; returns the file and how many bookings are new.

    A CSV file is read by `mapping`, which is kept for the account, else by the one that was kept. All of a
    file is imported or nothing. Amounts are in the currency of the account, as the bank states them; bookings
    that an earlier file held are left as they are. Locks the bank account. Statements depend on the rows in
    steps of 500 only. Raises Refused: file-too-large, unreadable-file, unreadable-row, mapping-missing,
    file-imported, other-account, other-currency, balances-differ (C11).
    """
    digest = sha256(content).hexdigest()
    refuse_if(_too_large(name, content))
    kept = BankCsvMapping.objects.filter(bank_account=bank_account).first()
    statements = _read(name, content, mapping or kept)
    with transaction.atomic(durable=True):
        # Held, so that the same file sent twice at once is imported once.
        account = BankAccount.objects.select_for_update().get(pk=bank_account.pk)
        refuse_if(_reasons_against(account, name, digest, statements))
        if mapping is not None and not is_camt(content):
            _keep(mapping, account, actor, at)

        entries = tuple(one for statement in statements for one in statement.entries if one.amount)
        keys = keys_of(entries)
        known = set(
            BankBooking.objects.filter(bank_account=account, key__in=keys).values_list("key", flat=True)
        )
        made = BankFile.objects.create(
            bank_account=account, name=name[:120], sha256=digest, imported_by=actor, imported_at=at
        )
        new = [
            BankBooking(
                bank_file=made,
                bank_account=account,
                booked_on=one.booked_on,
                amount=one.amount,
                text=one.text,
                payer=one.payer,
                payer_iban=one.payer_iban,
                reference=one.reference,
                is_reversal=one.is_reversal,
                key=key,
            )
            for one, key in zip(entries, keys, strict=True)
            if key not in known
        ]
        BankBooking.objects.bulk_create(new, batch_size=BATCH)
        facts = {"bookings": len(entries), "new": len(new)}
        log_activity("imported", [made], actor=actor, at=at, facts=facts)
    return made, len(new)


def _too_large(name: str, content: bytes) -> Iterator[Refusal]:
    if len(content) > LARGEST:
        message = _("It is larger than %(count)s MB.") % {"count": LARGEST // 1024 // 1024}
        yield Refusal("file-too-large", message, name, _("Ask the bank for a file of fewer days."))


def _keep(mapping: BankCsvMapping, account: BankAccount, actor: User, at: datetime) -> None:
    """The mapping of the account from now on, where it is another one than before."""
    names = [one.name for one in BankCsvMapping._meta.concrete_fields if not one.unique]
    values = {name: getattr(mapping, name) for name in names}
    kept = BankCsvMapping.objects.filter(bank_account=account).locked().first()
    if kept is None:
        made = BankCsvMapping.objects.create(bank_account=account, **values)
        log_activity("added", [made], actor=actor, at=at, changes=came_with([made], *names))
        return
    changes = changes_of([kept], values)
    if changes:
        BankCsvMapping.objects.filter(pk=kept.pk).update(**values)
        log_activity("changed", [kept], actor=actor, at=at, changes=changes)


def _read(name: str, content: bytes, mapping: BankCsvMapping | None) -> list[BankStatement]:
    if not is_camt(content):
        return _read_csv(name, content, mapping)
    try:
        return read_camt(content)
    except BankFileUnreadable as error:
        way_out = _("Export the statement from the bank as CAMT.053 once more.")
        refuse_if([Refusal("unreadable-file", UNREADABLE[error.code], name, way_out)])
        raise


def _read_csv(name: str, content: bytes, mapping: BankCsvMapping | None) -> list[BankStatement]:
    """The bookings of a CSV file as one statement, in which no row is wrong."""
    if mapping is None:
        message = _("It is no CAMT.053 file, and this account has no mapping of CSV files yet.")
        way_out = _("Show the file, and say which column is what.")
        refuse_if([Refusal("mapping-missing", message, name, way_out)])
    assert mapping is not None  # noqa: S101 - refused above
    reading = read_csv(content, mapping.as_mapping)
    refuse_if(fault_refusals(reading, name))
    return [BankStatement("", tuple(booking for _row, booking in reading.bookings))]


def _reasons_against(
    account: BankAccount, name: str, digest: str, statements: Sequence[BankStatement]
) -> Iterator[Refusal]:
    earlier = BankFile.objects.filter(bank_account=account, sha256=digest).first()
    if earlier is not None:
        message = _("This file was imported already, as %(name)s.") % {"name": earlier.name}
        yield Refusal("file-imported", message, name, _("Choose the next file."))
    for statement in statements:
        if statement.iban and account.iban and statement.iban != account.iban.replace(" ", ""):
            message = _("It is the statement of the account %(iban)s.") % {"iban": statement.iban}
            yield Refusal("other-account", message, name, _("Choose that bank account, or another file."))
        others = {one.currency for one in statement.entries} - {account.currency, ""}
        if others:
            message = _("It holds bank bookings in %(names)s.") % {"names": ", ".join(sorted(others))}
            yield Refusal("other-currency", message, name, _("Choose the bank account in that currency."))
        if not statement.adds_up:
            message = _("Opening balance and bank bookings do not make the closing balance.")
            way_out = _("The file is not whole: ask the bank for it once more.")
            yield Refusal("balances-differ", message, name, way_out)
