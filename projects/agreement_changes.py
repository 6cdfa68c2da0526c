"""What changed in an agreement, field by field, as the activity log keeps it: `[old text, new text]`.

A field of a payer or a rule is named with what it is about: `split_percent of Alster Logistik AG`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from core.activity_log import Changes, as_text, log_activity
from projects.agreements import LineTerms, PayerShare
from projects.models import ContractLine, ProjectContract

OF = " of "
"""Stands between a field and the payer or rule it belongs to."""
LINES_REMOVED = "lines removed"
SUGGESTED = {"increment_rule", "increment_scope"}
"""Fields that say nothing without another one, left out where a line is new or gone."""


def log_lines(
    contract: ProjectContract,
    before: Iterable[LineTerms],
    after: Sequence[LineTerms],
    rows: Sequence[ContractLine],
    *,
    actor: User,
    at: datetime,
) -> None:
    """Keep in the history which lines were added, changed and removed, with old and new values.

    The contract itself remembers which lines it lost, because nothing else names them afterwards.
    """
    earlier = {terms.line.pk: terms for terms in before if terms.line is not None}
    pairs = list(zip(after, rows, strict=True))
    added = {row.pk: _whole(terms, is_new=True) for terms, row in pairs if row.pk not in earlier}
    changed = {row.pk: _changes(earlier[row.pk], terms) for terms, row in pairs if row.pk in earlier}
    kept = {row.pk for row in rows}
    gone = {pk: _whole(terms, is_new=False) for pk, terms in earlier.items() if pk not in kept}
    removed = [terms.line for pk, terms in earlier.items() if pk in gone and terms.line is not None]
    for verb, lines, changes in (
        ("added", rows, added),
        ("changed", rows, {pk: one for pk, one in changed.items() if one}),
        ("removed", removed, gone),
    ):
        about = [line for line in lines if line.pk in changes]
        log_activity(verb, about, actor=actor, at=at, changes=changes)
    if gone:
        facts = {"removed": {"lines": sorted(gone)}}
        log_activity(LINES_REMOVED, [contract], actor=actor, at=at, facts=facts)


def changes_of_customers(before: Sequence[PayerShare], after: Sequence[PayerShare]) -> Changes:
    """What changed of the customers of a contract: what they suggest for new lines, and their limits."""
    return _apart(_texts_of_payers(before), _texts_of_payers(after))


def _changes(before: LineTerms, after: LineTerms) -> Changes:
    return _apart(_texts(before), _texts(after))


def _whole(terms: LineTerms, *, is_new: bool) -> Changes:
    """Everything a line says, as what came or went."""
    said = {name: text for name, text in _texts(terms).items() if text and name not in SUGGESTED}
    return _apart({}, said) if is_new else _apart(said, {})


def _apart(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    names = [*new, *(name for name in old if name not in new)]
    texts = {name: [old.get(name, ""), new.get(name, "")] for name in names}
    return {name: pair for name, pair in texts.items() if pair[0] != pair[1]}


def _texts(terms: LineTerms) -> dict[str, str]:
    columns = {name: as_text(value) for name, value in terms.columns().items()}
    rules = {
        f"is_chargeable{OF}{rule.task or rule.role or rule.category}": as_text(rule.is_chargeable)
        for rule in terms.rules
    }
    tasks = ", ".join(sorted(str(task) for task in terms.tasks))
    return columns | {"tasks": tasks} | _texts_of_payers(terms.payers) | rules


def _texts_of_payers(payers: Collection[PayerShare]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for payer in payers:
        values: dict[str, Any] = {
            "split_percent": payer.split_percent,
            # Who does not take it says nothing: a new payer does not lose what it never had.
            "is_rounding": payer.is_rounding or None,
            "not_to_exceed_amount": payer.not_to_exceed_amount,
        }
        texts |= {f"{name}{OF}{payer.customer}": as_text(value) for name, value in values.items()}
    return texts
