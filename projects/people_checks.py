"""Refusals for creating and changing people; the number of statements does not depend on them (A13, S3)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.contrib.auth.models import User
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core.refusals import Refusal
from projects.models import LegalEntity, Role
from projects.new_person import KnownPerson, NewPerson
from projects.roles import ROLES, clashing_roles


def reasons_against_admission(legal_entity: LegalEntity, people: Sequence[NewPerson]) -> Iterator[Refusal]:
    """Refusals for new people of a legal entity.

    Codes: username-taken, email-missing, unknown-role, roles-clash, already-exists, role-closed.
    """
    yield from taken_names([one.username for one in people])
    yield from taken_codes(legal_entity, [(one.username, one.code) for one in people])
    for person in people:
        yield from wrong_roles(person.username, person.roles)
        if not person.email and not person.password:
            message = _("A person without a mail address cannot be invited.")
            yield Refusal(
                "email-missing", message, person.username, _("Enter the mail address, or a first password.")
            )
        yield from closed_role(person.username, person.billed_as)


def reasons_against_known(legal_entity: LegalEntity, people: Sequence[KnownPerson]) -> Iterator[Refusal]:
    """Refusals for changes of existing people: unknown-role, roles-clash, already-exists, role-closed."""
    new = [(one.user.username, one.code) for one in people if one.resource is None]
    yield from taken_codes(legal_entity, new)
    for one in people:
        if one.roles is not None:
            yield from wrong_roles(one.user.username, one.roles)
        if one.changes_role:
            yield from closed_role(one.user.username, one.billed_as)


def taken_names(usernames: Sequence[str], but: Sequence[User] = ()) -> Iterator[Refusal]:
    """Usernames that exist already, or that are given twice."""
    # Names that differ in capitals alone would be mistaken for one another by those who sign in.
    wanted = Counter(name.lower() for name in usernames if name)
    others = User.objects.exclude(pk__in=[one.pk for one in but]).annotate(lower=Lower("username"))
    taken = set(others.filter(lower__in=list(wanted)).values_list("lower", flat=True))
    for name in usernames:
        if name and (name.lower() in taken or wanted[name.lower()] > 1):
            message = _("Another person signs in with this name.")
            yield Refusal("username-taken", message, name, _("Choose another name."))


def taken_codes(legal_entity: LegalEntity, wanted: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
    """Codes, each with its username, that another resource has, or that are given twice."""
    codes = Counter(code for _username, code in wanted if code)
    taken = set(legal_entity.resources.filter(code__in=list(codes)).values_list("code", flat=True))
    for username, code in wanted:
        if code and (code in taken or codes[code] > 1):
            message = _("Another team member has the code %(code)s.") % {"code": code}
            yield Refusal("already-exists", message, username, _("Choose another code."))


def wrong_roles(username: str, roles: Sequence[str]) -> Iterator[Refusal]:
    """Roles that do not exist, or that one person must not hold together (S3)."""
    for role in set(roles) - set(ROLES):
        names = ", ".join(ROLES)
        message = _("There is no role %(role)s.") % {"role": role}
        yield Refusal("unknown-role", message, username, _("Choose from: %(names)s.") % {"names": names})
    clash = clashing_roles(set(roles))
    if clash:
        names = ", ".join(sorted(str(_(name)) for name in clash))
        message = _("One person must not hold these roles together: %(roles)s.") % {"roles": names}
        yield Refusal("roles-clash", message, username, _("Give them to two different people."))


def closed_role(username: str, role: Role | None) -> Iterator[Refusal]:
    """A billing role that is no longer offered."""
    if role is not None and role.is_closed:
        message = _("The role %(role)s is closed.") % {"role": role}
        yield Refusal("role-closed", message, username, _("Choose another role."))


def own_row(people: Iterable[User], actor: User) -> Iterator[Refusal]:
    """Nobody changes themselves."""
    if actor.pk in {one.pk for one in people}:
        message = _("Nobody changes their own roles or account.")
        yield Refusal("own-row", message, str(actor), _("Ask another administrator."))
