"""What admin pages of master data share: they save through the verbs, close, open again and delete."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_kit import AdminAction, ReadOnlyAdmin, delete_unused_action, signed_in_user
from core.refusals import Text
from core.templatetags.display import number
from projects.maintaining import add_records, change_record, close_records, reopen_records


class RecordAdmin(ReadOnlyAdmin):
    """A page over master data: what is typed goes through the verb, which judges and logs it."""

    adds = changes = True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes: a new row as it is, of an old one what was changed."""
        user, now = signed_in_user(request), timezone.now()
        if not change:
            add_records([obj], actor=user, at=now)
            return
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if values:
            # Read again, because `obj` holds the new values already.
            rows = self.model._default_manager.filter(pk=obj.pk)
            change_record(rows, values, actor=user, at=now)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verb has logged it; Django's own log is kept beside it."""
        return super(ReadOnlyAdmin, self).log_addition(request, obj, message)

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""


class CloseAction(AdminAction):
    """Close rows: nothing new is recorded on them; at once, because opening them takes it back."""

    name, label = "close", _("Close")

    def is_available(self, obj: Any) -> bool:
        return not obj.is_closed

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        return close_records(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s closed.", "%(count)s closed.", result) % {"count": number(result)}


class ReopenAction(AdminAction):
    """Open closed rows again."""

    name, label = "reopen", _("Reopen")

    def is_available(self, obj: Any) -> bool:
        return bool(obj.is_closed)

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        return reopen_records(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s reopened.", "%(count)s reopened.", result) % {"count": number(result)}


def actions_of(model: type[Model], instead: Text) -> tuple[type[AdminAction], ...]:
    """Close, reopen and delete, for those who may change or delete rows of a model."""
    change = f"{model._meta.app_label}.change_{model._meta.model_name}"
    own = {"permission": change, "__module__": __name__}
    return (
        type(f"Close{model.__name__}", (CloseAction,), own),
        type(f"Reopen{model.__name__}", (ReopenAction,), own),
        delete_unused_action(model, instead),
    )
