"""People are created with roles, access and what they are billed as; nobody changes their own (A13, S3)."""

import pytest
from django.contrib.auth.models import User

from core.models import Activity, OutboxEntry
from projects.models import LegalEntity, Resource
from projects.new_person import NewPerson
from projects.roles import ADMINISTRATOR, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.staffing import admit_people, change_people, close_accounts, invite_again, reopen_accounts
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


def mia(at: Company, **columns: object) -> NewPerson:
    columns = {"first_name": "Mia", "last_name": "Otte", "email": "mia@example.com"} | columns
    return NewPerson(
        **{"username": "mia", "roles": (TEAM_MEMBER,), "code": "mia", "billed_as": at.role} | columns
    )


def admit(at: Company, *people: NewPerson) -> list[User]:
    return admit_people(at.entity, people, actor=at.manager, at=NOW)


def test_a_person_gets_roles_access_and_a_place_among_those_who_report_hours(at):
    (user,) = admit(at, mia(at))
    user = User.objects.get(username="mia")
    assert (user.get_full_name(), user.email, user.is_staff) == ("Mia Otte", "mia@example.com", False)
    assert [group.name for group in user.groups.all()] == [TEAM_MEMBER]
    assert LegalEntity.objects.visible_to(user).get() == at.entity
    resource = Resource.objects.get(user=user)
    assert (resource.code, resource.name, resource.role) == ("mia", "Mia Otte", at.role)
    assert Activity.objects.about(user).get().verb == "added"


def test_who_has_no_password_is_invited_and_cannot_sign_in_before(at):
    (user,) = admit(at, mia(at))
    assert not user.has_usable_password()
    entry = OutboxEntry.objects.get(kind="person-invited")
    assert entry.payload == {"key": user.pk}


def test_who_has_a_password_signs_in_at_once_and_gets_no_mail(at):
    admit(at, mia(at, email="", password="a quiet afternoon"))
    assert User.objects.get(username="mia").check_password("a quiet afternoon")
    assert not OutboxEntry.objects.filter(kind="person-invited").exists()


def test_accountants_work_in_the_admin_and_report_no_hours(at):
    admit(at, mia(at, roles=(PROJECT_ACCOUNTANT,), code="", billed_as=None))
    assert User.objects.get(username="mia").is_staff
    assert not Resource.objects.filter(user__username="mia").exists()


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ({"username": "MIA2"}, ("username-taken",)),
        ({"roles": ("King",)}, ("unknown-role",)),
        ({"roles": (ADMINISTRATOR, PROJECT_MANAGER)}, ("roles-clash",)),
        ({"email": ""}, ("email-missing",)),
        ({"code": "taken"}, ("already-exists",)),
    ],
)
def test_people_who_cannot_be_are_refused(at, columns, codes):
    admit(at, mia(at, username="mia2", code="taken"))
    with refused(*codes):
        admit(at, mia(at, **{"code": "other"} | columns))


def test_a_closed_role_is_billed_as_by_nobody_new(at):
    at.role.is_closed = True
    at.role.save()
    with refused("role-closed"):
        admit(at, mia(at))


def test_one_name_twice_in_a_file_is_refused(at):
    with refused("username-taken", "username-taken"):
        admit(at, mia(at), mia(at, username="Mia", code="mia2"))


def test_statements_do_not_grow_with_the_people(at):
    def take(prefix: str, count: int) -> int:
        people = [mia(at, username=f"{prefix}{nth}", code=f"{prefix}{nth}") for nth in range(count)]
        return statements(lambda: admit(at, *people))

    assert take("a", 2) == take("b", 40)


def test_names_and_roles_are_changed_by_somebody_else(at):
    (user,) = admit(at, mia(at))
    mine = User.objects.filter(pk=user.pk)
    values = {"username": "mia", "first_name": "Mia", "last_name": "Berg", "email": "mia@example.com"}
    assert change_people(mine, values, [PROJECT_ACCOUNTANT], actor=at.manager, at=NOW) == 1
    log = Activity.objects.about(user).first()
    assert log.changes == {"last_name": ["Otte", "Berg"], "roles": ["Team member", "Project accountant"]}
    assert User.objects.get(pk=user.pk).is_staff
    with refused("own-row"):
        change_people(mine, values, [TEAM_MEMBER], actor=user, at=NOW)
    with refused("roles-clash"):
        change_people(mine, values, [ADMINISTRATOR, PROJECT_MANAGER], actor=at.manager, at=NOW)
    with refused("username-taken"):
        change_people(mine, values | {"username": at.worker.username}, [], actor=at.manager, at=NOW)


def test_an_account_is_closed_and_opened_again_by_somebody_else(at):
    (user,) = admit(at, mia(at))
    mine = User.objects.filter(pk=user.pk)
    assert close_accounts(mine, actor=at.manager, at=NOW) == 1
    assert not User.objects.get(pk=user.pk).is_active
    assert reopen_accounts(mine, actor=at.manager, at=NOW) == 1
    assert User.objects.get(pk=user.pk).is_active
    with refused("own-row"):
        close_accounts(mine, actor=user, at=NOW)


def test_only_who_never_signed_in_is_invited_again(at):
    (user,) = admit(at, mia(at))
    mine = User.objects.filter(pk=user.pk)
    assert invite_again(mine, actor=at.manager, at=NOW) == 1
    assert OutboxEntry.objects.filter(kind="person-invited").count() == 2
    mine.update(last_login=NOW)
    with refused("has-signed-in"):
        invite_again(mine, actor=at.manager, at=NOW)
