"""The values of people who are about to be created or changed, from a form or a file (A13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User

from projects.models import Resource, Role


@dataclass(frozen=True)
class NewPerson:
    """Somebody who will sign in: `roles` say what they may do, `billed_as` what their hours are billed as.

    Without a `code` they report no hours. Without a password they are invited by mail to choose one.
    """

    username: str
    first_name: str
    last_name: str
    email: str
    roles: Sequence[str]
    code: str = ""
    billed_as: Role | None = None
    password: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the name they sign in with."""
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def __str__(self) -> str:
        return self.username


@dataclass(frozen=True)
class KnownPerson:
    """A user who exists, and what a file changes about them.

    `values` are first name, last name and mail address where they differ; `roles` is None where they stay.
    `resource` is None where they record no hours yet; a `code` then creates one.
    """

    user: User
    values: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[str] | None = None
    gets_access: bool = False
    entity_name: str = ""
    resource: Resource | None = None
    code: str = ""
    billed_as: Role | None = None
    changes_role: bool = False

    @property
    def name(self) -> str:
        """First and last name as they will be, or the name they sign in with."""
        first = self.values.get("first_name", self.user.first_name)
        last = self.values.get("last_name", self.user.last_name)
        return f"{first} {last}".strip() or self.user.username

    def __str__(self) -> str:
        return self.user.username
