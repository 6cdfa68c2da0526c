"""The rules of the approval policy, each as a sentence."""

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import ListTable, MomentColumn, TextColumn, Tick
from core.people import person_name
from core.templatetags.display import badge
from projects.models import ApprovalRule


def _rule_address(record: Any) -> str | None:
    """Where a rule is changed; rules of the whole company are not changed by managers of projects."""
    return reverse("change-approval-rule", args=[record.pk]) if record.is_editable else None


class RuleTable(ListTable):
    """Rules of the company first, then those of its projects."""

    caption, identity = gettext_lazy("Rules of the approval policy"), "sentence"
    empty = gettext_lazy("No rules: every entry waits for its approver.")
    sentence = TextColumn(
        verbose_name=gettext_lazy("Rule"), wide=True, slot="title", orderable=False, linkify=_rule_address
    )
    scope = TextColumn(
        accessor="legal_entity__short_name",
        order_by=("legal_entity__short_name", "project__number"),
        verbose_name=gettext_lazy("Holds for"),
        slot="subtitle",
    )
    author = TextColumn(verbose_name=gettext_lazy("Written by"), orderable=False)
    written_at = MomentColumn(verbose_name=gettext_lazy("Written"))
    is_active = TextColumn(verbose_name=gettext_lazy("State"), slot="status")

    class Meta:
        order_by = ("scope",)

    def render_scope(self, value: str, record: ApprovalRule) -> str:
        """The project, or the whole company."""
        if record.project is None:
            return _("%(company)s, all projects") % {"company": value}
        return str(record.project)

    def render_author(self, value: Any) -> str:
        """The name of the person."""
        return person_name(value)

    def render_is_active(self, record: ApprovalRule) -> SafeString:
        """Whether it holds today."""
        return badge("active") if record.is_active else badge("switched_off")

    def tick(self, record: ApprovalRule) -> Tick:
        """The rule itself."""
        return Tick(record.sentence)
