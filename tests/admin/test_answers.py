"""What can go wrong in the admin is said in the words of the pages; the form is kept, nothing is changed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.forms.models import BaseModelForm

from accounting.models import (
    Account,
    FiscalPeriod,
    IntegrationJournal,
    IntegrationJournalLine,
    InvoiceProposal,
    Voucher,
)
from accounting.pulling import pull_journals
from billing.models import NumberSeries
from core.models import Activity, FormToken, OutboxEntry
from core.querysets import ChangedMeanwhile
from projects.models import Role, SalesTaxGroup
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

CHANGED = "Somebody changed these rows a moment ago. Reload the page, then try again."
BUSY = "Somebody else is changing the same rows right now. Wait a moment, then try again."
CONTRADICTED = (
    "This contradicts what somebody else saved a moment ago. Reload the page, check the rows, then try again."
)
GUARD = "a number series only goes up and keeps its name once used: open another series"
JOURNAL, PROPOSAL = "accounting_integrationjournal", "accounting_invoiceproposal"


class LockTimeout(Exception):
    """What the driver of either database reports when somebody else holds the rows."""

    sqlstate, sqlite_errorname = "55P03", "SQLITE_BUSY"


def locked(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("the rows are locked") from LockTimeout()


def changed_meanwhile(*args: Any, **kwargs: Any) -> None:
    raise ChangedMeanwhile("1 of 1 rows were in another state")


def taken_meanwhile(*args: Any, **kwargs: Any) -> None:
    raise IntegrityError("UNIQUE constraint failed")


def answer_of(response: Any) -> tuple[int, list[str]]:
    """The status of a page and the reasons that it names."""
    reasons = [str(refusal) for refusal in response.context["refusals"]]
    assert all(reason in response.content.decode() for reason in reasons)
    return response.status_code, reasons


def inputs_of(response: Any) -> dict[str, str]:
    """What the text inputs of a page hold, by name."""
    tags = re.findall(r"<input[^>]*>", response.content.decode())
    named = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name.group(1): value.group(1) if value else "" for name, value in named if name}


def journal_of(company: Company) -> IntegrationJournal:
    """A day of work in a journal that is not posted yet."""
    company.approved(8)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    return IntegrationJournal.objects.get()


# --- Change forms -------------------------------------------------------------------------------------


def test_a_refused_change_comes_back_as_it_was_typed(company: Company, accountant: AdminClient):
    company.approved(8)
    company.confirm(company.draft())
    (proposal,) = company.proposals()
    data = {
        "accounting_date": "2026-03-31",
        "due_date": "2026-03-30",
        "dimension": "North",
        "layout": "",
    }
    answer = accountant.sent(f"{PROPOSAL}_change", proposal.pk, data=data | {"layout": ""})
    sentence = "It would be due before its invoice date. Choose a later due date, or none."
    assert answer_of(answer) == (422, [f"{proposal}: {sentence}"])
    typed = inputs_of(answer)
    assert (typed["due_date"], typed["dimension"]) == ("2026-03-30", "North")
    kept = InvoiceProposal.objects.get(pk=proposal.pk)
    assert (kept.due_date, kept.dimension) == (None, proposal.dimension)
    assert not Activity.objects.about(proposal).filter(verb="reviewed").exists()


def test_a_change_that_comes_too_late_is_kept_on_the_page(company: Company, controller: AdminClient):
    account = Account.objects.get(number="8400")
    assert "8400" in controller.shown("accounting_account_change", account.pk).content.decode()
    company.billed()
    data = {"number": "8499", "name": "Typed before the posting", "kind": "revenue", "control": ""}
    answer = controller.sent("accounting_account_change", account.pk, data=data)
    assert answer_of(answer) == (409, [CHANGED])
    assert inputs_of(answer)["name"] == "Typed before the posting"
    assert Account.objects.get(pk=account.pk).number == "8400"


def test_a_guard_of_the_database_says_its_own_sentence(
    company: Company, controller: AdminClient, monkeypatch
):
    # The first number is taken between the look at the series and its change.
    monkeypatch.setattr("billing.admin.documents.NumberSeriesAdmin.is_changeable", lambda self, obj: True)
    company.billed()
    series = NumberSeries.objects.get(kind="customer_invoice")
    answer = controller.sent("billing_numberseries_change", series.pk, data={"prefix": "XX"})
    assert answer_of(answer) == (409, [GUARD])
    assert inputs_of(answer)["prefix"] == "XX"
    assert NumberSeries.objects.get(pk=series.pk).prefix == series.prefix
    assert not Activity.objects.about(series).filter(verb="changed").exists()


def test_two_people_who_add_the_same_at_once_are_answered_in_words(
    company: Company, controller: AdminClient, monkeypatch
):
    SalesTaxGroup.objects.create(code="swiss", name="Switzerland")
    # The other row was not there yet when the form was checked.
    monkeypatch.setattr(BaseModelForm, "validate_unique", lambda self: None)
    answer = controller.sent("projects_salestaxgroup_add", data={"code": "swiss", "name": "Swiss"})
    assert answer_of(answer) == (409, [CONTRADICTED])
    assert (inputs_of(answer)["code"], inputs_of(answer)["name"]) == ("swiss", "Swiss")
    assert SalesTaxGroup.objects.get(code="swiss").name == "Switzerland"


def test_rows_that_somebody_else_holds_are_waited_for(
    company: Company, administrator: AdminClient, monkeypatch
):
    role = Role.objects.first()
    monkeypatch.setattr("projects.admin.records.change_record", locked)
    answer = administrator.sent("projects_role_change", role.pk, data={"name": "Renamed"})
    assert answer_of(answer) == (409, [BUSY])
    assert inputs_of(answer)["name"] == "Renamed"
    assert Role.objects.get(pk=role.pk).name == role.name


def test_a_user_name_taken_meanwhile_keeps_the_form(administrator: AdminClient, monkeypatch):
    monkeypatch.setattr("projects.admin.people.PersonAdmin.save_model", taken_meanwhile)
    data = {
        "username": "nina",
        "usable_password": "true",
        "password1": "copper-lantern-77",
        "password2": "copper-lantern-77",
        "entity_memberships-TOTAL_FORMS": "0",
        "entity_memberships-INITIAL_FORMS": "0",
    }
    answer = administrator.sent("auth_user_add", data=data)
    assert answer_of(answer) == (409, [CONTRADICTED])
    assert inputs_of(answer)["username"] == "nina"


def test_a_fault_of_ours_is_not_hidden(administrator: AdminClient, monkeypatch):
    role = Role.objects.create(name="Tester")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("projects.admin.records.change_record", broken)
    with pytest.raises(ZeroDivisionError):
        administrator.sent("projects_role_change", role.pk, data={"name": "Renamed", "token": "z" * 32})
    assert not FormToken.objects.exists()


def test_a_form_sent_twice_adds_once(controller: AdminClient):
    data = {"code": "swiss", "name": "Switzerland", "token": "c" * 32}
    first = controller.sent("projects_salestaxgroup_add", data=data)
    second = controller.sent("projects_salestaxgroup_add", data=data)
    assert (second.status_code, second.url) == (302, first.url)
    assert messages_of(second)[-1] == "This form was sent before and counted once."
    assert SalesTaxGroup.objects.filter(code="swiss").count() == 1


def test_a_form_with_errors_may_be_sent_again_with_its_token(controller: AdminClient):
    data = {"code": "swiss", "name": "", "token": "d" * 32}
    assert controller.sent("projects_salestaxgroup_add", data=data).status_code == 200
    again = controller.sent("projects_salestaxgroup_add", data=data | {"name": "Switzerland"})
    assert (again.status_code, SalesTaxGroup.objects.get(code="swiss").name) == (302, "Switzerland")


def test_a_refused_form_may_be_sent_again_with_its_token(administrator: AdminClient, monkeypatch):
    role = Role.objects.create(name="Tester")
    data = {"name": "Renamed", "token": "e" * 32}
    with monkeypatch.context() as patch:
        patch.setattr("projects.admin.records.change_record", locked)
        assert administrator.sent("projects_role_change", role.pk, data=data).status_code == 409
    assert administrator.sent("projects_role_change", role.pk, data=data).status_code == 302
    assert Role.objects.get(pk=role.pk).name == "Renamed"


# --- Actions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"), [(changed_meanwhile, CHANGED), (taken_meanwhile, CONTRADICTED), (locked, BUSY)]
)
def test_an_action_that_fails_shows_its_page_again_with_the_selection(
    company: Company, accountant: AdminClient, monkeypatch, error: Callable[..., None], sentence: str
):
    journal = journal_of(company)
    page = accountant.chosen(JOURNAL, "post", journal)
    with monkeypatch.context() as patch:
        patch.setattr("accounting.admin.journals.post_journals", error)
        answer = accountant.confirms(page, token="f" * 32)
    assert answer_of(answer) == (409, [sentence])
    assert answer.context["selection"] == [
        ("_selected_action", str(journal.pk)),
        ("action", "post"),
    ]
    assert not Voucher.objects.exists()
    assert accountant.confirms(answer, token="f" * 32).status_code == 302
    assert Voucher.objects.count() == 2


def test_a_database_that_somebody_else_is_writing_to_is_waited_for(
    company: Company, accountant: AdminClient, monkeypatch
):
    journal = journal_of(company)
    page = accountant.chosen(JOURNAL, "post", journal)
    # SQLite has one writer at a time, so the form's own token is what waits first.
    with monkeypatch.context() as patch:
        patch.setattr(FormToken.objects, "get_or_create", locked)
        answer = accountant.confirms(page, token="g" * 32)
    assert answer_of(answer) == (409, [BUSY])
    assert not Voucher.objects.exists()
    assert accountant.confirms(answer, token="g" * 32).status_code == 302


def test_what_an_action_asked_for_is_kept(company: Company, accountant: AdminClient, monkeypatch):
    journal_of(company)
    lines = IntegrationJournalLine.objects.order_by("pk")
    page = accountant.chosen("accounting_integrationjournalline", "review", *lines)
    monkeypatch.setattr("accounting.admin.lines.review_lines", changed_meanwhile)
    answer = accountant.confirms(page, dimension="North")
    assert answer_of(answer) == (409, [CHANGED])
    assert inputs_of(answer)["dimension"] == "North"
    assert set(lines.values_list("dimension", flat=True)) == {""}


def test_a_value_that_is_missing_is_said_on_the_page_of_the_action(company: Company, accountant: AdminClient):
    journal_of(company)
    line = IntegrationJournalLine.objects.first()
    answer = accountant.confirms(accountant.chosen("accounting_integrationjournalline", "review", line))
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()


def test_an_action_without_a_page_is_refused_on_one_that_keeps_the_selection(accountant: AdminClient):
    columns: dict[str, Any] = {"kind": "invoice-posted", "created_at": NOW, "attempts": 5}
    parked = OutboxEntry.objects.create(effect_key="a", status="parked", **columns)
    done = OutboxEntry.objects.create(effect_key="b", status="done", **columns)
    answer = accountant.chosen("core_outboxentry", "try-again", parked, done)
    assert answer_of(answer) == (422, ["b: It is not parked. Choose parked entries only."])
    assert answer.context["selection"] == [
        ("_selected_action", str(parked.pk)),
        ("_selected_action", str(done.pk)),
        ("action", "try-again"),
    ]
    assert set(OutboxEntry.objects.values_list("status", "attempts")) == {("parked", 5), ("done", 5)}


def test_a_refused_closing_leaves_every_period_open(company: Company, controller: AdminClient):
    february = FiscalPeriod.objects.order_by("starts_on")[1]
    answer = controller.confirms(controller.chosen("accounting_fiscalperiod", "close", february))
    status, (sentence,) = answer_of(answer)
    assert (status, sentence.startswith(str(february))) == (422, True)
    assert not FiscalPeriod.objects.filter(status="closed").exists()
