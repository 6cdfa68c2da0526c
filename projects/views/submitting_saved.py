"""Save first, then submit: what is saved stays saved where submitting is refused, and the page says so."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from core.pages import PageMixin
from core.refusals import Refused
from projects.querysets import EntryQuerySet
from projects.submitting import submit_entries


class SubmitSaved(PageMixin):
    """A page whose form has two buttons: one saves, the other submits as well."""

    def submit_saved(self, entries: EntryQuerySet) -> bool:
        """Submit what was saved, where that was asked for; returns whether it is submitted.

        Two steps in two transactions: hours that cannot be submitted yet are not lost for that.
        """
        if "submit" not in self.request.POST:
            return False
        try:
            submit_entries(entries, actor=self.user, at=timezone.now())
        except Refused as refused:
            self._say(self.request, refused)
            return False
        return True

    def _say(self, request: HttpRequest, refused: Refused) -> None:
        reasons = " ".join(str(refusal) for refusal in refused.refusals)
        sentence = gettext("It is saved as a draft and not submitted: %(reasons)s") % {"reasons": reasons}
        messages.error(request, sentence)
