"""Somebody who is about to be admitted; read by forms and files, and by the verb that admits people (A13)."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.models import Role


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
