"""The step after drafting: look through what was made, and confirm it (B8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import ngettext

from billing.models import BatchRun, Proforma
from billing.states import ProformaStatus
from billing.views.proformas import Proformas
from core.access import may
from core.pages import Total
from core.templatetags.display import money, number


@dataclass(frozen=True)
class ToConfirm:
    """Open proformas that the user may confirm: how the page that asks is reached, and what it is about."""

    fields: Sequence[tuple[str, str]]
    totals: Sequence[Total]

    @property
    def words(self) -> str:
        """`Confirm 20 proformas, €100,000.00`: how many, and how much of each currency."""
        count = sum(total.count for total in self.totals)
        many = ngettext(
            "Confirm %(count)s proforma, %(sums)s", "Confirm %(count)s proformas, %(sums)s", count
        )
        sums = " + ".join(money(total.amount, total.currency) for total in self.totals)
        return many % {"count": number(count), "sums": sums}


def made_by_run(run: BatchRun, request: HttpRequest) -> ToConfirm | None:
    """What a run drafted and nobody has confirmed, however much it is; None where there is nothing to do."""
    if not may(request.user, "billing.confirm_proforma"):
        return None
    shown = Proformas.for_request(request)
    opened = [("status", status) for status in (ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW)]
    rows = shown.get_queryset().open().made_by(run.pk)
    totals = shown.get_totals(rows)
    fields = [
        ("scope", "filter"),
        ("filter", urlencode([("run", run.pk), *opened])),
        ("expect_count", str(sum(total.count for total in totals))),
        *(("expect_sum", f"{total.currency}:{total.amount:f}") for total in totals),
    ]
    return ToConfirm(fields, totals) if totals else None


def among(rows: QuerySet[Proforma], request: HttpRequest) -> ToConfirm | None:
    """Those of the rows of one page that are open; None where there is nothing to do."""
    if not may(request.user, "billing.confirm_proforma"):
        return None
    shown = Proformas.for_request(request)
    opened = shown.get_queryset().open().filter(pk__in=[one.pk for one in rows])
    totals = shown.get_totals(opened)
    keys = [("row", str(key)) for key in opened.order_by("pk").values_list("pk", flat=True)]
    return ToConfirm([("scope", "page"), *keys], totals) if totals else None
