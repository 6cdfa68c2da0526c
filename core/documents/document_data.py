"""What a printed document says: plain facts in, one dictionary of finished strings out (B10, C5, C7).

Pure: no Django, no database, no clock. The dictionary is what gets frozen with a document; the template
formats nothing and adds nothing up, so printing it again years later gives the same page.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

from core.documents.deductions import deduction_rows, has_rows_of_its_own
from core.documents.document_rows import document_rows, tax_name
from core.documents.facts import DocumentFacts, Kind, Party
from core.documents.formats import Formats, breakable, clean, clip, grouped_iban
from core.documents.labels import Labels, labels_in, language_of
from core.documents.layouts import DETAIL, Layout
from core.documents.printable import ADDRESS_LINES, refuse_unprintable
from core.documents.terms_labels import terms_in

__all__ = [
    "copy_mark",
    "document_data",
]

SCHEMA = 1
"""Version of the dictionary; frozen data keeps the version it was made with."""

ROWS_IN_BODY = 60
ROWS_IN_ANNEX = 1500

# What fits into the layout; longer texts are clipped.
SHORT_NAME_CHARACTERS = 100
META_TOKEN = 22
META_CHARACTERS = 66
NAME_CHARACTERS = 100
NAME_TOKEN = 24
SUBTITLE_CHARACTERS = 160
FOOTER_CHARACTERS = 120
PROSE_CHARACTERS = 1000
PROSE_TOKEN = 48
PAYMENT_TOKEN = 31
CONTACT_LINES = 7


def document_data(
    facts: DocumentFacts,
    *,
    layout: Layout = DETAIL,
    rows_in_body: int = ROWS_IN_BODY,
    rows_in_annex: int = ROWS_IN_ANNEX,
) -> dict[str, Any]:
    """Make the template's dictionary of finished strings, in the customer's language and formats.

    A layout of details prints a row per detail; beyond `rows_in_body` the body becomes a summary, so that the
    total stays in front, and the details follow in an annex; beyond `rows_in_annex` a note says that the list
    is available electronically. Other layouts print a row per group and tax rate, the details on demand.
    Texts that are too long are clipped. Raises ValueError when kind, language, region, paper, number,
    currency or accent cannot be printed, or when the figures do not add up.
    """
    language, region = _language_and_region(facts.language, facts.region)
    refuse_unprintable(facts, region)
    labels = labels_in(language)
    formats = Formats.of(language, region, facts.currency)
    body = document_rows(
        facts, labels, formats, layout, rows_in_body=rows_in_body, rows_in_annex=rows_in_annex
    )
    return {
        "schema": SCHEMA,
        "lang": language,
        "region": region or None,
        **_identity(facts, labels),
        "subtitle": breakable(clip(facts.subtitle, SUBTITLE_CHARACTERS), PROSE_TOKEN),
        "intro": _intro(facts, labels, formats),
        "seller": _seller(facts.seller),
        "footer": _footer(facts, labels),
        "customer": {"short": _short_name(facts.customer), "address": _address(facts)},
        "meta": _meta(facts, labels, formats),
        "marks": _marks(facts, labels),
        **body.tables,
        "tax": _tax(facts, labels, formats),
        "totals": _totals(facts, labels, formats),
        "payment": _payment(facts, labels, formats),
        "notes": _notes(facts, body.note),
    }


def copy_mark(language: str, region: str = "", *, reprinted_on: date, issued_on: date) -> dict[str, str]:
    """The mark of a reprint, for every page; no part of the frozen data, so the original stays as it was."""
    language, region = _language_and_region(language, region)
    words = labels_in(language)["words"]
    formats = Formats.of(language, region, currency="")
    detail = words["reprint"].format(date=formats.day(reprinted_on), issued=formats.day(issued_on))
    return {"text": words["copy"], "detail": detail}


def _language_and_region(language: str, region: str) -> tuple[str, str]:
    """Split a tag such as en-gb; a region given beside it wins. Raises ValueError for an unknown language."""
    tag_region = language.replace("_", "-").partition("-")[2]
    return language_of(language), (region or tag_region).upper()


def _day(day: date | None, formats: Formats) -> str:
    return formats.day(day) if day else ""


def _identity(facts: DocumentFacts, labels: Labels) -> dict[str, Any]:
    return {
        "kind": facts.kind,
        "paper": facts.paper,
        "accent": facts.seller.accent or None,
        "page": labels["words"]["page"],
        "title": labels["title"][facts.kind],
        "number": clean(facts.number),
        "date": [facts.document_date.year, facts.document_date.month, facts.document_date.day],
    }


def _prose(text: str) -> str:
    return breakable(clip(text, PROSE_CHARACTERS), PROSE_TOKEN)


def _notes(facts: DocumentFacts, about_details: str) -> list[str]:
    # A credit note gives money back, and a proforma says how its invoice will be payable.
    terms = facts.payment_terms if facts.kind != "credit" and facts.amount_due > 0 else ""
    if terms and facts.kind == "proforma":
        terms = terms_in(facts.language)["of_invoice"].format(terms=terms)
    after = "" if facts.kind == "credit" else facts.after
    return [_prose(note) for note in (terms, *facts.notes, after, about_details) if clean(note)]


def _short_name(party: Party) -> str:
    return clip(party.short_name or party.name, SHORT_NAME_CHARACTERS)


def _name_lines(texts: Iterable[str]) -> list[str]:
    """Lines of names and addresses, without the blank ones."""
    return [breakable(clip(text, NAME_CHARACTERS), NAME_TOKEN) for text in texts if clean(text)]


def _address(facts: DocumentFacts) -> list[str]:
    """Name and address as an envelope shows them; too many lines are joined into one, none is lost."""
    name, *rest = _name_lines((facts.customer.name, *_with_country(facts.customer))) or [""]
    lines = [name, *(rest[1:] if rest and rest[0] == name else rest)]
    most = ADDRESS_LINES[facts.paper]
    if len(lines) > most:
        lines = [*lines[: most - 2], ", ".join(lines[most - 2 : -1]), lines[-1]]
    return lines


def _with_country(party: Party) -> tuple[str, ...]:
    """The address with the country as its last line, unless it names the country itself."""
    if not party.country or (party.address and clean(party.address[-1]).upper() == party.country.upper()):
        return party.address
    return (*party.address, party.country)


def _seller(seller: Party) -> dict[str, Any]:
    address = _with_country(seller)
    lines = _name_lines((*address, *seller.contact))
    return {
        "name": breakable(clip(seller.name, NAME_CHARACTERS), NAME_TOKEN),
        "short": _short_name(seller),
        "logo": {"svg": seller.logo_svg, "alt": _short_name(seller) or "Logo"} if seller.logo_svg else None,
        "return_line": clip(" · ".join((seller.name, *address)), NAME_CHARACTERS),
        "contact": lines[:CONTACT_LINES],
    }


def _footer(facts: DocumentFacts, labels: Labels) -> list[str]:
    """Who the seller is in law, and its numbers; a proforma has no numbers and says what it is not."""
    seller, words = facts.seller, labels["footer"]

    def worded(key: str, value: str) -> str:
        return words[key].format(name=clean(value)) if clean(value) else ""

    vat_id = (
        f"{labels['tax']['seller_vat']} {clip(seller.vat_id, META_TOKEN)}" if clean(seller.vat_id) else ""
    )
    first = (
        clean(seller.name),
        worded("office", seller.registered_office),
        worded("directors", seller.managing_directors),
    )
    second = (vat_id, clean(seller.register_entry), worded("tax_number", seller.tax_number))
    if facts.kind == "proforma":
        second = (labels["words"]["proforma_foot"], "", "")
    lines = [" · ".join(filter(None, parts)) for parts in (first, second)]
    return [breakable(clip(line, FOOTER_CHARACTERS), NAME_TOKEN) for line in lines if line]


def _meta(facts: DocumentFacts, labels: Labels, formats: Formats) -> list[dict[str, Any]]:
    invoice, _credit, proforma = (facts.kind == kind for kind in get_args(Kind))
    values = {
        "number": facts.number,
        f"{facts.kind}_date": formats.day(facts.document_date),
        **_original(facts, formats),
        "period": formats.period(*facts.period) if facts.period else "",
        "due": _day(facts.due_date, formats) if invoice and facts.amount_due > 0 and not facts.parts else "",
        "valid": _day(facts.valid_until, formats) if proforma else "",
        "customer": facts.customer_number,
        "order": facts.order_reference,
        "buyer_ref": facts.buyer_reference,
        "project": facts.project,
        "contract": facts.contract,
        "vat": "" if proforma else facts.customer.vat_id,
        "contact": facts.contact_person,
    }
    return [
        {
            "label": labels["meta"][key],
            "value": breakable(clip(value, META_CHARACTERS), META_TOKEN),
            "strong": key == "number",
        }
        for key, value in values.items()
        if clean(value)
    ]


def _original(facts: DocumentFacts, formats: Formats) -> dict[str, str]:
    """The document that it corrects; several are named in a sentence under the title."""
    if len(facts.originals) != 1:
        return {}
    (one,) = facts.originals
    key = "original" if facts.original_kind == "invoice" else "original_proforma"
    return {key: one.number, "original_date": formats.day(one.day)}


def _intro(facts: DocumentFacts, labels: Labels, formats: Formats) -> str:
    """The first sentences; every document that it corrects is named, however many there are."""
    words, before = labels["words"], "" if facts.kind == "credit" else facts.before
    said = " ".join(filter(None, (_prose(facts.intro), _prose(before))))
    if len(facts.originals) < 2:
        return said
    named = (
        words["corrected"].format(number=clean(one.number), date=formats.day(one.day))
        for one in facts.originals
    )
    return " ".join(filter(None, (words["corrects"].format(documents=", ".join(named)), said)))


def _marks(facts: DocumentFacts, labels: Labels) -> list[dict[str, str]]:
    """The proforma's mark for the head of every page, and its sentence under the title for everyone."""
    if facts.kind != "proforma":
        return []
    words = labels["words"]
    body = words["not_invoice_tax" if facts.tax_rows else "not_invoice"]
    return [{"text": words["proforma"], "detail": clean(facts.number), "body": body}]


def _tax(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, Any] | None:
    if not facts.tax_rows:
        return None
    words = labels["tax"]
    title = words["title_estimate" if facts.kind == "proforma" else "title"]
    rows = [
        {
            "label": tax_name(row.label, row.rate, formats),
            "base": formats.amount(row.base),
            "tax": formats.amount(row.tax),
            "note": _prose(row.note),
        }
        for row in facts.tax_rows
    ]
    return {"columns": [title, words["base"], words["tax"]], "rows": rows}


def _totals(facts: DocumentFacts, labels: Labels, formats: Formats) -> list[dict[str, str]]:
    words = labels["totals"]
    if has_rows_of_its_own(facts):
        return [_due(facts, labels, formats)]
    rows = [{"label": words["net"], "value": formats.amount(facts.net), "kind": "plain"}]
    if facts.tax_rows:
        label = words["tax_estimate" if facts.kind == "proforma" else "tax"]
        rows.append({"label": label, "value": formats.amount(facts.gross - facts.net), "kind": "plain"})
    if facts.deductions:
        label = words["proforma" if facts.kind == "proforma" else "gross"]
        rows.append({"label": label, "value": formats.amount(facts.gross), "kind": "strong"})
    return [*rows, *deduction_rows(facts, formats), _due(facts, labels, formats)]


def _due(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, str]:
    """What is to pay now, or what is given back; of a proforma it is an estimate."""
    key = "proforma_due" if facts.kind == "proforma" and facts.deductions else facts.kind
    return {"label": labels["totals"][key], "value": formats.money(facts.amount_due), "kind": "due"}


def _payment(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, Any] | None:
    """Where to pay an invoice, what a credit corrects; nothing for a proforma or when nothing is due."""
    if facts.kind == "credit":
        return _settlement(facts, labels, formats)
    if facts.kind != "invoice" or facts.amount_due <= 0 or not (facts.due_date or facts.iban):
        return None
    due = {} if facts.parts else {"due": _day(facts.due_date, formats)}
    values = [
        {**due, "amount": formats.money(facts.amount_due)},
        {"iban": grouped_iban(facts.iban), "bic": facts.bic},
        {"reference": facts.payment_reference or facts.number, "bank": facts.bank},
    ]
    block = _columns(labels["payment"], values, big="amount" if facts.parts else "due")
    return block | _instalments(facts, labels, formats)


def _instalments(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, Any]:
    """Every part with its day and its amount; nothing where the invoice is due as a whole."""
    if not facts.parts:
        return {}
    rows = [[formats.day(day), formats.money(amount)] for day, amount in facts.parts]
    return {"parts": {"heads": [labels["payment"]["due"], labels["payment"]["amount"]], "rows": rows}}


def _settlement(facts: DocumentFacts, labels: Labels, formats: Formats) -> dict[str, Any] | None:
    """Which invoice a credit is for; it settles nothing until somebody sets it off, so it does not say so."""
    numbers = ", ".join(one.number for one in facts.originals)
    # Numbers that do not fit are named under the title, each with its date.
    if not numbers or len(numbers) > META_CHARACTERS:
        return None
    values = [
        {"original": numbers},
        {"amount": formats.money(facts.amount_due)},
        {"open_after": "" if facts.open_after is None else formats.money(facts.open_after)},
    ]
    return _columns(labels["settlement"], values, big="original")


def _columns(words: dict[str, str], values: list[dict[str, str]], *, big: str) -> dict[str, Any]:
    def field(key: str, value: str) -> dict[str, Any]:
        text = breakable(clip(value, META_CHARACTERS), PAYMENT_TOKEN)
        return {"label": words[key], "value": text, "big": key == big}

    columns = [[field(key, value) for key, value in column.items() if clean(value)] for column in values]
    return {"title": words["title"], "columns": columns}
