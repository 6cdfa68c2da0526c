"""Connects the apps; nothing imports it."""

# Loaded with Django, so that a task sent from a page knows its broker.
from config.celery import app as celery_app

__all__ = ["celery_app"]
