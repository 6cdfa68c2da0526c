"""Price lists as a table."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from core.pages import CountColumn, DayColumn, ListTable, TextColumn
from core.templatetags.display import badge
from projects.models import PriceList
from projects.states import PriceListState


class PriceListTable(ListTable):
    """What holds, for what, and until when."""

    caption, identity = _("Price lists and their days"), "name"
    empty = _("No price lists yet.")
    name = TextColumn(
        verbose_name=_("Name"),
        slot="title",
        detail="contract",
        linkify=("price-list", {"pk": A("pk")}),
        wide=True,
    )
    context = TextColumn(
        accessor="get_context_display", verbose_name=_("Kind"), order_by="context", slot="subtitle"
    )
    currency = TextColumn(verbose_name=_("Currency"), slot="value")
    legal_entity = TextColumn(accessor="legal_entity__short_name", verbose_name=_("Legal entity"))
    starts_on = DayColumn(verbose_name=_("Valid from"))
    ends_on = DayColumn(verbose_name=_("Valid to"))
    role_count = CountColumn(verbose_name=_("Role prices"))
    other_count = CountColumn(verbose_name=_("Other prices"))
    state = TextColumn(verbose_name=_("State"), slot="status")

    class Meta:
        order_by = ("name",)

    def render_state(self, record: PriceList, value: str) -> SafeString:
        """Whether it holds today."""
        return badge(value, "", PriceListState(value).label)
