"""When a company reminds at which level, for what fee and in which words; else the defaults (C11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.models import Reminder, ReminderItem, ReminderLevel
from core.documents.labels import language_of
from core.money import ZERO
from core.templatetags.display import NOTHING, day

LAST = 3
DEFAULT_DAYS = {1: 7, 2: 21, 3: 35}
"""Days after the due date at each level, where a company has set up nothing."""


@dataclass(frozen=True)
class LevelTerms:
    """One level of one company; the fee is in the company's currency, texts are by language."""

    days: int
    fee: Decimal = ZERO
    texts: Mapping[str, str] = field(default_factory=dict)

    def text_in(self, language: str) -> str:
        """The company's own words for a customer of this language; empty where it has none."""
        return self.texts.get(language_of(language), "")


def levels_of(entities: Iterable[int]) -> dict[int, dict[int, LevelTerms]]:
    """The three levels of each legal entity, by its key: two statements for any number."""
    terms = {key: {level: LevelTerms(days) for level, days in DEFAULT_DAYS.items()} for key in entities}
    rows = ReminderLevel.objects.filter(legal_entity__in=terms).prefetch_related("texts")
    for row in rows.order_by("pk"):
        texts = {language_of(one.language): one.text for one in row.texts.all()}
        terms[row.legal_entity_id][row.level] = LevelTerms(row.days, row.fee, texts)
    return terms


def last_reminders(invoices: Iterable[int]) -> dict[int, ReminderItem]:
    """The latest reminder of each invoice by its key, with level and day: one statement."""
    rows = ReminderItem.objects.filter(invoice__in=list(invoices)).select_related("reminder")
    # The last one stays: in the order in which they were sent.
    return {row.invoice_id: row for row in rows.order_by("pk")}


def last_reminders_to(customers: Iterable[int]) -> dict[tuple[int, str], Reminder]:
    """The latest reminder to each customer in each currency: one statement."""
    rows = Reminder.objects.filter(customer__in=list(customers)).defer("snapshot").order_by("pk")
    return {(row.customer_id, row.currency): row for row in rows}


def reminded_words(reminder: ReminderItem | Reminder | None) -> str:
    """Level and day of the latest reminder; a dash without one."""
    if reminder is None:
        return NOTHING
    sent_on = reminder.reminder.date if isinstance(reminder, ReminderItem) else reminder.date
    words = {"level": reminder.get_level_display(), "day": day(sent_on)}
    return _("%(level)s, %(day)s") % words
