"""Create people: a user with roles, the legal entities they see, and the team member they are (A13)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.activity_log import Changes, as_text, log_activity
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity, LegalEntityMembership, Resource
from projects.new_person import KnownPerson, NewPerson
from projects.people_checks import (
    own_row,
    reasons_against_admission,
    reasons_against_known,
    taken_names,
    wrong_roles,
)
from projects.roles import ROLES, staff_columns, sync_staff_flag

INVITATION = "person-invited"
"""The kind of outbox row that becomes a mail with a link to choose a password."""


def admit_people(
    legal_entity: LegalEntity, people: Sequence[NewPerson], *, actor: User, at: datetime
) -> list[User]:
    """Create users with roles and access to a legal entity, and a team member for each who reports hours.

    Who has no password is written to with a link to choose one; the mail leaves after the commit. Statements
    do not depend on how many they are. Takes no locks. Raises Refused: username-taken, email-missing,
    unknown-role, roles-clash, already-exists, role-closed (A13, S3).
    """
    with transaction.atomic(durable=True):
        refuse_if(reasons_against_admission(legal_entity, people))

        return _admit(legal_entity, people, actor, at)


def import_people(
    legal_entity: LegalEntity,
    people: Sequence[NewPerson],
    known: Sequence[KnownPerson],
    *,
    actor: User,
    at: datetime,
) -> int:
    """Create the new people of a file and change existing ones, all or nothing; returns how many.

    The number of statements does not depend on them. Locks the existing users. Raises Refused: own-row and
    those of `admit_people` (A13, S3, X8).
    """
    with transaction.atomic(durable=True):
        users = list(
            User.objects.filter(pk__in=[one.user.pk for one in known])
            .order_by("pk")
            .select_for_update(of=("self",))
            .prefetch_related("groups")
        )
        refuse_if(
            [
                *own_row(users, actor),
                *reasons_against_admission(legal_entity, people),
                *reasons_against_known(legal_entity, known),
            ]
        )

        _admit(legal_entity, people, actor, at)
        by_key = {one.user.pk: one for one in known}
        _change_users(users, by_key, actor, at)
        _open_entity(legal_entity, [user for user in users if by_key[user.pk].gets_access])
        _change_resources(legal_entity, known, actor, at)
    return len(people) + len(known)


def change_people(
    people: QuerySet[User], values: Mapping[str, str], roles: Sequence[str], *, actor: User, at: datetime
) -> int:
    """Change names, mail address and roles of people; returns how many.

    Nobody changes their own row: roles are given by somebody else. Locks the users. Raises Refused: own-row,
    unknown-role, roles-clash, username-taken (A13, S3).
    """
    with transaction.atomic(durable=True):
        chosen = list(people.order_by("pk").select_for_update(of=("self",)).prefetch_related("groups"))
        taken = taken_names([values.get("username", "")], but=chosen)
        refuse_if([*own_row(chosen, actor), *wrong_roles(values.get("username", ""), roles), *taken])

        groups = list(Group.objects.filter(name__in=roles))
        changes: dict[int, Changes] = {user.pk: _changes_of(user, values, roles) for user in chosen}
        for user in chosen:
            for name, value in values.items():
                setattr(user, name, value)
            user.save(update_fields=sorted(values))
            user.groups.set(groups)
            sync_staff_flag(user)
        changed = [user for user in chosen if changes[user.pk]]
        log_activity("changed", changed, actor=actor, at=at, changes=changes)
    return len(changed)


def close_accounts(people: QuerySet[User], *, actor: User, at: datetime) -> int:
    """Close the accounts of people, who can no longer sign in; what they did stays. Returns how many.

    Locks the users. Raises Refused: own-row (A13).
    """
    return _set_active(people, False, "closed", actor, at)


def reopen_accounts(people: QuerySet[User], *, actor: User, at: datetime) -> int:
    """Let people sign in again; returns how many. Locks the users. Raises Refused: own-row (A13)."""
    return _set_active(people, True, "reopened", actor, at)


def invite_again(people: QuerySet[User], *, actor: User, at: datetime) -> int:
    """Write once more to people who never signed in; returns how many.

    Locks the users. Raises Refused: has-signed-in (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(people.order_by("pk").select_for_update(of=("self",)))
        refuse_if(
            Refusal("has-signed-in", _("This person has signed in already."), str(one))
            for one in chosen
            if one.last_login is not None
        )
        # The moment makes it another effect, so that the first mail does not stand for the second one.
        log_activity("invited", chosen, actor=actor, at=at)
        enqueue(INVITATION, [one.pk for one in chosen], at=at, again=f"@{at.isoformat()}")
    return len(chosen)


def _set_active(people: QuerySet[User], active: bool, verb: str, actor: User, at: datetime) -> int:
    with transaction.atomic(durable=True):
        chosen = list(people.order_by("pk").select_for_update(of=("self",)))
        refuse_if(own_row(chosen, actor))
        User.objects.filter(pk__in=[one.pk for one in chosen]).update(is_active=active)
        log_activity(verb, chosen, actor=actor, at=at)
    return len(chosen)


def _admit(legal_entity: LegalEntity, people: Sequence[NewPerson], actor: User, at: datetime) -> list[User]:
    users = [_user_of(one, at) for one in people]
    User.objects.bulk_create(users)
    _give_roles(users, [one.roles for one in people])
    _open_entity(legal_entity, users)
    resources = [_resource_of(legal_entity, one, user) for one, user in _workers(people, users)]
    Resource.objects.bulk_create(resources)
    log_activity("added", [*users, *resources], actor=actor, at=at)
    invited = [user.pk for user, one in zip(users, people, strict=True) if not one.password]
    enqueue(INVITATION, invited, at=at)
    return users


def _open_entity(legal_entity: LegalEntity, users: Iterable[User]) -> None:
    LegalEntityMembership.objects.bulk_create(
        LegalEntityMembership(user=user, legal_entity=legal_entity) for user in users
    )


def _change_users(users: Sequence[User], known: Mapping[int, KnownPerson], actor: User, at: datetime) -> None:
    """Names, addresses and roles of locked users, where the file says otherwise."""
    changes: dict[int, Changes] = {}
    with_roles: list[User] = []
    for user in users:
        said = known[user.pk]
        roles = said.roles if said.roles is not None else [group.name for group in user.groups.all()]
        changes[user.pk] = _changes_of(user, said.values, roles)
        if said.gets_access:
            changes[user.pk]["access"] = ["", said.entity_name]
        for name, value in {**said.values, **staff_columns(roles)}.items():
            setattr(user, name, value)
        if "roles" in changes[user.pk]:
            with_roles.append(user)
    User.objects.bulk_update(users, ["first_name", "last_name", "email", "is_staff"])
    User.groups.through.objects.filter(user__in=with_roles, group__name__in=ROLES).delete()
    _give_roles(with_roles, [known[user.pk].roles or [] for user in with_roles])
    log_activity("changed", users, actor=actor, at=at, changes=changes, facts={"by": "file"})


def _change_resources(
    legal_entity: LegalEntity, known: Sequence[KnownPerson], actor: User, at: datetime
) -> None:
    """What the hours of people are billed as; who reports none yet and gets a code becomes a resource."""
    new = [
        Resource(
            legal_entity=legal_entity,
            code=one.code,
            name=one.name[:80],
            user=one.user,
            role=one.billed_as,
        )
        for one in known
        if one.code and one.resource is None
    ]
    Resource.objects.bulk_create(new)
    log_activity("added", new, actor=actor, at=at, facts={"by": "file"})
    changes: dict[int, Changes] = {}
    changed: list[Resource] = []
    for one in known:
        if one.resource is not None and one.changes_role:
            changes[one.resource.pk] = {"role": [as_text(one.resource.role), as_text(one.billed_as)]}
            one.resource.role = one.billed_as
            changed.append(one.resource)
    Resource.objects.bulk_update(changed, ["role"])
    log_activity("changed", changed, actor=actor, at=at, changes=changes, facts={"by": "file"})


def _user_of(person: NewPerson, at: datetime) -> User:
    return User(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        # None becomes a password that nobody can type, until the link in the mail is followed.
        password=make_password(person.password or None),
        **staff_columns(person.roles),
        date_joined=at,
    )


def _give_roles(users: Sequence[User], roles: Sequence[Sequence[str]]) -> None:
    groups = {group.name: group for group in Group.objects.filter(name__in=ROLES)}
    through = User.groups.through
    through.objects.bulk_create(
        through(user=user, group=groups[role])
        for user, held in zip(users, roles, strict=True)
        for role in dict.fromkeys(held)
    )


def _workers(people: Iterable[NewPerson], users: Iterable[User]) -> Iterator[tuple[NewPerson, User]]:
    for person, user in zip(people, users, strict=True):
        if person.code:
            yield person, user


def _resource_of(legal_entity: LegalEntity, person: NewPerson, user: User) -> Resource:
    return Resource(
        legal_entity=legal_entity, code=person.code, name=person.name[:80], user=user, role=person.billed_as
    )


def _changes_of(user: User, values: Mapping[str, str], roles: Sequence[str]) -> Changes:
    changes = {name: [getattr(user, name), new] for name, new in values.items() if getattr(user, name) != new}
    held = sorted(group.name for group in user.groups.all())
    if held != sorted(roles):
        changes["roles"] = [", ".join(held), ", ".join(sorted(roles))]
    return changes
