"""Integration journals in the admin: imported, reviewed and posted by verbs that say what they will do."""

import re
from datetime import date

import pytest

from accounting.models import (
    FiscalPeriod,
    IntegrationJournal,
    IntegrationJournalLine,
    PostingAccount,
    Voucher,
)
from accounting.states import JournalLineStatus, JournalStatus, PostingType
from core.models import Activity
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company

pytestmark = pytest.mark.django_db

JOURNAL, LINE = "accounting_integrationjournal", "accounting_integrationjournalline"


def imported(company: Company, admin_client: AdminClient) -> IntegrationJournal:
    company.approved(8)
    admin_client.confirms(admin_client.shown(f"{JOURNAL}_list_action", "import"), unit="months")
    return IntegrationJournal.objects.get()


def test_importing_says_what_it_brought_and_a_second_time_nothing(company: Company, accountant: AdminClient):
    company.approved(8)
    company.confirm(company.draft())
    page = accountant.shown(f"{JOURNAL}_list_action", "import")
    assert company.entity.name in page.context["preview"].summary
    answer = accountant.confirms(page, unit="months")
    assert messages_of(answer) == ["Imported: 2 journal lines and 1 invoice proposal."]
    again = accountant.confirms(accountant.shown(f"{JOURNAL}_list_action", "import"), unit="months")
    assert messages_of(again)[-1] == "Imported: 0 journal lines and 0 invoice proposals."
    assert IntegrationJournalLine.objects.count() == 2


def test_the_list_shows_lines_debits_and_errors_per_journal(company: Company, accountant: AdminClient):
    imported(company, accountant)
    text = accountant.shown(f"{JOURNAL}_changelist").content.decode()
    row = re.search(r'<tr><td class="action-checkbox">.*?</tr>', text, re.DOTALL).group()
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh][^>]*>.*?</t[dh]>", row, re.DOTALL)]
    assert cells[2:7] == ["Mar 2026", "Draft", "2", "€800.00", "€1,600.00"]


def test_posting_asks_first_with_counts_and_sums_and_then_posts(company: Company, accountant: AdminClient):
    journal = imported(company, accountant)
    page = accountant.chosen(JOURNAL, "post", journal)
    assert page.status_code == 200
    assert page.context["preview"].summary == "2 journal lines will be posted."
    assert "€1,600.00" in page.content.decode()
    assert Voucher.objects.count() == 0

    answer = accountant.confirms(page)
    assert messages_of(answer)[-1] == "2 lines posted, 0 moved to an error journal."
    assert IntegrationJournal.objects.get().status == JournalStatus.POSTED
    assert {voucher.posted_by for voucher in Voucher.objects.all()} == {accountant.user}


def test_posting_counts_once_however_often_the_form_is_sent(company: Company, accountant: AdminClient):
    journal = imported(company, accountant)
    page = accountant.shown(f"{JOURNAL}_action", journal.pk, "post")
    first = accountant.confirms(page, token="a" * 32)
    second = accountant.confirms(page, token="a" * 32)
    assert (second.status_code, second.url) == (302, first.url)
    assert messages_of(second)[-1] == "This form was sent before and counted once."
    # The same page sent as another form: its preview is outdated, so it is shown again.
    other = accountant.confirms(page, token="b" * 32)
    assert (other.status_code, other.context["preview"].is_possible) == (409, False)
    assert Voucher.objects.count() == 2


def test_what_changed_since_the_page_was_shown_is_asked_again(company: Company, accountant: AdminClient):
    journal = imported(company, accountant)
    page = accountant.shown(f"{JOURNAL}_action", journal.pk, "post")
    company.approved(4, date=date(2026, 3, 3))
    accountant.confirms(accountant.shown(f"{JOURNAL}_list_action", "import"), unit="months")
    answer = accountant.confirms(page)
    assert answer.status_code == 409
    assert answer.context["preview"].summary == "4 journal lines will be posted."
    assert Voucher.objects.count() == 0


def test_all_drafts_are_posted_by_one_tool_and_all_that_match_by_the_list(
    company: Company, accountant: AdminClient
):
    imported(company, accountant)
    company.approved(4, date=date(2026, 4, 1))
    accountant.confirms(accountant.shown(f"{JOURNAL}_list_action", "import"), unit="months")
    first, second = IntegrationJournal.objects.order_by("pk")
    page = accountant.chosen(JOURNAL, "post", first, select_across=1)
    assert page.context["preview"].summary == "4 journal lines will be posted."
    accountant.confirms(accountant.shown(f"{JOURNAL}_list_action", "post-all"))
    assert set(IntegrationJournal.objects.values_list("status", flat=True)) == {JournalStatus.POSTED}


def test_lines_that_cannot_be_posted_wait_in_an_error_journal(company: Company, accountant: AdminClient):
    journal = imported(company, accountant)
    PostingAccount.objects.filter(posting_type=PostingType.WIP_SALES_VALUE).delete()
    answer = accountant.confirms(accountant.shown(f"{JOURNAL}_action", journal.pk, "post"))
    assert messages_of(answer)[-1] == "1 line posted, 1 moved to an error journal."
    waiting = IntegrationJournal.objects.get(status=JournalStatus.ERROR)
    text = accountant.shown(f"{JOURNAL}_change", waiting.pk).content.decode()
    assert "No account is set for this posting type: WIP - sales value." in text


def test_the_dimension_of_a_line_is_changed_by_a_verb_and_tax_is_not_offered(
    company: Company, accountant: AdminClient
):
    imported(company, accountant)
    line = IntegrationJournalLine.objects.filter(amount=1600).get()
    assert "sales_tax_group" not in accountant.shown(f"{LINE}_change", line.pk).content.decode()
    data = {"dimension": "D7", "amount": "1", "status": "x"}
    assert accountant.sent(f"{LINE}_change", line.pk, data=data).status_code == 302
    line = IntegrationJournalLine.objects.get(pk=line.pk)
    assert (line.dimension, line.amount, line.status) == ("D7", 1600, "draft")
    assert list(Activity.objects.about(line).values_list("verb", flat=True)) == ["reviewed"]


def test_many_lines_are_reviewed_at_once_and_empty_answers_leave_them_alone(
    company: Company, accountant: AdminClient
):
    imported(company, accountant)
    lines = IntegrationJournalLine.objects.order_by("pk")
    page = accountant.chosen(LINE, "review", *lines)
    answer = accountant.confirms(page, dimension="North")
    assert messages_of(answer)[-1] == "2 lines changed."
    assert set(lines.values_list("dimension", flat=True)) == {"North"}
    assert accountant.confirms(page).status_code == 422


def test_a_posted_line_is_shown_and_cannot_be_changed(company: Company, accountant: AdminClient):
    company.approved(8)
    company.journalise()
    line = IntegrationJournalLine.objects.first()
    page = accountant.shown(f"{LINE}_change", line.pk)
    assert (page.status_code, page.context["has_change_permission"]) == (200, False)
    assert accountant.sent(f"{LINE}_change", line.pk, data={"dimension": "D7"}).status_code == 409
    page = accountant.chosen(LINE, "review", line)
    assert page.context["preview"].is_possible is False
    assert accountant.confirms(page, dimension="D7").status_code == 409
    assert not IntegrationJournalLine.objects.filter(dimension="D7").exists()


def test_a_line_that_was_posted_meanwhile_is_refused_with_its_way_out(
    company: Company, accountant: AdminClient, monkeypatch
):
    imported(company, accountant)
    line = IntegrationJournalLine.objects.first()
    company.post_journals()
    monkeypatch.setattr("accounting.admin.lines.JournalLineAdmin.is_changeable", lambda self, obj: True)
    answer = accountant.sent(f"{LINE}_change", line.pk, data={"dimension": "D7"})
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["already-posted"])
    assert "It is posted and does not change any more. Correct the work." in answer.content.decode()
    assert 'value="D7"' in answer.content.decode()
    assert IntegrationJournalLine.objects.get(pk=line.pk).status == JournalLineStatus.POSTED


def test_a_closed_period_says_so_on_the_line(company: Company, accountant: AdminClient):
    journal = imported(company, accountant)
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).update(status="closed", closed_by=accountant.user)
    answer = accountant.confirms(accountant.shown(f"{JOURNAL}_action", journal.pk, "post"))
    assert messages_of(answer)[-1] == "0 lines posted, 2 moved to an error journal."
    assert set(IntegrationJournalLine.objects.values_list("status", flat=True)) == {JournalLineStatus.ERROR}


@pytest.mark.parametrize("key", ["abc", "1 OR 1=1", "9" * 40, "-1", "\x00"])
def test_keys_that_are_none_are_a_bad_request(accountant: AdminClient, key: str):
    data = {"action": "post", "_selected_action": key, "index": 0}
    assert accountant.sent(f"{JOURNAL}_changelist", data=data).status_code == 400
