"""Write what was agreed: contracts with their lines, payers and rules (A2-A5, A13)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.deleting import Uses, sentence_of, uses_of
from core.refusals import Refusal, refuse_if
from projects.agreement_changes import changes_of_customers, log_lines
from projects.agreement_checks import Written, facts_of_terms, reasons_against_head, reasons_against_terms
from projects.agreement_rows import decided_anew, write_customers, write_lines
from projects.agreements import ContractHead, LineTerms, head_of, terms_of
from projects.line_coverage import facts_of_lines, reasons_against_lines
from projects.models import (
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    LegalEntity,
    Project,
    ProjectContract,
)
from projects.querysets import ContractQuerySet
from projects.re_evaluation import evaluate_again
from projects.states import ContractStatus

NUMBER = "C-{year}-{nth:03}"
NOTHING = Written(None, {}, {}, frozenset(), Counter(), {}, {})


def create_contract(
    head: ContractHead, lines: Sequence[LineTerms] = (), *, actor: User, on: date, at: datetime
) -> ProjectContract:
    """Write a draft contract with its lines; an empty number takes the next one of the year of `on`.

    Drafts may be incomplete and may overlap; confirming judges that. Amounts are in the contract's currency.
    Locks the legal entity. Raises Refused: name-missing, number-taken, currency-unknown, ends-before-start,
    line-name-missing, foreign-project, project-closed, foreign-task, foreign-customer, customer-on-hold,
    customer-closed, amount-not-positive, duplicate-payer, share-out-of-range, two-rounding-payers,
    increment-out-of-range, day-out-of-range, increment-and-day, discount-out-of-range,
    retention-out-of-range, retention-too-long, rule-unclear,
    duplicate-rule (A2-A5, A11).
    """
    # Not durable: the admin saves a form inside a transaction of its own.
    with transaction.atomic():
        # Held while the next number is looked up, so that two contracts do not ask for the same one.
        LegalEntity.objects.select_for_update().get(pk=head.legal_entity.pk)
        refuse_if([*_reasons_against(head, NOTHING), *reasons_against_terms(head, lines, NOTHING)])

        number = head.number or _next_number(on)
        contract = ProjectContract.objects.create(**head.columns() | {"number": number})
        write_customers(contract, head, lines)
        write_lines(contract, lines, ())
        log_activity("drafted", [contract], actor=actor, at=at, states=("", ContractStatus.DRAFT))
    return contract


def change_contract(
    contracts: ContractQuerySet,
    head: ContractHead,
    lines: Sequence[LineTerms] | None = None,
    *,
    actor: User,
    on: date,
    at: datetime,
) -> ProjectContract:
    """Change one contract as a whole; `lines` are all it shall have, or nothing to leave them as they are.

    What was recorded and is neither billed nor on a draft follows a confirmed contract: it is taken back and
    written again with its current line, price and chargeability (#15, #16). Locks the contract, its lines,
    their projects, then approvals and open work. Raises Refused: contract-ended, number-fixed,
    currency-locked, customer-fixed, foreign-line, method-locked, project-locked, share-locked, line-in-use,
    prepaid-discount, prepaid-day-rate, prepaid-payers, prepaid-time,
    the reasons of `create_contract`, and for a confirmed one those of confirming (A2-A5).
    """
    # Not durable: the admin saves a form inside a transaction of its own.
    with transaction.atomic():
        contract = contracts.select_related("legal_entity", "customer").locked().get()
        before, customers = terms_of(contract), head_of(contract).customers
        wanted = before if lines is None else lines
        written = _written(contract)
        refuse_if(
            [
                *_reasons_against(head, written),
                *reasons_against_terms(head, wanted, written),
                *_reasons_against_standing(head, wanted, written),
            ]
        )

        changes = changes_of([contract], _columns_of(head, contract)).get(contract.pk, {})
        for name, value in _columns_of(head, contract).items():
            setattr(contract, name, value)
        contract.save(update_fields=list(_columns_of(head, contract)))
        write_customers(contract, head, wanted)
        if lines is not None:
            rows = write_lines(contract, lines, written.lines.values())
            log_lines(contract, before, lines, rows, actor=actor, at=at)
        if written.must_be_whole:
            projects = [one.project for one in (*before, *wanted) if one.project is not None]
            evaluate_again([contract], projects, decided_anew(before, wanted), actor=actor, on=on, at=at)
        changes |= changes_of_customers(customers, head_of(contract).customers)
        log_activity("changed", [contract], actor=actor, at=at, changes={contract.pk: changes})
    return contract


def write_line(
    contracts: ContractQuerySet, terms: LineTerms, *, actor: User, on: date, at: datetime
) -> ContractLine:
    """Add one line to a contract, or change it, and leave its other lines as they stand.

    Locks and raises Refused as `change_contract` does (A3-A5).
    """
    # Not durable: the admin saves a form inside a transaction of its own.
    with transaction.atomic():
        # Locked before its lines are read, so that what somebody else changes meanwhile is not undone.
        contract = contracts.select_related("legal_entity", "customer").locked().get()
        stand = terms_of(contract)
        wanted = [terms if one.line == terms.line else one for one in stand]
        # A new line, or one of another contract, which is refused.
        wanted += [terms] if terms not in wanted else []
        change_contract(contracts, head_of(contract), wanted, actor=actor, on=on, at=at)
        lines = ContractLine.objects.filter(contract=contract)
        return lines.latest("number") if terms.line is None else lines.get(pk=terms.line.pk)


def remove_line(
    contracts: ContractQuerySet, line: ContractLine, *, actor: User, on: date, at: datetime
) -> ProjectContract:
    """Take one line out of a contract; a line that was used stays.

    Locks and raises Refused as `change_contract` does: line-in-use, no-lines (A3).
    """
    with transaction.atomic():
        contract = contracts.select_related("legal_entity", "customer").locked().get()
        rest = [one for one in terms_of(contract) if one.line != line]
        return change_contract(contracts, head_of(contract), rest, actor=actor, on=on, at=at)


def delete_contract_drafts(contracts: ContractQuerySet, *, actor: User, at: datetime) -> int:
    """Delete drafts that nothing names yet, with their lines.

    Locks the contracts. Raises Refused: not-a-draft, in-use (A2).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.locked())
        used = uses_of(chosen)
        refuse_if(_reasons_against_deleting(chosen, used))

        log_activity("deleted", chosen, actor=actor, at=at)
        ProjectContract.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


# --- Reasons --------------------------------------------------------------------------------------


def _reasons_against(head: ContractHead, written: Written) -> Iterable[Refusal]:
    same = ProjectContract.objects.filter(number=head.number)
    # The database refuses it too; here it is said in words.
    others = same.exclude(pk=written.contract.pk) if written.contract else same
    is_taken = bool(head.number) and others.exists()
    return reasons_against_head(head, written, is_number_taken=is_taken)


def _reasons_against_standing(
    head: ContractHead, lines: Sequence[LineTerms], written: Written
) -> Iterable[Refusal]:
    """A confirmed contract stays whole, and apart from all others."""
    if written.contract is None or not written.must_be_whole:
        return
    if not lines:
        yield Refusal("no-lines", _("It has no lines."), str(written.contract), _("Add a contract line."))
    projects = {terms.project.pk for terms in lines if terms.project is not None}
    # Held, so that no other contract is confirmed over the same project meanwhile.
    list(Project.objects.filter(pk__in=projects).order_by("pk").select_for_update())
    others = ContractLine.objects.claiming(projects).exclude(contract=written.contract)
    facts = facts_of_terms(head, written.contract.number, lines)
    yield from reasons_against_lines([*facts, *facts_of_lines(others, is_judged=False)])


def _reasons_against_deleting(
    contracts: Iterable[ProjectContract], used: Mapping[int, Uses]
) -> Iterable[Refusal]:
    for contract in contracts:
        if contract.status != ContractStatus.DRAFT:
            message = _("It is “%(status)s”.") % {"status": contract.get_status_display()}
            yield Refusal("not-a-draft", message, str(contract), _("Only drafts are deleted."))
        if used[contract.pk]:
            message = sentence_of(used[contract.pk])
            yield Refusal("in-use", message, str(contract), _("Mark it as lost instead."))


def _written(contract: ProjectContract) -> Written:
    related = ("contract", "project", "prepaid_hours")
    of_contract = ContractLine.objects.filter(contract=contract).select_related(*related)
    lines = {line.pk: line for line in of_contract.order_by("pk").select_for_update(of=("self",))}
    shares = ContractLineCustomer.objects.filter(contract_line__in=lines).select_related("customer")
    payers: dict[int, dict[int, ContractLineCustomer]] = {pk: {} for pk in lines}
    for share in shares:
        payers[share.contract_line_id][share.customer_id] = share
    customers = ContractCustomer.objects.filter(contract=contract).values_list("customer", flat=True)
    return Written(
        contract=contract,
        lines=lines,
        payers=payers,
        customers=frozenset([contract.customer_id, *customers]),
        uses=uses_of([contract])[contract.pk],
        uses_of_lines=uses_of(lines.values()),
        uses_of_payers=uses_of(shares),
    )


# --- Values --------------------------------------------------------------------------------------


def _next_number(on: date) -> str:
    """One above the highest number of the year that follows the pattern."""
    pattern = re.compile(NUMBER.format(year=on.year, nth=0).replace("000", r"(\d{3,9})"))
    of_year = ProjectContract.objects.filter(number__startswith=NUMBER.format(year=on.year, nth=0)[:-3])
    matches = map(pattern.fullmatch, of_year.values_list("number", flat=True))
    highest = max((int(match[1]) for match in matches if match), default=0)
    return NUMBER.format(year=on.year, nth=highest + 1)


def _columns_of(head: ContractHead, contract: ProjectContract) -> dict[str, object]:
    """What changes; the legal entity never does, and an empty number keeps the one there is."""
    columns = head.columns() | {"number": head.number or contract.number}
    return {name: value for name, value in columns.items() if name != "legal_entity"}
