"""What an import would do with each row: new, known, changed, left out or error (X8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from projects.approval_terms import approval_of
from projects.column_styles import RowError
from projects.contract_terms import ContractTerms
from projects.entry_dates import EntryDates
from projects.import_names import NameBook, Named
from projects.import_sentences import stored
from projects.import_states import ImportRowState, LeftOut
from projects.layouts import Mapping
from projects.models import Entry, ImportBatch, ImportRow
from projects.reading import WorkRow
from projects.states import BillingType, EntryStatus

BY_CONTENT = "content"
"""The source of rows without an id: they are identified by their content, whatever the layout."""

CHANGEABLE = (EntryStatus.DRAFT, EntryStatus.RETURNED)


@dataclass(frozen=True)
class Known:
    """An entry that was imported before: its key, the content of its row then, and its status."""

    entry_id: int
    content: str
    status: str


class RowBuilder:
    """Makes the saved rows of one file from what was read, some at a time."""

    def __init__(self, batch: ImportBatch, mapping: Mapping, *, has_ids: bool, at: datetime):
        self.batch, self.mapping, self.at = batch, mapping, at
        self.dates = EntryDates.of([batch.legal_entity], at)
        self.reasons: dict[date, tuple[str, ...]] = {}
        self.source = mapping.name if has_ids else BY_CONTENT
        self.names = NameBook(batch, mapping)
        self.day_column = " + ".join(batch.shown.get("columns", {}).get("date", []))

    def build(self, read: Sequence[WorkRow | list[RowError]]) -> list[ImportRow]:
        """One row for each that was read, with its state; names that are new are saved."""
        work = [row for row in read if isinstance(row, WorkRow) and row.quantity]
        named = dict(zip((row.number for row in work), self.names.take(work), strict=True))
        known = known_entries(self.batch, self.source, [row.import_id for row in work])
        rows = [self._row(row, named, known) for row in read]
        self._price(rows)
        return rows

    def _row(
        self,
        row: WorkRow | list[RowError],
        named: dict[int, Named | list[RowError]],
        known: dict[str, Known],
    ) -> ImportRow:
        if not isinstance(row, WorkRow):
            return self._wrong(ImportRow(batch=self.batch, number=row[0].number), row)
        made = self._plain(row)
        if not row.quantity:
            made.state, made.reason = ImportRowState.SKIPPED, LeftOut.ZERO
            return made
        names = named[row.number]
        if not isinstance(names, Named):
            return self._wrong(made, names)
        made.project, made.task, made.person = names.project, names.task, names.person
        made.role, made.category = names.role, names.category
        made.state, made.reason, made.entry_id = self._state(row, known)
        if made.state in (ImportRowState.NEW, ImportRowState.CHANGED) and (
            errors := self._faults(row, names)
        ):
            return self._wrong(made, errors)
        return made

    def _state(self, row: WorkRow, known: dict[str, Known]) -> tuple[ImportRowState, LeftOut, int | None]:
        if (before := known.get(row.import_id)) is not None:
            if before.content == row.content:
                return ImportRowState.KNOWN, LeftOut.NONE, before.entry_id
            if before.status in CHANGEABLE:
                return ImportRowState.CHANGED, LeftOut.NONE, before.entry_id
            return ImportRowState.SKIPPED, LeftOut.SUBMITTED, before.entry_id
        if row.is_invoiced:
            return ImportRowState.SKIPPED, LeftOut.INVOICED, None
        return ImportRowState.NEW, LeftOut.NONE, None

    def _faults(self, row: WorkRow, names: Named) -> list[RowError]:
        """Days without an open period or too far away, and closed projects."""
        if row.day not in self.reasons:
            entity, is_history = self.batch.legal_entity, self.mapping.is_history
            reasons = self.dates.reasons_against(entity, row.day, is_history=is_history)
            self.reasons[row.day] = tuple(reason.code for reason in reasons)
        errors = [RowError(row.number, self.day_column, code, f"{row.day}") for code in self.reasons[row.day]]
        if names.project.target_id in self.names.closed:
            errors.append(RowError(row.number, "", "project-closed", names.project.text))
        return errors

    def _plain(self, row: WorkRow) -> ImportRow:
        return ImportRow(
            batch=self.batch,
            number=row.number,
            day=row.day,
            quantity=row.quantity,
            seconds=row.seconds,
            description=row.description,
            is_shortened=row.is_shortened,
            is_chargeable=row.is_chargeable,
            import_id=row.import_id,
            content=row.content,
        )

    def _wrong(self, made: ImportRow, errors: list[RowError]) -> ImportRow:
        made.state, made.errors = ImportRowState.ERROR, [stored(error) for error in errors]
        return made

    def _price(self, rows: Sequence[ImportRow]) -> None:
        """What the rows would sell for by contracts and price lists as they are now, or why nobody pays."""
        pairs = [(row, entry) for row in rows if (entry := self._as_entry(row)) is not None]
        terms = ContractTerms.of([entry for _row, entry in pairs])
        for row, entry in pairs:
            # As it would be submitted, so that the preview and the approval never differ.
            terms_now = approval_of(entry, terms, actor=self.batch.imported_by, at=self.at)
            if terms_now.billing_type == BillingType.CHARGEABLE and terms_now.is_priced:
                row.amount, row.currency = terms_now.sales_amount, terms_now.sales_currency
            if terms_now.contract_line is None and entry.project_id not in self.names.internal:
                row.uncovered = terms.why_uncovered(entry) or ""

    def _as_entry(self, row: ImportRow) -> Entry | None:
        """The entry that a row would become, unsaved; None while project or role do not exist."""
        if row.state not in (ImportRowState.NEW, ImportRowState.CHANGED, ImportRowState.KNOWN):
            return None
        if not row.project.target_id or row.role is None or not row.role.target_id:
            return None
        role = self.names.roles_by_key[row.role.target_id]
        category = row.category and self.names.categories_by_key.get(row.category.target_id)
        return Entry(
            **columns_of_entry(row, self.mapping),
            legal_entity=self.batch.legal_entity,
            project_id=row.project.target_id,
            task_id=row.task.target_id if row.task else None,
            role=role,
            category=category or None,
        )


def columns_of_entry(row: ImportRow, mapping: Mapping) -> dict[str, Any]:
    """The columns of an entry that a row itself says, without those that are names."""
    return {
        "transaction_class": mapping.transaction_class,
        "unit": mapping.unit,
        "date": row.day,
        "quantity": row.quantity,
        "seconds": row.seconds,
        "description": row.description,
        # The customer reads what the worker wrote, until somebody rewords it.
        "external_description": row.description,
        "billing_type": BillingType.CHARGEABLE if row.is_chargeable else BillingType.NON_CHARGEABLE,
    }


def known_entries(batch: ImportBatch, source: str, import_ids: Sequence[str]) -> dict[str, Known]:
    """Entries that were imported before under these ids, by their id."""
    mine = Entry.objects.filter(
        legal_entity=batch.legal_entity_id, import_source=source, import_id__in=import_ids
    )
    columns = ("import_id", "pk", "import_content", "status")
    return {
        its_id: Known(key, content, status) for its_id, key, content, status in mine.values_list(*columns)
    }
