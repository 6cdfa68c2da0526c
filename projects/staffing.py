"""Create people: a user with roles, the legal entities they see, and the team member they are (A13)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core.activity_log import Changes, log_activity
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity, LegalEntityMembership, Resource
from projects.new_person import NewPerson
from projects.roles import ROLES, clashing_roles, staff_columns, sync_staff_flag

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
        refuse_if(_reasons_against(legal_entity, people))

        users = [_user_of(one, at) for one in people]
        User.objects.bulk_create(users)
        groups = {group.name: group for group in Group.objects.filter(name__in=ROLES)}
        _give_roles(users, people, groups)
        LegalEntityMembership.objects.bulk_create(
            LegalEntityMembership(user=user, legal_entity=legal_entity) for user in users
        )
        resources = [_resource_of(legal_entity, one, user) for one, user in _workers(people, users)]
        Resource.objects.bulk_create(resources)
        log_activity("added", [*users, *resources], actor=actor, at=at)
        invited = [user.pk for user, one in zip(users, people, strict=True) if not one.password]
        enqueue(INVITATION, invited, at=at)
    return users


def change_people(
    people: QuerySet[User], values: Mapping[str, str], roles: Sequence[str], *, actor: User, at: datetime
) -> int:
    """Change names, mail address and roles of people; returns how many.

    Nobody changes their own row: roles are given by somebody else. Locks the users. Raises Refused: own-row,
    unknown-role, roles-clash, username-taken (A13, S3).
    """
    with transaction.atomic(durable=True):
        chosen = list(people.order_by("pk").select_for_update(of=("self",)).prefetch_related("groups"))
        taken = _taken_names([values.get("username", "")], but=chosen)
        refuse_if([*_own_row(chosen, actor), *_wrong_roles(values.get("username", ""), roles), *taken])

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
        refuse_if(_own_row(chosen, actor))
        User.objects.filter(pk__in=[one.pk for one in chosen]).update(is_active=active)
        log_activity(verb, chosen, actor=actor, at=at)
    return len(chosen)


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


def _give_roles(users: Sequence[User], people: Sequence[NewPerson], groups: Mapping[str, Group]) -> None:
    through = User.groups.through
    through.objects.bulk_create(
        through(user=user, group=groups[role])
        for user, person in zip(users, people, strict=True)
        for role in dict.fromkeys(person.roles)
    )


def _workers(people: Iterable[NewPerson], users: Iterable[User]) -> Iterator[tuple[NewPerson, User]]:
    for person, user in zip(people, users, strict=True):
        if person.code:
            yield person, user


def _resource_of(legal_entity: LegalEntity, person: NewPerson, user: User) -> Resource:
    return Resource(
        legal_entity=legal_entity, code=person.code, name=person.name[:80], user=user, role=person.billed_as
    )


def _reasons_against(legal_entity: LegalEntity, people: Sequence[NewPerson]) -> Iterator[Refusal]:
    yield from _taken_names([one.username for one in people])
    codes = Counter(one.code for one in people if one.code)
    taken = set(legal_entity.resources.filter(code__in=list(codes)).values_list("code", flat=True))
    for person in people:
        yield from _wrong_roles(person.username, person.roles)
        if not person.email and not person.password:
            message = _("A person without a mail address cannot be invited.")
            yield Refusal(
                "email-missing", message, person.username, _("Enter the mail address, or a first password.")
            )
        if person.code and (person.code in taken or codes[person.code] > 1):
            message = _("Another team member has the code %(code)s.") % {"code": person.code}
            yield Refusal("already-exists", message, person.username, _("Choose another code."))
        if person.billed_as is not None and person.billed_as.is_closed:
            message = _("The role %(role)s is closed.") % {"role": person.billed_as}
            yield Refusal("role-closed", message, person.username, _("Choose another role."))


def _taken_names(usernames: Sequence[str], but: Sequence[User] = ()) -> Iterator[Refusal]:
    # Names that differ in capitals alone would be mistaken for one another by those who sign in.
    wanted = Counter(name.lower() for name in usernames if name)
    others = User.objects.exclude(pk__in=[one.pk for one in but]).annotate(lower=Lower("username"))
    taken = set(others.filter(lower__in=list(wanted)).values_list("lower", flat=True))
    for name in usernames:
        if name and (name.lower() in taken or wanted[name.lower()] > 1):
            message = _("Another person signs in with this name.")
            yield Refusal("username-taken", message, name, _("Choose another name."))


def _wrong_roles(username: str, roles: Sequence[str]) -> Iterator[Refusal]:
    for role in set(roles) - set(ROLES):
        names = ", ".join(ROLES)
        message = _("There is no role %(role)s.") % {"role": role}
        yield Refusal("unknown-role", message, username, _("Choose from: %(names)s.") % {"names": names})
    clash = clashing_roles(set(roles))
    if clash:
        names = ", ".join(sorted(str(_(name)) for name in clash))
        message = _("One person must not hold these roles together: %(roles)s.") % {"roles": names}
        yield Refusal("roles-clash", message, username, _("Give them to two different people."))


def _own_row(people: Iterable[User], actor: User) -> Iterator[Refusal]:
    if actor.pk in {one.pk for one in people}:
        message = _("Nobody changes their own roles or account.")
        yield Refusal("own-row", message, str(actor), _("Ask another administrator."))


def _changes_of(user: User, values: Mapping[str, str], roles: Sequence[str]) -> Changes:
    changes = {name: [getattr(user, name), new] for name, new in values.items() if getattr(user, name) != new}
    held = sorted(group.name for group in user.groups.all())
    if held != sorted(roles):
        changes["roles"] = [", ".join(held), ", ".join(sorted(roles))]
    return changes
