"""Prove the books: every invariant over the live database, with offenders named."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from accounting.proving import prove
from core.log_chain import Anchor, anchor, anchor_holds


class Command(BaseCommand):
    help = "Check every invariant over the database; exits with an error when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--anchor",
            help="an anchor that was kept outside, NUMBER:HASH: is that block of the log as it was?",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._compare(options["anchor"])
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
            # To be kept where nobody who may write to the database may write.
            self.stdout.write(f"anchor of the activity log: {anchor() or 'none yet'}")
        if broken:
            raise CommandError(
                f"{broken} invariants are broken: confirm and post nothing before they are repaired"
            )

    def _compare(self, kept: str | None) -> None:
        if not kept:
            return
        number, _colon, sha256 = kept.partition(":")
        if not number.isdecimal() or not anchor_holds(Anchor(int(number), sha256)):
            raise CommandError(f"The chain of the activity log was written anew: it does not hold {kept}.")
