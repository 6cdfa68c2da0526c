"""Delete what nobody used, as an action of an admin page; one for each model that allows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_kit.actions import ActionPreview, AdminAction
from core.admin_kit.panels import changelist_url
from core.deleting import delete_unused, sentence_of, uses_of
from core.refusals import Refusal, Text


class DeleteUnused(AdminAction):
    """Shows first what names each row; a row that is used stays."""

    name, label, confirms = "delete-unused", _("Delete"), True
    model: type[Model]
    instead: Text = ""

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        return delete_unused(targets, actor=actor, at=at, way_out=self.instead)

    def preview(self, request: Any, targets: Any, cleaned_data: Mapping[str, Any]) -> ActionPreview:
        """What is left out because something names it, and by what."""
        rows = list(targets)
        used = uses_of(rows)
        free = [row.pk for row in rows if not used[row.pk]]
        return ActionPreview(
            targets.filter(pk__in=free),
            str(sorted(free)),
            ngettext(
                "%(count)s unused row is deleted permanently.",
                "%(count)s unused rows are deleted permanently.",
                len(free),
            )
            % {"count": len(free)},
            refusals=[
                Refusal("in-use", sentence_of(used[row.pk]), str(row), self.instead)
                for row in rows
                if used[row.pk]
            ],
            submit_label=self.label,
            is_possible=bool(free),
        )

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s deleted.", "%(count)s deleted.", result) % {"count": result}

    def get_success_url(self, result: Any, cancel_url: str) -> str:
        """The list: what was deleted has no page any more."""
        return changelist_url(self.model)


def delete_unused_action(model: type[Model], instead: Text = "") -> type[DeleteUnused]:
    """The action for one model, with its permission; `instead` says what to do with a row that is used."""
    permission = f"{model._meta.app_label}.delete_{model._meta.model_name}"
    columns = {"model": model, "permission": permission, "instead": instead, "__module__": __name__}
    return type(f"Delete{model.__name__}", (DeleteUnused,), columns)
