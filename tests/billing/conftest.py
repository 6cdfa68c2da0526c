"""Who opens the pages of billing in tests."""

import pytest
from django.test import Client

from billing.models import Proforma
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.people import signed_in


@pytest.fixture
def at() -> Company:
    """A company without books whose contract its manager manages."""
    made = Company.bare()
    made.is_managed_by(made.manager)
    return made


@pytest.fixture
def manager(at: Company) -> Client:
    """The manager of the company's contract."""
    return signed_in(at.admit(at.manager, PROJECT_MANAGER))


@pytest.fixture
def stranger(at: Company) -> Client:
    """A project manager of another contract."""
    return signed_in(at.admit(rows.user("stranger"), PROJECT_MANAGER))


@pytest.fixture
def team_member(at: Company) -> Client:
    """Somebody who submits hours and does no more."""
    return signed_in(at.admit(at.worker, TEAM_MEMBER))


@pytest.fixture
def company() -> Company:
    """A company whose contract is managed by its manager; modules whose pages show it make it their `at`."""
    made = Company()
    made.is_managed_by(made.manager)
    return made


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight hours at 200: 1,600.00 net, 320.00 tax."""
    company.approved(8)
    return company.draft()


@pytest.fixture
def accountant(at: Company) -> Client:
    """Who runs the batch and posts, and confirms nothing."""
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))
