"""The word net: on every page it is the net of the document, what is kept back included (B12).

A tenth of 1,600.00 is kept back: 1,440.00, which is stored, stands on no page as a net. To pay are
1,600.00 and 320.00 of tax, less 160.00: 1,760.00.
"""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from billing.models import Proforma
from projects.models import BacklogItem, Entry, ProjectContract
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.company.batch import Batch
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db
STORED = "1,440.00"


@pytest.fixture
def at(company):
    ProjectContract.objects.filter(pk=company.contract.pk).update(
        retention_percent=Decimal(10), retention_months=0
    )
    company.approved(8)
    return company


@pytest.fixture
def reader(at):
    """Who manages the contract and reads the invoices."""
    user = at.admit(at.manager, PROJECT_MANAGER, PROJECT_ACCOUNTANT)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["trace_entry", "view_customer"]))
    return signed_in(user)


def text_of(answer):
    """What a page says, without tags and with single spaces."""
    assert answer.status_code in (200, 422), answer.status_code
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split()).replace("\xa0", " ")


def says_net(text, *, times=1):
    """Whether a page says the net of the document as often as that, and what is stored nowhere."""
    return (text.count("1,600.00") >= times, STORED in text) == (True, False)


def test_pages_of_a_draft_say_the_net_of_its_document(at, reader):
    draft = at.draft()
    assert (draft.net_amount, draft.net, draft.gross_amount) == (1440, 1600, 1760)
    for address in (
        reverse("overview"),
        reverse("contract", args=[at.contract.number]) + "?show=invoices",
        reverse("customer", args=[at.customer.pk]),
        reverse("proforma-delete", args=[draft.number]),
        reverse("trace-entry", args=[Entry.objects.get().pk]),
        reverse("drafted") + f"?at={NOW.isoformat().replace('+', '%2B')}",
    ):
        assert says_net(text_of(reader.get(address))), address
    many = reader.post(reverse("proformas-delete"), {"row": [draft.pk]})
    assert "Delete 1 draft, €1,600.00 net" in text_of(many)

    figure = reader.get(reverse("overview")).context["kpis"][2]
    assert (str(figure["label"]), figure["amounts"]) == ("Drafts to confirm", [(1600, "EUR")])
    shown = reader.get(reverse("contract", args=[at.contract.number]) + "?show=invoices")
    assert [(one.currency, one.count, one.amount) for one in shown.context["totals"]] == [("EUR", 1, 1600)]
    page = reader.get(reverse("customer", args=[at.customer.pk])).context
    assert page["kpis"][3]["amounts"] == [(sum(one.net for one in page["drafts"]), "EUR")] == [(1600, "EUR")]
    assert [one.drafted for one in page["contracts"]] == [1600]


def test_a_choice_of_drafts_names_the_net_of_each(at, reader):
    draft = at.draft()
    at.approved(1, date=date(2026, 3, 3))
    at.ready()
    row = BacklogItem.objects.filter(contract=at.contract).off_draft().get()
    asked = text_of(reader.post(reverse("backlog-add"), {"row": [row.pk]}))
    assert f"Add to {draft.number}: €1,600.00 net so far" in asked


def test_previews_name_the_net_that_the_document_will_have(at, reader):
    at.ready()
    rows = list(BacklogItem.objects.filter(contract=at.contract).values_list("pk", flat=True))
    asked = reader.post(reverse("backlog-draft"), {"row": rows, "invoice_date": CUT_OFF.isoformat()})
    assert says_net(text_of(asked), times=2)
    (preview,) = [one.preview for one in asked.context["placements"]]
    assert (preview.amount, preview.retained, preview.net) == (1440, 160, 1600)
    many = reader.post(reverse("contracts-draft"), {"row": [at.contract.pk], "date": CUT_OFF.isoformat()})
    assert says_net(text_of(many), times=2)


def test_a_run_names_the_net_of_what_it_made_and_will_make(at, reader):
    at.ready()
    batch = Batch(at)
    batch.schedule(at.line, period="monthly", day_of_month=1)
    ahead = reader.get(reverse("run-request"), {"job": batch.job.pk, "business_date": "2026-10-01"})
    assert says_net(text_of(ahead), times=2)
    run = batch.by_hand(date(2026, 10, 1))
    shown = reader.get(reverse("run", args=[run.pk]))
    assert "€1,600.00 net" in text_of(shown)
    assert says_net(text_of(shown), times=2)


def test_pages_of_what_is_confirmed_and_posted_say_it_as_well(at, reader):
    (confirmed,) = at.confirm(at.draft())
    page = text_of(reader.get(reverse("proforma-correct", args=[confirmed.number])))
    assert "Confirmed with €1,600.00 net" in page
    figure = reader.get(reverse("overview")).context["kpis"][3]
    assert (str(figure["label"]), figure["amounts"]) == ("Confirmed, not yet posted", [(1600, "EUR")])
    listed = reader.get(figure["url"])
    assert [(one.amount, one.net) for one in listed.context["totals"]] == [(1760, 1600)]
    assert "Filter total €1,760.00 to pay, €1,600.00 net" in text_of(listed)

    (invoice,) = at.invoices()
    assert (invoice.net_amount, invoice.net, invoice.gross_amount) == (1440, 1600, 1760)
    for address in (
        reverse("customer", args=[at.customer.pk]),
        reverse("contract", args=[at.contract.number]) + "?show=invoices",
        reverse("trace-entry", args=[Entry.objects.get().pk]),
    ):
        assert says_net(text_of(reader.get(address))), address
    page = text_of(reader.get(reverse("proforma-correct", args=[confirmed.number])))
    assert f"Posted as {invoice.number} on 31 Mar 2026, €1,600.00 net" in page
    page = reader.get(reverse("customer", args=[at.customer.pk])).context
    assert [one.billed for one in page["contracts"]] == [1600]
    assert [one.net for one in page["invoices"]] == [1600]


def test_lists_of_nets_ask_no_more_for_many_proformas(at, reader):
    addresses = [
        reverse("contract", args=[at.contract.number]) + "?show=invoices",
        reverse("customer", args=[at.customer.pk]),
        reverse("overview"),
    ]
    at.draft()
    few = [statements(lambda one=one: reader.get(one)) for one in addresses]
    for nth in range(3):
        at.approved(2, date=date(2026, 3, 3 + nth))
        at.draft()
    assert Proforma.objects.count() == 4
    assert [statements(lambda one=one: reader.get(one)) for one in addresses] == few
