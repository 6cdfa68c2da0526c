"""The roof as a Django app: it carries the commands that need all three storeys."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Commands and tasks that stand above the three storeys."""

    name = "config"
    verbose_name = "Countinghouse"
