"""The groups that a migrated database holds: each role with just the permissions it is given."""

import pytest
from django.contrib.auth.models import Group

from projects.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_every_role_holds_its_permissions_right_after_migrating(role):
    held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    assert {f"{app}.{code}" for app, code in held} == ROLES[role]
