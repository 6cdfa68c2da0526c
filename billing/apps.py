"""What we ask for: the middle floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Say who may see the rows of this storey, in every process: not only where addresses are loaded."""
        from billing import access  # noqa: F401 - importing it is what says so
