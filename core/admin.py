"""The admin of what every app writes: the activity log, and the outbox of effects that follow a commit."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from core.admin_kit import AdminAction, Cell, PeopleFilter, ReadOnlyAdmin, columns, waiting_rows
from core.models import Activity, OutboxEntry
from core.outbox import settle_doubt, try_again
from core.querysets import OutboxQuerySet
from core.states import OutboxStatus
from core.templatetags import display

IN_DOUBT = ngettext_lazy("%(count)s mail perhaps sent", "%(count)s mails perhaps sent", "count")
PARKED = ngettext_lazy("%(count)s outbox entry parked", "%(count)s outbox entries parked", "count")


def model_name(label: str) -> str:
    """What a model is called, by its label such as `billing.proforma`."""
    return str(apps.get_model(label)._meta.verbose_name)


class VerbFilter(AllValuesFieldListFilter):
    """Filter by what was done, each verb in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The same choices, with the words of the pages."""
        for choice in super().choices(changelist):
            yield {**choice, "display": display.action_label(str(choice["display"]))}


class SubjectFilter(AllValuesFieldListFilter):
    """Filter by what it was done to, each kind of object by the name of its model."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The same choices with names instead of labels; the choice of all of them stays as it is."""
        for choice in super().choices(changelist):
            label = str(choice["display"])
            yield {**choice, "display": model_name(label) if "." in label else label}


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    """Who did what and when: read by controllers and administrators."""

    list_display = (
        columns.moment("happened_at", _("at")),
        "actor",
        "action",
        "subject_name",
        "subject",
        "before",
        "after",
    )
    list_filter = (
        ("verb", VerbFilter),
        ("subject_kind", SubjectFilter),
        ("actor", PeopleFilter),
    )
    list_select_related = ("actor",)
    search_fields = ("subject_name",)
    date_hierarchy = "happened_at"
    fields = (
        "happened_at",
        "actor",
        "action",
        "subject",
        "subject_id",
        "subject_name",
        "before",
        "after",
        "facts",
    )

    @admin.display(description=_("what"), ordering="verb")
    def action(self, row: Activity) -> str:
        return display.action_label(row.verb)

    @admin.display(description=_("subject kind"), ordering="subject_kind")
    def subject(self, row: Activity) -> str:
        return model_name(row.subject_kind)

    @admin.display(description=_("before"), ordering="from_state")
    def before(self, row: Activity) -> str:
        return display.word(row.from_state)

    @admin.display(description=_("after"), ordering="to_state")
    def after(self, row: Activity) -> str:
        return display.word(row.to_state)


class TryAgain(AdminAction):
    name, label = "try-again", _("Try again")
    permission = "core.change_outboxentry"

    def is_available(self, obj: OutboxEntry) -> bool:
        """Only a parked entry waits for a person."""
        return obj.status == OutboxStatus.PARKED

    def run(self, targets: OutboxQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb."""
        return try_again(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many the sweeper takes up again."""
        return ngettext(
            "%(count)s entry will be tried again.", "%(count)s entries will be tried again.", result
        ) % {"count": result}


class SettleDoubt(AdminAction):
    """Whether a mail that was perhaps sent has left; a subclass says which."""

    permission = "core.change_outboxentry"
    has_left: ClassVar[bool]

    def is_available(self, obj: OutboxEntry) -> bool:
        """Only of a mail that was perhaps sent."""
        return obj.status == OutboxStatus.IN_DOUBT

    def run(self, targets: OutboxQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        """Call the verb."""
        return settle_doubt(targets, has_left=self.has_left, actor=actor, at=at)


class TakeAsSent(SettleDoubt):
    name, label, has_left = "take-as-sent", _("Take as sent"), True

    def get_success_message(self, result: int) -> str:
        """How many are done."""
        return ngettext("%(count)s mail is taken as sent.", "%(count)s mails are taken as sent.", result) % {
            "count": result
        }


class SendAgain(SettleDoubt):
    name, label, has_left = "send-again", _("Send again"), False

    def get_success_message(self, result: int) -> str:
        """How many leave with the next sweep."""
        return ngettext(
            "%(count)s mail will be sent again.", "%(count)s mails will be sent again.", result
        ) % {"count": result}


@admin.register(OutboxEntry)
class OutboxAdmin(ReadOnlyAdmin):
    """What the sweeper has to do, has done, or has given up."""

    list_display = (
        "effect_key",
        "kind",
        columns.state(_("status")),
        "attempts",
        columns.moment("created_at", _("created at")),
        columns.moment("done_at", _("done at")),
        "last_error",
    )
    list_filter = ("status", "kind")
    search_fields = ("effect_key",)
    fields = ("effect_key", "kind", "payload", "status", "attempts", "last_error", "created_at", "done_at")
    action_classes: ClassVar = (TryAgain, TakeAsSent, SendAgain)

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """What the sweeper has given up, and mails of which nobody knows whether they left."""
        parked = self.get_queryset(request).filter(status=OutboxStatus.PARKED)
        yield waiting_rows(parked, PARKED, status__exact="parked")
        in_doubt = self.get_queryset(request).filter(status=OutboxStatus.IN_DOUBT)
        yield waiting_rows(in_doubt, IN_DOUBT, status__exact="in_doubt")
