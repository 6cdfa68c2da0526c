"""What was agreed and done, as a Django app."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Agreements and work")

    def ready(self) -> None:
        """Keep the groups in step with the roles after every migrate, and the clock at sign-in."""
        user_logged_in.connect(keep_zone, dispatch_uid="zone")
        # The signal goes from app to app in the order of the settings; at the last, all permissions exist.
        last = [app for app in apps.get_app_configs() if app.models_module is not None][-1]
        post_migrate.connect(keep_roles, sender=last, dispatch_uid="roles")


def keep_roles(**kwargs: Any) -> None:
    """Keep the groups in step with the roles of projects.roles."""
    from projects.roles import grant_roles  # models are not loaded when this module is

    grant_roles()


def keep_zone(**kwargs: Any) -> None:
    """Keep the time zone of the company in the session of whoever signs in."""
    from projects.views.page_defaults import keep_zone_at_sign_in  # models are not loaded when this module is

    keep_zone_at_sign_in(**kwargs)
