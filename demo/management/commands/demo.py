"""manage.py demo: fill an empty database with a small company whose month end is waiting."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from demo.people import write_logins
from demo.timeline import build_demo
from projects.models import LegalEntity


class Command(BaseCommand):
    help = (
        "Set up the demo company: people, contracts, three months of work, two of them billed to the end. "
        "Does nothing when there is a legal entity already; refuses in production."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's password is known to everybody: it is not set up in production.")
        if LegalEntity.objects.exists():
            self.stdout.write(
                "There is a legal entity already: the demo company was not set up, nothing changed."
            )
            return
        build_demo(timezone.now(), self.stdout.write)
        logins = settings.VAR / "demo-logins.txt"
        write_logins(logins)
        self.stdout.write(f"  logins: {logins}")
