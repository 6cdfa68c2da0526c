"""Mappings of one's own."""

from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from core.pages import ListTable, TextColumn
from projects.models import ImportMapping


class YesColumn(TextColumn):
    """Whether something holds, as a word."""

    def render(self, value: bool, record: ImportMapping) -> str:
        """Yes or no."""
        return str(_("Yes") if value else _("No"))


class ImportMappingTable(ListTable):
    """By name."""

    caption, identity = _("Import mappings"), "name"
    empty = _("No mappings yet: import a file whose layout is not recognised, and choose “New mapping”.")
    name = TextColumn(
        verbose_name=_("Name"), slot="title", wide=True, linkify=("change-import-mapping", {"pk": A("pk")})
    )
    legal_entity = TextColumn(accessor="legal_entity__short_name", verbose_name=_("Company"), slot="subtitle")
    is_total = YesColumn(verbose_name=_("A row is a total"), slot="value")
    is_history = YesColumn(verbose_name=_("History"), slot="status")
    shortens_descriptions = YesColumn(verbose_name=_("Long descriptions are shortened"))

    class Meta:
        order_by = ("name",)
