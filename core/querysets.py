"""Querysets that every app builds on: state machines, row scope, writing from a queryset into a table."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Q, Value

from core.states import OutboxStatus

KEYS_PER_STATEMENT = 5000
"""Primary keys that one statement may name; SQLite limits the parameters of a statement."""

AnyUser = User | AnonymousUser
Transition = Callable[..., None]
"""A method of a model that a state machine's `@transition` decorates."""


class ChangedMeanwhile(Exception):
    """A compare-and-set did not meet the rows as they were read; the transaction must not go on."""


def insert_from(model: type[models.Model], queryset: models.QuerySet, /, **columns: object) -> int:
    """Insert one row of `model` for each row of `queryset`, in one statement; return how many.

    `columns` maps field names to expressions over the queryset or to plain values; the statement is
    Django's own, so it is the same on both engines and its cost does not depend on Python.
    """
    # An ordering costs a sort and means nothing to most INSERTs.
    return insert_in_order(model, queryset.order_by(), **columns)


def insert_in_order(model: type[models.Model], queryset: models.QuerySet, /, **columns: object) -> int:
    """`insert_from` for rows that people read by their keys: these follow the order of the queryset."""
    fields = [_column_of(model, name) for name in columns]
    expressions: dict[str, Any] = {}
    for field, expression in zip(fields, columns.values(), strict=True):
        is_plain = not hasattr(expression, "resolve_expression")
        expressions[f"_{field.name}"] = Value(expression, output_field=field) if is_plain else expression
    rows = queryset.annotate(**expressions).values_list(*expressions)
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        # Django knows that nothing can match, for example for `pk__in=[]`, and compiles no statement.
        return 0
    names = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {sql}", params)  # noqa: S608
        return cursor.rowcount


def _column_of(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} is not a column")
    return field


class VisibleQuerySet(models.QuerySet):
    """A queryset that knows which of its rows a user may see; every model that people look at has one.

    Nothing is visible unless a subclass says so: a scope that was forgotten shows no rows instead of all.
    """

    def visible_to(self, user: AnyUser) -> Self:
        """The rows that `user` may see."""
        return self.none()

    def changeable_by(self, user: AnyUser) -> Self:
        """The rows that `user` may change, as far as the rows decide it: those that are seen, or fewer."""
        return self.visible_to(user)

    def marked_mine(self, user: AnyUser) -> Self:
        """Each with `is_mine`: whether the user may change it; for lists that show other rows as well."""
        rows: Any = self.model._default_manager.all()
        own = rows.changeable_by(user).order_by()
        return self.annotate(is_mine=models.Exists(own.filter(pk=models.OuterRef("pk"))))

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends: one order for all, so nobody deadlocks."""
        return self.order_by("pk").select_for_update(of=("self",))


class SharedQuerySet(VisibleQuerySet):
    """Rows that belong to no legal entity and are the same for everybody, such as tax codes."""

    def visible_to(self, user: AnyUser) -> Self:
        """All rows."""
        return self.all()

    def changeable_by(self, user: AnyUser) -> Self:
        """All rows: whoever holds the permission changes them for everybody."""
        return self.all()


class StateMachineQuerySet(VisibleQuerySet):
    """A queryset over a model with a state machine."""

    def move(self, transition: Transition, **stamps: object) -> int:
        """Move the whole set through one transition: compare-and-set in one statement; return how many.

        Sources and target are read from the machine itself, so that the graph is defined in one place. The
        caller compares the count with the number of rows it meant.
        """
        # The decorator keeps the graph on the method; its keys are the source states.
        meta = transition._django_fsm  # type: ignore[attr-defined]
        sources = [source for source in meta.transitions if source != "*"]
        (target,) = {step.target for step in meta.transitions.values()}
        state = meta.field.name
        return self.filter(**{f"{state}__in": sources}).update(**{state: target}, **stamps)

    def walk(self, rows: Sequence[models.Model], transition: Transition, **stamps: object) -> None:
        """Move locked rows through one transition, all of them or none, a few statements for any number.

        Raises ChangedMeanwhile when a row was not in a state the transition starts from.
        """
        keys = [row.pk for row in rows]
        # In chunks, because SQLite limits parameters; the transaction around them keeps the set together.
        moved = sum(
            self.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT]).move(transition, **stamps)
            for start in range(0, len(keys), KEYS_PER_STATEMENT)
        )
        # Fewer rows moved than were meant: one of them was in another state, so none may stay moved.
        if moved != len(keys):
            raise ChangedMeanwhile(f"{len(keys) - moved} of {len(keys)} rows were in another state")


class ActivityQuerySet(VisibleQuerySet):
    """The activity log."""

    def about(self, subject: models.Model) -> Self:
        """What was done to one row."""
        return self.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk)

    def visible_to(self, user: AnyUser) -> Self:
        """What was done to any row the user may see; all of it for those who administer people."""
        if user.has_perm("auth.change_user"):
            return self.all()
        # Begins with no rows, so that a model without a scope adds none.
        seen = Q(pk__in=[])
        for model in _models_with_scope():
            rows = model._default_manager.all()
            kind = Q(subject_kind=model._meta.label_lower)
            if isinstance(rows, SharedQuerySet):
                seen |= kind
            elif isinstance(rows, VisibleQuerySet):
                seen |= kind & Q(subject_id__in=rows.visible_to(user).values("pk"))
        return self.filter(seen)


def _models_with_scope() -> Iterable[type[models.Model]]:
    """Every model but the log itself whose rows have a scope; proxies share the rows of their model."""
    for model in apps.get_models():
        rows = model._default_manager.all()
        if isinstance(rows, VisibleQuerySet) and not isinstance(rows, ActivityQuerySet):
            yield model


class OutboxQuerySet(SharedQuerySet):
    """Work that commits left to do."""

    def pending(self, kind: str) -> Self:
        """Entries of one kind that nobody has worked on successfully yet."""
        return self.filter(kind=kind, status=OutboxStatus.PENDING)

    def sending(self) -> Self:
        """Mails that are being handed to the server, or were when their worker was stopped."""
        return self.filter(status=OutboxStatus.SENDING)
