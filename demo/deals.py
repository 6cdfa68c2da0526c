"""Whom the demo company works for and what was agreed, as plain rows; `agreements` writes them."""

from dataclasses import dataclass

from projects.states import BillingMethod

HOURS, FIXED = BillingMethod.TIME_AND_MATERIAL, BillingMethod.FIXED_PRICE
MONTHLY, FORTNIGHTLY = "Monthly on the 1st", "Every second Monday"


@dataclass(frozen=True)
class Payer:
    """A customer; `tax` is the code of its sales tax group."""

    number: str
    name: str
    short_name: str
    address: str
    country: str
    vat_id: str
    tax: str
    language: str = "de"
    currency: str = "EUR"
    terms: str = "30 days net"


@dataclass(frozen=True)
class Undertaking:
    """A project with its team by login; without a customer it is internal."""

    number: str
    name: str
    customer: str
    manager: str
    group: str
    team: str
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class DealLine:
    """One contract line; `payers` as (customer, percent), the first of them takes the rounding.

    `steps` are the minutes that time is billed in; `day_hours` the hours of a billed day; `discount` the
    percentage that every draft grants, with its reason.
    """

    name: str
    method: str
    project: str
    payers: tuple[tuple[str, str], ...]
    tasks: tuple[str, ...] = ()
    amount: str | None = None
    frequency: str = ""
    limit: str | None = None
    steps: int | None = None
    day_hours: str | None = None
    discount: tuple[str, str] | None = None


@dataclass(frozen=True)
class Deal:
    """One contract; `accrues` puts its revenue into the books while it waits for its invoice.

    `kept_back` are the percentage of each invoice, the months until its release, and the condition of it.
    """

    serial: int
    name: str
    customer: str
    manager: str
    lines: tuple[DealLine, ...]
    currency: str = "EUR"
    limit: str | None = None
    order: str = ""
    accrues: bool = False
    kept_back: tuple[str, int, str] | None = None
    is_draft: bool = False


def _hours(name: str, project: str, payer: str, **more: str | int | tuple[str, ...]) -> DealLine:
    return DealLine(name, HOURS, project, ((payer, "100"),), **{"frequency": MONTHLY, **more})  # type: ignore[arg-type]


# fmt: off
PAYERS = (
    Payer("K-1001", "Alster Logistik AG", "Alster", "Speicherstraße 7\n20457 Hamburg",
          "DE", "DE000000101", "domestic"),
    Payer("K-1002", "Alster Terminal GmbH", "Alster Terminal", "Kai 9\n21129 Hamburg",
          "DE", "DE000000102", "domestic"),
    Payer("K-1003", "Ostwind Energie GmbH", "Ostwind", "Am Deich 3\n18055 Rostock",
          "DE", "DE000000103", "domestic", terms="14 days net"),
    Payer("K-1004", "Lindenhof Verlag GmbH", "Lindenhof", "Lindenallee 22\n04109 Leipzig",
          "DE", "DE000000104", "domestic"),
    Payer("K-1005", "Brabant Foods NV", "Brabant Foods", "Molenweg 48\n4811 Breda",
          "NL", "NL000000105B01", "eu", language="en-gb"),
    Payer("K-1006", "Fjellvik Assuranse ASA", "Fjellvik", "Bryggegata 5\n5003 Bergen",
          "NO", "NO000000106MVA", "export", language="en-gb", terms="45 days net"),
    Payer("K-1007", "Harbour & Pine Ltd", "Harbour & Pine", "18 Quay Lane\nBristol BS1 0AA",
          "GB", "GB000000107", "export", language="en-gb", currency="GBP"),
    Payer("K-1008", "PT Samudra Kencana", "Samudra", "Jalan Pelabuhan 14\nSurabaya 60177",
          "ID", "", "export", language="id"),
)

UNDERTAKINGS = (
    Undertaking("P-101", "Data platform", "K-1001", "katrin", "Data", "mia chiara aulia",
                ("Ingest", "Data model", "Reporting", "Steering")),
    Undertaking("P-102", "Operations support", "K-1001", "katrin", "Services", "mia tom",
                ("Incidents", "Changes", "On call")),
    Undertaking("P-103", "ERP rollout", "K-1005", "katrin", "Rollouts", "mia chiara jonas",
                ("Process design", "Interfaces", "Cut-over", "Training")),
    Undertaking("P-104", "Grid portal", "K-1003", "jonas", "Portals", "tom katrin",
                ("Portal", "Metering feed", "Acceptance")),
    Undertaking("P-105", "Gate automation", "K-1001", "katrin", "Rollouts", "chiara aulia jonas",
                ("Gate design", "Camera trial", "Integration")),
    Undertaking("P-106", "Claims analytics", "K-1006", "jonas", "Data", "tom chiara katrin",
                ("Claims model", "Dashboards", "Steering")),
    Undertaking("P-107", "Pricing engine", "K-1007", "jonas", "Portals", "tom aulia",
                ("Rules", "Simulation", "Rollout")),
    Undertaking("P-108", "Warehouse app", "K-1008", "katrin", "Portals", "aulia mia",
                ("Stock-take screens", "Handhelds", "Go-live")),
    Undertaking("P-109", "Editorial workflow", "K-1004", "jonas", "Portals", "chiara tom",
                ("Workflow", "Print run")),
    Undertaking("P-110", "Forecast service", "K-1003", "jonas", "Data", "mia katrin", ("Concept",)),
    Undertaking("P-111", "Application care", "K-1002", "katrin", "Services", "jonas mia",
                ("Service desk", "Patches")),
    Undertaking("P-000", "Internal", "", "katrin", "Internal", "mia chiara aulia tom jonas",
                ("Team meeting", "Learning")),
)

DEALS = (
    Deal(1, "Data platform", "K-1001", "katrin",
         (_hours("Data platform", "P-101", "K-1001", discount=("3", "Framework agreement")),),
         limit="78000", order="4500017733", accrues=True),
    Deal(2, "Operations support", "K-1001", "katrin",
         (_hours("Operations support", "P-102", "K-1001", frequency=FORTNIGHTLY, steps=15),),
         order="4500018102"),
    Deal(3, "ERP rollout", "K-1005", "katrin",
         (_hours("ERP rollout", "P-103", "K-1005", limit="95000",
                 tasks=("Process design", "Interfaces", "Cut-over")),
          DealLine("Key-user training", FIXED, "P-103", (("K-1005", "100"),), tasks=("Training",),
               amount="27000")),
         order="BF-2291"),
    Deal(4, "Grid portal", "K-1003", "jonas",
         (DealLine("Grid portal", FIXED, "P-104", (("K-1003", "100"),), amount="96000"),),
         order="OW-77-0412", kept_back=("10", 3, "Testnetz abgenommen")),
    Deal(5, "Gate automation", "K-1001", "katrin",
         (DealLine("Gate automation", FIXED, "P-105", (("K-1001", "60"), ("K-1002", "40")),
               amount="64999.99"),),
         kept_back=("10", 3, "Abnahme der Tore")),
    Deal(6, "Claims analytics", "K-1006", "jonas", (_hours("Claims analytics", "P-106", "K-1006"),),
         accrues=True),
    Deal(7, "Pricing engine", "K-1007", "jonas", (_hours("Pricing engine", "P-107", "K-1007"),),
         currency="GBP", order="PO-88120"),
    Deal(8, "Warehouse app", "K-1008", "katrin", (_hours("Warehouse app", "P-108", "K-1008"),),
         accrues=True),
    Deal(9, "Editorial workflow", "K-1004", "jonas",
         (_hours("Editorial workflow", "P-109", "K-1004", day_hours="8"),)),
    Deal(10, "Forecast service", "K-1003", "jonas",
         (_hours("Forecast service", "P-110", "K-1003", frequency=""),), is_draft=True),
    Deal(11, "Application care", "K-1002", "katrin", (_hours("Application care", "P-111", "K-1002"),),
         order="AT-3306"),
)
# fmt: on
