"""The plan of a file of people: new ones, and changes of existing ones (A13, S3, X8)."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.access import people_changeable_by
from projects.models import LegalEntity, Resource, Role
from projects.new_person import KnownPerson, NewPerson
from projects.plan_rows import PlannedChange, RecordPlan, Values, once, one_of
from projects.record_files import FileLine, Table
from projects.roles import ROLES

NAME_HEADS = {"first_name": "first name", "last_name": "last name", "email": "mail"}


def plan_people(entity: LegalEntity, table: Table, user: User) -> RecordPlan:
    """People by username; only those are changed whom the user may change on the pages."""
    names = {line.text("username").lower() for line in table.lines}
    known = _known(names)
    mine = set(people_changeable_by(user).values_list("pk", flat=True))
    members = set(entity.memberships.values_list("user", flat=True))
    billed = {one.name.lower(): one for one in Role.objects.filter(is_closed=False)}
    plan, seen = RecordPlan(), set[str]()
    for line in table.lines:
        username = line.text("username")
        once(line, "username", username.lower(), seen)
        roles = _roles(line)
        role = one_of(line, "billed as", billed, fold=True)
        old = known.get(username.lower())
        if old is None:
            plan.new.append(_new_person(line, roles, role))
            continue
        change = _change(line, old, entity, roles, role, is_member=old.pk in members)
        if not change.values:
            plan.unchanged += 1
        elif old == user:
            line.fail("username", _("Nobody changes their own roles or account."))
        elif old.pk in mine:
            plan.changed.append(change)
        else:
            plan.others.append(username)
    return plan


def _known(names: set[str]) -> dict[str, User]:
    by_name = {name.lower(): key for key, name in User.objects.values_list("pk", "username")}
    keys = [key for name, key in by_name.items() if name in names]
    users = User.objects.filter(pk__in=keys).select_related("resource__role").prefetch_related("groups")
    return {one.username.lower(): one for one in users}


def _roles(line: FileLine) -> list[str]:
    may = {name.lower(): name for name in ROLES}
    held = [one.strip() for one in line.text("roles").split(",") if one.strip()]
    for one in held:
        if one.lower() not in may:
            said = _("There is no role “%(role)s”. The roles are %(roles)s; several are separated by commas.")
            line.fail("roles", said % {"role": one, "roles": ", ".join(ROLES)})
    return [may.get(one.lower(), one) for one in held]


def _new_person(line: FileLine, roles: Sequence[str], role: Role | None) -> NewPerson:
    texts = {name: line.text(head) for name, head in NAME_HEADS.items()}
    username, code = line.text("username"), line.text("code")
    return NewPerson(username=username, roles=roles, code=code, billed_as=role, **texts)


def _change(
    line: FileLine,
    old: User,
    entity: LegalEntity,
    roles: Sequence[str],
    role: Role | None,
    *,
    is_member: bool,
) -> PlannedChange:
    """What a row of the file would change about an existing person."""
    resource: Resource | None = getattr(old, "resource", None)
    code = line.text("code")
    if resource is not None and code and resource.code != code:
        line.fail(
            "code",
            _("The code is %(code)s and cannot be changed.") % {"code": resource.code},
        )
    texts = {name: line.text(head) for name, head in NAME_HEADS.items()}
    held = sorted(group.name for group in old.groups.all())
    known = KnownPerson(
        old,
        {name: text for name, text in texts.items() if getattr(old, name) != text},
        roles=roles if held != sorted(roles) else None,
        gets_access=not is_member,
        entity_name=entity.name,
        resource=resource,
        code="" if resource is not None else code,
        billed_as=role,
        changes_role=resource is not None and line.has("billed as") and resource.role != role,
    )
    return _shown_change(known, held)


def _shown_change(known: KnownPerson, held: Sequence[str]) -> PlannedChange:
    """The changes of a person who has these roles, with the values before."""
    values: Values = dict(known.values)
    before: Values = {name: getattr(known.user, name) for name in values}
    if known.roles is not None:
        values["roles"], before["roles"] = _words(known.roles), _words(held)
    if known.gets_access:
        values["access"], before["access"] = known.entity_name, ""
    if known.code:
        values["code"], before["code"] = known.code, ""
    if known.changes_role or (known.code and known.billed_as is not None):
        values["billed_as"] = known.billed_as
        before["billed_as"] = known.resource.role if known.resource is not None else None
    return PlannedChange(known, values, before)


def _words(roles: Sequence[str]) -> str:
    return ", ".join(_(role) for role in sorted(roles))
