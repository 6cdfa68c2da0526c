"""Advances by page: the list with its tabs, planned, scheduled, applied, reduced, refunded; roles (B3)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.snapshots import invoice_facts
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.proforma_facts import facts_of
from billing.states import RetainerUse
from billing.totalling import tax_estimates
from tests.company import Company
from tests.company.retainers import applied_on, fresh, invoiced, planned, position, ready, to_be_refunded

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    company.is_managed_by(company.manager)
    return company


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def payer(at):
    return f"{at.contract.pk}-{at.customer.pk}"


def test_the_list_says_what_is_invoiced_used_on_drafts_and_available(at, manager):
    invoiced(at, "1000", name="Start-up advance")
    planned(at, "500", name="Second advance")
    at.approved(2)
    at.draft()
    page = text_of(manager.get(reverse("advances")))
    assert "Start-up advance" in page
    assert "Second advance" in page
    # 400 of 1,000 are on the draft of two hours.
    assert "€600.00" in page
    assert page.count('<span class="count">1</span>') >= 2
    only = text_of(manager.get(reverse("advances") + "?kind=scheduled"))
    assert "Start-up advance" not in only
    assert "Second advance" in only
    left = text_of(manager.get(reverse("advances") + "?kind=left"))
    assert "Start-up advance" in left
    assert "Second advance" not in left


def test_an_advance_is_added_edited_marked_and_deleted(at, manager):
    add = reverse("advance-add")
    assert at.contract.number in text_of(manager.get(add + f"?contract={at.contract.number}"))
    values = {"payer": payer(at), "name": "Advance 2026", "amount": "1500", "invoice_on": "2026-03-02"}
    manager.post(add, values)
    retainer = Retainer.objects.get()
    assert (retainer.name, retainer.amount, retainer.status) == ("Advance 2026", 1500, "not_ready")
    manager.post(reverse("advance-change", args=[retainer.pk]), values | {"amount": "1200"})
    assert fresh(retainer).amount == 1200
    manager.post(reverse("advances-ready"), {"row": [retainer.pk]})
    assert fresh(retainer).status == "ready"
    manager.post(reverse("advances-not-ready"), {"row": [retainer.pk]})
    assert fresh(retainer).status == "not_ready"
    manager.post(reverse("advance-delete", args=[retainer.pk]))
    assert not Retainer.objects.exists()


def test_what_is_wrong_with_an_advance_is_said_and_kept(at, manager):
    answer = manager.post(
        reverse("advance-add"),
        {"payer": payer(at), "name": "Advance", "amount": "-5", "invoice_on": "2026-03-02"},
    )
    assert answer.status_code == 422
    assert "An advance has an amount above zero." in text_of(answer)
    assert not Retainer.objects.exists()
    # Whose contract it is not.
    stranger = Company()
    answer = manager.post(
        reverse("advance-add"),
        {"payer": payer(stranger), "name": "Advance", "amount": "5", "invoice_on": "2026-03-02"},
    )
    assert answer.status_code == 422
    assert not Retainer.objects.exists()


def test_a_series_is_shown_before_it_is_made(at, manager):
    values = {
        "payer": payer(at),
        "name": "Retainer",
        "total": "10000",
        "count": "3",
        "starts_on": "2027-02-28",
        "period": "month_end",
    }
    shown = text_of(manager.post(reverse("advances-schedule"), values))
    assert "€3,333.33" in shown
    assert "€3,333.34" in shown
    assert "Create 3 advances, €10,000.00" in shown
    assert not Retainer.objects.exists()
    manager.post(reverse("advances-schedule"), values | {"make": "1"})
    assert list(Retainer.objects.values_list("name", "invoice_on", "amount")) == [
        ("Retainer 1/3", date(2027, 2, 28), Decimal("3333.33")),
        ("Retainer 2/3", date(2027, 3, 31), Decimal("3333.33")),
        ("Retainer 3/3", date(2027, 4, 30), Decimal("3333.34")),
    ]


def test_the_draft_shows_what_is_applied_and_it_is_reduced_there(at, manager):
    retainer = invoiced(at)
    at.approved(8)
    draft = at.draft()
    address = reverse("proforma", args=[draft.number])
    page = text_of(manager.get(address))
    assert "Net after advances" in page
    assert "Advance applied" in page
    reduce = reverse("proforma-advance", args=[draft.number, applied_on(draft).pk])
    assert reduce in page
    assert "€1,000.00" in text_of(manager.get(reduce))
    answer = manager.post(reduce, {"amount": "2400"})
    assert answer.status_code == 422
    assert "Only €1,000.00 is left." in text_of(answer)
    manager.post(reduce, {"amount": "400"})
    assert position(retainer) == "available 1000.00 0.00 400.00 600.00"
    assert "Advance available" in text_of(manager.get(address))
    manager.post(reduce, {"amount": "0"})
    assert Proforma.objects.get(pk=draft.pk).net_amount == 1600
    assert manager.get(reduce).status_code == 404

    apply = reverse("advance-apply", args=[retainer.pk])
    assert draft.number in text_of(manager.get(apply))
    manager.post(apply)
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"


def test_applying_without_a_draft_or_without_effect_says_why(at, manager):
    retainer = invoiced(at)
    apply = reverse("advance-apply", args=[retainer.pk])
    assert "There is no open draft" in text_of(manager.post(apply))
    at.approved(2)
    at.draft()
    answer = manager.post(apply)
    assert answer.status_code == 422
    assert "Nothing is left to be paid" in text_of(answer)


def test_an_advance_is_refunded_with_a_reason_and_its_use_is_shown(at, manager):
    retainer = invoiced(at)
    refund = reverse("advance-refund", args=[retainer.pk])
    assert "Mark €1,000.00 ready to refund" in text_of(manager.get(refund))
    assert manager.post(refund, {"reason": ""}).status_code == 422
    manager.post(refund, {"reason": "Contract ends on 31 December"})
    assert fresh(retainer).status == "to_refund"
    keep = reverse("advance-keep", args=[retainer.pk])
    assert "€1,000.00 is available again" in text_of(manager.get(keep))
    manager.post(keep)
    assert fresh(retainer).status == "available"
    to_be_refunded(at, retainer)
    (draft,) = at.drafts()
    at.confirm(draft)
    page = text_of(manager.get(reverse("advance", args=[retainer.pk])))
    assert draft.number in page
    assert "Refunded" in page
    uses = InvoiceLineDetail.objects.filter(retainer=retainer).values_list("retainer_use", flat=True)
    assert set(uses) == {RetainerUse.INVOICE, RetainerUse.REFUND}


def test_the_contract_shows_what_is_available(at, manager):
    invoiced(at)
    lines = text_of(manager.get(reverse("contract", args=[at.contract.number])))
    assert "Advance available" in lines
    tab = text_of(manager.get(reverse("contract", args=[at.contract.number]) + "?show=advances"))
    assert "€1,000.00 available" in tab


def test_the_sidebar_counts_what_is_due(at, manager):
    ready(at)
    page = text_of(manager.get(reverse("advances")))
    assert "Advances" in page
    assert Retainer.objects.scheduled().count() == 1


def test_the_documents_say_what_is_taken_off(at):
    invoiced(at)
    at.approved(8)
    draft = at.draft()
    facts = facts_of(draft, tax_estimates([draft])[draft.pk])
    last = facts.sections[-1]
    assert (last.title, [line.amount for line in last.lines]) == ("Advance applied", [-1000])
    assert (facts.net, facts.gross) == (600, 720)
    at.confirm(draft)
    invoice = at.invoices()[-1]
    printed = invoice_facts(invoice)
    assert printed.sections[-1].title == "Advance applied"
    assert printed.gross == 720


def test_nothing_is_offered_that_would_do_nothing(at, manager):
    retainer = invoiced(at)
    at.approved(8)
    draft = at.draft()
    names = ["advance-apply", "advance-refund", "advance-keep"]

    def offered() -> list[str]:
        """On the page of the advance, and in the list."""
        shown = text_of(manager.get(reverse("advance", args=[retainer.pk])))
        listed = text_of(manager.get(reverse("advances")))
        stands = [name for name in names if reverse(name, args=[retainer.pk]) in shown]
        assert stands == [name for name in names if reverse(name, args=[retainer.pk]) in listed]
        return stands

    def buttons() -> list[str]:
        """Of the three pages themselves, where somebody has kept their addresses."""
        pages = {name: text_of(manager.get(reverse(name, args=[retainer.pk]))) for name in names}
        return [name for name, page in pages.items() if '<button class="btn primary">' in page]

    # All of it is on a draft: €0.00 is available.
    assert (offered(), buttons()) == ([], [])
    assert "Drafts hold €1,000.00" in text_of(manager.get(reverse("advance-refund", args=[retainer.pk])))
    manager.post(reverse("proforma-advance", args=[draft.number, applied_on(draft).pk]), {"amount": "400"})
    assert (offered(), buttons()) == (["advance-apply"], ["advance-apply"])
    at.confirm(draft)
    # No draft is open, so its page applies nothing; what is left may be refunded.
    assert (offered(), buttons()) == (["advance-apply", "advance-refund"], ["advance-refund"])
    to_be_refunded(at, retainer)
    assert (offered(), buttons()) == (["advance-keep"], ["advance-keep"])
    (refund,) = at.drafts()
    assert (offered(), buttons()) == ([], [])
    at.confirm(refund)
    assert (offered(), buttons()) == ([], [])
    assert "€0.00 of it is available" in text_of(manager.get(reverse("advance-keep", args=[retainer.pk])))


HOSTILE = [
    "NaN",
    "-NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "1e5",
    "1.23456",
    "0",
    "-1",
    "0.001",
    "1" * 30,
    "1,2,3",
    " ",
]


def refused_at(answer, name: str) -> None:
    """Refused at the field, with the form as it was sent and no fault."""
    assert answer.status_code == 422
    assert name in answer.context["form"].errors, answer.context["form"].errors


@pytest.mark.parametrize("typed", HOSTILE)
def test_an_amount_that_cannot_be_is_refused_at_its_field(at, manager, typed):
    values = {"payer": payer(at), "name": "Advance", "amount": typed, "invoice_on": "2026-03-02"}
    refused_at(manager.post(reverse("advance-add"), values), "amount")
    series = {"payer": payer(at), "name": "Series", "total": typed, "count": "3", "starts_on": "2026-03-02"}
    for step in ({}, {"make": "1"}):
        answer = manager.post(reverse("advances-schedule"), series | {"period": "monthly"} | step)
        refused_at(answer, "total")
    assert not Retainer.objects.exists()

    retainer = planned(at)
    refused_at(manager.post(reverse("advance-change", args=[retainer.pk]), values), "amount")
    invoiced(at, "500", name="Second")
    at.approved(2)
    draft = at.draft()
    reduce = reverse("proforma-advance", args=[draft.number, applied_on(draft).pk])
    if typed != "0":
        refused_at(manager.post(reduce, {"amount": typed}), "amount")
    assert (fresh(retainer).amount, applied_on(draft).amount) == (1000, -400)


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "0001-01-01", "2026-02-30", "soon", ""])
def test_a_day_that_cannot_be_is_refused_at_its_field(at, manager, day):
    values = {"payer": payer(at), "name": "Advance", "amount": "100", "invoice_on": day}
    refused_at(manager.post(reverse("advance-add"), values), "invoice_on")
    series = {"payer": payer(at), "name": "Series", "total": "100", "count": "3", "starts_on": day}
    refused_at(manager.post(reverse("advances-schedule"), series | {"period": "monthly"}), "starts_on")


def test_a_series_that_ends_too_late_or_has_empty_parts_is_refused_at_its_field(at, manager):
    series = {"payer": payer(at), "name": "Series", "total": "100", "count": "60", "starts_on": "2199-06-30"}
    refused_at(manager.post(reverse("advances-schedule"), series | {"period": "monthly"}), "starts_on")
    small = series | {"total": "0.02", "count": "3", "starts_on": "2026-06-30", "period": "monthly"}
    refused_at(manager.post(reverse("advances-schedule"), small), "count")
    for count in ("0", "-1", "99999999999999999999", "NaN"):
        answer = manager.post(reverse("advances-schedule"), small | {"total": "100", "count": count})
        refused_at(answer, "count")
    assert not Retainer.objects.exists()
