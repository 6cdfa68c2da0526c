"""In whose name the clock acts: an account that nobody signs in with (decision 10)."""

from django.contrib.auth.models import User
from django.utils.translation import gettext_noop

USERNAME = "the-clock"
NAME = gettext_noop("Automation")


def clock_user() -> User:
    """The account that signs what runs by the clock do; made once, without a password and not active.

    Runs within the caller's transaction or none; two that make it at once get the same one.
    """
    names = {"first_name": NAME, "is_active": False, "password": "!"}
    return User.objects.get_or_create(username=USERNAME, defaults=names)[0]
