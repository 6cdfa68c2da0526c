"""Results as text, for tests to compare with what they wrote: actuals, the backlog, balances."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounting.models import CustomerInvoice, Voucher, VoucherLine
from projects.models import Actual, BacklogItem, LegalEntity
from projects.states import BALANCES, ActualOutcome, BillingStatus, BillingType, TransactionType

KINDS = {
    TransactionType.COST: "cost",
    TransactionType.UNBILLED_SALES: "unbilled",
    TransactionType.BILLED_SALES: "billed",
}


def table(text: str) -> str:
    """What a test wrote as a block of text, without the indentation and the alignment."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def quantity(of: Decimal) -> str:
    return f"{of.normalize():+f}"


def amount(of: Decimal) -> str:
    return f"{of:+.2f}" if of else "0.00"


def balance(number: str, name: str, currency: str, of: Decimal, base: Decimal, own: str) -> str:
    """An account and its balance; a foreign one in the entity's own currency too."""
    if currency == own:
        return f"{number} {name} {amount(of)}"
    return f"{number} {name} {amount(of)} {currency} = {amount(base)} {own}"


def waiting(item: BacklogItem) -> str:
    """One open item: date, billing type, quantity, amount, status, and why it is held."""
    status = [BillingStatus(item.status).name.lower(), *([item.hold_reason] if item.hold_reason else [])]
    kind = word(BillingType(item.billing_type))
    return " ".join([str(item.transaction_date), kind, quantity(item.quantity), amount(item.amount), *status])


def place_of(row: Actual) -> tuple[Any, ...]:
    """Events in order; of each work item cost, unbilled by size, mirrors, billed."""
    return (
        row.event_id,
        row.work_item_id,
        row.type,
        row.reverses_id is not None,
        -abs(row.quantity),
        row.billing_type,
    )


def row_text(row: Actual) -> str:
    """One actual: type, billing type, quantity, amount, and for sales what became of them."""
    return " ".join(
        [
            KINDS[TransactionType(row.type)],
            word(BillingType(row.billing_type)),
            quantity(row.quantity),
            amount(row.amount),
            *_status(row),
        ]
    )


def _status(row: Actual) -> list[str]:
    if row.reverses_id is not None:
        return ["mirror"]
    if row.type == TransactionType.COST:
        return []
    mirrors = list(row.mirror.all())
    if mirrors:
        return [ActualOutcome(mirrors[0].outcome).name.lower()]
    if row.type == TransactionType.BILLED_SALES:
        return []
    if row.work_item.transaction_class in BALANCES:
        return ["open"]
    return [BillingStatus(row.backlog_item.status).name.lower()]


def word(of: BillingType) -> str:
    return of.name.lower().replace("_", "-")


def actuals_of(entity: LegalEntity) -> str:
    """Type, billing type, quantity, amount and status of every actual, in the order of events."""
    actuals = (
        Actual.objects.filter(work_item__legal_entity=entity)
        .select_related("backlog_item", "work_item")
        .prefetch_related("mirror")
    )
    return "\n".join(row_text(row) for row in sorted(actuals, key=place_of))


def statuses_of(entity: LegalEntity) -> str:
    """Type, billing type, quantity, amount, billing and adjustment status of every actual (matrix 4.5)."""
    actuals = Actual.objects.filter(work_item__legal_entity=entity).with_statuses()
    rows = sorted(actuals.select_related("work_item"), key=place_of)
    return "\n".join(
        " ".join(
            [
                *(KINDS[TransactionType(row.type)], word(BillingType(row.billing_type))),
                *(quantity(row.quantity), amount(row.amount)),
                *(row.billing_status or "-", row.adjustment_status or "-"),
            ]
        )
        for row in rows
    )


def backlog_of(entity: LegalEntity) -> str:
    """Date, billing type, quantity, amount and status of everything open."""
    items = BacklogItem.objects.filter(contract__legal_entity=entity)
    return "\n".join(waiting(item) for item in items.order_by("transaction_date", "pk"))


def ledger_of(entity: LegalEntity) -> str:
    """The balance of every account that was moved, debits positive; foreign ones in both currencies."""
    lines = VoucherLine.objects.filter(voucher__legal_entity=entity).order_by()
    sums = lines.values_list("account__number", "account__name", "currency").annotate(
        amount=Sum("amount"), base=Sum("base_amount")
    )
    return "\n".join(balance(*row, own=entity.currency) for row in sorted(sums))


def voucher_of(invoice: CustomerInvoice) -> str:
    """The lines of an invoice's voucher by account, in its currency."""
    voucher = Voucher.objects.get(source_kind="customer_invoice", source_id=invoice.pk)
    sums = (
        voucher.lines.order_by().values_list("account__number", "account__name").annotate(sum=Sum("amount"))
    )
    return "\n".join(f"{number} {name} {amount(sum_)}" for number, name, sum_ in sorted(sums))
