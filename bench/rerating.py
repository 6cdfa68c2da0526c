"""Pricing unbilled work again at once after its price changed: statements, seconds and growth (B11)."""

from typing import Any

from django.db import connection

from bench.approvals import STEPS, agree_with_limits, report_work, set_prices
from bench.billing import World
from bench.measuring import Measured, growths, measured
from projects.approval_querysets import ApprovalQuerySet
from projects.approving import approve_entries
from projects.models import Approval, Entry, PriceList, RolePrice
from projects.price_setting import set_prices as change_prices
from projects.rerating import rerate_work
from projects.rerating_preview import rerating_of
from projects.states import PriceContext
from projects.submitting import submit_entries


def bench_rerating(n: int) -> dict[str, Any]:
    """Approve a quarter of `n` entries, then a half, then all; raise the price and price each set again.

    The preview is measured as well as the verb, which looks at everything once more under its locks. On an
    empty scratch database.
    """
    world = World(n)
    set_prices(world)
    steps: list[tuple[int, Measured, Measured]] = []
    for part in STEPS:
        count = n // part
        work = _approved_work(world, count, f"R{part}-")
        _raise_the_price(world)
        with measured(f"preview {count}") as preview:
            digest = rerating_of(work).digest
        with measured(f"re-rate {count}") as rerate:
            done = rerate_work(
                work,
                reason="Bench",
                expected=digest,
                actor=world.accountant,
                on=world.now.date(),
                at=world.now,
            )
        if len(done.changes) != count:
            raise AssertionError(f"{len(done.changes)} of {count} entries were priced again")
        steps.append((count, preview, rerate))
    return {
        "database": connection.vendor,
        "n": n,
        "before": [],
        "steps": [row for count, *both in steps for row in (one.row(count) for one in both)],
        "total": {
            **growths("preview", [(count, preview) for count, preview, _rerate in steps]),
            **growths("rerate", [(count, rerate) for count, _preview, rerate in steps]),
        },
    }


def _approved_work(world: World, count: int, codes: str) -> ApprovalQuerySet:
    keys = report_work(world, agree_with_limits(world, count), count, codes)
    submit_entries(Entry.objects.filter(pk__in=keys), actor=world.accountant, at=world.now)
    waiting = Approval.objects.filter(entry__in=keys).waiting()
    approve_entries(waiting, actor=world.manager, on=world.now.date(), at=world.now)
    return Approval.objects.filter(entry__in=keys)


def _raise_the_price(world: World) -> None:
    """One euro more each time, so that everything approved before has another price."""
    sales = PriceList.objects.get(legal_entity=world.entity, context=PriceContext.SALES)
    price = RolePrice.objects.get(price_list=sales)
    price.price += 1
    change_prices(sales, [price], actor=world.accountant, at=world.now)
