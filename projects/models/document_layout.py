"""How a customer reads an invoice: what a row is, which sections there are, the texts around them (C5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.documents.labels import language_of
from core.documents.layouts import Layout
from core.querysets import SharedQuerySet
from projects.layout_states import DocumentRowOrder, DocumentRowsBy, DocumentSectionsBy, section_key
from projects.models.project import Role, TransactionCategory
from projects.states import TransactionClass

MOST_TEXT = 500
MOST_HEADING = 80


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

    def facts_in(self, tag: str) -> Layout:
        """The layout as plain values, with the headings of its sections in the language of a tag."""
        named = self.named_sections.all() if self.sections == DocumentSectionsBy.NAMED else ()
        return Layout(
            rows=self.rows,  # type: ignore[arg-type]
            sections=self.sections,  # type: ignore[arg-type]
            order=self.row_order,  # type: ignore[arg-type]
            annex=self.has_annex,
            named=tuple((one.heading_in(tag), one.key) for one in named),
        )

    def texts_in(self, tag: str) -> tuple[str, str]:
        """The texts before and after the rows in the language of a tag; empty where nobody wrote them."""
        language = language_of(tag)
        before, after = (str(getattr(self, f"{place}_{language}")) for place in ("before", "after"))
        return before, after


class DocumentSectionName(models.Model):
    """What stands below one heading of a layout: a role, a category, or all of a class.

    Rows with the same heading are one section. A transaction stands below the first row that it fits.
    """

    layout = models.ForeignKey(
        DocumentLayout, models.CASCADE, related_name="named_sections", verbose_name=_("document layout")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    heading_en = models.CharField(_("heading, English"), max_length=MOST_HEADING, blank=True)
    heading_de = models.CharField(_("heading, German"), max_length=MOST_HEADING, blank=True)
    heading_id = models.CharField(_("heading, Indonesian"), max_length=MOST_HEADING, blank=True)
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("role")
    )
    category = models.ForeignKey(
        TransactionCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    transaction_class = models.CharField(
        _("class"), max_length=10, choices=TransactionClass.choices, blank=True
    )

    class Meta:
        verbose_name = _("named section")
        verbose_name_plural = _("named sections")
        ordering = ["layout", "position"]
        constraints = [
            models.UniqueConstraint(fields=["layout", "position"], name="section_name_once_per_position"),
            models.CheckConstraint(
                condition=~models.Q(heading_en="", heading_de="", heading_id=""),
                name="section_has_a_heading",
                violation_error_message=_("A section has a heading in at least one language."),
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(role__isnull=False, category__isnull=True, transaction_class="")
                    | models.Q(role__isnull=True, category__isnull=False, transaction_class="")
                    | (models.Q(role__isnull=True, category__isnull=True) & ~models.Q(transaction_class=""))
                ),
                name="section_is_chosen_by_one_thing",
                violation_error_message=_("Choose a role, a category or a class for a section: just one."),
            ),
        ]

    def __str__(self) -> str:
        return self.heading_en or self.heading_de or self.heading_id

    @property
    def key(self) -> str:
        """What a transaction has that stands below it."""
        if self.role_id is not None:
            return section_key("role", self.role_id)
        if self.category_id is not None:
            return section_key("category", self.category_id)
        return section_key("kind", self.transaction_class)

    def heading_in(self, tag: str) -> str:
        """The heading in the language of a tag, else in the one it was written in."""
        return str(getattr(self, f"heading_{language_of(tag)}")) or str(self)
