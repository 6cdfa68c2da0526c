"""When and how an invoice is payable, in the words of each language that documents are written in."""

from collections.abc import Mapping

from core.documents.labels import language_of

TERMS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "at_once": "Payable immediately without deduction.",
        "one_day": "Payable without deduction within one day.",
        "days": "Payable without deduction within {days} days.",
        "by": "Payable without deduction by {day}.",
        "discount": "{percent} discount, {amount}, if you pay {rest} by {day}.",
        "instalments": "Payable in {count} instalments: {parts}.",
        "instalment": "{amount} by {day}",
        "of_invoice": "Terms of payment of the invoice: {terms}",
    },
    "de": {
        "at_once": "Sofort zahlbar ohne Abzug.",
        "one_day": "Zahlbar ohne Abzug innerhalb eines Tages.",
        "days": "Zahlbar ohne Abzug innerhalb von {days} Tagen.",
        "by": "Zahlbar ohne Abzug bis {day}.",
        "discount": "{percent} Skonto, {amount}, wenn Sie {rest} bis {day} zahlen.",
        "instalments": "Zahlbar in {count} Raten: {parts}.",
        "instalment": "{amount} bis {day}",
        "of_invoice": "Zahlungsbedingungen der Rechnung: {terms}",
    },
    "id": {
        "at_once": "Dibayar penuh segera setelah faktur diterima.",
        "one_day": "Dibayar penuh dalam satu hari.",
        "days": "Dibayar penuh dalam {days} hari.",
        "by": "Dibayar penuh paling lambat {day}.",
        "discount": "Potongan {percent}, {amount}, jika {rest} dibayar paling lambat {day}.",
        "instalments": "Dibayar dalam {count} angsuran: {parts}.",
        "instalment": "{amount} paling lambat {day}",
        "of_invoice": "Syarat pembayaran faktur: {terms}",
    },
}


def terms_in(tag: str) -> Mapping[str, str]:
    """The words for a language or a tag such as en-gb. Raises ValueError for one without documents."""
    return TERMS[language_of(tag)]
