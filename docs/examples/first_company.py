"""The first company of an installation and its books: change the values, then run it once.

manage.py shell < docs/examples/first_company.py, as docs/how-to/run-in-production.md shows.
"""

from datetime import date

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounting.setting_up import create_books
from projects.models import LegalEntity
from projects.setting_up import create_legal_entity

now = timezone.now()
actor = get_user_model().objects.filter(is_superuser=True).earliest("date_joined")
company = LegalEntity(
    code="north",
    name="North Quay Engineering GmbH",
    short_name="North Quay",
    currency="EUR",
    timezone="Europe/Berlin",
    language="en",
    address="1 Example Street\n20457 Hamburg",
)
create_legal_entity(company, actor=actor, at=now)
create_books(company, first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), actor=actor, at=now)
