"""What the pages about one draft share: who may open them, and the way to them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from billing.views.proforma import DRAFT, ProformaMixin


class OfDraft(ProformaMixin):
    """An action on one draft, with the way to it."""

    permission = DRAFT

    def get_crumbs(self) -> list[tuple[Any, str]]:
        """The way from the list over the draft to a page about it."""
        return [
            (gettext_lazy("Proforma invoices"), reverse("proformas")),
            (self.object.number, self.cancel_url),
            (self.title, ""),
        ]
