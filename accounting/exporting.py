"""Export vouchers to another ledger: a file, and which vouchers are in it (C15)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from itertools import islice
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.audit_archive import audit_archive
from accounting.balances import Span
from accounting.datev import MOST_ROWS, Booking, DatevBatch, batches, can_be_written, transliterated, written
from accounting.export_lines import CSV_HEADS, bookings, csv_rows, vouchers_to_export
from accounting.models import DatevKey, DatevSettings, ExportedVoucher, FiscalPeriod, VoucherExport
from accounting.states import ExportTarget
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from core.spreadsheets import written_csv
from projects.models import LegalEntity

BATCH = 1000
PIECE = 1_000_000
MOST_SHOWN = 5
EURO = "EUR"


@dataclass(frozen=True)
class ExportOrder:
    """What is exported: vouchers of a legal entity on some days, for a target, those exported before too."""

    legal_entity: LegalEntity
    span: Span
    target: str
    again: bool = False


def export_vouchers(asked: ExportOrder, *, actor: User, at: datetime) -> VoucherExport:
    """Write the vouchers of some days into a file for a target, and keep the file and what is in it.

    A voucher is exported once for a target unless it is asked for again. Amounts in CSV are in the currency
    of each line and of the legal entity; in DATEV in euros, debit against credit, so that every account has
    the sums of the ledger; more than 99,999 rows become several files in one archive. Locks the legal
    entity, so that two who export take turns. The number of statements grows by pieces of 500 vouchers.
    Raises Refused: nothing-to-export, datev-not-set-up, datev-in-euros-only, datev-account-number,
    datev-character (C15).
    """
    with transaction.atomic(durable=True):
        entity = LegalEntity.objects.locked().get(pk=asked.legal_entity.pk)
        waiting = vouchers_to_export(entity, asked.span, asked.target, again=asked.again)
        vouchers = list(waiting.values_list("pk", flat=True))
        refuse_if(_nothing(vouchers, asked))
        files = _files(asked, vouchers, actor, at)

        export = _written(asked, vouchers, files, actor, at)
        facts = {"vouchers": len(vouchers), "file": {"name": export.name, "sha256": export.sha256}}
        log_activity("exported", [export], actor=actor, at=at, facts=facts)
    return export


def export_audit(entity: LegalEntity, span: Span, *, actor: User, at: datetime) -> IO[bytes]:
    """An open archive of what an audit reads of a legal entity on some days; the log keeps who took it.

    The log has the days and the hash of the archive. Rows are read in pieces; locks nothing (C15).
    """
    with transaction.atomic(durable=True):
        archive = audit_archive(entity, span)
        digest = sha256()
        for piece in iter(lambda: archive.read(PIECE), b""):
            digest.update(piece)
        archive.seek(0)
        facts = {"from": str(span.first), "to": str(span.last), "sha256": digest.hexdigest()}
        log_activity("exported for an audit", [entity], actor=actor, at=at, facts=facts)
    return archive


def _written(
    asked: ExportOrder, vouchers: list[int], files: list[bytes], actor: User, at: datetime
) -> VoucherExport:
    times, name = _times(asked), _name(asked, at)
    content = files[0]
    if len(files) > 1:
        content, name = _archive(files, name, at), f"{name.removesuffix('.csv')}.zip"
    export = VoucherExport.objects.create(
        legal_entity=asked.legal_entity,
        target=asked.target,
        first_day=asked.span.first,
        last_day=asked.span.last,
        is_repeat=bool(times),
        voucher_count=len(vouchers),
        name=name,
        content=content,
        sha256=sha256(content).hexdigest(),
        exported_by=actor,
        exported_at=at,
    )
    rows = (
        ExportedVoucher(export=export, voucher_id=key, target=asked.target, times=times.get(key, 0) + 1)
        for key in vouchers
    )
    ExportedVoucher.objects.bulk_create(rows, batch_size=BATCH)
    return export


def _times(asked: ExportOrder) -> dict[int, int]:
    """How often each voucher was exported for the target before; one statement."""
    days = (asked.span.first, asked.span.last)
    before = ExportedVoucher.objects.filter(
        target=asked.target, voucher__legal_entity=asked.legal_entity, voucher__date__range=days
    )
    counted = before.order_by().values_list("voucher").annotate(times=Max("times"))
    return dict(counted) if asked.again else {}


def _nothing(vouchers: list[int], asked: ExportOrder) -> Iterable[Refusal]:
    if not vouchers:
        message = _("There is no voucher that was not exported yet.")
        way_out = _("Choose other days, or tick “again” for a file of all of them.")
        yield Refusal("nothing-to-export", message, asked.legal_entity.name, way_out)


def _name(asked: ExportOrder, at: datetime) -> str:
    start = "EXTF_" if asked.target == ExportTarget.DATEV else ""
    span = asked.span
    return f"{start}{asked.legal_entity.code}_{span.first:%Y%m%d}_{span.last:%Y%m%d}_{at:%H%M%S}.csv"


def _archive(files: Sequence[bytes], name: str, at: datetime) -> bytes:
    """Several files as one archive, numbered in their order."""
    archive, stem = BytesIO(), name.removesuffix(".csv")
    with ZipFile(archive, "w", ZIP_DEFLATED) as zipped:
        for number, content in enumerate(files, start=1):
            entry = ZipInfo(f"{stem}_{number:02d}.csv", date_time=at.timetuple()[:6])
            zipped.writestr(entry, content, ZIP_DEFLATED)
    return archive.getvalue()


def _files(asked: ExportOrder, vouchers: list[int], actor: User, at: datetime) -> list[bytes]:
    if asked.target == ExportTarget.CSV:
        rows = csv_rows(vouchers, asked.legal_entity.currency)
        return ["".join(written_csv(CSV_HEADS, rows)).encode()]
    refuse_if(_not_set_up(asked))
    settings = DatevSettings.objects.get(legal_entity=asked.legal_entity)
    keys = dict(DatevKey.objects.filter(datev_settings=settings).values_list("account", "key"))
    rows_of_batch = list(bookings(vouchers, keys))
    refuse_if([*_account_numbers(rows_of_batch, settings), *_characters(rows_of_batch)])
    batch = _batch(asked, settings, actor, at)
    return [b"".join(written(batch, rows)) for rows in batches(rows_of_batch, MOST_ROWS)]


def _not_set_up(asked: ExportOrder) -> Iterator[Refusal]:
    if not DatevSettings.objects.filter(legal_entity=asked.legal_entity).exists():
        message = _("The numbers of consultant and client are missing.")
        way_out = _("Enter the DATEV settings of the company.")
        yield Refusal("datev-not-set-up", message, asked.legal_entity.name, way_out)
    if asked.legal_entity.currency != EURO:
        message = _("DATEV takes books in euros only.")
        yield Refusal("datev-in-euros-only", message, asked.legal_entity.name, _("Export as CSV."))


def _account_numbers(rows: list[Booking], settings: DatevSettings) -> Iterator[Refusal]:
    numbers = sorted({number for row in rows for number in (row.account, row.contra)})
    for number in numbers:
        if not (number.isascii() and number.isdigit() and len(number) == settings.account_length):
            message = _("Account %(number)s does not have %(length)s digits.")
            words = {"number": number, "length": settings.account_length}
            way_out = _("Set the length of account numbers in the DATEV settings.")
            yield Refusal("datev-account-number", message % words, number, way_out)


def _characters(rows: list[Booking]) -> Iterator[Refusal]:
    """The first texts of bookings that have letters without a place in the file."""
    texts = (
        (row, text) for row in rows for text in (row.text, row.project, row.cost_centre, row.vat_id) if text
    )
    bad = ((row, text) for row, text in texts if not can_be_written(transliterated(text)))
    for row, text in islice(bad, MOST_SHOWN):
        letters = "".join(sorted({one for one in transliterated(text) if not can_be_written(one)}))
        message = _("“%(text)s” has characters that DATEV cannot read: %(letters)s.")
        yield Refusal(
            "datev-character",
            message % {"text": text, "letters": letters},
            row.document,
            _("Write the name in Latin letters, or export as CSV."),
        )


def _batch(asked: ExportOrder, settings: DatevSettings, actor: User, at: datetime) -> DatevBatch:
    return DatevBatch(
        created=at,
        consultant=settings.consultant,
        client=settings.client,
        year_starts_on=_fiscal_year(asked.legal_entity, asked.span.first),
        account_length=settings.account_length,
        first=asked.span.first,
        last=asked.span.last,
        title=f"{asked.legal_entity.short_name} {asked.span.first:%Y-%m}",
        initials=settings.initials,
        exported_by=actor.get_username(),
        chart=settings.chart,
        is_locked=settings.locks_vouchers,
    )


def _fiscal_year(entity: LegalEntity, day: date) -> date:
    """The first day of the twelve months in which a day lies, counted from the first period there is."""
    first = FiscalPeriod.objects.filter(legal_entity=entity).order_by("starts_on").first()
    start = first.starts_on if first else day.replace(month=1, day=1)
    begins = start.replace(year=day.year)
    return begins if begins <= day else begins.replace(year=day.year - 1)
