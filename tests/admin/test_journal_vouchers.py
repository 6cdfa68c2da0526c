"""Journal vouchers in the admin: typed row by row, posted by another person, reversed (C6)."""

from typing import Any

import pytest

from accounting.models import Account, JournalVoucher, Voucher
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company, rows
from tests.company.checking import assert_proven
from tests.company.journal_vouchers import written

pytestmark = pytest.mark.django_db
PAGE = "accounting_journalvoucher"


def typed(company: Company, *lines: dict[str, str], **columns: Any) -> dict[str, Any]:
    """The form as a browser sends it: rows by `account` number and `debit` or `credit`."""
    sent: dict[str, Any] = {
        "legal_entity": company.entity.pk,
        "date": "2026-03-02",
        "text": "Salaries March",
        "rows": "6",
    }
    for row, line in enumerate(lines, start=1):
        account = Account.objects.filter(legal_entity=company.entity, number=line.get("account", "")).first()
        sent |= {f"line-{row}-{name}": value for name, value in line.items()}
        sent[f"line-{row}-account"] = account.pk if account else ""
    return sent | columns


def test_a_voucher_is_typed_added_up_kept_and_posted_by_another_person(
    company: Company, accountant: AdminClient, controller: AdminClient
):
    assert accountant.shown(f"{PAGE}_write").status_code == 200
    lines = (
        {"account": "4100", "debit": "34,500.00", "text": "gross", "project": company.project.number},
        {},
        {"account": "1200", "credit": "30000", "dimension": "north"},
    )
    shown = accountant.sent(f"{PAGE}_write", data=typed(company, *lines, again="1"))
    assert "€4,500.00 are missing on one side" in shown.content.decode()
    refused = accountant.sent(f"{PAGE}_write", data=typed(company, *lines))
    assert (refused.status_code, [one.code for one in refused.context["refusals"]]) == (422, ["not-balanced"])
    more = accountant.sent(f"{PAGE}_write", data=typed(company, *lines, more="1"))
    assert len(more.context["rows"]) == 12

    whole = typed(company, *lines, {"account": "1590", "credit": "4500", "currency": "eur"})
    answer = accountant.sent(f"{PAGE}_write", data=whole | {"token": "0" * 31 + "7"})
    draft = JournalVoucher.objects.get()
    assert messages_of(answer) == ["“Salaries March” is kept as a draft. Another person posts it."]
    assert answer.url == f"/admin/accounting/journalvoucher/{draft.pk}/change/"
    again = accountant.sent(f"{PAGE}_write", data=whole | {"token": "0" * 31 + "7"})
    assert (again.url, JournalVoucher.objects.count()) == (answer.url, 1)
    page = accountant.get(answer.url).content.decode()
    assert "€34,500.00" in page
    assert "north" in page

    own = accountant.confirms(accountant.shown(f"{PAGE}_action", draft.pk, "post"))
    assert (own.status_code, [one.code for one in own.context["refusals"]]) == (422, ["own-voucher"])
    answer = controller.confirms(controller.chosen(PAGE, "post", draft))
    assert messages_of(answer) == ["Posted as GV-2026-00001."]
    voucher = Voucher.objects.get()
    assert "GV-2026-00001" in controller.shown(f"{PAGE}_changelist").content.decode()
    assert "Salaries March" in controller.shown("accounting_voucher_change", voucher.pk).content.decode()
    dimensions = voucher.lines.order_by("pk").values_list("dimension", "project__number")
    assert list(dimensions) == [("", company.project.number), ("north", None), ("", None)]
    assert_proven()


def test_what_is_typed_wrongly_keeps_the_form_and_names_the_field(company: Company, accountant: AdminClient):
    lines = [
        {"account": "4100", "debit": "1e5"},
        {"account": "", "credit": "5"},
        {"account": "1590", "debit": "5", "credit": "5"},
    ]
    wrong = accountant.sent(f"{PAGE}_write", data=typed(company, *lines, date="31.2.2026"))
    assert (wrong.status_code, JournalVoucher.objects.count()) == (422, 0)
    errors = [set(row.errors) for row in wrong.context["rows"][:4]]
    assert errors == [{"debit"}, {"account"}, {"debit"}, set()]
    assert set(wrong.context["form"].errors) == {"date"}
    theirs = rows.customer(Company.bare().entity)
    lines = [{"account": "4100", "debit": "5", "customer": theirs.number, "project": "nowhere"}]
    wrong = accountant.sent(f"{PAGE}_write", data=typed(company, *lines))
    assert set(wrong.context["rows"][0].errors) == {"customer", "project"}
    # Accounts that invoices and payments move are not offered.
    assert "Trade receivables" not in wrong.content.decode()


def test_a_draft_is_changed_and_discarded(company: Company, accountant: AdminClient):
    draft = written(company, "4100 80", "4199 -80")
    shown = accountant.shown(f"{PAGE}_rewrite", draft.pk)
    assert [row["debit"].value() for row in shown.context["rows"]][:2] == ["80.00", None]
    lines = [{"account": "4100", "debit": "90"}, {"account": "4199", "credit": "90"}]
    accountant.sent(f"{PAGE}_rewrite", draft.pk, data=typed(company, *lines, text="Right"))
    assert JournalVoucher.objects.get().text == "Right"
    stale = typed(company, *lines, text="Stale") | {"shown": shown.context["shown"]}
    late = accountant.sent(f"{PAGE}_rewrite", draft.pk, data=stale)
    assert [one.code for one in late.context["refusals"]] == ["changed-since-shown"]
    assert (late.context["shown"], JournalVoucher.objects.get().text) == (stale["shown"], "Right")
    answer = accountant.confirms(accountant.chosen(PAGE, "discard", draft))
    assert messages_of(answer) == ["1 draft discarded."]
    late = accountant.sent(f"{PAGE}_rewrite", draft.pk, data=typed(company, *lines))
    assert [one.code for one in late.context["refusals"]] == ["not-draft"]
    theirs = written(Company(), "4100 80", "4199 -80")
    assert accountant.shown(f"{PAGE}_rewrite", theirs.pk).status_code == 404


def test_a_posted_voucher_is_reversed_by_a_draft_of_its_own(
    company: Company, accountant: AdminClient, controller: AdminClient
):
    draft = written(company, "4100 80", "4199 -80")
    controller.confirms(controller.chosen(PAGE, "post", draft))
    page = accountant.shown(f"{PAGE}_action", draft.pk, "reverse")
    answer = accountant.confirms(page, on="2026-04-01")
    assert messages_of(answer) == ["1 reversal is kept as a draft. Another person posts it."]
    back = JournalVoucher.objects.get(reverses=draft)
    assert answer.url == f"/admin/accounting/journalvoucher/{back.pk}/change/"
    controller.confirms(controller.shown(f"{PAGE}_action", back.pk, "post"))
    assert "Reversal: Salaries" in controller.shown(f"{PAGE}_change", draft.pk).content.decode()
    assert {one.split()[-1] for one in company.ledger().splitlines()} == {"0.00"}
    assert_proven()


def test_the_page_is_closed_to_whoever_may_not_write(company: Company, administrator: AdminClient):
    assert administrator.shown(f"{PAGE}_write").status_code == 403
