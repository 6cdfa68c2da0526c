"""Bill a company's real hours end to end: import to printed customer invoices, with figures and seconds."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from core.refusals import Refused
from projects.layouts import known_mappings
from real_hours.steps import Hours, rates_from


class Command(BaseCommand):
    help = (
        "Import a file of hours by a mapping, create a time-and-material contract per project with the given "
        "rates, submit, approve, mark ready, draft (one proforma per contract, or per month by the batch), "
        "confirm, post the integration journals, post and print the customer invoices. Repeating it changes "
        "nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dates", type=Path, help="a second file that the mapping joins")
        parser.add_argument("--mapping", default="sip", choices=sorted(known_mappings()))
        parser.add_argument("--rate", action="append", default=[], metavar="ROLE=PRICE", help="an hour")
        parser.add_argument("--through", type=date.fromisoformat, help="run and invoice date; default: today")
        parser.add_argument("--monthly", action="store_true", help="by the batch, an invoice a month")
        parser.add_argument("--no-print", action="store_true", help="leave printing to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            hours = Hours(
                mapping=known_mappings()[options["mapping"]],
                rates=rates_from(options["rate"]),
                through=options["through"],
                write=self.stdout.write,
            )
            printing = not options["no_print"]
            hours.bill(options["file"], options["dates"], monthly=options["monthly"], printing=printing)
        except (Refused, OSError, ValueError) as problem:
            raise CommandError(str(problem)) from problem
