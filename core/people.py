"""How people are named on pages, in messages and in files."""

from typing import Any


def person_name(user: Any) -> str:
    """First and last name, or the user name of who has none; empty where there is nobody."""
    return str(user.get_full_name() or user.get_username()) if user is not None else ""
