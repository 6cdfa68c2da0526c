"""What stands behind an hour: for each task the words for colleagues and the words for the invoice."""

Words = tuple[str, str]


def _same(*texts: str) -> tuple[Words, ...]:
    return tuple((text, text) for text in texts)


TRAIN = ("Train to Bremen and back", "Bahnfahrt Bremen und zurück")
HOTEL = ("Hotel in Breda, two nights", "Hotel in Breda, two nights")
ROAMING = ("Data roaming, Surabaya", "Roaming data, Surabaya")
MANUALS = ("User manuals for the yard", "Anwenderhandbuch, gedruckt")
SCANNERS = ("Handheld scanners for the pilot aisle", "Pemindai genggam untuk lorong uji coba")
LICENCE = ("Map tiles, one year", "Lisensi peta, satu tahun")

TEXTS: dict[tuple[str, str], tuple[Words, ...]] = {
    ("P-101", "Ingest"): (
        (
            "Ingest pipeline: retry logic and dead-letter queue",
            "Datenannahme: Wiederholungen und Fehlerablage",
        ),
        ("Load test of the customs feed", "Lasttest der Zolldaten"),
        ("Partner files with wrong encodings", "Partnerdateien mit falscher Zeichenkodierung"),
    ),
    ("P-101", "Data model"): (
        ("Schema migration rehearsal", "Probe der Schemamigration"),
        ("Master data: containers and owners", "Stammdaten: Container und Eigentümer"),
        ("Review of keys with operations", "Abstimmung der Schlüssel mit dem Betrieb"),
    ),
    ("P-101", "Reporting"): (
        ("Dwell-time report for the yard", "Bericht Standzeiten auf dem Hof"),
        ("Daily figures by e-mail, first version", "Tageszahlen per E-Mail, erste Fassung"),
    ),
    ("P-101", "Steering"): (
        ("Steering committee preparation and minutes", "Lenkungskreis: Vorbereitung und Protokoll"),
        ("Workshop: master-data ownership", "Workshop: Verantwortung für Stammdaten"),
    ),
    ("P-102", "Incidents"): (
        ("Night batch stuck: index rebuilt", "Nachtlauf hing: Index neu aufgebaut"),
        ("Label printers offline after the switch change", "Etikettendrucker nach Switch-Tausch offline"),
    ),
    ("P-102", "Changes"): (
        ("Certificates renewed on all gateways", "Zertifikate auf allen Gateways erneuert"),
        ("New carrier codes rolled out", "Neue Spediteurskennungen ausgerollt"),
    ),
    ("P-102", "On call"): (
        ("On call, two calls in the evening", "Rufbereitschaft, zwei Anrufe am Abend"),
        ("Handover to the early shift", "Übergabe an die Frühschicht"),
    ),
    ("P-103", "Process design"): _same(
        "Order-to-cash with sales back office",
        "Batch traceability with quality",
        "Returns and credit: process agreed",
    ),
    ("P-103", "Interfaces"): _same(
        "Interface to the weighbridge",
        "Bank statements: import and matching",
        "Carrier labels: field mapping",
    ),
    ("P-103", "Cut-over"): _same("Cut-over plan for the Breda plant", "Rehearsal of the opening balances"),
    ("P-103", "Training"): _same("Key-user training: purchasing", "Exercises for the training system"),
    ("P-104", "Portal"): _same(
        "Connection requests: form and checks",
        "Installer log-in and company profile",
        "Accessibility of the forms",
    ),
    ("P-104", "Metering feed"): _same("Quarter-hour values: gap filling", "Meter replacement in the feed"),
    ("P-104", "Acceptance"): _same("Acceptance cases with the grid office", "Findings of the first round"),
    ("P-105", "Gate design"): _same(
        "Lane layout and sensor positions", "Truck appointment: rules with the terminal"
    ),
    ("P-105", "Camera trial"): _same("Plate recognition at night", "Container codes: false readings"),
    ("P-105", "Integration"): _same("Gate events to the yard system", "Fallback when the network is down"),
    ("P-106", "Claims model"): _same(
        "Storm damage: outliers and features", "Reserve estimate by line of business"
    ),
    ("P-106", "Dashboards"): _same("Claims by region, drill-down", "Access by department"),
    ("P-106", "Steering"): _same("Monthly review with the claims office", "Roadmap for the next quarter"),
    ("P-107", "Rules"): _same(
        "Volume discounts by region", "Rule editor: conflicts shown", "Rounding of list prices"
    ),
    ("P-107", "Simulation"): _same("What-if runs over last year's orders", "Speed of the simulation"),
    ("P-107", "Rollout"): _same("Roll-out to the southern branches", "Questions of the branch managers"),
    ("P-108", "Stock-take screens"): (
        ("Offline mode and conflict rules", "Mode luring dan aturan konflik"),
        ("Count lists by aisle", "Lembar hitung per lorong"),
    ),
    ("P-108", "Handhelds"): (
        ("Offline mode, tests on handhelds", "Mode luring, pengujian pada perangkat genggam"),
        ("Scanner wake-up and battery", "Waktu bangun pemindai dan baterai"),
    ),
    ("P-108", "Go-live"): (
        ("Go-live checklist with the warehouse", "Daftar periksa peluncuran dengan gudang"),
        ("Hypercare with the shift leads", "Pendampingan dengan kepala regu"),
        ("Cut-over night shift", "Peralihan pada sif malam"),
    ),
    ("P-109", "Workflow"): (
        ("Manuscript states and reminders", "Manuskriptstatus und Erinnerungen"),
        ("Rights clearance: list of open cases", "Rechteklärung: Liste offener Fälle"),
    ),
    ("P-109", "Print run"): (
        ("Print-run calculation with production", "Auflagenkalkulation mit der Herstellung"),
        ("Paper prices: yearly import", "Papierpreise: jährliche Übernahme"),
    ),
    ("P-110", "Concept"): _same("Feed-in forecast: concept paper", "Feed-in forecast: data sources"),
    ("P-111", "Service desk"): _same("Restart of the gate service", "Questions of the shift leads"),
    ("P-111", "Patches"): _same("Monthly patches", "Monthly patches, second half"),
    ("P-000", "Team meeting"): _same("Weekly team meeting", "Planning of the next month"),
    ("P-000", "Learning"): _same("Course: data protection", "Conference: databases in practice"),
}
