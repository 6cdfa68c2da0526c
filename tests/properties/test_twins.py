"""What the database adds up, added up once more by hand, over worlds of awkward prices."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db.models import Sum

from accounting.models import VoucherLine
from billing.models import InvoiceLineDetail, Proforma
from billing.previewing import preview_run
from projects.models import (
    BacklogItem,
    ItemSalesTaxGroup,
    ProjectContract,
    RolePrice,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import BillingType
from tests.company import Company
from tests.company.batch import Batch
from tests.company.rows import DAY, next_number

pytestmark = pytest.mark.django_db

CENT = Decimal("0.01")
PRICES = [Decimal(price) for price in ("0.07", "10.07", "33.3333", "118.4", "152.755", "200")]
HOURS = [Decimal(hours) for hours in ("0.0001", "0.33", "1.6667", "7.25", "8", "2.5")]
RATES = [Decimal(percent) for percent in ("19", "7", "7.7")]


@dataclass
class Random:
    """A company whose work nobody would have thought of; the same for the same seed."""

    seed: int

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.company = Company()
        self.percent_of: dict[int | None, Decimal] = {self.company.item_group.pk: Decimal(20)}
        (sales_group,) = SalesTaxGroup.objects.filter(rules__tax_code=self.company.tax_code)
        # Work without a tax is work of a group that says so: without any group nothing is posted.
        self.categories = [self._taxed(sales_group, rate) for rate in (*RATES, Decimal(0))]
        if self.dice.random() < 0.5:
            self.company.is_shared_by("33.33", "33.33", "33.34")

    def _taxed(self, sales_group: SalesTaxGroup, percent: Decimal) -> TransactionCategory:
        number = next_number()
        group = ItemSalesTaxGroup.objects.create(code=f"rate-{number}", name=f"{percent}")
        code = TaxCode.objects.create(code=f"tax-{number}", name=f"Tax {percent}")
        TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=percent)
        TaxRule.objects.create(sales_tax_group=sales_group, item_sales_tax_group=group, tax_code=code)
        self.percent_of[group.pk] = percent
        return TransactionCategory.objects.create(
            name=f"Taxed {number}", transaction_class="time", item_sales_tax_group=group
        )

    def limit(self) -> None:
        """Agree on limits afterwards that half of the work would exceed, wherever one may be agreed."""
        sums = dict(
            BacklogItem.objects.chargeable().order_by().values_list("customer").annotate(sum=Sum("amount"))
        )
        half = sum(sums.values()) / self.dice.choice([1, 2, 3])
        ProjectContract.objects.update(not_to_exceed_amount=half.quantize(CENT))
        for payer in self.company.line.customers.all():
            payer.not_to_exceed_amount = (sums[payer.customer_id] / 2).quantize(CENT)
            payer.save()

    def work(self, count: int) -> None:
        for _each in range(count):
            RolePrice.objects.filter(price_list=self.company.sales).update(price=self.dice.choice(PRICES))
            hours = self.dice.choice(HOURS)
            self.company.approved(
                hours,
                billing_type=self.dice.choice([BillingType.CHARGEABLE] * 3 + [BillingType.COMPLIMENTARY]),
                date=DAY + timedelta(days=self.dice.randrange(29)),
                category=self.dice.choice(self.categories),
            )


def by_hand(draft: Proforma, percent_of: dict[int | None, Decimal]) -> tuple[Decimal, Decimal]:
    """Net and tax of a draft: every detail touched, every group taxed once."""
    net, bases = Decimal(0), defaultdict(lambda: Decimal(0))
    for detail in InvoiceLineDetail.objects.filter(line__proforma=draft):
        if detail.billing_type == BillingType.CHARGEABLE:
            net += detail.amount
            bases[percent_of[detail.item_sales_tax_group_id]] += detail.amount
    return net, sum((base * rate / 100).quantize(CENT, ROUND_HALF_UP) for rate, base in bases.items())


@pytest.mark.parametrize("seed", range(3))
def test_totals_of_drafts_before_and_after_edits(seed):
    made = Random(seed)
    made.work(25)
    made.company.ready()
    drafts = made.company.drafts()
    for _round in range(2):
        for draft in Proforma.objects.filter(pk__in=[one.pk for one in drafts]):
            assert (draft.net_amount, draft.tax_amount) == by_hand(draft, made.percent_of)
            assert draft.gross_amount == draft.net_amount + draft.tax_amount
            assert sum(line.amount for line in draft.lines.all()) == draft.net_amount
            details = InvoiceLineDetail.objects.filter(line__proforma=draft)
            changed = details.filter(pk__in=made.dice.sample(list(details.values_list("pk", flat=True)), 5))
            made.company.edit_only(changed, price=made.dice.choice(PRICES))


@pytest.mark.parametrize("seed", range(3))
def test_open_sales_by_contract_state_and_age(seed):
    made = Random(seed)
    made.work(25)
    ready = made.dice.sample(list(BacklogItem.objects.values_list("pk", flat=True)), 10)
    BacklogItem.objects.filter(pk__in=ready).update(status="ready")
    today = DAY + timedelta(days=50)
    items = list(BacklogItem.objects.select_related("work_item"))
    (summed,) = BacklogItem.objects.summed("contract", "currency", today=today)

    def total(*ages: int, only_ready: bool = False) -> Decimal:
        return sum(
            (
                item.amount
                for item in items
                if item.billing_type == BillingType.CHARGEABLE
                and (today - item.transaction_date).days in range(*ages or (0, 999))
                and (item.status == "ready" or not only_ready)
            ),
            Decimal(0),
        )

    assert summed["entries"] == len(items)
    (hours,) = BacklogItem.objects.hours("contract")
    assert hours["hours"] == sum(item.quantity for item in items)
    assert (summed["total"], summed["ready"], summed["blocked"]) == (total(), total(only_ready=True), 0)
    ages = [summed[age] for age in ("age_30", "age_60", "age_90", "age_more")]
    assert ages == [total(0, 31), total(31, 61), total(61, 91), total(91, 999)]


@pytest.mark.parametrize("seed", range(3))
def test_work_in_progress_is_what_is_open_and_will_be_paid(seed):
    made = Random(seed)
    made.work(15)
    made.company.journalise()
    made.company.ready()
    first, *_others = made.company.drafts()
    made.company.confirm(first)
    made.company.invoices()
    open_sales = BacklogItem.objects.filter(billing_type=BillingType.CHARGEABLE).values_list(
        "amount", flat=True
    )
    balance = VoucherLine.objects.filter(account__number="1450").values_list("base_amount", flat=True)
    assert sum(balance, Decimal(0)) == sum(open_sales, Decimal(0))
    receivable = VoucherLine.objects.filter(account__number="1400").values_list("amount", flat=True)
    assert sum(receivable) == Proforma.objects.get(pk=first.pk).gross_amount


@pytest.mark.parametrize("seed", range(3))
def test_what_a_run_is_said_to_take_is_what_it_takes(seed):
    made = Random(seed)
    made.work(20)
    made.company.ready()
    batch = Batch(made.company)
    batch.schedule(made.company.line, period="weekly", weekday=made.dice.randrange(7))
    made.limit()
    last = date(2026, 11, 16)
    foretold = preview_run(batch.job, last)
    run = batch.by_hand(last)
    taken: dict[date, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for draft in Proforma.objects.all():
        count, net = taken[draft.scheduled_for]
        details = InvoiceLineDetail.objects.filter(line__proforma=draft).count()
        taken[draft.scheduled_for] = count + details, net + draft.net_amount
    assert {one.run_date: (one.entries, one.amount) for one in foretold if one.entries} == dict(taken)
    assert sum(each.entries for each in foretold[-1].kept) == BacklogItem.objects.over_limit().count()
    assert BacklogItem.objects.over_limit().exists()
    assert [one.outcome for one in foretold].count("create") == len(taken)
    assert run.outcomes.filter(outcome="created").count() == len(taken)
