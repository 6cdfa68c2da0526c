"""The activity log as a chain of blocks: what is changed, removed or slipped in afterwards is found (S5).

A block names the rows it closes and carries the hash of them and of the block before it. Rows are closed
shortly after their commit and not with it, so that nobody who works waits for the chain. A row whose
transaction took longer than those behind it is closed by a later block: until then the last block names it
as missing. The hash of the last block, kept outside the database, tells whether somebody wrote the whole
chain anew.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from core.models import ActivityBlock
from core.templatetags.display import moment

ROWS_OF_A_BLOCK = 1000
ROWS_AT_ONCE = 20_000
# No transaction is open for so long; what is still missing by then was rolled back.
LONGEST_TRANSACTION = timedelta(days=1)
MOST_GAPS = 200
LOWEST_KEY = -(2**63)

# A list in JSON, so that no two different rows have the same text. Moments as numbers: no zone, no format.
TEXT_OF_ROW = {
    "sqlite": (
        "json_array(id, verb, subject_kind, subject_id, subject_name, from_state, to_state, facts, actor_id,"
        " happened_at)"
    ),
    "postgresql": (
        "json_build_array(id, verb, subject_kind, subject_id, subject_name, from_state, to_state,"
        " facts::text, actor_id, extract(epoch from happened_at))::text"
    ),
}

Span = tuple[int, int]
"""First and last key of rows that follow one another."""


@dataclass(frozen=True)
class Anchor:
    """The last block of the chain: kept outside, it tells whether the chain is still the same."""

    number: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.number}:{self.sha256}"


def close_the_log(*, at: datetime) -> int:
    """Close the rows of the activity log that no block holds yet; return how many.

    Blocks of up to 1,000 rows, in order of key. Locks the last block, so that one process at a time
    lengthens the chain; another one at the same moment closes nothing (S5).
    """
    try:
        with transaction.atomic(durable=True):
            return _close(at)
    except IntegrityError:
        # Two processes wrote the first block at once; the other one was faster.
        return 0


def anchor() -> Anchor | None:
    """The last block of the chain, to be kept outside the database; None before the first (S5)."""
    last = ActivityBlock.objects.order_by("-number").first()
    return None if last is None else Anchor(last.number, last.sha256)


def anchor_holds(kept: Anchor) -> bool:
    """Whether a block that was kept outside is still in the chain as it was; locks nothing (S5)."""
    return ActivityBlock.objects.filter(number=kept.number, sha256=kept.sha256).exists()


def breaks_of_chain() -> list[str]:
    """What of the log is not as it was closed, in words: rows changed, missing or added, blocks cut (S5).

    Reads the log once, row after row as hashes ask for, in chunks of one statement each.
    """
    blocks = list(ActivityBlock.objects.order_by("number"))
    if not blocks:
        return []
    spans = sorted((first, last, nth) for nth, one in enumerate(blocks) for first, last in one.spans)
    hashes = [hashlib.sha256() for _block in blocks]
    held: list[list[int]] = [[] for _block in blocks]
    added: list[int] = []
    firsts = [first for first, _last, _nth in spans]
    waiting = [(first, last) for first, last, _since in blocks[-1].missing]
    for key, text in _rows(f"id <= {blocks[-1].last_key}"):
        at = bisect_right(firsts, key) - 1
        if at >= 0 and key <= spans[at][1]:
            nth = spans[at][2]
            hashes[nth].update(text.encode() + b"\n")
            held[nth].append(key)
        elif not any(first <= key <= last for first, last in waiting):
            added.append(key)
    broken = [f"row {key} was added" for key in added]
    previous = ""
    for nth, block in enumerate(blocks):
        broken += _breaks_of_block(block, nth, previous, held[nth], hashes[nth].hexdigest())
        previous = block.sha256
    return broken


def _breaks_of_block(
    block: ActivityBlock, nth: int, previous: str, keys: list[int], rows: str
) -> Iterator[str]:
    if block.number != nth + 1 or block.previous_sha256 != previous:
        yield f"block {block.number} does not follow the block before it"
    here = set(keys)
    missing = [key for first, last in block.spans for key in range(first, last + 1) if key not in here]
    yield from (f"row {key} is missing" for key in missing)
    if not missing and block.sha256 != _hash(block.number, block.previous_sha256, block.spans, rows):
        named = ", ".join(f"{first} to {last}" for first, last in block.spans)
        yield f"a row of {named} was changed after {moment(block.closed_at)}"


def _close(at: datetime) -> int:
    last = ActivityBlock.objects.select_for_update().order_by("-number").first()
    closed = 0
    while True:
        rows = list(_unclosed(last))
        if not rows:
            return closed
        last = _block(last, rows, at)
        last.save(force_insert=True)
        closed += len(rows)


def _unclosed(last: ActivityBlock | None) -> Iterator[tuple[int, str]]:
    if last is None:
        return _rows("true", most=ROWS_OF_A_BLOCK)
    late = " OR ".join(f"id BETWEEN {first} AND {until}" for first, until, _since in last.missing)
    where = f"id > {last.last_key}" + (f" OR {late}" if late else "")
    return _rows(where, most=ROWS_OF_A_BLOCK)


def _block(last: ActivityBlock | None, rows: list[tuple[int, str]], at: datetime) -> ActivityBlock:
    hashed = hashlib.sha256()
    for _key, text in rows:
        hashed.update(text.encode() + b"\n")
    spans = _spans([key for key, _text in rows])
    number, previous = (1, "") if last is None else (last.number + 1, last.sha256)
    return ActivityBlock(
        number=number,
        spans=spans,
        row_count=len(rows),
        last_key=max(rows[-1][0], 0 if last is None else last.last_key),
        missing=_missing(last, spans, at),
        previous_sha256=previous,
        sha256=_hash(number, previous, spans, hashed.hexdigest()),
        closed_at=at,
    )


def _missing(last: ActivityBlock | None, spans: list[Span], at: datetime) -> list[tuple[int, int, str]]:
    """Keys below the last one that no block holds: they may still be committed, or were rolled back."""
    known: list[tuple[int, int, str]] = []
    old = (at - LONGEST_TRANSACTION).isoformat()
    for first, until, since in [] if last is None else last.missing:
        if since > old:
            known += [(a, b, since) for a, b in _without((first, until), spans)]
    end = spans[0][0] - 1 if last is None else last.last_key
    for first, until in spans:
        if first > end + 1:
            known.append((end + 1, first - 1, at.isoformat()))
        end = max(end, until)
    return known[-MOST_GAPS:]


def _without(span: Span, taken: list[Span]) -> Iterator[Span]:
    first, until = span
    for start, end in taken:
        if end < first or start > until:
            continue
        if start > first:
            yield first, start - 1
        first = end + 1
    if first <= until:
        yield first, until


def _spans(keys: list[int]) -> list[Span]:
    spans: list[Span] = []
    for key in keys:
        if spans and spans[-1][1] == key - 1:
            spans[-1] = (spans[-1][0], key)
        else:
            spans.append((key, key))
    return spans


def _hash(number: int, previous: str, spans: list[Span], rows: str) -> str:
    text = json.dumps([number, previous, [list(span) for span in spans], rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(where: str, *, most: int | None = None) -> Iterator[tuple[int, str]]:
    """Keys and texts of rows in order of key, a chunk for each statement."""
    behind, text = LOWEST_KEY, TEXT_OF_ROW[connection.vendor]
    while True:
        with connection.cursor() as cursor:
            # Numbers of our own, no text of anybody.
            cursor.execute(
                f"SELECT id, {text} FROM core_activity WHERE id > %s AND ({where}) ORDER BY id LIMIT %s",  # noqa: S608
                [behind, most or ROWS_AT_ONCE],
            )
            rows = cursor.fetchall()
        yield from rows
        if most is not None or len(rows) < ROWS_AT_ONCE:
            return
        behind = rows[-1][0]
