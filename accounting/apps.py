"""What the books say: the upper floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountingConfig(AppConfig):
    name = "accounting"
    verbose_name = _("Accounting")

    def ready(self) -> None:
        """Say who may see the rows of this storey, in every process: not only where addresses are loaded."""
        from accounting import access  # noqa: F401 - importing it is what says so
