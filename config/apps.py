"""The roof as a Django app: it carries the commands that need all three storeys, and keeps the guards up."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy, gettext_noop

from projects import guarding

STOREYS = ("accounting", "billing", "projects")

COLUMN_WORDS = (
    gettext_noop("actor"),
    gettext_noop("answer url"),
    gettext_noop("bills"),
    gettext_noop("category"),
    gettext_noop("closed by"),
    gettext_noop("confirmed by"),
    gettext_noop("content sha256"),
    gettext_noop("created by"),
    gettext_noop("decided by"),
    gettext_noop("detail"),
    gettext_noop("effect key"),
    gettext_noop("import batch"),
    gettext_noop("import id"),
    gettext_noop("import source"),
    gettext_noop("imported by"),
    gettext_noop("invoice"),
    gettext_noop("job"),
    gettext_noop("journal"),
    gettext_noop("key"),
    gettext_noop("line customer"),
    gettext_noop("manager"),
    gettext_noop("original"),
    gettext_noop("payload"),
    gettext_noop("pdf"),
    gettext_noop("posted by"),
    gettext_noop("profile"),
    gettext_noop("proforma"),
    gettext_noop("proposal"),
    gettext_noop("requested by"),
    gettext_noop("reverses"),
    gettext_noop("run"),
    gettext_noop("schedule"),
    gettext_noop("seal"),
    gettext_noop("series"),
    gettext_noop("series number"),
    gettext_noop("source id"),
    gettext_noop("subject id"),
    gettext_noop("subject kind"),
    gettext_noop("submitted by"),
    gettext_noop("token"),
    gettext_noop("used at"),
    gettext_noop("user"),
    gettext_noop("worker"),
)
"""What columns without a name of their own are called, unless a table is called the same."""


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
        translate_columns()


def translate_columns() -> None:
    """Let columns that take their name from the code say it in the reader's language (UX 9)."""
    for storey in STOREYS:
        for model in apps.get_app_config(storey).get_models():
            for column in model._meta.local_fields + model._meta.local_many_to_many:
                # A plain text is a name that Django made; one that we chose waits for the language already.
                if isinstance(column.verbose_name, str):
                    column.verbose_name = gettext_lazy(column.verbose_name)


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
