"""The wiring as a Django app: it carries the command that starts everything."""

from django.apps import AppConfig

from config.garbage_collection import spare_living_objects
from config.ways_out import WAYS_OUT
from core.refusal_pages import lead


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Countinghouse"

    def ready(self) -> None:
        """Called once in each process, when all models are loaded."""
        spare_living_objects()
        lead(WAYS_OUT)
