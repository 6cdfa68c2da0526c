"""The rows of a contract form: what was sent, row by row, and the buttons that add, drop and fill rows.

A contract has customers and lines, a line has payers and rules. Every button sends the whole form, and the
page is shown again with one row more or fewer, so that nothing of it needs a script.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.datastructures import MultiValueDict

from core.number_inputs import typed
from projects.agreements import ChargeRule, ContractHead, LineTerms, PayerShare

Row = dict[str, list[str]]
FIELD = re.compile(
    r"(?:(?P<customer>customer-(?P<c>[0-9]{1,3}))|line-(?P<l>[0-9]{1,3})(?:-(?P<part>payer|rule)-(?P<p>[0-9]{1,3}))?)"
    r"-(?P<name>\w+)"
)
BUTTON = re.compile(
    r"(?P<do>add|drop)-(?P<what>line|customer|payer|rule)(?:-(?P<one>[0-9]{1,3}))?(?:-(?P<two>[0-9]{1,3}))?"
)
PLACE = re.compile("[0-9]{1,3}")
MOST = 200
"""Rows of one kind that a form may have."""


def place_of(text: str) -> int | None:
    """The number of a row as a form sends it: ASCII digits, three at most; None for anything else."""
    return int(text) if PLACE.fullmatch(text) else None


@dataclass
class LineRows:
    """One line as it was sent: its own fields, its payers and its rules."""

    own: Row = field(default_factory=dict)
    payers: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)


@dataclass
class ContractRows:
    """A contract as it was sent."""

    head: Row = field(default_factory=dict)
    customers: list[Row] = field(default_factory=list)
    lines: list[LineRows] = field(default_factory=list)

    @classmethod
    def sent(cls, data: MultiValueDict[str, Any]) -> "ContractRows":
        """Sort the fields of a form into rows, in the order of their numbers."""
        head: Row = {}
        customers: dict[int, Row] = defaultdict(dict)
        lines: dict[int, Row] = defaultdict(dict)
        parts: dict[tuple[str, int], dict[int, Row]] = defaultdict(lambda: defaultdict(dict))
        for key, sent in data.lists():
            values = [str(value) for value in sent]
            match = FIELD.fullmatch(key)
            if match is None:
                head[key] = values
            elif match["customer"]:
                customers[int(match["c"])][match["name"]] = values
            elif match["part"]:
                parts[match["part"], int(match["l"])][int(match["p"])][match["name"]] = [
                    str(value) for value in values
                ]
            else:
                lines[int(match["l"])][match["name"]] = values
        return cls(
            head,
            _ordered(customers),
            [
                LineRows(own, _ordered(parts["payer", nth]), _ordered(parts["rule", nth]))
                for nth, own in sorted(lines.items())[:MOST]
            ],
        )

    def data(self) -> MultiValueDict[str, str]:
        """The fields again, with rows numbered from zero."""
        fields = {**self.head}
        for nth, row in enumerate(self.customers):
            fields |= {f"customer-{nth}-{name}": values for name, values in row.items()}
        for nth, line in enumerate(self.lines):
            fields |= {f"line-{nth}-{name}": values for name, values in line.own.items()}
            for part, rows in (("payer", line.payers), ("rule", line.rules)):
                for place, row in enumerate(rows):
                    fields |= {f"line-{nth}-{part}-{place}-{name}": value for name, value in row.items()}
        return MultiValueDict(fields)

    def press(self, button: str) -> None:
        """Add or drop a row, as the button says; what is no such button changes nothing."""
        match = BUTTON.fullmatch(button)
        if match is None:
            return
        numbers = [int(match[name]) for name in ("one", "two") if match[name]]
        rows: list[Any] | None = self._rows(match["what"], numbers)
        if rows is None:
            return
        if match["do"] == "add":
            rows.append(self._new(match["what"], is_first=not rows))
        elif numbers and numbers[-1] < len(rows):
            del rows[numbers[-1]]
            self._move_rounding(match["what"], numbers)

    def fill_in_payers(self) -> None:
        """Write down what can only be meant.

        A share without a payer is the customer's where nobody else pays; the only payer takes the rounding.
        """
        for holder, payers in [
            (self.head, self.customers),
            *((line.own, line.payers) for line in self.lines),
        ]:
            named = [nth for nth, row in enumerate(payers) if _first(row, "customer")]
            nameless = [row for row in payers if _first(row, "split_percent") and not _first(row, "customer")]
            if not named and len(nameless) == 1 and _first(self.head, "customer"):
                nameless[0]["customer"] = [*self.head["customer"]]
                named = [payers.index(nameless[0])]
            if len(named) == 1:
                holder["rounding"] = [str(named[0])]

    def _rows(self, what: str, numbers: Sequence[int]) -> list[Any] | None:
        if what in ("line", "customer"):
            return self.lines if what == "line" else self.customers
        if not numbers or numbers[0] >= len(self.lines):
            return None
        line = self.lines[numbers[0]]
        return line.payers if what == "payer" else line.rules

    def _move_rounding(self, what: str, numbers: Sequence[int]) -> None:
        """The mark of the rounding payer stays with its payer when a row above it goes."""
        if what not in ("customer", "payer"):
            return
        holder, gone = self.head if what == "customer" else self.lines[numbers[0]].own, numbers[-1]
        marked = [nth for one in holder.get("rounding", []) if (nth := place_of(one)) is not None]
        holder["rounding"] = [str(nth - (nth > gone)) for nth in marked if nth != gone]

    def _new(self, what: str, *, is_first: bool) -> Any:
        if what == "rule":
            return {"about": [""]}
        if what != "line":
            # The first payer is the customer of the contract more often than anybody else.
            is_suggested = is_first and _first(self.head, "customer")
            suggested = {"customer": [*self.head.get("customer", [])], "split_percent": ["100"]}
            return suggested if is_suggested else {"customer": [""]}
        # A new line is paid as the contract suggests: by its customers that have a share.
        payers = [dict(row) for row in self.customers if row.get("split_percent", [""])[0] not in ("", "0")]
        for row in payers:
            row["not_to_exceed_amount"] = [""]
        own = {name: ["on"] for name in ("includes_time", "includes_expense", "includes_material")}
        rounding = self.head.get("rounding") or ["0"]
        return LineRows(own | {"name": [""], "rounding": rounding}, payers or [{"customer": [""]}], [])


def _first(row: Row, name: str) -> str:
    """What was typed in a field of a row; empty when it was not sent."""
    return (row.get(name) or [""])[0].strip()


def _ordered(rows: Mapping[int, Row]) -> list[Row]:
    return [row for _nth, row in sorted(rows.items())][:MOST]


# --- What stands, as it would be sent -------------------------------------------------------------


def rows_of(head: ContractHead, lines: Sequence[LineTerms]) -> ContractRows:
    """A contract as its form would send it unchanged."""
    own = {name: text for name, value in head.columns().items() if (text := _text(value))}
    rounding = [nth for nth, one in enumerate(head.customers) if one.is_rounding]
    return ContractRows(
        {**{name: [text] for name, text in own.items()}, "rounding": [str(nth) for nth in rounding]},
        [_payer(one) for one in head.customers],
        [_line(terms) for terms in lines],
    )


def _line(terms: LineTerms) -> LineRows:
    columns = {name: _text(value) for name, value in terms.columns().items()}
    own = {name: [text] for name, text in columns.items() if text}
    own |= {
        "line": [str(terms.line.pk) if terms.line else ""],
        "scope": ["tasks" if terms.tasks else "project"],
        "tasks": [str(task.pk) for task in terms.tasks],
        "rounding": [str(nth) for nth, one in enumerate(terms.payers) if one.is_rounding],
    }
    return LineRows(own, [_payer(one) for one in terms.payers], [_rule(one) for one in terms.rules])


def _payer(share: PayerShare) -> Row:
    return {
        "customer": [str(share.customer.pk)],
        "split_percent": [typed(share.split_percent)],
        "not_to_exceed_amount": [_text(share.not_to_exceed_amount)],
    }


def _rule(rule: ChargeRule) -> Row:
    kind, key = rule.about
    return {"about": [f"{kind}-{key}"], "is_chargeable": ["yes" if rule.is_chargeable else "no"]}


def _text(value: Any) -> str:
    """A value as its field would send it; an unticked box sends nothing."""
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, Decimal):
        return typed(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value.pk if isinstance(value, Model) else "" if value is None else value)
