"""Who stands in for whom."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import DayColumn, ListTable, TextColumn, Tick
from core.people import person_name
from core.templatetags.display import badge
from projects.models import ApprovalDelegation


class StandInTable(ListTable):
    """Latest first."""

    caption, identity = gettext_lazy("Who stands in for whom"), "stand_in"
    empty = gettext_lazy("Nobody stands in for you, and you stand in for nobody.")
    stand_in = TextColumn(verbose_name=gettext_lazy("Stand-in"), slot="title", order_by="stand_in__last_name")
    delegator = TextColumn(
        verbose_name=gettext_lazy("Decides for"), slot="subtitle", order_by="delegator__last_name"
    )
    starts_on = DayColumn(verbose_name=gettext_lazy("From"), slot="value")
    ends_on = DayColumn(verbose_name=gettext_lazy("To, included"), slot="line")
    is_withdrawn = TextColumn(verbose_name=gettext_lazy("State"), slot="status")

    class Meta:
        order_by = ("-starts_on",)

    def render_stand_in(self, value: Any) -> str:
        """The name of the person."""
        return person_name(value)

    def render_delegator(self, value: Any) -> str:
        """The name of the approver."""
        return person_name(value)

    def render_is_withdrawn(self, record: ApprovalDelegation) -> SafeString:
        """Whether it was taken back."""
        return badge("withdrawn") if record.is_withdrawn else badge("active")

    def tick(self, record: ApprovalDelegation) -> Tick:
        """Who for whom."""
        names = {"stand_in": person_name(record.stand_in), "approver": person_name(record.delegator)}
        return Tick(_("%(stand_in)s for %(approver)s") % names)
