"""Why something is on no invoice, for one reader: what they may clear, and who else may (X2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.translation import gettext as _

from accounting.life_of_work import LifeStep
from billing.reason_ways import SUBMIT, Reason, Way
from billing.why_not_invoiced import Answer
from core.access import may
from core.people import person_name
from projects.access import WHOLE_ENTITY
from projects.models import LegalEntity, Project, ProjectContract
from projects.roles import holders_of

NAMED = 3
"""As many people are named; more would say no more than their role."""


@dataclass(frozen=True)
class ShownReason:
    """A reason with the sentence of who clears it, and the ways that are open to the reader."""

    reason: Reason
    who: str
    is_yours: bool
    ways: Sequence[Way]


@dataclass(frozen=True)
class ShownAnswer:
    """An answer with its reasons as shown, and the life of the work where there is one."""

    answer: Answer
    reasons: Sequence[ShownReason]
    life: Sequence[LifeStep] = ()
    price: str = ""
    price_source: str = ""
    price_list: int | None = None
    about: str = ""


def shown(answer: Answer, entity: LegalEntity, user: User, life: Sequence[LifeStep] = ()) -> ShownAnswer:
    """The answer for one reader. A few statements, however many reasons: people are read once for all."""
    needed = {one.permission for one in answer.reasons if one.permission}
    holders = holders_of(entity, [*sorted(needed), WHOLE_ENTITY]) if needed else {}
    whole = set(holders.get(WHOLE_ENTITY, ()))
    managed = _managed(answer.reasons, user)
    reasons = [_shown(one, _holders(one, holders, whole), managed, user) for one in answer.reasons]
    return ShownAnswer(answer, reasons, life)


def _holders(reason: Reason, holders: Mapping[str, list[str]], whole: set[str]) -> list[str]:
    """Who may clear it by their role: where it takes managing something, those who see the whole entity.

    Where nobody does and nobody manages it, whoever holds the right is named: they stand in.
    """
    named = holders.get(reason.permission, [])
    if reason.scope is None:
        return named
    return [one for one in named if one in whole] or ([] if reason.owner else named)


def _managed(reasons: Iterable[Reason], user: User) -> set[tuple[type[Model], int]]:
    """The contracts and projects of these reasons that the reader manages, or sees as part of the whole."""
    keys: dict[type[Model], set[int]] = {ProjectContract: set(), Project: set()}
    for one in reasons:
        if one.scope is not None:
            keys[type(one.scope)].add(one.scope.pk)
    contracts = ProjectContract.objects.managed_by(user).filter(pk__in=keys[ProjectContract])
    projects = Project.objects.managed_by(user).filter(pk__in=keys[Project])
    managed: set[tuple[type[Model], int]] = set()
    if keys[ProjectContract]:
        managed |= {(ProjectContract, key) for key in contracts.values_list("pk", flat=True)}
    if keys[Project]:
        managed |= {(Project, key) for key in projects.values_list("pk", flat=True)}
    return managed


def _shown(
    reason: Reason, holders: Sequence[str], managed: set[tuple[type[Model], int]], user: User
) -> ShownReason:
    in_scope = reason.scope is None or (type(reason.scope), reason.scope.pk) in managed
    if reason.permission == SUBMIT:
        # Own work is submitted by its person, whoever else may record.
        in_scope = reason.owner == user
    is_yours = bool(reason.permission) and in_scope and may(user, reason.permission)
    ways = [one for one in reason.ways if may(user, one.permission) and (in_scope or one.row is None)]
    return ShownReason(reason, _who(reason, holders, user, is_yours=is_yours), is_yours, ways)


def _who(reason: Reason, holders: Sequence[str], user: User, *, is_yours: bool) -> str:
    """Who clears it in words: the reader, the person whose turn it is, or those who hold the right."""
    if not reason.permission:
        return ""
    names = [person_name(reason.owner)] if reason.owner is not None and reason.owner != user else []
    if reason.owner is None or reason.permission != SUBMIT:
        names += [one for one in holders if one not in names and one != person_name(user)]
    named = ", ".join(names[:NAMED])
    if is_yours:
        return _("You can clear it, or %(names)s") % {"names": named} if named else _("You can clear it")
    if named:
        return _("%(names)s can clear it") % {"names": named}
    return _("Nobody holds the right to clear it: ask an administrator")
