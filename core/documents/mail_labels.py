"""The fixed words of mails with invoices, in the languages a customer can be written to."""

MAIL_LABELS: dict[str, dict[str, str]] = {
    "en": {
        "hours_title": "List of hours",
        "hours_file": "hours",
        "invoice_subject": "Invoice {number}",
        "credit_subject": "Credit note {number}",
        "invoice": "Attached is invoice {number} of {date} over {amount}, payable by {due}.",
        "instalments": "Attached is invoice {number} of {date} over {amount}. It is payable in instalments, "
        "as stated on it.",
        "nothing": "Attached is invoice {number} of {date} over {amount}. Nothing is to be paid.",
        "credit": "Attached is credit note {number} of {date} over {amount}.",
        "hours": "The hours behind it are listed in a file of their own.",
        "receipts": "Receipts of expenses are attached as well.",
        "answer": "Questions about it are answered by {sender}: {address}.",
    },
    "de": {
        "hours_title": "Stundennachweis",
        "hours_file": "stunden",
        "invoice_subject": "Rechnung {number}",
        "credit_subject": "Rechnungskorrektur {number}",
        "invoice": "Im Anhang steht die Rechnung {number} vom {date} über {amount}, zahlbar bis {due}.",
        "instalments": "Im Anhang steht die Rechnung {number} vom {date} über {amount}. Sie ist in Raten "
        "zahlbar, wie auf ihr angegeben.",
        "nothing": "Im Anhang steht die Rechnung {number} vom {date} über {amount}. Zu zahlen ist nichts.",
        "credit": "Im Anhang steht die Rechnungskorrektur {number} vom {date} über {amount}.",
        "hours": "Die Stunden dazu stehen in einer eigenen Datei.",
        "receipts": "Belege zu den Auslagen liegen ebenfalls bei.",
        "answer": "Fragen dazu beantwortet {sender}: {address}.",
    },
    "id": {
        "hours_title": "Daftar jam",
        "hours_file": "jam",
        "invoice_subject": "Faktur {number}",
        "credit_subject": "Nota kredit {number}",
        "invoice": "Terlampir faktur {number} tanggal {date} sebesar {amount}, jatuh tempo {due}.",
        "instalments": "Terlampir faktur {number} tanggal {date} sebesar {amount}. Faktur ini dibayar secara "
        "angsuran, seperti tercantum di dalamnya.",
        "nothing": "Terlampir faktur {number} tanggal {date} sebesar {amount}. Tidak ada yang perlu dibayar.",
        "credit": "Terlampir nota kredit {number} tanggal {date} sebesar {amount}.",
        "hours": "Jam kerja di baliknya tercantum dalam berkas tersendiri.",
        "receipts": "Bukti biaya juga dilampirkan.",
        "answer": "Pertanyaan tentang ini dijawab oleh {sender}: {address}.",
    },
}
"""By language and key; what stands in braces is filled in, formatted as documents format it."""
