"""Import hours from a file, all of it or none, and a second time nothing (A8, X8)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from projects.day_totals import DayHours, DayTotals
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_quantity
from projects.models import (
    Entry,
    ImportBatch,
    LegalEntity,
    Project,
    Resource,
    Role,
    Task,
    TransactionCategory,
)
from projects.reading import ImportRow, Mapping, Parsed, RowError
from projects.states import BillingType, TransactionClass

BATCH = 1000
MOST_REASONS = 50

SENTENCES = {
    "too-many-rows": gettext_lazy("The file has more rows than can be imported at once: split it."),
    "wrong-encoding": gettext_lazy(
        "The file is not in the encoding of the mapping: save it as that, or change the mapping."
    ),
    "not-a-text-file": gettext_lazy("This is not a text file: export it as CSV."),
    "columns-missing": gettext_lazy("These columns are missing: check the mapping."),
    "too-long": gettext_lazy("The text is too long."),
    "empty": gettext_lazy("The value is missing."),
    "no-date": gettext_lazy("No date can be read here."),
    "not-a-quantity": gettext_lazy("This is not a quantity: write it with a dot and at most four places."),
    "no-id": gettext_lazy("The row has no id."),
    "repeated-id": gettext_lazy("Another row of the file has the same id."),
    "unknown": gettext_lazy("There is no such thing here: create it first, or correct the row."),
}


@dataclass(frozen=True)
class ImportPreview:
    """What an import would do."""

    new_count: int
    known_count: int
    quantity: Decimal
    errors: list[str]


@dataclass(frozen=True)
class FileKind:
    """What a file declares about its rows.

    `is_history`: they may be dated further back than entries usually are, though never where no fiscal
    period is. `is_total`: a row sums up several days, so no daily maximum applies to it.
    """

    is_history: bool = False
    is_total: bool = False


def preview_import(
    legal_entity: LegalEntity,
    parsed: Parsed,
    mapping: Mapping,
    *,
    at: datetime,
    kind: FileKind = FileKind(),
) -> ImportPreview:
    """What importing would enter, what is known already, and what is wrong, without changing anything.

    The quantity is that of the new rows, in hours or pieces as the file has them. Locks nothing; the import
    asks again and refuses for the same reasons (A8, X8).
    """
    # The same question as the import asks, so that the preview says what will happen.
    known = _known_ids(legal_entity, mapping)
    new = [row for row in parsed.rows if row.import_id not in known]
    errors = [str(reason) for reason in _reasons_against(legal_entity, parsed, mapping, kind, at)]
    quantity = sum((row.quantity for row in new), Decimal(0))
    return ImportPreview(len(new), len(parsed.rows) - len(new), quantity, errors)


def import_entries(
    legal_entity: LegalEntity,
    parsed: Parsed,
    mapping: Mapping,
    *,
    file_name: str,
    data: bytes,
    actor: User,
    at: datetime,
    kind: FileKind = FileKind(),
) -> ImportBatch:
    """Enter a file's rows as draft entries: all of them or none; rows entered before stay as they are.

    A row is known by the mapping's name and its id in the file, so importing again changes nothing.
    Mappings that may, make the projects, tasks, roles, categories and people they name. Locks the legal
    entity. Raises Refused, with row and column of each error: too-many-rows, wrong-encoding,
    not-a-text-file, columns-missing, too-long, empty, no-date, not-a-quantity, no-id, repeated-id, unknown,
    period-locked, period-missing, too-far-ahead, too-far-back, negative-quantity, daily-maximum,
    further-errors, empty-file (A8, X8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        # Two imports of the same file at once must not both find its rows unknown.
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        refuse_if(_reasons_against(entity, parsed, mapping, kind, at))

        known = _known_ids(entity, mapping)
        # Rows that were imported before stay as they are, even if the file says something else now.
        new = [row for row in parsed.rows if row.import_id not in known]
        batch = ImportBatch.objects.create(
            legal_entity=entity,
            source=mapping.name,
            file_name=file_name[:200],
            file_sha256=hashlib.sha256(data).hexdigest(),
            row_count=len(parsed.rows),
            created_count=len(new),
            known_count=len(parsed.rows) - len(new),
            is_history=kind.is_history,
            is_total=kind.is_total,
            imported_by=actor,
            imported_at=at,
        )
        # After the checks: a refused file leaves no projects or people behind.
        if mapping.makes_master_data:
            _make_master_data(entity, new, mapping)
        Entry.objects.bulk_create(_entries(entity, new, mapping, batch), batch_size=BATCH)
        facts = {"rows": batch.row_count, "new": batch.created_count}
        log_activity("imported", [batch], actor=actor, at=at, facts=facts)
    return batch


def _known_ids(legal_entity: LegalEntity, mapping: Mapping) -> set[str]:
    mine = Entry.objects.filter(legal_entity=legal_entity, import_source=mapping.name)
    return set(mine.values_list("import_id", flat=True))


def _reasons_against(
    legal_entity: LegalEntity, parsed: Parsed, mapping: Mapping, kind: FileKind, at: datetime
) -> list[Refusal]:
    errors = [*parsed.errors, *_repeated(parsed.rows, mapping)]
    if not mapping.makes_master_data:
        errors += _unknown(legal_entity, parsed.rows, mapping)
    # A file with a wrong column has an error in every row; fifty of them say enough.
    known = _known_ids(legal_entity, mapping)
    new = [row for row in parsed.rows if row.import_id not in known]
    further = [*_wrong_rows(legal_entity, new, kind, at), *_days_too_long(legal_entity, new, mapping, kind)]
    count = len(errors) + len(further)
    reasons = [_refusal(error) for error in errors[:MOST_REASONS]]
    reasons += further[: MOST_REASONS - len(reasons)]
    if count > MOST_REASONS:
        message = _("%(count)s further rows have errors.") % {"count": count - MOST_REASONS}
        reasons.append(Refusal("further-errors", message))
    # A file that could not be read has errors; one without rows is refused for that alone.
    if not parsed.rows and not errors:
        reasons.append(Refusal("empty-file", _("The file holds no rows.")))
    return reasons


def _wrong_rows(
    legal_entity: LegalEntity, rows: list[ImportRow], kind: FileKind, at: datetime
) -> Iterator[Refusal]:
    """Dates and quantities that no entrance takes; rows that are known already are not judged again."""
    dates = EntryDates.of([legal_entity], at)
    for row in rows:
        where = _("row %(row)s") % {"row": row.number}
        yield from dates.reasons_against(legal_entity, row.day, where, is_history=kind.is_history)
        yield from reasons_against_quantity(row.quantity, where)


def _days_too_long(
    legal_entity: LegalEntity, rows: list[ImportRow], mapping: Mapping, kind: FileKind
) -> Iterator[Refusal]:
    if kind.is_total or mapping.transaction_class != TransactionClass.TIME:
        return
    people = {one.code: one for one in Resource.objects.filter(legal_entity=legal_entity)}
    # A person whom the file brings along has no other hours, but may have too many in the file itself.
    for nth, code in enumerate({row.resource for row in rows} - people.keys(), start=1):
        people[code] = Resource(pk=-nth, legal_entity=legal_entity, code=code, name=code)
    for one in people.values():
        one.legal_entity = legal_entity
    hours = [DayHours(people[row.resource], row.day, row.quantity) for row in rows]
    yield from DayTotals.of(hours).reasons_against(hours)


def _refusal(error: RowError) -> Refusal:
    where = _("row %(row)s, %(column)s") % {"row": error.number, "column": error.column}
    shown = f" “{error.value}”" if error.value else ""
    return Refusal(error.code, f"{SENTENCES[error.code]}{shown}", where)


def _repeated(rows: Iterable[ImportRow], mapping: Mapping) -> list[RowError]:
    seen: set[str] = set()
    errors = []
    for row in rows:
        if row.import_id in seen:
            errors.append(RowError(row.number, mapping.external_id, "repeated-id", row.import_id))
        seen.add(row.import_id)
    return errors


def _unknown(legal_entity: LegalEntity, rows: list[ImportRow], mapping: Mapping) -> list[RowError]:
    projects = set(Project.objects.filter(legal_entity=legal_entity).values_list("number", flat=True))
    people = set(Resource.objects.filter(legal_entity=legal_entity).values_list("code", flat=True))
    roles = set(Role.objects.values_list("name", flat=True))
    tasks = set(
        Task.objects.filter(project__legal_entity=legal_entity).values_list("project__number", "code")
    )
    of_class = TransactionCategory.objects.filter(transaction_class=mapping.transaction_class)
    categories = set(of_class.values_list("name", flat=True))
    errors = []
    for row in rows:
        checks = [
            ("project", row.project, row.project in projects),
            ("resource", row.resource, row.resource in people),
            ("role", row.role, row.role in roles),
            ("task", row.task, not row.task or (row.project, row.task) in tasks),
            ("category", row.category, not row.category or row.category in categories),
        ]
        errors += [
            RowError(row.number, mapping.columns[name], "unknown", value)
            for name, value, is_known in checks
            if not is_known
        ]
    return errors


def _make_master_data(entity: LegalEntity, rows: list[ImportRow], mapping: Mapping) -> None:
    """Make what the rows name and what is not there yet; what is there stays as it is."""
    # Conflicts are ignored: another entity's import may create the same shared names meanwhile.
    Role.objects.bulk_create([Role(name=one) for one in _distinct(rows, "role")], ignore_conflicts=True)
    TransactionCategory.objects.bulk_create(
        [
            TransactionCategory(name=one, transaction_class=mapping.transaction_class, unit=mapping.unit)
            for one in _distinct(rows, "category")
        ],
        ignore_conflicts=True,
    )
    Resource.objects.bulk_create(
        [Resource(legal_entity=entity, code=one, name=one) for one in _distinct(rows, "resource")],
        ignore_conflicts=True,
    )
    Project.objects.bulk_create(
        [Project(legal_entity=entity, number=one, name=one) for one in _distinct(rows, "project")],
        ignore_conflicts=True,
    )
    projects = dict(Project.objects.filter(legal_entity=entity).values_list("number", "pk"))
    tasks = sorted({(row.project, row.task) for row in rows if row.task})
    Task.objects.bulk_create(
        [Task(project_id=projects[project], code=task, name=task) for project, task in tasks],
        ignore_conflicts=True,
    )


def _distinct(rows: Iterable[ImportRow], name: str) -> list[str]:
    return sorted({getattr(row, name) for row in rows} - {""})


def _entries(entity: LegalEntity, rows: list[ImportRow], mapping: Mapping, batch: ImportBatch) -> list[Entry]:
    projects = dict(Project.objects.filter(legal_entity=entity).values_list("number", "pk"))
    tasks = {
        (project, code): pk
        for project, code, pk in Task.objects.filter(project__legal_entity=entity).values_list(
            "project__number", "code", "pk"
        )
    }
    people = dict(Resource.objects.filter(legal_entity=entity).values_list("code", "pk"))
    roles = dict(Role.objects.values_list("name", "pk"))
    categories = dict(
        TransactionCategory.objects.filter(transaction_class=mapping.transaction_class).values_list(
            "name", "pk"
        )
    )
    return [
        Entry(
            legal_entity=entity,
            transaction_class=mapping.transaction_class,
            project_id=projects[row.project],
            task_id=tasks.get((row.project, row.task)),
            resource_id=people[row.resource],
            role_id=roles[row.role],
            category_id=categories.get(row.category),
            date=row.day,
            quantity=row.quantity,
            unit=mapping.unit,
            description=row.description,
            # The customer reads what the worker wrote, until somebody rewords it.
            external_description=row.description,
            billing_type=BillingType.CHARGEABLE if row.is_chargeable else BillingType.NON_CHARGEABLE,
            import_batch=batch,
            import_source=mapping.name,
            import_id=row.import_id,
        )
        for row in rows
    ]
