"""Prove the books: every invariant over the live database, with offenders named."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from accounting.proving import prove


class Command(BaseCommand):
    help = "Check every invariant over the database; exits with an error when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        findings = []
        for finding in prove():
            findings.append(finding)
            if not options["json"]:
                verdict = "ok" if not finding.count else f"{finding.count} OFFENDERS"
                self.stdout.write(f"{finding.proof.code:5} {finding.proof.says}  {verdict}")
                for example in finding.examples:
                    self.stdout.write(f"        {example}")
        seconds = time.perf_counter() - started
        broken = sum(1 for finding in findings if finding.count)
        if options["json"]:
            rows = [
                {"code": one.proof.code, "count": one.count, "examples": one.examples} for one in findings
            ]
            self.stdout.write(json.dumps({"milliseconds": int(seconds * 1000), "proofs": rows}))
        else:
            self.stdout.write(f"{len(findings)} proofs, {broken} broken, {seconds:.2f} s")
        if broken:
            raise CommandError(
                f"{broken} invariants are broken: confirm and post nothing before they are repaired"
            )
