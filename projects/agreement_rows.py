"""Write the rows of a contract: customers, lines, their tasks, payers and rules.

The verbs that call it have locked the rows and refused before.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from core.money import HUNDRED
from projects.agreements import ContractHead, LineTerms, PayerShare
from projects.models import (
    Chargeability,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    ProjectContract,
)

SHARE = ["split_percent", "is_rounding", "not_to_exceed_amount"]


def write_customers(contract: ProjectContract, head: ContractHead, lines: Sequence[LineTerms]) -> None:
    """Store the customers of a contract; its own customer and every payer of a line are among them."""
    alone = PayerShare(contract.customer, HUNDRED, is_rounding=True)
    wanted = {payer.customer.pk: payer for payer in head.customers or (alone,)}
    paying = [payer.customer for terms in lines for payer in terms.payers]
    for customer in (contract.customer, *paying):
        wanted.setdefault(customer.pk, PayerShare(customer))
    of_contract = ContractCustomer.objects.filter(contract=contract)
    of_contract.exclude(customer__in=wanted).delete()
    # Cleared first, because the database refuses two rounding payers even within one statement.
    of_contract.update(is_rounding=False)
    known = {row.customer_id: row for row in of_contract}
    rows = [known.get(pk) or ContractCustomer(contract=contract, customer_id=pk) for pk in wanted]
    for row, payer in zip(rows, wanted.values(), strict=True):
        _take_over(row, payer)
    ContractCustomer.objects.bulk_create([row for row in rows if row.pk is None])
    ContractCustomer.objects.bulk_update([row for row in rows if row.pk is not None], SHARE)


def write_lines(
    contract: ProjectContract, lines: Sequence[LineTerms], written: Collection[ContractLine]
) -> list[ContractLine]:
    """Store the lines of a contract and delete all others; existing lines keep their numbers.

    Returns their rows in the order of `lines`. Statements do not depend on how many lines there are.
    """
    known = {line.pk: line for line in written}
    kept = {terms.line.pk for terms in lines if terms.line is not None}
    ContractLine.objects.filter(contract=contract).exclude(pk__in=kept).delete()
    number, rows = max((line.number for line in written), default=0), []
    for terms in lines:
        if terms.line is None:
            number += 1
        row = known[terms.line.pk] if terms.line else ContractLine(contract=contract, number=number)
        for name, value in terms.columns().items():
            setattr(row, name, value)
        rows.append(row)
    ContractLine.objects.bulk_create([row for row in rows if row.pk is None])
    if lines:
        ContractLine.objects.bulk_update([row for row in rows if row.pk in known], list(lines[0].columns()))
    _write_tasks(rows, lines)
    _write_payers(rows, lines)
    _write_rules(rows, lines)
    return rows


def decided_anew(before: Iterable[LineTerms], after: Iterable[LineTerms]) -> set[int]:
    """Keys of the lines whose terms changed in a way that changes how work is billed (#15)."""
    earlier = {terms.line.pk: terms.decisive for terms in before if terms.line is not None}
    later = {terms.line.pk: terms.decisive for terms in after if terms.line is not None}
    return {pk for pk, decisive in later.items() if decisive != earlier.get(pk)}


def _write_tasks(rows: Sequence[ContractLine], lines: Sequence[LineTerms]) -> None:
    through: Any = ContractLine.tasks.through
    wanted = {(row.pk, task.pk) for row, terms in zip(rows, lines, strict=True) for task in terms.tasks}
    present = {
        (line_id, task_id): pk
        for pk, line_id, task_id in through.objects.filter(
            contractline__in=[row.pk for row in rows]
        ).values_list("pk", "contractline_id", "task_id")
    }
    through.objects.filter(pk__in=[pk for pair, pk in present.items() if pair not in wanted]).delete()
    through.objects.bulk_create(
        through(contractline_id=line_id, task_id=task_id)
        for line_id, task_id in sorted(wanted - present.keys())
    )


def _write_payers(rows: Sequence[ContractLine], lines: Sequence[LineTerms]) -> None:
    shares = ContractLineCustomer.objects.filter(contract_line__in=rows)
    wanted = {
        (row.pk, payer.customer.pk): payer
        for row, terms in zip(rows, lines, strict=True)
        for payer in terms.payers
    }
    # Cleared first, because the database refuses two rounding payers even within one statement.
    shares.update(is_rounding=False)
    known = {(share.contract_line_id, share.customer_id): share for share in shares}
    gone = [share.pk for pair, share in known.items() if pair not in wanted]
    ContractLineCustomer.objects.filter(pk__in=gone).delete()
    written = []
    for (line_id, customer_id), payer in wanted.items():
        share = known.get((line_id, customer_id))
        written.append(share or ContractLineCustomer(contract_line_id=line_id, customer_id=customer_id))
        _take_over(written[-1], payer)
    ContractLineCustomer.objects.bulk_create([share for share in written if share.pk is None])
    ContractLineCustomer.objects.bulk_update([share for share in written if share.pk is not None], SHARE)


def _write_rules(rows: Sequence[ContractLine], lines: Sequence[LineTerms]) -> None:
    # No other row refers to a rule, so all of them are replaced.
    Chargeability.objects.filter(contract_line__in=rows).delete()
    Chargeability.objects.bulk_create(
        Chargeability(
            contract_line=row,
            task=rule.task,
            role=rule.role,
            category=rule.category,
            is_chargeable=rule.is_chargeable,
        )
        for row, terms in zip(rows, lines, strict=True)
        for rule in terms.rules
    )


def _take_over(row: ContractCustomer | ContractLineCustomer, payer: PayerShare) -> None:
    for name in SHARE:
        setattr(row, name, getattr(payer, name))
