"""The plain facts of a printed document; `building` makes them, `document_data` words them (B10, C7).

Pure: no Django, no database. Amounts are Decimal in the document's currency and already rounded; free texts
are in the customer's language.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.money import ZERO

Kind = Literal["invoice", "credit", "proforma"]
Paper = Literal["a4", "us-letter"]
OriginalKind = Literal["invoice", "proforma"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller or customer. What follows the VAT id is the seller's alone.

    `country` is the country's name in the document's language, empty where both are in the same one.
    `register_entry` names the register and the number in it, as the register writes them.
    """

    name: str
    short_name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    vat_id: str = ""
    contact: tuple[str, ...] = ()
    registered_office: str = ""
    managing_directors: str = ""
    register_entry: str = ""
    tax_number: str = ""
    logo_svg: str = ""
    accent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One detail. `unit` is a code of the label table (h, day, pcs ...) or a finished word.

    `recorded` are the hours that were worked, where the time is billed in steps or in days. A discount has
    an amount alone, without quantity and price. `note` stands below the text. `tax_rate` is in percent; none
    where no tax applies or nothing is charged. A line that `is_free` is shown and says so, at nothing.
    `kind` is the class of what was done (time, expense ...); layouts group by it, by person, task and date.
    `keys` are what sections with names of their own are chosen by: `kind:time`, `role:3`, `category:7`.
    """

    text: str
    amount: Decimal
    note: str = ""
    date: datetime.date | None = None
    person: str = ""
    role: str = ""
    task: str = ""
    kind: str = ""
    keys: frozenset[str] = frozenset()
    quantity: Decimal | None = None
    unit: str = ""
    recorded: Decimal | None = None
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None
    is_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSection:
    """The details of one contract line, in the order in which they are printed.

    What `is_apart` was invoiced before and is taken off: no layout puts it among the work.
    """

    title: str
    lines: tuple[DocumentLine, ...]
    note: str = ""
    is_apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """Tax of one group on the group's sum; `rate` in percent, none where a rate would mislead."""

    label: str
    base: Decimal
    tax: Decimal
    rate: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What is taken off the gross amount: a part that is paid later, a payment already received.

    Positive where less is to pay; negative where more is, as what was kept back and is released now.
    Deductions that follow one another under one `heading` are printed as a block.
    """

    label: str
    amount: Decimal
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """A document that another one corrects, as it was printed."""

    number: str
    day: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """Everything a document says; a credit states positive figures, its kind makes them a credit.

    `language` is a code or a tag (de, en-gb); `region` overrides the tag's. `period` is the first and the
    last day. `originals` are the documents that it corrects; `original_kind` says which kind they are.
    `before` and `after` are the texts of the layout, which credit notes do not say.
    `payment_terms` and `notes` are sentences in the customer's language. `parts` are the instalments in which
    it is payable, each with its day; none where it is due as a whole.
    """

    kind: Kind
    number: str
    document_date: datetime.date
    language: str
    seller: Party
    customer: Party
    sections: tuple[DocumentSection, ...]
    currency: str
    net: Decimal
    gross: Decimal
    tax_rows: tuple[TaxRow, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    region: str = ""
    paper: Paper = "a4"
    subtitle: str = ""
    intro: str = ""
    period: tuple[datetime.date, datetime.date] | None = None
    due_date: datetime.date | None = None
    valid_until: datetime.date | None = None
    customer_number: str = ""
    order_reference: str = ""
    buyer_reference: str = ""
    project: str = ""
    contract: str = ""
    contact_person: str = ""
    originals: tuple[Original, ...] = ()
    original_kind: OriginalKind = "invoice"
    open_after: Decimal | None = None
    payment_terms: str = ""
    parts: tuple[tuple[datetime.date, Decimal], ...] = ()
    payment_reference: str = ""
    iban: str = ""
    bic: str = ""
    bank: str = ""
    before: str = ""
    after: str = ""
    notes: tuple[str, ...] = ()

    @property
    def amount_due(self) -> Decimal:
        """Gross less deductions, in the document's currency."""
        return self.gross - sum((deduction.amount for deduction in self.deductions), ZERO)
