"""The words of sections that stand for a kind of work, in the languages a customer can be written to."""

KINDS: dict[str, dict[str, str]] = {
    "en": {
        "time": "Work",
        "expense": "Expenses",
        "material": "Material",
        "fee": "Fees",
        "milestone": "Milestones",
        "retainer": "Advances",
        "discount": "Discounts",
        "other": "Other",
    },
    "de": {
        "time": "Leistungen",
        "expense": "Auslagen",
        "material": "Material",
        "fee": "Gebühren",
        "milestone": "Meilensteine",
        "retainer": "Anzahlungen",
        "discount": "Nachlässe",
        "other": "Sonstiges",
    },
    "id": {
        "time": "Jasa",
        "expense": "Biaya",
        "material": "Bahan",
        "fee": "Honorarium",
        "milestone": "Tonggak",
        "retainer": "Uang muka",
        "discount": "Potongan",
        "other": "Lainnya",
    },
}
"""By the class of what was done; `other` is the heading of what has no name of its own."""
