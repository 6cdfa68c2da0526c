"""Import a file after its preview: all of it or nothing; importing it again changes nothing (A8, X8).

Set-based and in one transaction, however many rows there are: rows that were imported meanwhile are found,
names are created, entries inserted, drafts updated. If it is interrupted, nothing is saved.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.querysets import insert_from
from core.refusals import Refusal, Refused, refuse_if
from projects.column_styles import RowError
from projects.import_drafts import CHANGEABLE, lock_drafts, update_drafts
from projects.import_files import forget_rows
from projects.import_long_days import long_days_of
from projects.import_masters import create_masters
from projects.import_querysets import ImportBatchQuerySet
from projects.import_sentences import MOST_REASONS, refusal_of, refusals_of, restored
from projects.import_states import ImportNameKind, ImportRowState, ImportStatus, LeftOut, NameDecision
from projects.layouts import mapping_of
from projects.models import Entry, ImportBatch, ImportName, LegalEntity, Resource, Role
from projects.states import BillingType

BATCH = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Decisions:
    """What the user decided about the groups of a file and the names without a record.

    `names` are by key of the name: create it, leave its rows out, or use the record with this key.
    """

    leave_errors_out: bool = False
    update_drafts: bool = True
    keep_invoiced: bool = False
    default_role: Role | None = None
    names: Mapping[int, NameDecision | int] = field(default_factory=dict)


def import_files(
    batches: ImportBatchQuerySet, decisions: Decisions, *, actor: User, at: datetime
) -> list[ImportBatch]:
    """Import files as decided: entries for their new rows, the drafts that they changed, names that are new.

    Hours and seconds are those that were read. Locks the legal entities, then the imports, then the drafts.
    Raises Refused: not-a-preview, unknown-name, no-role, project-closed, period-locked, daily-maximum, and
    whatever keeps the file or a row of it from being read (A8, X8).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(batches)
        refuse_if(_not_a_preview(batch) for batch in chosen if batch.status != ImportStatus.PREVIEW)
        for batch in chosen:
            _decide(batch, decisions)
            _import(batch, decisions, actor=actor, at=at)
    return chosen


def request_imports(
    batches: ImportBatchQuerySet, decisions: Decisions, *, actor: User, at: datetime
) -> list[ImportBatch]:
    """Leave the import of large files to a worker, as decided; nothing is saved before it has them.

    Locks the legal entities, then the imports. Raises Refused: not-a-preview, unknown-name (X8).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(batches)
        refuse_if(_not_a_preview(batch) for batch in chosen if batch.status != ImportStatus.PREVIEW)
        for batch in chosen:
            _decide(batch, decisions)
            batch.shown["decisions"] = {
                "leave_errors_out": decisions.leave_errors_out,
                "update_drafts": decisions.update_drafts,
                "keep_invoiced": decisions.keep_invoiced,
            }
            batch.start()
            batch.alive_at, batch.imported_by, batch.imported_at = None, actor, at
            batch.save()
    return chosen


def run_import(batch_id: int, *, clock: Clock) -> str:
    """Carry out an import that was left to the worker; if it is refused, the preview shows the reasons.

    One transaction: if a worker is killed, nothing was saved and the next one starts again. Returns the
    status (X8).
    """
    try:
        with transaction.atomic(durable=True):
            (batch,) = _locked(ImportBatch.objects.filter(pk=batch_id))
            if batch.status != ImportStatus.IMPORTING:
                return batch.status
            decided = Decisions(**batch.shown["decisions"], default_role=batch.default_role)
            _import(batch, decided, actor=batch.imported_by, at=clock())
    except Refused as refused:
        with transaction.atomic(durable=True):
            batch = ImportBatch.objects.locked().get(pk=batch_id)
            if batch.status == ImportStatus.IMPORTING:
                batch.give_back()
                batch.shown["refused"] = [str(reason) for reason in refused.refusals]
                batch.save()
    return batch.status


def _locked(batches: ImportBatchQuerySet) -> list[ImportBatch]:
    """Lock the legal entities, then the imports: two imports must not both take the same row for new."""
    keys = batches.order_by().values("legal_entity")
    entities = {
        one.pk: one for one in LegalEntity.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    }
    chosen = list(batches.select_related(None).select_related("default_role").locked())
    for batch in chosen:
        batch.legal_entity = entities[batch.legal_entity_id]
    return chosen


def _decide(batch: ImportBatch, decisions: Decisions) -> None:
    """Write down what was decided about names. Raises Refused: unknown-name."""
    batch.default_role = decisions.default_role
    names = list(batch.names.filter(pk__in=decisions.names))
    here = {
        ImportNameKind.PROJECT: set(batch.legal_entity.projects.values_list("pk", flat=True)),
        ImportNameKind.PERSON: set(batch.legal_entity.resources.values_list("pk", flat=True)),
    }
    for name in names:
        decision = decisions.names[name.pk]
        if isinstance(decision, NameDecision):
            name.decision, name.target_id = decision, None
            continue
        name.decision, name.target_id = NameDecision.USE, decision
        known = here.get(ImportNameKind(name.kind), set())
        refuse_if([_unknown_name(name)] if decision not in known else [])
    ImportName.objects.bulk_update(names, ["decision", "target_id"], batch_size=BATCH)


def _import(batch: ImportBatch, decisions: Decisions, *, actor: User, at: datetime) -> None:
    problems = [restored(raw) for raw in batch.shown.get("problems", [])]
    refuse_if(refusals_of(problems, len(problems)))
    lock_drafts(batch)
    _notice_what_happened(batch)
    _leave_out(batch, decisions)
    refuse_if(_reasons_against(batch, decisions))

    create_masters(batch, actor=actor, at=at)
    created = _insert_entries(batch)
    updated = update_drafts(batch, actor=actor, at=at)
    counts = dict(batch.rows.order_by().values_list("state").annotate(count=Count("pk")))
    batch.created_count, batch.updated_count = created, updated
    batch.known_count = counts.get(ImportRowState.KNOWN, 0)
    batch.left_out_count = batch.row_count - created - updated - batch.known_count
    batch.imported_by, batch.imported_at = actor, at
    batch.finish()
    batch.save()
    # Its rows are entries now; what was left out is still in the user's own file.
    forget_rows([batch])
    batch.parts.all().delete()
    facts = {"rows": batch.row_count, "new": created, "updated": updated, "left out": batch.left_out_count}
    log_activity("imported", [batch], actor=actor, at=at, facts=facts)


def _notice_what_happened(batch: ImportBatch) -> None:
    """Update the states of rows: entries may have been imported, submitted or deleted since."""
    same = Entry.objects.filter(
        legal_entity=batch.legal_entity_id,
        import_source=batch.shown["source"],
        import_id=OuterRef("import_id"),
    )
    meanwhile = batch.rows.new().filter(Exists(same))
    meanwhile.update(state=ImportRowState.KNOWN, entry=Subquery(same.values("pk")[:1]))
    changed = batch.rows.filter(state=ImportRowState.CHANGED)
    # A draft that was deleted meanwhile: its row is new.
    changed.filter(entry__isnull=True).update(state=ImportRowState.NEW)
    gone = Entry.objects.exclude(status__in=CHANGEABLE).filter(pk=OuterRef("entry"))
    changed.filter(Exists(gone)).update(state=ImportRowState.SKIPPED, reason=LeftOut.SUBMITTED)


def _leave_out(batch: ImportBatch, decisions: Decisions) -> None:
    rows = batch.rows
    if decisions.keep_invoiced:
        kept = rows.filter(state=ImportRowState.SKIPPED, reason=LeftOut.INVOICED)
        kept.update(state=ImportRowState.NEW, reason=LeftOut.NONE, is_chargeable=False)
    left_out = {"state": ImportRowState.SKIPPED, "reason": LeftOut.BY_DECISION}
    if not decisions.update_drafts:
        rows.filter(state=ImportRowState.CHANGED).update(**left_out)
    unwanted = batch.names.filter(decision=NameDecision.LEAVE_OUT).values("pk")
    of_names = rows.filter(Q(project__in=unwanted) | Q(person__in=unwanted))
    of_names.filter(state__in=[ImportRowState.NEW, ImportRowState.CHANGED]).update(**left_out)


def _reasons_against(batch: ImportBatch, decisions: Decisions) -> list[Refusal]:
    wrong = batch.rows.filter(state=ImportRowState.ERROR)
    if not decisions.leave_errors_out and (count := wrong.count()):
        errors = (
            replace(restored(raw), number=number)
            for number, raws in wrong.values_list("number", "errors")[:MOST_REASONS]
            for raw in raws
        )
        return refusals_of(errors, count)
    return [*_reasons_of_masters(batch), *_reasons_of_days(batch)]


def _reasons_of_masters(batch: ImportBatch) -> Iterator[Refusal]:
    counted = batch.rows.filter(state__in=[ImportRowState.NEW, ImportRowState.CHANGED])
    if batch.default_role is None and (row := counted.filter(role__isnull=True).first()):
        yield refusal_of(RowError(row.number, "", "no-role", row.person.text))
    closed = batch.legal_entity.projects.filter(is_closed=True).values("pk")
    for row in counted.filter(project__target_id__in=closed).select_related("project")[:MOST_REASONS]:
        yield refusal_of(RowError(row.number, "", "project-closed", row.project.text))


def _reasons_of_days(batch: ImportBatch) -> Iterator[Refusal]:
    counted = batch.rows.filter(state__in=[ImportRowState.NEW, ImportRowState.CHANGED])
    if locked_through := batch.legal_entity.locked_through:
        for row in counted.filter(day__lte=locked_through)[:MOST_REASONS]:
            yield refusal_of(RowError(row.number, "", "period-locked", row.day.isoformat()))
    # The people are held, so that nobody adds to their days until the commit.
    people = batch.names.filter(kind=ImportNameKind.PERSON).values("target_id")
    list(Resource.objects.filter(pk__in=people).order_by("pk").select_for_update().values_list("pk"))
    for person, day, _hours in islice(long_days_of(batch), MOST_REASONS):
        first = counted.filter(person=person, day=day).values_list("number", flat=True).first()
        yield refusal_of(RowError(first or 0, "", "daily-maximum", day.isoformat()))


def _insert_entries(batch: ImportBatch) -> int:
    """Every new row as a draft, in one statement."""
    mapping = mapping_of(batch.shown["mapping"])
    columns: dict[str, Any] = {
        "legal_entity": batch.legal_entity_id,
        "transaction_class": mapping.transaction_class,
        "project": F("project__target_id"),
        "task": F("task__target_id"),
        "resource": F("person__target_id"),
        "role": _role_of(batch),
        "category": F("category__target_id"),
        "date": F("day"),
        "quantity": F("quantity"),
        "seconds": F("seconds"),
        "unit": mapping.unit,
        "description": F("description"),
        # The customer reads what the worker wrote, until somebody rewords it.
        "external_description": F("description"),
        "billing_type": Case(
            When(is_chargeable=True, then=Value(BillingType.CHARGEABLE)),
            default=Value(BillingType.NON_CHARGEABLE),
        ),
        "import_batch": batch.pk,
        "import_source": batch.shown["source"],
        "import_id": F("import_id"),
        "import_content": F("content"),
    }
    for column in Entry._meta.concrete_fields:
        # All other columns get their defaults, as for an entry by hand.
        if column.name not in columns and not column.primary_key and not column.null:
            columns[column.name] = column.get_default()
    return insert_from(Entry, batch.rows.new(), **columns)


def _role_of(batch: ImportBatch) -> Any:
    if batch.default_role_id is None:
        return F("role__target_id")
    return Coalesce(F("role__target_id"), Value(batch.default_role_id))


def _unknown_name(name: ImportName) -> Refusal:
    message = _("What was chosen for “%(name)s” does not exist any more.") % {"name": name.text}
    return Refusal("unknown-name", message, name.get_kind_display(), _("Choose again."))


def _not_a_preview(batch: ImportBatch) -> Refusal:
    message = _("It is “%(status)s” already.") % {"status": batch.get_status_display()}
    return Refusal("not-a-preview", message, batch.file_name, _("Upload the file again."))
