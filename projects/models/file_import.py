"""A file of hours that is being imported: its bytes, rows and names as they were read, its result (X8)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import AmountField, QuantityField, StateField
from projects.import_querysets import (
    ImportBatchQuerySet,
    ImportNameQuerySet,
    ImportRowQuerySet,
    OfBatchQuerySet,
)
from projects.import_states import ImportNameKind, ImportRowState, ImportStatus, LeftOut, NameDecision
from projects.models.party import LegalEntity
from projects.models.project import Role
from projects.querysets import OfEntityQuerySet
from projects.states import WhyUncovered

SILENCE = timedelta(seconds=60)
"""An import without progress for this long has lost its worker; the next one takes it over."""


class ImportMapping(models.Model):
    """A saved mapping: which column is which field in files of one layout (X8)."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="import_mappings", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=60)
    columns = models.JSONField(_("columns"), default=dict)
    hours = models.CharField(_("hours written as"), max_length=8, blank=True)
    dates = models.CharField(_("dates written as"), max_length=12, blank=True)
    makes_master_data = models.BooleanField(
        _("may create what does not exist"),
        default=True,
        help_text=_("Projects, customers, people and tasks; each is shown before anything is saved."),
    )
    is_total = models.BooleanField(
        _("a row is a total"),
        default=False,
        help_text=_("A row is the sum of several days: no daily maximum applies to its hours."),
    )
    is_history = models.BooleanField(
        _("the file is history"),
        default=False,
        help_text=_(
            "Its dates may lie further back than an entry by hand may, where a fiscal period exists."
        ),
    )
    shortens_descriptions = models.BooleanField(
        _("long descriptions are shortened"),
        default=False,
        help_text=_("To 500 characters, and counted in the preview. Otherwise such rows are errors."),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("import mapping")
        verbose_name_plural = _("import mappings")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "name"], name="import_mapping_once_per_entity")
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One file: read into rows that change nothing, looked at, then imported whole or not at all (X8)."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="import_batches", verbose_name=_("legal entity")
    )
    source = models.CharField(_("source"), max_length=80, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64)
    file_size = models.PositiveIntegerField(_("bytes"), default=0)
    status = StateField(
        _("status"), default=ImportStatus.IMPORTED, choices=ImportStatus.choices, protected=True
    )
    # What the person chose about the layout, and what the file showed: how it was read.
    chosen = models.JSONField(_("chosen"), default=dict)
    shown = models.JSONField(_("as it was read"), default=dict)
    default_role = models.ForeignKey(
        Role,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("role of people who have none"),
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    read_count = models.PositiveIntegerField(_("rows read"), default=0)
    created_count = models.PositiveIntegerField(_("new entries"), default=0)
    known_count = models.PositiveIntegerField(_("already known"), default=0)
    updated_count = models.PositiveIntegerField(_("updated drafts"), default=0)
    left_out_count = models.PositiveIntegerField(_("left out"), default=0)
    is_history = models.BooleanField(
        _("history"),
        default=False,
        help_text=_("Its rows may be dated further back than entries usually are."),
    )
    is_total = models.BooleanField(
        _("a row is a total"),
        default=False,
        help_text=_("A row is the sum of several days: no daily maximum applies to it."),
    )
    first_day = models.DateField(_("first date"), null=True, blank=True)
    last_day = models.DateField(_("last date"), null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    imported_at = models.DateTimeField(_("imported at"))
    alive_at = models.DateTimeField(_("last progress"), null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-imported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.imported_at:%Y-%m-%d %H:%M}"

    def is_in_hand(self, now: datetime) -> bool:
        """Whether another worker made progress within the last minute."""
        return self.alive_at is not None and self.alive_at > now - SILENCE

    @transition(status, source=[ImportStatus.READING, ImportStatus.PREVIEW], target=ImportStatus.READING)
    def read_again(self) -> None:
        """Its rows are read again, with other choices."""

    @transition(status, source=ImportStatus.READING, target=ImportStatus.PREVIEW)
    def show(self) -> None:
        """What would happen stands on its page."""

    @transition(status, source=ImportStatus.PREVIEW, target=ImportStatus.IMPORTING)
    def start(self) -> None:
        """Somebody decided; a worker will do it."""

    @transition(status, source=ImportStatus.IMPORTING, target=ImportStatus.PREVIEW)
    def give_back(self) -> None:
        """It was refused: nothing was saved, and somebody decides again."""

    @transition(status, source=[ImportStatus.PREVIEW, ImportStatus.IMPORTING], target=ImportStatus.IMPORTED)
    def finish(self) -> None:
        """Its rows are entries."""


class ImportFilePart(models.Model):
    """A piece of an uploaded file, kept until it is imported, so that web and worker read the same bytes."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="parts", verbose_name=_("import"))
    is_dates = models.BooleanField(_("of the file of dates"), default=False)
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("content"))

    objects = OfBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a file")
        verbose_name_plural = _("parts of files")
        ordering = ["is_dates", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "is_dates", "number"], name="file_part_once_per_import")
        ]

    def __str__(self) -> str:
        return f"{self.batch} · {self.number}"


class ImportName(models.Model):
    """A customer, project, task, person, role or category that a file names, and the record it stands for."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="names", verbose_name=_("import"))
    kind = models.CharField(_("kind"), max_length=10, choices=ImportNameKind.choices)
    text = models.CharField(_("name"), max_length=80)
    detail = models.CharField(_("number or address"), max_length=254, blank=True)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("of")
    )
    decision = models.CharField(
        _("decision"), max_length=10, choices=NameDecision.choices, default=NameDecision.CREATE
    )
    # The primary key of the customer, project and so on; which table it is, the kind says.
    target_id = models.BigIntegerField(_("existing record"), null=True, blank=True)

    objects = ImportNameQuerySet.as_manager()

    class Meta:
        verbose_name = _("name in a file")
        verbose_name_plural = _("names in files")
        ordering = ["kind", "text", "pk"]

    def __str__(self) -> str:
        return self.text


def _name_in_file(verbose_name: Any) -> "models.ForeignKey[ImportName | None, ImportName | None]":
    """A name that a row mentions; without index and check, because many rows are written at once."""
    return models.ForeignKey(
        ImportName,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=verbose_name,
    )


class ImportRow(models.Model):
    """A row of a file as it was read, and what an import would do about it."""

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rows", db_index=False, verbose_name=_("import")
    )
    number = models.PositiveIntegerField(_("row"))
    state = models.CharField(_("state"), max_length=8, choices=ImportRowState.choices)
    reason = models.CharField(_("why left out"), max_length=10, choices=LeftOut.choices, blank=True)
    day = models.DateField(_("date"), null=True, blank=True)
    project = _name_in_file(_("project"))
    task = _name_in_file(_("task"))
    person = _name_in_file(_("person"))
    role = _name_in_file(_("role"))
    category = _name_in_file(_("category"))
    quantity = QuantityField(_("quantity"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("seconds"), null=True, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    is_shortened = models.BooleanField(_("description shortened"), default=False)
    is_chargeable = models.BooleanField(_("chargeable"), default=True)
    amount = AmountField(_("amount by the price lists"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    uncovered = models.CharField(
        _("why no contract covers it"), max_length=12, choices=WhyUncovered.choices, blank=True
    )
    import_id = models.CharField(_("import id"), max_length=60, blank=True)
    content = models.CharField(_("content"), max_length=32, blank=True)
    entry = models.ForeignKey(
        "projects.Entry", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entry")
    )
    errors = models.JSONField(_("errors"), default=list)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a file")
        verbose_name_plural = _("rows of files")
        ordering = ["number"]
        indexes = [models.Index(fields=["batch", "state", "number"], name="import_row_state")]

    def __str__(self) -> str:
        return f"{self.batch} · {self.number}"
