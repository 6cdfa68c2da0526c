"""The enumerations of imported files; values are used in logs, addresses and CSS."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportStatus(models.TextChoices):
    """How far a file of hours has come; until it is imported it has changed nothing."""

    READING = "reading", _("Being read")
    PREVIEW = "preview", _("Preview, nothing saved yet")
    IMPORTING = "importing", _("Being imported")
    IMPORTED = "imported", _("Imported")


class ImportRowState(models.TextChoices):
    """What an import would do about one row of its file."""

    ERROR = "error", _("Error")
    CHANGED = "changed", _("Changed")
    SKIPPED = "left_out", _("Left out")
    NEW = "new", _("New")
    KNOWN = "known", _("Known")


class LeftOut(models.TextChoices):
    """Why a row that can be read is not imported."""

    NONE = "", _("Not left out")
    ZERO = "zero", _("No hours, nothing to record")
    INVOICED = "invoiced", _("Invoiced elsewhere already")
    SUBMITTED = "submitted", _("Changed in the file, but already submitted")
    BY_DECISION = "decision", _("Left out by your decision")


class ImportNameKind(models.TextChoices):
    """What a name in a file stands for; the order is that in which they are created."""

    CUSTOMER = "customer", _("Customer")
    PROJECT = "project", _("Project")
    TASK = "task", _("Task")
    PERSON = "person", _("Person")
    ROLE = "role", _("Role")
    CATEGORY = "category", _("Category")


class NameDecision(models.TextChoices):
    """What is done with a name of a file: use an existing record, create one, or leave its rows out."""

    CREATE = "create", _("Create it")
    USE = "use", _("Use an existing one")
    LEAVE_OUT = "leave_out", _("Leave its rows out")
