"""What became of mails that the outbox sends: they wait, were handed over, or did not leave, and why (O1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import OutboxEntry
from core.refusals import Text
from core.states import OutboxStatus

WORDS = {
    OutboxStatus.PENDING: gettext_lazy("waits to leave"),
    OutboxStatus.SENDING: gettext_lazy("is being sent"),
    OutboxStatus.IN_DOUBT: gettext_lazy("has perhaps left: the administrator decides"),
    OutboxStatus.DONE: gettext_lazy("handed to the mail server"),
    OutboxStatus.PARKED: gettext_lazy("did not leave: the administrator can try again"),
}


@dataclass(frozen=True)
class MailState:
    """The state of one mail; `reason` is what the server of the mails said, empty where it said nothing."""

    status: OutboxStatus
    reason: str
    entry: int

    @property
    def word(self) -> Text:
        return WORDS[self.status]

    @property
    def sentence(self) -> str:
        """The state with the reason where it did not leave so far."""
        if not self.reason or self.status == OutboxStatus.DONE:
            return str(self.word)
        return _("%(state)s (%(reason)s)") % {"state": self.word, "reason": self.reason}


def mail_states(kind: str, keys: Iterable[int]) -> dict[int, MailState]:
    """What became of the mails of a kind, by the key of what was sent; one statement."""
    wanted = {f"{kind}:{key}": key for key in keys}
    rows = OutboxEntry.objects.filter(effect_key__in=wanted)
    return {
        wanted[entry.effect_key]: MailState(OutboxStatus(entry.status), entry.last_error, entry.pk)
        for entry in rows
    }
