"""Refusals for a contract and its lines that are to be created or changed (A2-A5)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.deleting import Uses, sentence_of, uses_of
from core.money import HUNDRED, ZERO, is_share
from core.refusals import Refusal
from projects.agreements import ContractHead, LineTerms, PayerShare
from projects.line_coverage import CLASSES, LineFacts
from projects.line_prepaid import reasons_against_prepaid
from projects.models import ContractLine, ContractLineCustomer, Customer, Project, ProjectContract
from projects.models.contract import MINUTES_OF_A_DAY, MOST_RETENTION_MONTHS
from projects.states import ContractStatus

HOURS_OF_A_DAY = 24
CURRENCY = re.compile(r"[A-Z]{3}")
FINAL = (ContractStatus.COMPLETED, ContractStatus.LOST)


@dataclass(frozen=True)
class Written:
    """What is stored: a contract with its lines and payers, and what refers to each of them."""

    contract: ProjectContract | None
    lines: Mapping[int, ContractLine]
    payers: Mapping[int, Mapping[int, ContractLineCustomer]]
    customers: frozenset[int]
    uses: Uses
    uses_of_lines: Mapping[int, Uses]
    uses_of_payers: Mapping[int, Uses]

    @property
    def must_be_whole(self) -> bool:
        """A draft may be incomplete; what the customer agreed to may not."""
        return self.contract is not None and self.contract.status != ContractStatus.DRAFT


# --- What stays -----------------------------------------------------------------------------------


def fixed_fields(contract: ProjectContract | None) -> dict[str, str]:
    """What does not change any more of a contract, each with the reason."""
    if contract is None:
        return {}
    fixed = {"legal_entity": _("Stays")}
    if contract.status != ContractStatus.DRAFT:
        fixed |= {"number": _("Fixed since it was confirmed"), "customer": _("Fixed since it was confirmed")}
    if uses_of([contract])[contract.pk]:
        fixed["currency"] = _("Fixed, it is in use")
    return fixed


def fixed_fields_of_line(line: ContractLine) -> dict[str, str]:
    """What does not change any more of a contract line, each with the reason."""
    uses = uses_of([line])[line.pk]
    if not uses:
        return {}
    fixed = {"billing_method": sentence_of(uses)}
    return fixed | {"project": sentence_of(uses)} if line.project_id is not None else fixed


# --- The contract ---------------------------------------------------------------------------------


def reasons_against_head(head: ContractHead, written: Written, *, is_number_taken: bool) -> Iterator[Refusal]:
    """Refusals for the values of a contract as a whole.

    Codes: contract-ended, name-missing, number-taken, number-fixed, currency-unknown, currency-locked,
    customer-fixed, ends-before-start, amount-not-positive, retention-out-of-range, retention-too-long, and
    those about payers (A2, B12, M4).
    """
    before, subject = written.contract, head.number or head.name
    if before is not None and before.status in FINAL:
        message = _("It is “%(status)s” and does not change any more.")
        yield Refusal("contract-ended", message % {"status": before.get_status_display()}, str(before))
    if not head.name.strip():
        yield Refusal("name-missing", _("A contract needs a name; it is printed on invoices."), subject)
    if is_number_taken:
        message = _("Another contract has this number.")
        yield Refusal("number-taken", message, subject, _("Leave it empty to take the next one."))
    if not CURRENCY.fullmatch(head.currency):
        message = _("“%(code)s” is not a currency code.") % {"code": head.currency}
        yield Refusal("currency-unknown", message, subject, _("Use three capital letters, such as EUR."))
    if before is not None:
        yield from _fixed(head, before, written)
    if head.starts_on and head.ends_on and head.ends_on < head.starts_on:
        message = _("It ends before it starts.")
        yield Refusal("ends-before-start", message, subject, _("Choose a later last day."))
    yield from _amounts(head, ("not_to_exceed_amount",), subject)
    yield from _retention(head, subject)
    yield from _payers(head.customers, head, subject, known=written.customers)
    if head.customer.pk not in written.customers and head.customer not in _customers(head.customers):
        yield from _customer(head.customer, head, subject)


def _fixed(head: ContractHead, before: ProjectContract, written: Written) -> Iterator[Refusal]:
    subject, is_draft = str(before), before.status == ContractStatus.DRAFT
    if head.number and head.number != before.number and not is_draft:
        message = _("A confirmed contract keeps its number.")
        yield Refusal("number-fixed", message, subject, _("Create another contract."))
    if head.customer.pk != before.customer_id and not is_draft:
        message = _("A confirmed contract keeps its customer.")
        yield Refusal(
            "customer-fixed", message, subject, _("Add the other customer as a payer of its lines.")
        )
    if head.currency != before.currency and written.uses:
        yield Refusal(
            "currency-locked",
            _("Its currency is fixed, because it is in use: %(uses)s") % {"uses": sentence_of(written.uses)},
            subject,
            _("Create another contract in the other currency."),
        )


# --- Lines ----------------------------------------------------------------------------------------


def reasons_against_terms(
    head: ContractHead, lines: Sequence[LineTerms], written: Written
) -> Iterator[Refusal]:
    """Refusals for each line by itself.

    Codes: line-name-missing, foreign-line, method-locked, project-locked, foreign-project, project-closed,
    foreign-task, increment-out-of-range, day-out-of-range, increment-and-day, discount-out-of-range,
    amount-not-positive, rule-unclear, duplicate-rule, line-in-use, those about payers, and those of
    `reasons_against_prepaid` (A3-A5, A11, A12).
    """
    kept = {terms.line.pk for terms in lines if terms.line is not None}
    for terms in lines:
        yield from _line(terms, head, written)
    for pk, line in written.lines.items():
        if pk not in kept and written.uses_of_lines[pk]:
            message = sentence_of(written.uses_of_lines[pk])
            yield Refusal(
                "line-in-use",
                message,
                line.name,
                _("It cannot be removed any more; limit its tasks or classes."),
            )


def _line(terms: LineTerms, head: ContractHead, written: Written) -> Iterator[Refusal]:
    subject = terms.name or _("New line")
    known = {} if terms.line is None else written.payers.get(terms.line.pk, {})
    if not terms.name.strip():
        yield Refusal("line-name-missing", _("A line needs a name; it is printed on invoices."), subject)
    if terms.line is not None:
        if terms.line.pk not in written.lines:
            yield Refusal("foreign-line", _("It is a line of another contract."), subject)
            return
        yield from _locked(terms, written.lines[terms.line.pk], written.uses_of_lines[terms.line.pk])
        yield from _shares_in_use(terms, known, written)
        yield from reasons_against_prepaid(terms, written.lines[terms.line.pk], known)
    before = None if terms.line is None else terms.line.project_id
    if terms.project is not None:
        yield from _project(terms.project, head, subject, is_new=terms.project.pk != before)
    of_rules = [rule.task for rule in terms.rules if rule.task is not None]
    for task in (*terms.tasks, *of_rules):
        if terms.project is None or task.project_id != terms.project.pk:
            message = _("Task %(task)s does not belong to the project of the line.") % {"task": task}
            yield Refusal("foreign-task", message, subject, _("Choose tasks of the project of the line."))
    yield from _steps(terms, subject)
    yield from _discount(terms, subject)
    yield from _amounts(terms, ("contracted_amount", "not_to_exceed_amount"), subject)
    yield from _payers(terms.payers, head, subject, known=frozenset(known))
    yield from _rules(terms, subject)


def _locked(terms: LineTerms, line: ContractLine, uses: Uses) -> Iterator[Refusal]:
    if not uses:
        return
    why = sentence_of(uses)
    if terms.billing_method != line.billing_method:
        message = _("Its billing method is fixed, because it is in use: %(uses)s") % {"uses": why}
        yield Refusal("method-locked", message, line.name, _("Add another line."))
    after = terms.project.pk if terms.project else None
    if line.project_id is not None and after != line.project_id:
        message = _("Its project is fixed, because it is in use: %(uses)s") % {"uses": why}
        yield Refusal("project-locked", message, line.name, _("Add another line."))


def _shares_in_use(
    terms: LineTerms, known: Mapping[int, ContractLineCustomer], written: Written
) -> Iterator[Refusal]:
    """Milestones were split by the shares at that time; payers with milestones keep their share."""
    asked = {payer.customer.pk: payer for payer in terms.payers}
    for customer_id, share in known.items():
        uses, payer = written.uses_of_payers[share.pk], asked.get(customer_id)
        if uses and (payer is None or payer.split_percent != share.split_percent):
            message = _("The share of %(customer)s is fixed, because it is in use: %(uses)s")
            facts = {"customer": share.customer, "uses": sentence_of(uses)}
            yield Refusal("share-locked", message % facts, terms.name, _("Add another line."))


def _project(project: Project, head: ContractHead, subject: str, *, is_new: bool) -> Iterator[Refusal]:
    if project.legal_entity_id != head.legal_entity.pk:
        message = _("Project %(project)s belongs to another legal entity.") % {"project": project}
        yield Refusal("foreign-project", message, subject, _("Choose a project of the legal entity."))
    # A project that was closed later stays on its line; only choosing a closed one is refused.
    if is_new and project.is_closed:
        message = _("Project %(project)s is closed.") % {"project": project}
        yield Refusal("project-closed", message, subject, _("Ask its manager to reopen it."))


def _steps(terms: LineTerms, subject: str) -> Iterator[Refusal]:
    """The steps in which time is billed (A11)."""
    minutes, hours = terms.increment_minutes, terms.day_hours
    if minutes is not None and not 1 <= minutes <= MINUTES_OF_A_DAY:
        message = _("A billing increment has at least 1 and at most 1440 minutes.")
        yield Refusal("increment-out-of-range", message, subject, _("Leave it empty to bill as recorded."))
    if hours is not None and not ZERO < hours <= HOURS_OF_A_DAY:
        message = _("A billed day has more than 0 and at most 24 hours.")
        yield Refusal("day-out-of-range", message, subject, _("Leave it empty to bill in hours."))
    if minutes is not None and hours is not None:
        message = _("Time is billed in increments or in days, not in both.")
        yield Refusal("increment-and-day", message, subject, _("Leave one of them empty."))


def _discount(terms: LineTerms, subject: str) -> Iterator[Refusal]:
    """What every draft of the line grants (B12)."""
    percent = terms.discount_percent
    if percent is not None and not is_share(percent):
        message = _("A discount is more than 0 and at most 100 percent.")
        yield Refusal("discount-out-of-range", message, subject, _("Leave it empty where none is granted."))


def _retention(head: ContractHead, subject: str) -> Iterator[Refusal]:
    """What every proforma keeps back, and for how long (B12)."""
    percent, months = head.retention_percent, head.retention_months
    if percent is not None and not is_share(percent):
        message = _("A retention is more than 0 and at most 100 percent.")
        yield Refusal("retention-out-of-range", message, subject, _("Leave it empty where none is agreed."))
    if months is not None and not 0 <= months <= MOST_RETENTION_MONTHS:
        message = _("A retention is released within 240 months.")
        yield Refusal("retention-too-long", message, subject, _("Enter fewer months, or leave it empty."))


def _rules(terms: LineTerms, subject: str) -> Iterator[Refusal]:
    if any(not rule.about[0] for rule in terms.rules):
        message = _("A chargeability rule names exactly one task, role or category.")
        yield Refusal("rule-unclear", message, subject)
    counts = Counter(rule.about for rule in terms.rules if rule.about[0])
    for rule in {rule.about: rule for rule in terms.rules if counts[rule.about] > 1}.values():
        named = rule.task or rule.role or rule.category
        message = _("Two chargeability rules name %(what)s.") % {"what": named}
        yield Refusal("duplicate-rule", message, subject, _("Keep one of them."))


# --- Payers and amounts ---------------------------------------------------------------------------


def _payers(
    payers: Sequence[PayerShare], head: ContractHead, subject: str, *, known: frozenset[int]
) -> Iterator[Refusal]:
    """Codes: duplicate-payer, share-out-of-range, two-rounding-payers, amount-not-positive."""
    counts = Counter(payer.customer.pk for payer in payers)
    for payer in {payer.customer.pk: payer for payer in payers if counts[payer.customer.pk] > 1}.values():
        message = _("%(customer)s is listed more than once.") % {"customer": payer.customer}
        yield Refusal("duplicate-payer", message, subject, _("Enter the sum of its shares in one row."))
    for payer in payers:
        if not ZERO <= payer.split_percent <= HUNDRED:
            message = _("The share of %(customer)s is %(share)s percent.")
            facts = {"customer": payer.customer, "share": f"{payer.split_percent:f}"}
            yield Refusal(
                "share-out-of-range", message % facts, subject, _("Enter a share between 0 and 100 percent.")
            )
        yield from _amounts(payer, ("not_to_exceed_amount",), subject)
        if payer.customer.pk not in known:
            yield from _customer(payer.customer, head, subject)
    if sum(payer.is_rounding for payer in payers) > 1:
        message = _("More than one payer takes the rounding difference.")
        yield Refusal("two-rounding-payers", message, subject, _("Choose one payer for it."))


def _customer(customer: Customer, head: ContractHead, subject: str) -> Iterator[Refusal]:
    """Codes: foreign-customer, customer-on-hold, customer-closed."""
    facts = {"customer": customer}
    if customer.legal_entity_id != head.legal_entity.pk:
        message = _("Customer %(customer)s belongs to another legal entity.") % facts
        yield Refusal("foreign-customer", message, subject, _("Choose a customer of the legal entity."))
    if customer.is_on_hold:
        message = _("Customer %(customer)s is on hold.") % facts
        yield Refusal("customer-on-hold", message, subject, _("Release the customer first."))
    if customer.is_closed:
        message = _("Customer %(customer)s is closed.") % facts
        yield Refusal("customer-closed", message, subject, _("Reopen the customer, or choose another one."))


def _amounts(
    of: ContractHead | LineTerms | PayerShare, names: Iterable[str], subject: str
) -> Iterator[Refusal]:
    for name in names:
        amount: Decimal | None = getattr(of, name)
        if amount is not None and amount <= 0:
            message = _("An agreed amount must be above zero.")
            yield Refusal("amount-not-positive", message, subject, _("Leave it empty where there is none."))


def _customers(payers: Sequence[PayerShare]) -> list[Customer]:
    return [payer.customer for payer in payers]


def facts_of_terms(head: ContractHead, number: str, lines: Sequence[LineTerms]) -> list[LineFacts]:
    """The lines with their new values, as the checks of a confirmed contract take them."""
    return [
        LineFacts(
            contract=number,
            number=nth,
            name=terms.name,
            project_id=terms.project.pk if terms.project else None,
            classes=frozenset(one for one in CLASSES if getattr(terms, f"includes_{one}")),
            tasks=frozenset(task.pk for task in terms.tasks),
            first_day=max(head.starts_on or date.min, terms.billing_starts_on or date.min),
            last_day=head.ends_on or date.max,
            split=sum((payer.split_percent for payer in terms.payers), ZERO),
            rounding=sum(payer.is_rounding for payer in terms.payers),
        )
        for nth, terms in enumerate(lines, start=1)
    ]
