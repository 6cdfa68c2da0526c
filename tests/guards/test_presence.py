"""The guards stand: after every migration step, after a flush, and where somebody took one down it is named."""

import pytest
from django.db import connection

from projects import guarding


@pytest.mark.django_db
def test_every_guard_stands():
    assert guarding.missing(connection) == []
