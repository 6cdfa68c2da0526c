"""One of several processes that race: `python -m tests.races.racer ACTION KEY with-locks|without-locks`.

It says that it is ready, waits for a line, acts, and says as JSON what came of it. Without locks, rows are
read without being held: what then keeps the data right are the guards of the database alone.
"""

import json
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django


def draft(contract: int) -> int:
    from billing.drafting import draft_contracts
    from projects.models import ProjectContract
    from tests.company.rows import CUT_OFF, NOW

    chosen = ProjectContract.objects.filter(pk=contract)
    return len(draft_contracts(chosen, invoice_date=CUT_OFF, actor=_somebody("manager"), at=NOW))


def approve(approval: int) -> int:
    from projects.approving import approve_entries
    from projects.models import Approval
    from tests.company.rows import DAY, NOW

    approve_entries(Approval.objects.filter(pk=approval), actor=_somebody("manager"), on=DAY, at=NOW)
    return 1


def confirm(proforma: int) -> int:
    from billing.confirming import confirm_proformas
    from billing.models import Proforma
    from tests.company.rows import NOW

    chosen = Proforma.objects.filter(pk=proforma)
    return len(confirm_proformas(chosen, actor=_somebody("manager"), at=NOW))


def edit(proforma: int) -> int:
    from billing.editing import Changes, edit_details
    from billing.models import InvoiceLineDetail
    from tests.company.rows import NOW

    details = InvoiceLineDetail.objects.filter(line__proforma=proforma)
    edit_details(details, Changes(quantity=Decimal(6)), actor=_somebody("manager"), at=NOW)
    return 1


def correct(billed: int) -> int:
    from billing.correcting import correct_billed
    from billing.correction_rows import BilledCorrection
    from projects.models import Actual
    from tests.company.rows import CUT_OFF, NOW

    asked = BilledCorrection(Actual.objects.get(pk=billed), quantity=Decimal(6))
    return len(correct_billed([asked], invoice_date=CUT_OFF, actor=_somebody("manager"), at=NOW))


ACTIONS: dict[str, Callable[[int], int]] = {
    action.__name__: action for action in (draft, approve, confirm, edit, correct)
}


def _somebody(name: str) -> Any:
    from django.contrib.auth.models import User

    return User.objects.filter(username__startswith=name).earliest("pk")


def _hold_nothing() -> None:
    from core.querysets import VisibleQuerySet

    VisibleQuerySet.locked = lambda rows: rows.order_by("pk")  # type: ignore[method-assign]


def main(action: str, key: int, *options: str) -> None:
    from django.db import DatabaseError, connection

    from core.querysets import ChangedMeanwhile
    from core.refusals import Refused

    if "without-locks" in options:
        _hold_nothing()
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        answer: dict[str, Any] = {"done": ACTIONS[action](key)}
    except Refused as refused:
        answer = {"codes": list(refused.codes), "said": str(refused)}
    except (ChangedMeanwhile, DatabaseError) as error:
        answer = {"stopped": type(error).__name__, "said": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    name, key, *options = sys.argv[1:]
    main(name, int(key), *options)
