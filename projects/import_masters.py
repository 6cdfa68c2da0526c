"""Create the master data that a file of hours names and that does not exist yet (X8)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

from core.activity_log import log_activity
from projects.import_states import ImportNameKind, ImportRowState
from projects.layouts import mapping_of
from projects.models import (
    Customer,
    ImportBatch,
    ImportName,
    Project,
    Resource,
    Role,
    Task,
    TransactionCategory,
)

BATCH = 500
CODE_LENGTH = 20
LONGEST_COUNT = 4


def create_masters(batch: ImportBatch, *, actor: User, at: datetime) -> int:
    """Create the missing master data that rows of an import name, and store its key with each name.

    A name of up to twenty characters is its own number or code; a longer one, or one that is taken, is cut
    and counted. Called inside the transaction of the import; returns how many were created.
    """
    names = _wanted(batch)
    created: list[models.Model] = []
    for kind in ImportNameKind:
        missing = [name for name in names if name.kind == kind and name.target_id is None]
        created += _create(batch, kind, missing)
    ImportName.objects.bulk_update(names, ["target_id"], batch_size=BATCH)
    log_activity("added", created, actor=actor, at=at, facts={"import": batch.pk})
    return len(created)


def _wanted(batch: ImportBatch) -> list[ImportName]:
    """Names without a record that imported rows need, and the customers of their projects."""
    rows = batch.rows.filter(state__in=[ImportRowState.NEW, ImportRowState.CHANGED])
    used = Q(pk__in=[])
    for field in ("project", "task", "person", "role", "category"):
        used |= Q(pk__in=rows.values(field))
    used |= Q(pk__in=batch.names.filter(pk__in=rows.values("project")).values("parent"))
    names = list(batch.names.missing().filter(used).select_related("parent").order_by("pk"))
    # One object for each name, so that a task knows the project that was created a moment ago.
    by_key = {name.pk: name for name in names}
    for name in names:
        if name.parent_id in by_key:
            name.parent = by_key[name.parent_id]
    return names


def _create(batch: ImportBatch, kind: ImportNameKind, names: Sequence[ImportName]) -> Sequence[models.Model]:
    if not names:
        return []
    if kind == ImportNameKind.TASK:
        names = _without_those_here(names)
    makers = {
        ImportNameKind.CUSTOMER: _customers,
        ImportNameKind.PROJECT: _projects,
        ImportNameKind.TASK: _tasks,
        ImportNameKind.PERSON: _people,
        ImportNameKind.ROLE: _roles,
        ImportNameKind.CATEGORY: _categories,
    }
    made = makers[kind](batch, names)
    for name, one in zip(names, made, strict=True):
        name.target_id = one.pk
    return made


def _customers(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    entity = batch.legal_entity
    codes = _codes(names, Customer.objects.filter(legal_entity=entity).values_list("number", flat=True))
    return Customer.objects.bulk_create(
        [
            Customer(
                legal_entity=entity,
                number=code,
                name=name.text,
                short_name=name.text[:32],
                currency=entity.currency,
                country=entity.country,
                language=entity.language,
            )
            for name, code in zip(names, codes, strict=True)
        ],
        batch_size=BATCH,
    )


def _projects(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    entity = batch.legal_entity
    codes = _codes(names, Project.objects.filter(legal_entity=entity).values_list("number", flat=True))
    return Project.objects.bulk_create(
        [
            Project(
                legal_entity=entity,
                number=code,
                name=name.text,
                customer_id=name.parent.target_id if name.parent else None,
            )
            for name, code in zip(names, codes, strict=True)
        ],
        batch_size=BATCH,
    )


def _tasks(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    by_project: dict[int, list[ImportName]] = defaultdict(list)
    for name in names:
        by_project[_project_of(name)].append(name)
    taken: dict[int, list[str]] = defaultdict(list)
    here = Task.objects.filter(project__in=list(by_project))
    for project_id, code in here.values_list("project", "code"):
        taken[project_id].append(code)
    codes = {
        name.pk: code
        for project_id, some in by_project.items()
        for name, code in zip(some, _codes(some, taken[project_id]), strict=True)
    }
    return Task.objects.bulk_create(
        [Task(project_id=_project_of(name), code=codes[name.pk], name=name.text) for name in names],
        batch_size=BATCH,
    )


def _without_those_here(names: Sequence[ImportName]) -> list[ImportName]:
    """The tasks that are still to be created: where the user chose an existing project, it may have some."""
    projects = {_project_of(name) for name in names}
    here: dict[tuple[int, str], int] = {}
    for pk, project_id, code, text in Task.objects.filter(project__in=projects).values_list(
        "pk", "project", "code", "name"
    ):
        here[project_id, text.casefold()] = pk
        here[project_id, code.casefold()] = pk
    for name in names:
        name.target_id = here.get((_project_of(name), name.text.casefold()))
    return [name for name in names if name.target_id is None]


def _project_of(task: ImportName) -> int:
    """The key of a task's project, which exists because projects are created before tasks."""
    if task.parent is None or task.parent.target_id is None:
        raise ValueError(f"the task {task} belongs to no project")
    return task.parent.target_id


def _people(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    entity = batch.legal_entity
    codes = _codes(names, Resource.objects.filter(legal_entity=entity).values_list("code", flat=True))
    return Resource.objects.bulk_create(
        [
            Resource(legal_entity=entity, code=code, name=name.text, role_id=batch.default_role_id)
            for name, code in zip(names, codes, strict=True)
        ],
        batch_size=BATCH,
    )


def _roles(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    # Roles and categories are shared: another import may have created the same one meanwhile.
    texts = [name.text for name in names]
    Role.objects.bulk_create([Role(name=text) for text in texts], ignore_conflicts=True, batch_size=BATCH)
    return _by_text(Role.objects.all(), texts)


def _categories(batch: ImportBatch, names: Sequence[ImportName]) -> Sequence[models.Model]:
    mapping = mapping_of(batch.shown["mapping"])
    texts = [name.text for name in names]
    TransactionCategory.objects.bulk_create(
        [
            TransactionCategory(name=text, transaction_class=mapping.transaction_class, unit=mapping.unit)
            for text in texts
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    of_class = TransactionCategory.objects.filter(transaction_class=mapping.transaction_class)
    return _by_text(of_class, texts)


def _by_text(rows: models.QuerySet, texts: Sequence[str]) -> list[models.Model]:
    by_text = {row.name: row for row in rows.filter(name__in=texts)}
    return [by_text[text] for text in texts]


def _codes(names: Iterable[ImportName], taken: Iterable[str]) -> list[str]:
    """A free code for each name: the number that the file gives, else its text, else cut and counted."""
    used, counts, codes = set(taken), defaultdict[str, int](int), []
    for name in names:
        # For a person `detail` is a mail address, which is not a code.
        number = name.detail if name.kind == ImportNameKind.PROJECT else ""
        code = number or name.text
        while len(code) > CODE_LENGTH or code in used:
            stem = name.text[: CODE_LENGTH - LONGEST_COUNT - 1].rstrip()
            counts[stem] += 1
            code = f"{stem}-{counts[stem]}"
        used.add(code)
        codes.append(code)
    return codes
