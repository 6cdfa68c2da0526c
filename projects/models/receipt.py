"""Receipts: images and PDFs that prove an expense, stored with its entry (A8)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.entry import Entry
from projects.receipt_querysets import ReceiptQuerySet


class Receipt(models.Model):
    """One file of an entry, checked (images encoded again) before it is stored; `content` is never changed.

    In the database and not in a folder: it is backed up and restored with its entry, no address of a web
    server leads to it, and only who may see the entry reads it.
    """

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="receipts", verbose_name=_("entry"))
    name = models.CharField(_("file"), max_length=120)
    content_type = models.CharField(_("kind"), max_length=20)
    content = models.BinaryField(_("content"))
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.PositiveSmallIntegerField(_("pages"), default=1)
    # Looked for when somebody asks whether the same receipt is there twice.
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["entry", "sha256"], name="receipt_once_per_entry")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it small; it was drawn anew before it was kept."""
        return self.content_type.startswith("image/")
