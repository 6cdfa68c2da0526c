"""Statements of a bank as XML for tests: any version, any bookings."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Booked:
    """One booking as a test writes it."""

    amount: str
    text: str = ""
    payer: str = ""
    iban: str = ""
    on: str = "2026-04-01"
    reference: str = ""
    reversal: bool = False


def camt(
    *bookings: Booked,
    version: int = 8,
    iban: str = "",
    currency: str = "EUR",
    balances: Sequence[str] = (),
) -> bytes:
    """A file of one statement, written as banks write this version."""
    body = "".join(_entry(one, version, currency) for one in bookings)
    account = f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>" if iban else ""
    sums = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(one, currency)}</Bal>"
        for code, one in zip(("OPBD", "CLBD"), balances, strict=False)
    )
    head = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}"><BkToCstmrStmt>'
    return f"{head}<Stmt>{account}{sums}{body}</Stmt></BkToCstmrStmt></Document>".encode()


def _amount(amount: str, currency: str) -> str:
    side = "DBIT" if amount.startswith("-") else "CRDT"
    return f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _entry(one: Booked, version: int, currency: str) -> str:
    side = "Cdtr" if one.amount.startswith("-") else "Dbtr"
    status = "<Sts>BOOK</Sts>" if version < 3 else "<Sts><Cd>BOOK</Cd></Sts>"  # noqa: PLR2004
    name = f"<Nm>{one.payer}</Nm>" if version < 4 else f"<Pty><Nm>{one.payer}</Nm></Pty>"  # noqa: PLR2004
    party = f"<{side}>{name}</{side}>" if one.payer else ""
    account = f"<{side}Acct><Id><IBAN>{one.iban}</IBAN></Id></{side}Acct>" if one.iban else ""
    text = f"<RmtInf><Ustrd>{one.text}</Ustrd></RmtInf>" if one.text else ""
    reference = f"<AcctSvcrRef>{one.reference}</AcctSvcrRef>" if one.reference else ""
    reversal = "<RvslInd>true</RvslInd>" if one.reversal else ""
    return (
        f"<Ntry>{_amount(one.amount, currency)}{reversal}{status}"
        f"<BookgDt><Dt>{one.on}</Dt></BookgDt>{reference}"
        f"<NtryDtls><TxDtls><RltdPties>{party}{account}</RltdPties>{text}</TxDtls></NtryDtls></Ntry>"
    )
