"""What the tests of proforma pages do on them: open a form, change it, send it back."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from billing.checks import checks_of
from billing.findings import Check
from billing.models import InvoiceLineDetail, Proforma
from billing.totalling import tax_estimates
from tests.company import details_of


def only_detail(draft: Proforma) -> InvoiceLineDetail:
    return details_of(draft).get()


def form_of(response: Any) -> dict[str, str]:
    """What the form on a page would send back unchanged."""
    form = response.context["form"]
    sent = {}
    for field in form:
        sent[field.html_name] = "" if field.value() is None else str(field.value())
        if field.field.show_hidden_initial:
            # A form that was sent carries on what it was opened with.
            sent[field.html_initial_name] = form.data.get(field.html_initial_name, sent[field.html_name])
    return sent


def edit(client: Client, draft: Proforma, **changes: str) -> Any:
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    return client.post(address, form_of(client.get(address)) | changes)


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def confirm(client: Client, draft: Proforma, **more: Any) -> Any:
    address = reverse("proforma-confirm", args=[draft.number])
    shown = client.get(address)
    token = re.search(r'name="token" value="(\w+)"', shown.content.decode()).group(1)
    seen = {name: form_of(shown)[name] for name in ("expected", "content")}
    return client.post(address, seen | {"token": token} | more)


def checks_now(draft: Proforma) -> list[Check]:
    now = Proforma.objects.select_related("contract", "customer", "legal_entity").get(pk=draft.pk)
    return checks_of([now], tax_estimates([now]))[now.pk]


def codes_of(draft: Proforma) -> list[str]:
    return [check.code for check in checks_now(draft)]


def ticks_on(draft: Proforma) -> list[str]:
    """What the boxes of all warnings on the page of a draft send."""
    return [check.tick for check in checks_now(draft) if not check.is_blocking]
