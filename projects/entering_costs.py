"""Enter and change expenses, material and fees, and keep their receipts (A8)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.core import get_global
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, Text, refuse_if
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_place, reasons_against_price, reasons_against_quantity
from projects.models import Entry, LegalEntity, Project, Receipt, Resource, Task, TransactionCategory
from projects.open_entries import reasons_against_open
from projects.querysets import EntryQuerySet
from projects.receipt_files import LARGEST_FILE, MOST_PAGES, ReceiptFile, UnusableFile, checked
from projects.states import EntryStatus, TransactionClass

MOST_RECEIPTS = 10
COSTS = (TransactionClass.EXPENSE, TransactionClass.MATERIAL, TransactionClass.FEE)
CURRENCIES = frozenset(get_global("all_currencies"))
"""The currency codes of ISO 4217 (from CLDR)."""


@dataclass(frozen=True)
class CostReport:
    """An expense, material or a fee as it is reported.

    `price` is the cost of one unit in `currency`, for a fee what the customer pays for one. Expenses and
    fees name a category, material names a product.
    """

    transaction_class: str
    project: Project
    task: Task | None
    category: TransactionCategory | None
    day: date
    quantity: Decimal
    unit: str
    price: Decimal
    currency: str
    product: str = ""
    description: str = ""
    external_description: str = ""

    def columns(self) -> dict[str, Any]:
        """The columns of an entry that say this."""
        return {
            "transaction_class": self.transaction_class,
            "project": self.project,
            "task": self.task,
            "category": self.category,
            "date": self.day,
            "quantity": self.quantity,
            "unit": self.unit,
            "price": self.price,
            "currency": self.currency,
            "product": self.product,
            "description": self.description,
            "external_description": self.external_description,
        }


@dataclass(frozen=True)
class SentFile:
    """An uploaded file: its name, which is not trusted, and its bytes."""

    name: str
    data: bytes


def enter_cost(
    resource: Resource, report: CostReport, *, files: Iterable[SentFile] = (), actor: User, at: datetime
) -> Entry:
    """Record an expense, material or a fee of one person as a draft, with its receipts.

    The price has four places at most; nothing is converted before it is submitted. All of it is kept or
    nothing. Takes no locks. Raises Refused: not-a-cost, category-missing, other-class, product-missing,
    currency-unknown, quantity-not-possible, negative-quantity, quantity-missing, price-not-possible,
    negative-price, amount-too-large, those of dates and projects as in `enter_time`, file-empty,
    file-too-large, file-not-readable, file-damaged, picture-too-large, file-active, file-encrypted,
    file-too-long, too-many-receipts (A8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        sent = list(files)
        kept, wrong = _checked(sent)
        refuse_if([*_reasons_against(resource.legal_entity, report, at), *wrong, *_too_many(len(sent))])

        entry = Entry.objects.create(
            legal_entity=resource.legal_entity, resource=resource, recorded_by=actor, **report.columns()
        )
        _keep(entry, kept, actor=actor, at=at)
        facts = {"receipts": len(kept)} if kept else {}
        log_activity("entered", [entry], actor=actor, at=at, states=("", EntryStatus.DRAFT), facts=facts)
    return entry


def change_cost(
    entries: EntryQuerySet,
    report: CostReport,
    *,
    files: Iterable[SentFile] = (),
    actor: User,
    at: datetime,
) -> int:
    """Change an expense, material or fee that is a draft or was sent back; further receipts are added.

    Returns how many entries. Locks the entries. Raises Refused: not-changeable, not-a-cost and those of
    `enter_cost` (A8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        related = ("project", "task", "category", "legal_entity")
        chosen = list(entries.select_related(None).select_related(*related).locked())
        sent = list(files)
        kept, wrong = _checked(sent)
        reasons = [*reasons_against_open(chosen, "not-changeable"), *wrong]
        for entry in chosen:
            reasons += _too_many(entry.receipts.count() + len(sent))
            reasons += _reasons_against(entry.legal_entity, report, at)
        refuse_if(reasons)

        changes = changes_of(chosen, report.columns())
        Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(**report.columns())
        for entry in chosen:
            _keep(entry, kept, actor=actor, at=at)
        facts = {"receipts": len(kept)} if kept else {}
        log_activity("changed", chosen, actor=actor, at=at, changes=changes, facts=facts)
    return len(chosen)


def remove_receipt(receipt: Receipt, *, actor: User, at: datetime) -> None:
    """Take a receipt off an entry that is still a draft or was sent back.

    The activity log keeps its name and hash. Locks the entry. Raises Refused: not-changeable (A8).
    """
    with transaction.atomic(durable=True):
        chosen = list(Entry.objects.filter(pk=receipt.entry_id).locked())
        refuse_if(reasons_against_open(chosen, "not-changeable"))

        facts = {"receipt": receipt.name, "sha256": receipt.sha256}
        log_activity("receipt removed", chosen, actor=actor, at=at, facts=facts)
        receipt.delete()


def _reasons_against(entity: LegalEntity, report: CostReport, at: datetime) -> Iterator[Refusal]:
    yield from EntryDates.of([entity], at).reasons_against(entity, report.day)
    yield from reasons_against_place(entity, report.project, report.task)
    yield from _incomplete(report)
    yield from reasons_against_quantity(report.quantity)
    if report.currency not in CURRENCIES:
        yield Refusal(
            "currency-unknown",
            _("“%(code)s” is not a currency code.") % {"code": report.currency},
            "",
            _("Use three capital letters, such as EUR."),
        )
    yield from reasons_against_price(report.quantity, report.price, report.currency)


def _incomplete(report: CostReport) -> Iterator[Refusal]:
    kind = report.transaction_class
    if kind not in COSTS:
        yield Refusal("not-a-cost", _("Only expenses, material and fees are recorded here."))
    if report.category is None and kind != TransactionClass.MATERIAL:
        yield Refusal("category-missing", _("Choose a category: it decides price and tax."))
    if report.category is not None and report.category.transaction_class != kind:
        yield Refusal(
            "other-class",
            _("The category “%(category)s” belongs to another class.") % {"category": report.category},
            "",
            _("Choose a category of this class."),
        )
    if kind == TransactionClass.MATERIAL and not report.product.strip():
        yield Refusal("product-missing", _("Enter the product: its price is found by its name."))


def _checked(files: list[SentFile]) -> tuple[list[tuple[str, ReceiptFile]], list[Refusal]]:
    """The files that may be kept, and a reason for each of the others."""
    kept, wrong = [], []
    for file in files:
        try:
            kept.append((file.name, checked(file.data)))
        except UnusableFile as error:
            wrong.append(_unusable(error, file.name))
    return kept, wrong


def _unusable(error: UnusableFile, name: str) -> Refusal:
    megabytes = LARGEST_FILE // 1024 // 1024
    sentences: dict[str, Text] = {
        "file-empty": _("The file is empty."),
        "file-too-large": _("The file is larger than %(most)s MB.") % {"most": megabytes},
        "file-not-readable": _("Files of this kind are not accepted."),
        "file-damaged": _("The file is damaged, or its content does not match its kind."),
        "picture-too-large": _("The picture has too many pixels."),
        "file-active": _("The PDF contains a script, an action or an attached file."),
        "file-encrypted": _("The PDF is protected by a password."),
        "file-too-long": _("The PDF has more than %(most)s pages.") % {"most": MOST_PAGES},
    }
    way_out = _("Attach a PDF, JPEG or PNG of at most %(most)s MB and %(pages)s pages.") % {
        "most": megabytes,
        "pages": MOST_PAGES,
    }
    return Refusal(error.code, sentences[error.code], name[:120], way_out)


def _too_many(count: int) -> Iterator[Refusal]:
    if count > MOST_RECEIPTS:
        message = _("An entry has at most %(most)s receipts.") % {"most": MOST_RECEIPTS}
        yield Refusal("too-many-receipts", message, "", _("Combine pages into one PDF."))


def _keep(entry: Entry, files: Iterable[tuple[str, ReceiptFile]], *, actor: User, at: datetime) -> None:
    """Write receipts; the same picture twice is one."""
    Receipt.objects.bulk_create(
        [
            Receipt(
                entry=entry,
                name=name[:120],
                content_type=file.content_type,
                content=file.content,
                size=len(file.content),
                pages=file.pages,
                sha256=hashlib.sha256(file.content).hexdigest(),
                added_by=actor,
                added_at=at,
            )
            for name, file in files
        ],
        ignore_conflicts=True,
    )
