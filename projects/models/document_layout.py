"""How a customer reads an invoice: what a row is, which sections there are, the texts around them (C5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.documents.labels import language_of
from core.documents.layouts import Layout
from core.querysets import SharedQuerySet
from projects.layout_states import DocumentRowOrder, DocumentRowsBy, DocumentSectionsBy

MOST_TEXT = 500


class DocumentLayout(models.Model):
    """A layout of proformas and invoices; agreed with a contract, else a customer, else the company's own.

    An invoice keeps the layout it was posted with: what is changed here holds for what is posted afterwards.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    rows = models.CharField(
        _("one row for"),
        max_length=8,
        choices=DocumentRowsBy.choices,
        default=DocumentRowsBy.DETAIL,
        help_text=_("What a row adds up has hours where all is hours, and a rate where one rate holds."),
    )
    sections = models.CharField(
        _("one section for"),
        max_length=8,
        choices=DocumentSectionsBy.choices,
        default=DocumentSectionsBy.LINE,
    )
    row_order = models.CharField(
        _("order of rows"),
        max_length=8,
        choices=DocumentRowOrder.choices,
        default=DocumentRowOrder.DRAFT,
    )
    has_annex = models.BooleanField(
        _("transactions in an annex"),
        default=False,
        help_text=_("Where a row stands for several transactions, they are listed after the invoice."),
    )
    # In the customer's language; documents are written in these three (core/documents/labels.py).
    before_en = models.TextField(_("text before the rows, English"), max_length=MOST_TEXT, blank=True)
    before_de = models.TextField(_("text before the rows, German"), max_length=MOST_TEXT, blank=True)
    before_id = models.TextField(_("text before the rows, Indonesian"), max_length=MOST_TEXT, blank=True)
    after_en = models.TextField(_("text after the rows, English"), max_length=MOST_TEXT, blank=True)
    after_de = models.TextField(_("text after the rows, German"), max_length=MOST_TEXT, blank=True)
    after_id = models.TextField(_("text after the rows, Indonesian"), max_length=MOST_TEXT, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("document layout")
        verbose_name_plural = _("document layouts")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def facts(self) -> Layout:
        """The layout as plain values."""
        return Layout(
            rows=self.rows,  # type: ignore[arg-type]
            sections=self.sections,  # type: ignore[arg-type]
            order=self.row_order,  # type: ignore[arg-type]
            annex=self.has_annex,
        )

    def texts_in(self, tag: str) -> tuple[str, str]:
        """The texts before and after the rows in the language of a tag; empty where nobody wrote them."""
        language = language_of(tag)
        before, after = (str(getattr(self, f"{place}_{language}")) for place in ("before", "after"))
        return before, after
