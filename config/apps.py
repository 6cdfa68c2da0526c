"""The roof as a Django app: it carries the commands that need all three storeys, and keeps the guards up."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from projects import guarding


class HouseConfig(AppConfig):
    """Commands and tasks that stand above the three storeys."""

    name = "config"
    verbose_name = "Countinghouse"

    def ready(self) -> None:
        # Django sends these signals for apps with models only, so the ground floor's stands for the house.
        ground_floor = apps.get_app_config("projects")
        pre_migrate.connect(lift_guards, sender=ground_floor, dispatch_uid="guards")
        post_migrate.connect(install_guards, sender=ground_floor, dispatch_uid="guards")
        # The signal goes from app to app in the order of the settings; at the last, all permissions exist.
        last = [app for app in apps.get_app_configs() if app.models_module is not None][-1]
        post_migrate.connect(keep_roles, sender=last, dispatch_uid="roles")
        checks.register(guards_stand, checks.Tags.database)


def lift_guards(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Take the guards of an SQLite database down: it cannot rename a table while triggers name it."""
    if plan and connections[using].vendor == "sqlite":
        guarding.lift(connections[using])


def install_guards(using: str, **kwargs: Any) -> None:
    """Put the guards up: rebuilding a table on SQLite drops its triggers without a word (RELIABILITY D5)."""
    guarding.install(connections[using])


def keep_roles(**kwargs: Any) -> None:
    """Keep the groups in step with the roles of projects.access."""
    from projects.access import grant_roles  # noqa: PLC0415 - models are not loaded when this module is

    grant_roles()


def guards_stand(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Name the guards a database lacks, and the SQLite switches without which they can be bypassed."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        lacking = [guard.name for guard in guarding.missing(connections[alias])]
        if lacking:
            # A warning and no error: migrate runs the checks first, and migrate is the way out.
            message = f"Database {alias!r} lacks guards: {', '.join(lacking)}."
            found.append(checks.Warning(message, hint="Run manage.py migrate.", id="countinghouse.W001"))
        found.extend(
            checks.Error(
                f"Database {alias!r} runs with PRAGMA {pragma} off: its guards can be bypassed.",
                hint="Set it in OPTIONS['init_command'] of config/settings.py.",
                id="countinghouse.E001",
            )
            for pragma in guarding.switched_off(connections[alias])
        )
    return found
