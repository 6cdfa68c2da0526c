"""Checks of the lines of entry journals: class and type, contract line, payer, amount (#11).

Made when a line is added and again when its journal is confirmed, because contracts may have changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.money import times
from core.refusals import Refusal
from core.templatetags.display import day
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_place, reasons_against_price, reasons_against_quantity
from projects.models import ContractLine, ContractLineCustomer, EntryJournalLine
from projects.states import ENDED_CONTRACTS, TransactionClass, TransactionType

COST_CLASSES = (TransactionClass.TIME, TransactionClass.EXPENSE, TransactionClass.MATERIAL)
SALES_CLASSES = (*COST_CLASSES, TransactionClass.FEE)


@dataclass(frozen=True)
class JournalRules:
    """The fiscal days of companies, who pays contract lines, and the tasks these are limited to."""

    dates: EntryDates
    payers: dict[int, set[int]]
    tasks: dict[int, set[int]]

    @classmethod
    def of(cls, lines: Sequence[EntryJournalLine], at: datetime) -> "JournalRules":
        """Read what judging needs; three statements for any number of lines."""
        keys = {line.contract_line_id for line in lines if line.contract_line_id is not None}
        payers: dict[int, set[int]] = defaultdict(set)
        shares = ContractLineCustomer.objects.filter(contract_line__in=keys, split_percent__gt=0)
        for line_id, customer_id in shares.values_list("contract_line", "customer"):
            payers[line_id].add(customer_id)
        tasks: dict[int, set[int]] = defaultdict(set)
        limited = ContractLine.tasks.through.objects.filter(contractline__in=keys)
        for line_id, task_id in limited.values_list("contractline_id", "task_id"):
            tasks[line_id].add(task_id)
        entities = [line.journal.legal_entity for line in lines]
        return cls(EntryDates.of(entities, at), dict(payers), dict(tasks))

    def reasons_against(self, lines: Iterable[EntryJournalLine]) -> Iterator[Refusal]:
        """Why these lines cannot become actuals.

        Codes: billed-sales-need-a-proforma, class-not-possible, contract-line-missing, fixed-price,
        line-of-other-project, class-not-included, day-not-covered, task-not-included, contract-ended,
        payer-missing, payer-of-other-line, category-of-other-class, other-entity, amount-differs, and those
        of places, dates, quantities and prices of entries.
        """
        for line in lines:
            entity = line.journal.legal_entity
            yield from _against_type(line)
            yield from reasons_against_place(entity, line.project, line.task, str(line))
            yield from self.dates.reasons_against(entity, line.date, str(line))
            yield from _against_amount(line)
            yield from _against_names(line)
            if line.contract_line is not None:
                yield from self._against_contract_line(line, line.contract_line)
            elif line.type == TransactionType.UNBILLED_SALES:
                yield Refusal(
                    "contract-line-missing",
                    _("Unbilled sales need the contract line they will be billed on."),
                    str(line),
                    _("Choose a line of the project, or record a cost."),
                )

    def _against_contract_line(self, line: EntryJournalLine, of: ContractLine) -> Iterator[Refusal]:
        subject = str(line)
        if of.project_id != line.project_id:
            yield Refusal(
                "line-of-other-project",
                _("Contract line %(line)s belongs to another project.") % {"line": of},
                subject,
                _("Choose a line of %(project)s.") % {"project": line.project},
            )
        yield from _against_ended(line, of)
        is_possible = line.transaction_class in SALES_CLASSES
        if is_possible and not getattr(of, f"includes_{line.transaction_class}"):
            yield Refusal(
                "class-not-included",
                _("Contract line %(line)s does not include this class.") % {"line": of},
                subject,
                _("Choose a line that includes it."),
            )
        if not of.covers_day(line.date):
            yield Refusal(
                "day-not-covered",
                _("Contract line %(line)s does not cover %(day)s.") % {"line": of, "day": day(line.date)},
                subject,
                _("Change the day, the line, or the dates of the contract."),
            )
        tasks = self.tasks.get(of.pk)
        if tasks and line.task_id not in tasks:
            yield Refusal(
                "task-not-included",
                _("Contract line %(line)s is limited to other tasks.") % {"line": of},
                subject,
                _("Choose one of its tasks, or another line."),
            )
        if line.type == TransactionType.UNBILLED_SALES:
            yield from self._against_sales(line, of)

    def _against_sales(self, line: EntryJournalLine, of: ContractLine) -> Iterator[Refusal]:
        if not of.is_time_and_material:
            yield Refusal(
                "fixed-price",
                _("Contract line %(line)s has a fixed price: it has no unbilled sales.") % {"line": of},
                str(line),
                _("Bill it by its milestones, and record only the cost here."),
            )
        if line.customer_id is None:
            yield Refusal("payer-missing", _("Choose which customer of the contract line pays."), str(line))
        elif line.customer_id not in self.payers.get(of.pk, ()):
            yield Refusal(
                "payer-of-other-line",
                _("%(customer)s does not pay for contract line %(line)s.")
                % {"customer": line.customer, "line": of},
                str(line),
                _("Choose one of its customers."),
            )


def _against_ended(line: EntryJournalLine, of: ContractLine) -> Iterator[Refusal]:
    if of.contract.status in ENDED_CONTRACTS:
        yield Refusal(
            "contract-ended",
            _("Contract %(contract)s is “%(status)s”.")
            % {"contract": of.contract, "status": of.contract.get_status_display()},
            str(line),
            _("Choose a line of another contract, or record the cost without a line."),
        )


def _against_type(line: EntryJournalLine) -> Iterator[Refusal]:
    subject = str(line)
    if line.type == TransactionType.BILLED_SALES:
        yield Refusal(
            "billed-sales-need-a-proforma",
            _("Billed sales are written by confirming a proforma, never by hand."),
            subject,
            _("Add the line to a draft proforma, or mark the milestone ready."),
        )
        return
    allowed = COST_CLASSES if line.type == TransactionType.COST else SALES_CLASSES
    if line.transaction_class not in allowed:
        yield Refusal(
            "class-not-possible",
            _("%(class)s cannot be recorded as %(type)s.")
            % {"class": line.get_transaction_class_display(), "type": line.get_type_display()},
            subject,
            _("A fee has no cost, and a milestone is billed by its proforma."),
        )


def _against_amount(line: EntryJournalLine) -> Iterator[Refusal]:
    subject = str(line)
    reasons = [
        *reasons_against_quantity(line.quantity, subject),
        *reasons_against_price(line.quantity, line.price, line.currency, subject),
    ]
    yield from reasons
    if not reasons and line.amount != times(line.quantity, line.price, line.currency):
        yield Refusal(
            "amount-differs",
            _("Quantity times price is %(amount)s, not %(typed)s.")
            % {"amount": times(line.quantity, line.price, line.currency), "typed": line.amount},
            subject,
            _("Leave the amount empty, or correct quantity or price."),
        )


def _against_names(line: EntryJournalLine) -> Iterator[Refusal]:
    entity, subject = line.journal.legal_entity, str(line)
    if line.category is not None and line.category.transaction_class != line.transaction_class:
        yield Refusal(
            "category-of-other-class",
            _("The category “%(category)s” belongs to another class.") % {"category": line.category},
            subject,
            _("Choose a category of this class."),
        )
    if line.resource is not None and line.resource.legal_entity_id != entity.pk:
        yield Refusal(
            "other-entity",
            _("%(person)s belongs to another company.") % {"person": line.resource},
            subject,
        )
