"""What happened: actuals, the activity log, and work that a commit left to do."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter, RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from core.admin_kit import Cell, Shown, VerbAction, Window, waits
from core.models import Activity, OutboxEntry
from core.outbox import try_again
from core.states import OutboxStatus
from core.templatetags import display
from projects.models import Actual
from projects.states import TransactionType

PARKED = ngettext_lazy("%(count)s piece of work parked", "%(count)s pieces of work parked", "count")


@admin.register(Actual)
class ActualWindow(Window):
    """Facts: looked at, never changed."""

    list_display = (
        "id",
        Shown.day("work_item__transaction_date", _("date")),
        Shown.text("work_item__project", _("project"), "work_item__project__number"),
        Shown.text("work_item__resource", _("team member"), "work_item__resource__name"),
        "type",
        "billing_type",
        Shown.figure("quantity", _("quantity"), unit="work_item__unit"),
        Shown.amount("amount", _("amount"), currency="its_currency"),
        "outcome",
    )
    list_filter = ("type", "billing_type", ("work_item__project", RelatedOnlyFieldListFilter))
    list_select_related = ("work_item__project", "work_item__resource")
    date_hierarchy = "accounting_date"
    fields = (
        "work_item",
        "event",
        "type",
        "billing_type",
        "quantity",
        "price",
        "amount",
        "accounting_date",
        "reverses",
        "bills",
        "outcome",
    )

    currencies: ClassVar = {"amount": "its_currency"}

    def enrich(self, request: HttpRequest, rows: Any) -> None:
        """Cost rows are in the currency of the cost."""
        for row in rows:
            item = row.work_item
            row.its_currency = item.cost_currency if row.type == TransactionType.COST else item.currency

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The same for one row."""
        thing = super().get_object(request, *args, **kwargs)
        self.enrich(request, [thing] if thing else [])
        return thing


def kind_word(label: str) -> str:
    """What a model is called, by its label."""
    return str(apps.get_model(label)._meta.verbose_name)


class InWords(AllValuesFieldListFilter):
    """Filter by what the log holds as code, offered in words."""

    def choices(self, changelist: Any) -> Iterable[dict[str, Any]]:
        """The same choices; what all of them together are called stays."""
        for choice in super().choices(changelist):
            said = str(choice["display"])
            yield choice | {"display": kind_word(said) if "." in said else display.action_label(said)}


@admin.register(Activity)
class ActivityWindow(Window):
    """Who did what and when: read by controllers and administrators."""

    list_display = (
        Shown.moment("happened_at", _("at")),
        "actor",
        "deed",
        "subject_name",
        "subject",
        "before",
        "after",
    )
    list_filter = (
        ("verb", InWords),
        ("subject_kind", InWords),
        ("actor", RelatedOnlyFieldListFilter),
    )
    list_select_related = ("actor",)
    search_fields = ("subject_name",)
    date_hierarchy = "happened_at"
    fields = (
        "happened_at",
        "actor",
        "deed",
        "subject",
        "subject_id",
        "subject_name",
        "before",
        "after",
        "facts",
    )

    @admin.display(description=_("what"), ordering="verb")
    def deed(self, row: Activity) -> str:
        return display.action_label(row.verb)

    @admin.display(description=_("subject kind"), ordering="subject_kind")
    def subject(self, row: Activity) -> str:
        return kind_word(row.subject_kind)

    @admin.display(description=_("before"), ordering="from_state")
    def before(self, row: Activity) -> str:
        return display.word(row.from_state)

    @admin.display(description=_("after"), ordering="to_state")
    def after(self, row: Activity) -> str:
        return display.word(row.to_state)


class TryAgain(VerbAction):
    name, label = "try-again", _("Try again")
    permission = "core.change_outboxentry"

    def offered_on(self, thing: Any) -> bool:
        """What is parked waits for a person."""
        return thing.status == OutboxStatus.PARKED

    def act(self, targets: Any, *, actor: Any, at: Any, said: dict[str, Any]) -> int:
        """Call the verb."""
        return try_again(targets, actor=actor, at=at)

    def sentence(self, result: int) -> str:
        """How many wait for the sweeper again."""
        return ngettext(
            "%(count)s entry will be tried again.", "%(count)s entries will be tried again.", result
        ) % {"count": result}


@admin.register(OutboxEntry)
class OutboxWindow(Window):
    """What the sweeper has to do, has done, or has given up."""

    list_display = (
        "effect_key",
        "kind",
        Shown.state(_("status")),
        "attempts",
        Shown.moment("created_at", _("created at")),
        Shown.moment("done_at", _("done at")),
        "last_error",
    )
    list_filter = ("status", "kind")
    search_fields = ("effect_key",)
    fields = ("effect_key", "kind", "payload", "status", "attempts", "last_error", "created_at", "done_at")
    tools: ClassVar = (TryAgain,)

    def waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """What the sweeper has given up."""
        parked = self.get_queryset(request).filter(status=OutboxStatus.PARKED)
        yield waits(parked, PARKED, status__exact="parked")
