"""Measure the product on this machine: printed figures and ratios, checks included, no verdict on time."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.db import connection

from bench.approvals import bench_approvals
from bench.backlog import bench_backlog
from bench.billing import SET_OF_CONTRACTS, bench_billing
from bench.bulk import bench_bulk
from bench.contracts import bench_contracts
from bench.importing import bench_import
from bench.journals import bench_journals
from bench.past_days import bench_past_days
from bench.proofs import bench_proofs
from bench.rerating import bench_rerating

BENCHES = {
    "import": bench_import,
    "approvals": bench_approvals,
    "confirm-contracts": bench_contracts,
    "bulk": bench_bulk,
    "backlog": bench_backlog,
    "re-rate": bench_rerating,
    "journals": bench_journals,
    "prove": bench_proofs,
    "past-days": bench_past_days,
}


class Command(BaseCommand):
    help = (
        "billing: N ready hours become drafts, confirmed proformas and posted invoices, beside the same job "
        "in bare SQL run before and after. import: files of a quarter, a half and all of N rows are read, "
        "imported and sent again. approvals: a quarter, a half and all of N entries are submitted and "
        "approved. re-rate: the same work is priced again after its price changed. confirm-contracts: a "
        "quarter, a half and all of N drafts are confirmed at once, each over work that was recorded before. "
        "backlog: the page is opened over a quarter, a half and all of N ready rows: first and last page, "
        "a search, other groups. bulk: a "
        "quarter, a half and all of N contracts are chosen on the list, drafted, then confirmed by the pages "
        "and by runs that are looked at meanwhile. journals: journals of a quarter and all of N lines over "
        "50 and over 400 projects are posted. prove: the books are checked over a third and all of N "
        "actuals. past-days: what stood at the end of a day is asked over a third and all of N pieces of "
        "work, half of them invoiced. Works in a scratch database of its own on that server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["billing", *BENCHES])
        parser.add_argument("--n", type=int, default=10_000)
        parser.add_argument("--set", type=int, default=SET_OF_CONTRACTS, help="contracts per transaction")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        name = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite":
            # In a file, as in the shop: the database would be in memory otherwise, and be measured with it.
            connection.settings_dict["TEST"]["NAME"] = str(settings.VAR / "bench.sqlite3")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            report = self._report(options)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._table(report)

    def _report(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["what"] in BENCHES:
            return BENCHES[options["what"]](options["n"])
        return bench_billing(options["n"], set_size=options["set"])

    def _table(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"{report['database']}, n = {report['n']}")
        heads = (
            "seconds",
            "cpu_seconds",
            "per_second",
            "statements",
            "database_seconds",
            "peak_mb",
            "statements_each",
            "bare_seconds",
            "ratio",
        )
        self.stdout.write(f"{'step':22}" + "".join(f"{head:>18}" for head in heads))
        for row in [*report["before"], *report["steps"]]:
            self.stdout.write(f"{row['step']:22}" + "".join(f"{row.get(head, '')!s:>18}" for head in heads))
        self.stdout.write("total     " + json.dumps(report["total"]))
