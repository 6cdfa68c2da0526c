"""Who works at the demo company, what each may do, and how each signs in."""

from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from projects.models import LegalEntity, LegalEntityMembership, Resource, Role
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER

PASSWORD = "lighthouse-keeper-31"  # noqa: S105 - a demo answers on this machine only, and production refuses it

People = dict[str, User]
"""The demo's users by login."""


@dataclass(frozen=True)
class Person:
    """One login; `role` is what the person's hours are billed as, empty for those who report none."""

    login: str
    name: str
    group: str
    role: str
    tries: str


STAFF = (
    Person(
        "katrin",
        "Katrin Moser",
        PROJECT_MANAGER,
        "Project lead",
        "approve, mark ready, draft, confirm",
    ),
    Person("jonas", "Jonas Weber", PROJECT_MANAGER, "Project lead", "the same, for the other projects"),
    Person("hanna", "Hanna Brandt", PROJECT_ACCOUNTANT, "", "post journals and invoices, run the batch"),
    Person("felix", "Felix Arndt", FINANCE_CONTROLLER, "", "close a month, taxes, accounts, profiles"),
    Person("ada", "Ada Lindqvist", ADMINISTRATOR, "", "users, roles, team members"),
    Person("mia", "Mia Otte", TEAM_MEMBER, "Consultant", "submit hours"),
    Person("chiara", "Chiara Conti", TEAM_MEMBER, "Senior consultant", "submit hours"),
    Person("aulia", "Aulia Rahman", TEAM_MEMBER, "Architect", "submit hours"),
    Person("tom", "Tom Halloran", TEAM_MEMBER, "Developer", "submit hours"),
)
ENTERS_ADMIN = {PROJECT_ACCOUNTANT, FINANCE_CONTROLLER, ADMINISTRATOR}


def hire(entity: LegalEntity) -> People:
    """Make users with groups and memberships, and a resource of everyone who reports hours; by login."""
    password = make_password(PASSWORD)
    people = {}
    for person in STAFF:
        first, last = person.name.split()
        user = User.objects.create(
            username=person.login,
            first_name=first,
            last_name=last,
            email=f"{person.login}@nordkai.example",
            password=password,
            is_staff=person.group in ENTERS_ADMIN,
        )
        user.groups.add(Group.objects.get(name=person.group))
        LegalEntityMembership.objects.create(user=user, legal_entity=entity)
        if person.role:
            Resource.objects.create(
                legal_entity=entity,
                code=person.login,
                name=person.name,
                user=user,
                role=Role.objects.get(name=person.role),
            )
        people[person.login] = user
    return people


def write_logins(path: Path) -> None:
    """Write the table of logins that `up` prints, readable by its owner alone."""
    rows = [("login", "password", "who", "role", "what to try")]
    rows += [(one.login, PASSWORD, one.name, one.group, one.tries) for one in STAFF]
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")
