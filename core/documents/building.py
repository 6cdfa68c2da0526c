"""Make parties, sections, lines and taxes of a document from the values its app gathered (B10, C5, C7).

Proforma, invoice and credit note are all built here, so that the same work reads the same on each of them.
Pure: no Django, no database. Nothing is rounded and nothing is multiplied.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Protocol

from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection, Party, TaxRow
from core.documents.formats import Formats, country_name
from core.documents.labels import labels_in, language_of
from core.documents.terms_labels import terms_in
from core.money import ZERO, percent_of


class Seller(Protocol):
    """The company that sends a document; texts of several lines are separated by line breaks."""

    name: str
    short_name: str
    address: str
    country: str
    contact: str
    vat_id: str
    registered_office: str
    managing_directors: str
    register_entry: str
    tax_number: str


class Buyer(Protocol):
    """The customer a document is addressed to; `country` is an ISO code, `language` a tag."""

    name: str
    short_name: str
    billing_address: str
    country: str
    vat_id: str
    language: str


class Tax(Protocol):
    """The tax of one code and rate on a document; `sold` are the item groups and days that are in it.

    `kind` is standard, exempt or reverse_charge, and empty where no tax code applies. `reasons` has a
    sentence by language.
    """

    @property
    def kind(self) -> str: ...
    @property
    def reasons(self) -> Mapping[str, str]: ...
    @property
    def percent(self) -> Decimal: ...
    @property
    def base_amount(self) -> Decimal: ...
    @property
    def tax_amount(self) -> Decimal: ...
    @property
    def sold(self) -> Sequence[tuple[int | None, date]]: ...
    @property
    def sold_apart(self) -> Sequence[tuple[tuple[int | None, int | None], date]]: ...


@dataclass(frozen=True, slots=True)
class LineRate:
    """The tax in percent that lines of one item sales tax group bear from a day on.

    `apart`: of lines with this sales tax group, which is not that of the document.
    """

    item_group: int | None
    since: date
    percent: Decimal
    apart: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledRow:
    """One billed transaction with its sign as in the books; rows of one `section` follow one another.

    A row without a quantity is an amount alone. `note` stands below its text. `recorded` are the hours
    worked, where they are said beside what is billed. `tax_rate` is in percent, none where no tax applies.
    Sections that are `is_apart` stay below the work, whatever the layout; `keys` choose named ones.
    """

    section: Hashable
    title: str
    text: str
    day: date
    quantity: Decimal | None
    unit: str
    price: Decimal
    amount: Decimal
    tax_rate: Decimal | None
    note: str = ""
    person: str = ""
    role: str = ""
    task: str = ""
    kind: str = ""
    keys: frozenset[str] = frozenset()
    is_apart: bool = False
    is_free: bool = False
    recorded: Decimal | None = None


def parties(seller: Seller, buyer: Buyer) -> tuple[Party, Party]:
    """Seller and customer; each names its country, in the customer's language, where the two differ."""
    is_abroad = seller.country.upper() != buyer.country.upper()
    return (
        Party(
            name=seller.name,
            short_name=seller.short_name,
            address=tuple(seller.address.splitlines()),
            country=country_name(seller.country, buyer.language) if is_abroad else "",
            contact=tuple(seller.contact.splitlines()),
            vat_id=seller.vat_id,
            registered_office=seller.registered_office,
            managing_directors=seller.managing_directors,
            register_entry=seller.register_entry,
            tax_number=seller.tax_number,
        ),
        Party(
            name=buyer.name,
            short_name=buyer.short_name,
            address=tuple(buyer.billing_address.splitlines()),
            country=country_name(buyer.country, buyer.language) if is_abroad else "",
            vat_id=buyer.vat_id,
        ),
    )


def tax_rows(taxes: Iterable[Tax], language: str) -> tuple[TaxRow, ...]:
    """The rows of the tax table, named by kind and rate, with the reason where nothing is taken.

    Groups that add up to nothing are left out. Where no tax code applies to anything there is no table; where
    it applies to a part, the rest is named too, so that the bases add up to the net total.
    """
    shown = [tax for tax in taxes if tax.base_amount or tax.tax_amount]
    if not any(tax.kind for tax in shown):
        return ()
    return tuple(_tax_row(tax, language) for tax in shown)


def line_rates(taxes: Iterable[Tax]) -> list[LineRate]:
    """The rate in percent of each item sales tax group from each day on, the newest first.

    Where no tax code applies there is none.
    """
    rates: dict[tuple[date, int | None, int | None], Decimal] = {}
    for tax in taxes:
        if tax.kind:
            rates |= {(day, group, None): tax.percent for group, day in tax.sold}
            rates |= {(day, group, apart): tax.percent for (apart, group), day in tax.sold_apart}
    newest_first = sorted(rates, key=lambda key: key[0], reverse=True)
    return [LineRate(group, day, rates[day, group, apart], apart) for day, group, apart in newest_first]


def rate_of(
    rates: Iterable[LineRate], item_group: int | None, day: date, *, apart: int | None = None
) -> Decimal | None:
    """The rate that a line of an item sales tax group bears, of what is newest first.

    `apart`: the sales tax group of the line, where it is not that of the document.
    """
    group = (item_group, apart)
    return next(
        (one.percent for one in rates if (one.item_group, one.apart) == group and one.since <= day), None
    )


def sections(rows: Iterable[BilledRow]) -> tuple[DocumentSection, ...]:
    """One section per contract line, in the order of the rows."""
    return tuple(
        DocumentSection(
            title=members[0].title,
            lines=tuple(_line(row) for row in members),
            is_apart=members[0].is_apart,
        )
        for members in (list(group) for _key, group in groupby(rows, key=lambda row: row.section))
    )


def period_of(document_sections: Iterable[DocumentSection]) -> tuple[date, date] | None:
    """First and last day of the work on a document."""
    days = [line.date for section in document_sections for line in section.lines if line.date]
    return (min(days), max(days)) if days else None


def payment_terms(days: int, language: str) -> str:
    """When an invoice is payable, in words; `days` count from the invoice date to the due date."""
    words = terms_in(language)
    if days <= 0:
        return words["at_once"]
    return words["one_day"] if days == 1 else words["days"].format(days=days)


def discount_sentence(language: str, currency: str, *, percent: Decimal, gross: Decimal, until: date) -> str:
    """What may be taken off for paying early, and what is then to be paid, in words.

    The discount is rounded once to the currency's minor unit, as it is when it is taken.
    """
    words, formats = terms_in(language), _formats(language, currency)
    discount = percent_of(gross, percent, currency)
    return words["discount"].format(
        percent=formats.percent(percent),
        amount=formats.money(discount),
        rest=formats.money(gross - discount),
        day=formats.day(until),
    )


def instalments_sentence(language: str, currency: str, parts: Sequence[tuple[date, Decimal]]) -> str:
    """The parts in which an invoice is payable, each with its day, in words."""
    words, formats = terms_in(language), _formats(language, currency)
    said = [words["instalment"].format(amount=formats.money(one), day=formats.day(day)) for day, one in parts]
    return words["instalments"].format(count=len(parts), parts="; ".join(said))


def said_terms(
    language: str,
    currency: str,
    gross: Decimal,
    *,
    invoice_date: date,
    due_date: date,
    parts: Sequence[tuple[date, Decimal]] = (),
    discount_percent: Decimal | None = None,
    discount_until: date | None = None,
) -> str:
    """How an invoice over `gross` is payable, in words: in parts, or as a whole, perhaps at a discount."""
    if parts:
        return instalments_sentence(language, currency, parts)
    said = [payment_terms((due_date - invoice_date).days, language)]
    if discount_percent is not None and discount_until is not None:
        discount = discount_sentence(
            language, currency, percent=discount_percent, gross=gross, until=discount_until
        )
        said.insert(0, discount)
    return " ".join(said)


def _formats(language: str, currency: str) -> Formats:
    region = language.replace("_", "-").partition("-")[2].upper()
    return Formats.of(language_of(language), region, currency)


def credited(facts: DocumentFacts) -> DocumentFacts:
    """An invoice that gives money back as the credit note it is: every figure with the opposite sign (C7).

    A credit note states what it gives back as positive figures; its title says that it is a credit.
    """
    return replace(
        facts,
        kind="credit",
        net=-facts.net,
        gross=-facts.gross,
        deductions=tuple(replace(one, amount=-one.amount) for one in facts.deductions),
        tax_rows=tuple(replace(row, base=-row.base, tax=-row.tax) for row in facts.tax_rows),
        sections=tuple(
            replace(section, lines=tuple(_credited_line(line) for line in section.lines))
            for section in facts.sections
        ),
    )


def _tax_row(tax: Tax, language: str) -> TaxRow:
    labels = labels_in(language)
    return TaxRow(
        label=labels["tax_names"][tax.kind],
        base=tax.base_amount,
        tax=tax.tax_amount,
        rate=tax.percent if tax.kind == "standard" else None,
        # The company's own wording is more exact; without one in this language the kind says enough.
        note=tax.reasons.get(language_of(language)) or labels["tax_reasons"][tax.kind],
    )


def _line(row: BilledRow) -> DocumentLine:
    return DocumentLine(
        text=row.text,
        note=row.note,
        date=row.day,
        person=row.person,
        role=row.role,
        task=row.task,
        kind=row.kind,
        keys=row.keys,
        quantity=row.quantity,
        unit=row.unit,
        recorded=row.recorded,
        unit_price=None if row.quantity is None else ZERO if row.is_free else row.price,
        amount=ZERO if row.is_free else row.amount,
        tax_rate=None if row.is_free else row.tax_rate,
        is_free=row.is_free,
    )


def _credited_line(line: DocumentLine) -> DocumentLine:
    """The line with the opposite amount; a price stays positive, so the quantity takes the sign."""
    quantity, price = line.quantity, line.unit_price
    if price is not None and price < 0:
        price = -price
    elif quantity is not None:
        quantity = -quantity
    recorded = None if line.recorded is None else -line.recorded
    return replace(line, quantity=quantity, recorded=recorded, unit_price=price, amount=-line.amount)
