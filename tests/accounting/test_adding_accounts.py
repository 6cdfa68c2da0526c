"""Companies that were set up before a posting type existed: named, proposed, added with one action (C2)."""

from datetime import date

import pytest

from accounting.adding_accounts import add_missing_accounts
from accounting.missing_accounts import missing_types, proposed_accounts
from accounting.models import Account, PostingAccount
from accounting.states import AccountKind, PostingType
from core.models import Activity
from projects.models import LegalEntity
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
OLD = (PostingType.CASH_DISCOUNT, PostingType.OPENING_BALANCE)


@pytest.fixture
def company() -> Company:
    """Numbered as in SKR 03, from a time before cash discounts and opening balances."""
    return before(*OLD)


def before(*types: PostingType) -> Company:
    """A company from a time before these posting types."""
    made = Company()
    roles = PostingAccount.objects.filter(legal_entity=made.entity, posting_type__in=types)
    accounts = list(roles.values_list("account", flat=True))
    roles.delete()
    Account.objects.filter(pk__in=accounts).delete()
    return made


def shown(company: Company) -> list[tuple[str, str, str, bool]]:
    proposed = proposed_accounts(company.entity)
    return [(one.posting_type, one.number, one.name, one.account is None) for one in proposed]


def add(company: Company) -> int:
    entities = LegalEntity.objects.filter(pk=company.entity.pk)
    return add_missing_accounts(entities, actor=company.manager, at=NOW)


def test_accounts_are_proposed_as_the_chart_of_the_company_numbers_them(company: Company):
    assert missing_types([company.entity.pk]) == {company.entity.pk: list(OLD)}
    assert shown(company) == [
        ("cash_discount", "8730", "Cash discounts granted", True),
        ("opening_balance", "9000", "Opening balances", True),
    ]


def test_a_number_that_another_account_has_is_taken_or_left_by_its_kind(company: Company):
    for number, kind in (("8730", AccountKind.REVENUE), ("9000", AccountKind.ASSET)):
        Account.objects.create(legal_entity=company.entity, number=number, name="Own", kind=kind)
    assert shown(company) == [
        ("cash_discount", "8730", "Own", False),
        ("opening_balance", "9001", "Opening balances", True),
    ]


def test_numbers_keep_their_zeros(company: Company):
    roles = PostingAccount.objects.filter(legal_entity=company.entity, posting_type="retained_earnings")
    number = roles.get().account.number
    assert number == "0860"
    roles.delete()
    Account.objects.filter(legal_entity=company.entity, number=number).update(kind=AccountKind.REVENUE)
    assert ("retained_earnings", "0861") in [one[:2] for one in shown(company)]


def test_an_account_that_begins_after_the_books_leaves_their_first_days_without_one(company: Company):
    PostingAccount.objects.filter(legal_entity=company.entity, posting_type="rounding").update(
        starts_on=date(2027, 1, 1)
    )
    assert PostingType.ROUNDING in missing_types([company.entity.pk])[company.entity.pk]


def test_one_action_adds_them_all_and_says_so_in_the_log(company: Company):
    assert add(company) == 2
    roles = PostingAccount.objects.filter(legal_entity=company.entity, posting_type__in=OLD)
    accounts = dict(roles.values_list("posting_type", "account__number"))
    assert accounts == {"cash_discount": "8730", "opening_balance": "9000"}
    said = Activity.objects.get(verb="accounts added")
    assert said.facts == {"accounts": ["8730 Cash discounts granted", "9000 Opening balances"]}
    assert missing_types([company.entity.pk]) == {}
    with refused("nothing-missing"):
        add(company)
    company.billed(8)
    assert_proven()


def test_statements_do_not_depend_on_how_many_are_missing(company: Company):
    more = before(*OLD, PostingType.ROUNDING, PostingType.SMALL_DIFFERENCE)
    assert statements(lambda: add(company)) == statements(lambda: add(more))


def test_an_account_for_one_category_alone_is_none_for_the_company(company: Company):
    PostingAccount.objects.filter(legal_entity=company.entity, posting_type="rounding").update(
        category_group="travel"
    )
    assert PostingType.ROUNDING in missing_types([company.entity.pk])[company.entity.pk]


def test_a_controller_is_led_from_the_set_up_and_the_admin_to_what_is_proposed(company: Company):
    controller = signed_in(company.admit(company.manager, FINANCE_CONTROLLER))
    address = f"/setup/company/{company.entity.pk}/accounts/"
    front = controller.get("/admin/").content.decode()
    assert f"{company.entity.short_name}: 2 posting types without an account" in front
    assert address in front
    steps = controller.get("/setup/").content.decode()
    assert "No account for: Cash discounts granted, Opening balances." in steps
    assert address in steps
    page = controller.get(address).content.decode()
    assert "8730 Cash discounts granted" in page
    assert controller.post(address).status_code == 302
    assert "Every posting type has an account." in controller.get(address).content.decode()
    assert address not in controller.get("/setup/").content.decode()
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    assert accountant.get(address).status_code == 403
