"""The choices of a document layout; values are those of core/documents/layouts.py (C5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentRowsBy(models.TextChoices):
    """What a row of a printed document stands for."""

    DETAIL = "detail", _("Every transaction")
    SUMMARY = "summary", _("Role of a contract line")
    PERSON = "person", _("Person")
    TASK = "task", _("Task")
    MONTH = "month", _("Month")


class DocumentSectionsBy(models.TextChoices):
    """What the sections of a printed document are named after."""

    LINE = "line", _("Contract line")
    KIND = "kind", _("Kind of work")
    PERSON = "person", _("Person")
    TASK = "task", _("Task")
    MONTH = "month", _("Month")
    NAMED = "named", _("Names of your own")
    NONE = "none", _("No sections")


class DocumentRowOrder(models.TextChoices):
    """In which order the rows of a section are printed."""

    DRAFT = "draft", _("As in the draft")
    DATE = "date", _("By date")
    NAME = "name", _("By name")
    AMOUNT = "amount", _("Largest amount first")


def section_key(what: str, which: object) -> str:
    """What a named section of a layout is chosen by: `role`, `category` or `kind`, and which one."""
    return f"{what}:{which}"
