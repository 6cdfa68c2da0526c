"""The fixed words of reminders, in the languages a customer can be written to, and the usual texts."""

REMINDER_LABELS: dict[str, dict[str, str]] = {
    "en": {
        "title_1": "Payment reminder",
        "title_2": "Second reminder",
        "title_3": "Final reminder",
        "text_1": "The invoices below are due, and we have not found your payment yet. Perhaps it "
        "crossed with this letter; then please take no notice of it. Otherwise we ask you to "
        "transfer the amount.",
        "text_2": "We have reminded you of the invoices below and still miss your payment. Please "
        "transfer the amount within seven days, or tell us what stands in its way.",
        "text_3": "In spite of our reminders the invoices below are not paid. Please transfer the "
        "amount within seven days. After that we shall pass the claim on.",
        "open_at": "Payments until {day} are taken into account.",
        "date": "Date",
        "invoice": "Invoice",
        "whole": "Invoiced",
        "open": "Open",
        "late": "due on {due}, {days} days overdue",
        "late_one": "due on {due}, 1 day overdue",
        "part": "instalment {number}",
        "level": "reminder {level}",
        "total": "Open",
        "fee": "Reminder fee",
        "to_pay": "To pay",
        "at_once": "at once",
        "mail_subject": "{title}: {amount} to {company}",
        "mail_text": "Attached is our letter about invoices that are due: {amount} in all.",
        "mail_answer": "Questions about it are answered by {sender}: {address}.",
    },
    "de": {
        "title_1": "Zahlungserinnerung",
        "title_2": "Zweite Mahnung",
        "title_3": "Letzte Mahnung",
        "text_1": "Die folgenden Rechnungen sind fällig, und wir haben Ihre Zahlung noch nicht "
        "gefunden. Vielleicht hat sie sich mit diesem Schreiben gekreuzt; dann betrachten Sie"
        " es bitte als erledigt. Andernfalls bitten wir Sie, den Betrag zu überweisen.",
        "text_2": "Wir haben Sie an die folgenden Rechnungen erinnert und vermissen Ihre Zahlung noch "
        "immer. Bitte überweisen Sie den Betrag innerhalb von sieben Tagen, oder sagen Sie "
        "uns, was dem entgegensteht.",
        "text_3": "Trotz unserer Mahnungen sind die folgenden Rechnungen nicht bezahlt. Bitte "
        "überweisen Sie den Betrag innerhalb von sieben Tagen. Danach geben wir die Forderung"
        " weiter.",
        "open_at": "Zahlungen bis {day} sind berücksichtigt.",
        "date": "Datum",
        "invoice": "Rechnung",
        "whole": "Rechnungsbetrag",
        "open": "Offen",
        "late": "fällig am {due}, seit {days} Tagen überfällig",
        "late_one": "fällig am {due}, seit 1 Tag überfällig",
        "part": "Rate {number}",
        "level": "Mahnstufe {level}",
        "total": "Offen",
        "fee": "Mahngebühr",
        "to_pay": "Zu zahlen",
        "at_once": "sofort",
        "mail_subject": "{title}: {amount} an {company}",
        "mail_text": "Im Anhang finden Sie unser Schreiben zu fälligen Rechnungen: insgesamt {amount}.",
        "mail_answer": "Fragen dazu beantwortet {sender}: {address}.",
    },
    "id": {
        "title_1": "Pengingat pembayaran",
        "title_2": "Pengingat kedua",
        "title_3": "Pengingat terakhir",
        "text_1": "Faktur di bawah ini telah jatuh tempo dan pembayaran Anda belum kami temukan. Bila "
        "pembayaran sudah dikirim, mohon abaikan surat ini. Bila belum, mohon transfer jumlah"
        " tersebut.",
        "text_2": "Kami telah mengingatkan Anda tentang faktur di bawah ini dan pembayaran Anda belum "
        "kami terima. Mohon transfer jumlah tersebut dalam tujuh hari, atau beri tahu kami "
        "kendalanya.",
        "text_3": "Meskipun telah kami ingatkan, faktur di bawah ini belum dibayar. Mohon transfer "
        "jumlah tersebut dalam tujuh hari. Setelah itu tagihan ini akan kami teruskan.",
        "open_at": "Pembayaran sampai {day} sudah diperhitungkan.",
        "date": "Tanggal",
        "invoice": "Faktur",
        "whole": "Nilai faktur",
        "open": "Belum dibayar",
        "late": "jatuh tempo {due}, terlambat {days} hari",
        "late_one": "jatuh tempo {due}, terlambat 1 hari",
        "part": "angsuran {number}",
        "level": "pengingat {level}",
        "total": "Belum dibayar",
        "fee": "Biaya pengingat",
        "to_pay": "Harus dibayar",
        "at_once": "segera",
        "mail_subject": "{title}: {amount} kepada {company}",
        "mail_text": "Terlampir surat kami tentang faktur yang telah jatuh tempo: seluruhnya {amount}.",
        "mail_answer": "Pertanyaan tentang surat ini dijawab oleh {sender}: {address}.",
    },
}
