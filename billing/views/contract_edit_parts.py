"""What the page of a contract's form shows beside its fields: shares in money, checks, who pays what."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.forms.contract import ContractForm, LineForm
from billing.forms.contract_payers import PayerForm
from billing.models import Milestone
from billing.views.contract_schedules import ScheduleBlock
from core.models import Activity
from core.money import HUNDRED, ZERO, times
from core.refusals import Refusal
from core.templatetags.display import number, percent
from projects.contracting import reasons_against_confirming
from projects.models import ProjectContract
from projects.states import BillingMethod, ContractStatus

KEY = re.compile("[0-9]{1,18}")


@dataclass
class PayerRow:
    """A payer in the form, with its part of the amount of the line."""

    form: PayerForm
    place: int
    amount: Decimal | None
    is_rounding: bool


@dataclass
class Shares:
    """The payers of a line or of the contract, their sum, and what nobody pays yet."""

    rows: list[PayerRow]
    percent: Decimal
    paid: Decimal | None
    missing_percent: Decimal
    missing: Decimal | None

    @property
    def is_whole(self) -> bool:
        """Whether the shares are 100 percent together."""
        return self.missing_percent == 0


@dataclass
class LineBlock:
    """One line of the form with all that is shown of it."""

    form: LineForm
    name: str
    summary: str
    amount: Decimal | None
    shares: Shares
    problems: list[Refusal]
    milestones: list[Milestone] = field(default_factory=list)
    milestone_sum: Decimal = ZERO
    schedule: ScheduleBlock | None = None
    is_open: bool = False


def blocks_of(
    form: ContractForm,
    contract: ProjectContract | None,
    problems: Sequence[Refusal],
    currency: str,
    schedules: Mapping[int, ScheduleBlock],
) -> list[LineBlock]:
    """The lines of the form; a line with something to fix, and a new one, stand open."""
    milestones = _milestones(contract)
    blocks = []
    for line in form.lines:
        name, amount = line.data.get(line.add_prefix("name"), ""), _amount_of(line)
        own = [one for one in problems if name and one.subject.endswith(f" {name}")]
        key = int(line.key) if KEY.fullmatch(line.key) else 0
        blocks.append(
            LineBlock(
                form=line,
                name=name or _("New line"),
                summary=_summary(line),
                amount=amount,
                shares=shares_of(line.payers, line.rounding_place, amount, currency),
                problems=own,
                milestones=milestones.get(key, []),
                milestone_sum=sum((one.amount for one in milestones.get(key, [])), ZERO),
                schedule=schedules.get(line.nth),
                is_open=bool(own) or not key or bool(_errors(line)) or len(form.lines) == 1,
            )
        )
    return blocks


def shares_of(payers: Sequence[PayerForm], rounding: str, amount: Decimal | None, currency: str) -> Shares:
    """Every payer's part of an amount; parts are shown, the rounding payer's is what the others leave."""
    named = [(place, form, read(form, "split_percent") or ZERO) for place, form in enumerate(payers)]
    total = sum((share for _place, form, share in named if not form.is_empty), ZERO)
    parts = {
        place: None if amount is None or form.is_empty else times(share / HUNDRED, amount, currency)
        for place, form, share in named
    }
    paid = None if amount is None else sum((part for part in parts.values() if part is not None), ZERO)
    absorber = next((place for place, _form, _share in named if str(place) == rounding), None)
    # What rounding leaves goes to one of them, so that nothing seems to be missing.
    if paid is not None and amount is not None and absorber is not None and total == HUNDRED:
        parts[absorber] = (parts[absorber] or ZERO) + amount - paid
        paid = amount
    rows = [PayerRow(form, place, parts[place], str(place) == rounding) for place, form, _s in named]
    left = None if amount is None or paid is None else amount - paid
    return Shares(rows, total, paid, HUNDRED - total, left)


def paying(blocks: Iterable[LineBlock]) -> dict[str, Any]:
    """What each customer pays of the lines that have an amount, and what nobody pays yet."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    total, left = ZERO, ZERO
    for block in blocks:
        total += block.amount or ZERO
        left += block.shares.missing or ZERO
        for row in block.shares.rows:
            if row.amount is not None:
                sums[name_of(row.form)] += row.amount
    return {"payers": sorted(sums.items()), "unpaid": left, "contract_value": total}


def name_of(form: PayerForm) -> str:
    """The payer that is chosen in a row."""
    rows: Mapping[str, Any] = form.fields["customer"].rows  # type: ignore[attr-defined]
    return str(rows.get(form.data.get(form.add_prefix("customer"), ""), ""))


def checks_of(contract: ProjectContract | None) -> list[Refusal]:
    """What stops the confirmation of a draft as it was saved last."""
    if contract is None or contract.status != ContractStatus.DRAFT:
        return []
    return list(reasons_against_confirming([contract]))


def saved_at(contract: ProjectContract | None) -> dt.datetime | None:
    """When somebody saved the contract last."""
    if contract is None:
        return None
    latest = Activity.objects.about(contract).order_by("-happened_at").first()
    return latest.happened_at if latest else None


def read(form: Form, name: str) -> Any:
    """The value of a field, where it can be read."""
    try:
        return form.fields[name].clean(form.data.get(form.add_prefix(name), ""))
    except ValidationError:
        return None


def _amount_of(line: LineForm) -> Decimal | None:
    amount: Decimal | None = read(line, "contracted_amount") or read(line, "not_to_exceed_amount")
    return amount


def _errors(line: LineForm) -> list[Form]:
    return [form for form in (line, *line.parts) if form.errors]


def _summary(line: LineForm) -> str:
    """The line in one sentence, for its closed state."""
    method = dict(BillingMethod.choices).get(line.data.get(line.add_prefix("billing_method"), ""), "")
    payers = [one for one in line.payers if not one.is_empty]
    project = line.chosen_project
    parts = [str(method), project.number if project else _("no project")]
    if len(payers) == 1:
        parts.append(f"{name_of(payers[0])} {percent(read(payers[0], 'split_percent') or ZERO)}")
    elif payers:
        words = ngettext("%(count)s payer", "%(count)s payers", len(payers))
        parts.append(words % {"count": number(len(payers))})
    return ", ".join(part for part in parts if part)


def _milestones(contract: ProjectContract | None) -> dict[int, list[Milestone]]:
    by_line: dict[int, list[Milestone]] = defaultdict(list)
    for one in Milestone.objects.filter(contract_line__contract=contract) if contract else ():
        by_line[one.contract_line_id].append(one)
    return by_line
