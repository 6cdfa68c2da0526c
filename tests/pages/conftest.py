"""A company with rows of every kind, a second one beside it, and a browser for every role."""

import pytest
from django.test import Client

from tests.architecture.many_rows import add_rows
from tests.company import Company, people
from tests.company.people import signed_in


def settled() -> Company:
    """A company with one row of every kind."""
    at = Company.bare()
    add_rows(at, at.person(), 1)
    return at


@pytest.fixture
def here(db: None) -> Company:
    """The company of those who sign in."""
    return settled()


@pytest.fixture
def there(db: None) -> Company:
    """A company that none of them belongs to."""
    return settled()


@pytest.fixture
def superuser(here: Company) -> Client:
    """Somebody to whom every page is open."""
    return signed_in(people.superuser(here.entity))
