"""What the tables of printed documents have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PrintedDocument(models.Model):
    """A document as it was first rendered: its bytes and their hash."""

    pdf = models.BinaryField(_("pdf"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rendered_at = models.DateTimeField(_("printed at"))

    class Meta:
        abstract = True
