"""People of the admin: one company in the middle of its month, and somebody of each role in front of it."""

from collections.abc import Callable

import pytest

from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT
from tests.admin.admin_client import AdminClient
from tests.company import Company


@pytest.fixture
def company(db: None) -> Company:
    return Company()


@pytest.fixture
def admin_client_of(company: Company) -> Callable[[str], AdminClient]:
    return lambda role: AdminClient(company.person(role))


@pytest.fixture
def accountant(admin_client_of: Callable[[str], AdminClient]) -> AdminClient:
    return admin_client_of(PROJECT_ACCOUNTANT)


@pytest.fixture
def controller(admin_client_of: Callable[[str], AdminClient]) -> AdminClient:
    return admin_client_of(FINANCE_CONTROLLER)


@pytest.fixture
def administrator(admin_client_of: Callable[[str], AdminClient]) -> AdminClient:
    return admin_client_of(ADMINISTRATOR)
