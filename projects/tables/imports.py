"""Files that were imported."""

from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from core.pages import CountColumn, ListTable, MomentColumn, StateColumn, TextColumn


class ImportTable(ListTable):
    """Newest first."""

    caption, identity = _("Imported files"), "file_name"
    empty = _("Nothing was imported yet.")
    file_name = TextColumn(
        verbose_name=_("File"), slot="title", wide=True, linkify=("import", {"pk": A("pk")}), detail="source"
    )
    legal_entity = TextColumn(accessor="legal_entity__short_name", verbose_name=_("Company"))
    imported_at = MomentColumn(verbose_name=_("Date"), slot="subtitle")
    imported_by = TextColumn(accessor="imported_by__get_full_name", verbose_name=_("By"), orderable=False)
    row_count = CountColumn(verbose_name=_("Rows"))
    created_count = CountColumn(verbose_name=_("New entries"), slot="value")
    known_count = CountColumn(verbose_name=_("Known before"))
    status = StateColumn(verbose_name=_("Status"), slot="status")

    class Meta:
        order_by = ("-imported_at",)
