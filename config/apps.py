"""The wiring as a Django app: it carries the command that starts everything."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Countinghouse"
