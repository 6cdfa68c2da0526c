"""The core app: it knows no business model, and keeps the guards of the database in place."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import BaseConstraint
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from core import guarding, key_lookups
from core.row_hashes import register_hashes

# Before any model is imported: a constraint without a sentence of its own would show people its name.
BaseConstraint.default_violation_error_message = _(
    "These values contradict each other: check what was entered."
)


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("History and outbox")

    def ready(self) -> None:
        """Register lookups; remove the guards before a migration and install them after it; check them."""
        key_lookups.register()
        pre_migrate.connect(lift_guards, sender=self, dispatch_uid="guards")
        post_migrate.connect(install_guards, sender=self, dispatch_uid="guards")
        connection_created.connect(register_hashes, dispatch_uid="hashes")
        checks.register(check_guards, checks.Tags.database)


def lift_guards(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Remove the guards of an SQLite database: it cannot rename a table while triggers name it."""
    if plan and connections[using].vendor == "sqlite":
        guarding.lift(connections[using])


def install_guards(using: str, **kwargs: Any) -> None:
    """Install the guards: rebuilding a table on SQLite drops its triggers without a word (D5)."""
    guarding.install(connections[using])


def check_guards(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Name the guards a database lacks, and the SQLite switches without which they can be bypassed."""
    problems: list[checks.CheckMessage] = []
    for alias in databases or []:
        lacking = [guard.name for guard in guarding.missing(connections[alias])]
        if lacking:
            # A warning and no error: migrate runs the checks first, and migrate is the way out.
            message = f"Database {alias!r} lacks guards: {', '.join(lacking)}."
            problems.append(checks.Warning(message, hint="Run manage.py migrate.", id="countinghouse.W001"))
        problems.extend(
            checks.Error(
                f"Database {alias!r} runs with PRAGMA {pragma} off: its guards can be bypassed.",
                hint="Set it in OPTIONS['init_command'] of config/settings.py.",
                id="countinghouse.E001",
            )
            for pragma in guarding.switched_off(connections[alias])
        )
    return problems
