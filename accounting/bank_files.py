"""Reads statements of banks: CAMT.053 of any version, tolerantly and without entities (C11). Pure.

No document type is read at all: what declares one, and with it entities that swell or reach for files, is
refused before anything of it is expanded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from xml.parsers import expat  # noqa: S407 - document types are refused, so no entity is ever declared

from core.money import ZERO

DEEPEST = 60
LONGEST_TEXT = 1000
ROOTS = {"Stmt", "Rpt"}
PLAIN_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4}0*)?")


class BankFileUnreadable(Exception):
    """A file that is no statement; `code` says in which way."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass
class Node:
    """An element by its name without the namespace, so that every version of the format reads alike."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, *path: str) -> list["Node"]:
        """The elements at the end of a path."""
        nodes = [self]
        for name in path:
            nodes = [child for node in nodes for child in node.children if child.name == name]
        return nodes

    def at(self, *path: str) -> str:
        """The text of the first element at the end of a path; empty where there is none."""
        return next((node.text.strip() for node in self.all(*path)), "")


@dataclass(frozen=True)
class StatementBooking:
    """One bank booking: above zero where money came in. What the bank left out is empty."""

    booked_on: date
    amount: Decimal
    currency: str
    text: str = ""
    payer: str = ""
    payer_iban: str = ""
    reference: str = ""
    is_reversal: bool = False


@dataclass(frozen=True)
class BankStatement:
    """What a file says of one account."""

    iban: str
    entries: tuple[StatementBooking, ...]
    balances: tuple[Decimal, Decimal] | None = None

    @property
    def adds_up(self) -> bool:
        """Whether opening and entries make the closing balance; true where a balance is missing."""
        if self.balances is None:
            return True
        return self.balances[0] + sum((one.amount for one in self.entries), ZERO) == self.balances[1]


def is_camt(content: bytes) -> bool:
    """Whether a file is XML, or means to be: a CSV file does not begin with an angle bracket."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read_camt(content: bytes) -> list[BankStatement]:
    """The statements of a CAMT file. Raises BankFileUnreadable: no-xml, document-type, no-statement."""
    root = _tree(content)
    statements = [node for node in _walk(root) if node.name in ROOTS]
    if not statements:
        raise BankFileUnreadable("no-statement")
    return [_statement(node) for node in statements]


def keys_of(entries: tuple[StatementBooking, ...]) -> list[str]:
    """A key for each entry that is the same in every file that holds it.

    What has a reference of the bank is known by that; of the rest the content counts, and how often a file
    has it.
    """
    seen: dict[str, int] = {}
    keys = []
    for one in entries:
        content = "|".join(
            [
                one.reference,
                str(one.booked_on),
                f"{one.amount.normalize():f}",
                one.currency,
                one.payer_iban,
                one.payer,
                one.text,
            ]
        )
        nth = seen[content] = seen.get(content, -1) + 1
        keys.append(sha256(f"{content}|{nth}".encode()).hexdigest())
    return keys


def _tree(content: bytes) -> Node:
    root = Node("", {})
    stack = [root]
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise BankFileUnreadable("no-xml")
        node = Node(name.rpartition("}")[2], attributes)
        stack[-1].children.append(node)
        stack.append(node)

    def end(name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    def refuse(*anything: object) -> None:
        raise BankFileUnreadable("document-type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BankFileUnreadable("no-xml") from error
    return root


def _walk(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _walk(child)


def _statement(node: Node) -> BankStatement:
    entries = [one for entry in node.all("Ntry") if _is_booked(entry) for one in _entries(entry)]
    balances = {balance.at("Tp", "CdOrPrtry", "Cd"): _signed(balance) for balance in node.all("Bal")}
    opening = balances.get("OPBD", balances.get("PRCD"))
    closing = balances.get("CLBD")
    both = (opening, closing) if opening is not None and closing is not None else None
    return BankStatement(node.at("Acct", "Id", "IBAN").replace(" ", ""), tuple(entries), both)


def _is_booked(entry: Node) -> bool:
    # Until version 2 the status is a word, later a code below it.
    status = entry.at("Sts", "Cd") or entry.at("Sts")
    return status in ("BOOK", "")


def _entries(entry: Node) -> Iterator[StatementBooking]:
    """An entry, or the payments of a batch where the bank names the amount of each."""
    total = _signed(entry)
    details = entry.all("NtryDtls", "TxDtls")
    amounts = [_detail_amount(one, total) for one in details]
    known = [one for one in amounts if one is not None]
    if len(details) > 1 and len(known) == len(details) and sum(known, ZERO) == total:
        for detail, amount in zip(details, known, strict=True):
            yield _entry(entry, detail, amount)
        return
    yield _entry(entry, details[0] if details else Node("", {}), total)


def _entry(entry: Node, detail: Node, amount: Decimal) -> StatementBooking:
    side = "Dbtr" if amount > 0 else "Cdtr"
    parties = "RltdPties"
    payer = detail.at(parties, side, "Nm") or detail.at(parties, side, "Pty", "Nm")
    texts = [node.text.strip() for node in detail.all("RmtInf", "Ustrd")]
    texts += [node.text.strip() for node in detail.all("RmtInf", "Strd", "CdtrRefInf", "Ref")]
    text = " ".join(one for one in texts if one) or entry.at("AddtlNtryInf")
    currency = next((node.attributes.get("Ccy", "") for node in entry.all("Amt")), "")
    return StatementBooking(
        booked_on=_day(entry),
        amount=amount,
        currency=currency,
        text=text[:LONGEST_TEXT],
        payer=payer[:140],
        payer_iban=detail.at(parties, f"{side}Acct", "Id", "IBAN").replace(" ", "")[:34],
        reference=(detail.at("Refs", "AcctSvcrRef") or entry.at("AcctSvcrRef") or entry.at("NtryRef"))[:70],
        is_reversal=entry.at("RvslInd") in ("true", "1"),
    )


def _day(entry: Node) -> date:
    for name in ("BookgDt", "ValDt"):
        text = entry.at(name, "Dt") or entry.at(name, "DtTm")[:10]
        if text:
            try:
                return date.fromisoformat(text[:10])
            except ValueError as error:
                raise BankFileUnreadable("no-statement") from error
    raise BankFileUnreadable("no-statement")


def _signed(node: Node) -> Decimal:
    amount = _number(node.at("Amt"))
    if amount is None:
        raise BankFileUnreadable("no-statement")
    return -amount if node.at("CdtDbtInd") == "DBIT" else amount


def _detail_amount(detail: Node, total: Decimal) -> Decimal | None:
    amount = _number(detail.at("Amt") or detail.at("AmtDtls", "TxAmt", "Amt"))
    if amount is None:
        return None
    return amount if total > 0 else -amount


def _number(text: str) -> Decimal | None:
    """A plain amount of at most four places, or none: what a bank says otherwise is not guessed."""
    if not PLAIN_AMOUNT.fullmatch(text):
        return None
    return Decimal(text)
