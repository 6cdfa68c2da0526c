"""Find the record of each name in a file: by number, code, name or mail address, never by similarity.

Read once for a company; names without a record are stored, so that the user decides about them (X8).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.column_styles import RowError
from projects.import_states import ImportNameKind, NameDecision
from projects.layouts import Mapping
from projects.models import (
    Customer,
    ImportBatch,
    ImportName,
    Project,
    Resource,
    Role,
    Task,
    TeamMember,
    TransactionCategory,
)
from projects.reading import WorkRow

BATCH = 1000

Key = tuple[str, str, object]
"""Kind, folded text, and the folded name of what it belongs to."""


@dataclass
class Named:
    """The names of one row; without a role the default of the import is taken."""

    project: ImportName
    person: ImportName
    task: ImportName | None
    role: ImportName | None
    category: ImportName | None


class NameBook:
    """Every name of one file, each once, with the record it stands for."""

    def __init__(self, batch: ImportBatch, mapping: Mapping):
        self.batch, self.mapping = batch, mapping
        self.names: dict[Key, ImportName] = {}
        self.unsaved: list[ImportName] = []
        entity = batch.legal_entity
        self.customers = _by_name(
            Customer.objects.filter(legal_entity=entity), "number", "name", "short_name"
        )
        self.projects: dict[str, list[Project]] = _by_name(
            Project.objects.filter(legal_entity=entity), "number", "name"
        )
        known = [one for many in self.projects.values() for one in many]
        self.closed = {one.pk for one in known if one.is_closed}
        self.internal = {one.pk for one in known if one.customer_id is None}
        people = Resource.objects.filter(legal_entity=entity).select_related("user")
        self.people: dict[str, list[Resource]] = _by_name(people, "code", "name")
        self.logins: dict[str, list[Resource]] = defaultdict(list)
        for person in people:
            for login in (
                {person.user.username.casefold(), person.user.email.casefold()} if person.user else ()
            ):
                self.logins[login].append(person)
        self.roles = _by_name(Role.objects.all(), "name")
        self.roles_by_key = {role.pk: role for many in self.roles.values() for role in many}
        of_class = TransactionCategory.objects.filter(transaction_class=mapping.transaction_class)
        self.categories = _by_name(of_class, "name")
        self.categories_by_key = {one.pk: one for many in self.categories.values() for one in many}
        self.tasks: dict[int, dict[str, list[Task]]] = {}
        self.usual_roles: dict[int | None, int | None] = {
            person.pk: person.role_id for many in self.people.values() for person in many
        }
        team = TeamMember.objects.filter(project__legal_entity=entity)
        self.team_roles: dict[tuple[int | None, int | None], int] = {
            (project, resource): role
            for project, resource, role in team.values_list("project", "resource", "role")
        }

    def take(self, rows: Sequence[WorkRow]) -> list[Named | list[RowError]]:
        """The names of some rows, or what is wrong with them; new ones are saved at once."""
        self._read_tasks(rows)
        named = [self._named(row) for row in rows]
        # What they belong to comes first: customers, then projects, then tasks.
        for kind in ImportNameKind:
            ImportName.objects.bulk_create(
                [name for name in self.unsaved if name.kind == kind], batch_size=BATCH
            )
        self.unsaved.clear()
        return named

    def _named(self, row: WorkRow) -> Named | list[RowError]:
        errors: list[RowError] = []
        project = self._project(row, errors)
        person = self._person(row, errors)
        task = self._task(row, project, errors) if project else None
        role = self._one_of(row, ImportNameKind.ROLE, self.roles, errors)
        category = self._one_of(row, ImportNameKind.CATEGORY, self.categories, errors)
        if errors or project is None or person is None:
            return errors
        return Named(project, person, task, role or self._role_of(project, person), category)

    def _project(self, row: WorkRow, errors: list[RowError]) -> ImportName | None:
        text, number = row.names["project"], row.names["project_number"]
        customer = self._one_of(row, ImportNameKind.CUSTOMER, self.customers, errors)
        key: Key = (ImportNameKind.PROJECT, text.casefold(), (number.casefold(), customer and customer.text))
        if (known := self.names.get(key)) is not None:
            return known
        candidates = self.projects.get(number.casefold(), []) if number else []
        candidates = candidates or self.projects.get(text.casefold(), [])
        if customer is not None:
            # Two customers may each have a project "Website"; one without a customer may be meant by either.
            of_customer = [one for one in candidates if one.customer_id == customer.target_id]
            candidates = of_customer or [one for one in candidates if one.customer_id is None]
        return self._keep(row, key, text, number, customer, candidates, errors)

    def _person(self, row: WorkRow, errors: list[RowError]) -> ImportName | None:
        text, login = row.names["person"], row.names["login"]
        key: Key = (ImportNameKind.PERSON, text.casefold(), login.casefold())
        if (known := self.names.get(key)) is not None:
            return known
        candidates = self.logins.get(login.casefold(), []) if login else []
        candidates = (
            candidates or self.people.get(text.casefold(), []) or self.logins.get(text.casefold(), [])
        )
        return self._keep(row, key, text, login, None, candidates, errors)

    def _task(self, row: WorkRow, project: ImportName, errors: list[RowError]) -> ImportName | None:
        text = row.names["task"]
        if not text:
            return None
        key: Key = (ImportNameKind.TASK, text.casefold(), id(project))
        if (known := self.names.get(key)) is not None:
            return known
        candidates = self.tasks.get(project.target_id or 0, {}).get(text.casefold(), [])
        return self._keep(row, key, text, "", project, candidates, errors)

    def _one_of(
        self, row: WorkRow, kind: ImportNameKind, here: dict[str, list], errors: list[RowError]
    ) -> ImportName | None:
        text = row.names[kind]
        key: Key = (kind, text.casefold(), "")
        if not text or (known := self.names.get(key)) is not None:
            return known if text else None
        return self._keep(row, key, text, "", None, here.get(text.casefold(), []), errors)

    def _keep(
        self,
        row: WorkRow,
        key: Key,
        text: str,
        detail: str,
        parent: ImportName | None,
        candidates: list,
        errors: list[RowError],
    ) -> ImportName | None:
        kind = ImportNameKind(key[0])
        if len(candidates) > 1:
            errors.append(RowError(row.number, self._column(kind), "ambiguous-name", text))
            return None
        if not candidates and not self.mapping.makes_master_data:
            errors.append(RowError(row.number, self._column(kind), "unknown", text))
            return None
        target = candidates[0].pk if candidates else None
        name = ImportName(
            batch=self.batch,
            kind=kind,
            text=text,
            detail=detail,
            parent=parent,
            decision=NameDecision.USE if target else NameDecision.CREATE,
            target_id=target,
        )
        self.names[key] = name
        self.unsaved.append(name)
        return name

    def _column(self, kind: ImportNameKind) -> str:
        """What the file calls the column of these names."""
        return " + ".join(self.batch.shown.get("columns", {}).get(kind, []))

    def _role_of(self, project: ImportName, person: ImportName) -> ImportName | None:
        """The role on the project's team, else the usual one."""
        pair = (project.target_id, person.target_id)
        role_id = self.team_roles.get(pair) or self.usual_roles.get(person.target_id)
        if role_id is None:
            return None
        role = self.roles_by_key[role_id]
        key: Key = (ImportNameKind.ROLE, role.name.casefold(), "")
        if key not in self.names:
            self.names[key] = ImportName(
                batch=self.batch,
                kind=ImportNameKind.ROLE,
                text=role.name,
                decision=NameDecision.USE,
                target_id=role_id,
            )
            self.unsaved.append(self.names[key])
        return self.names[key]

    def _read_tasks(self, rows: Iterable[WorkRow]) -> None:
        """The tasks of the projects that these rows may mean and that no row named before."""
        texts = {
            text.casefold() for row in rows for text in (row.names["project"], row.names["project_number"])
        }
        wanted = {one.pk for text in texts for one in self.projects.get(text, [])} - self.tasks.keys()
        self.tasks |= {key: {} for key in wanted}
        for task in Task.objects.filter(project__in=wanted) if wanted else ():
            for text in {task.code.casefold(), task.name.casefold()}:
                self.tasks[task.project_id].setdefault(text, []).append(task)


def _by_name(rows: Iterable, *fields: str) -> dict[str, list]:
    """Rows by each of these fields, folded; a number or code wins over a name that is the same."""
    by_name: dict[str, list] = {}
    rows = list(rows)
    for field in fields:
        of_field: dict[str, list] = defaultdict(list)
        for row in rows:
            of_field[getattr(row, field).casefold()].append(row)
        by_name = of_field | by_name
    by_name.pop("", None)
    return by_name
