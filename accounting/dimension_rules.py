"""Which financial dimension a line of the ledger carries, and which values a company accepts (C4)."""

from collections.abc import Iterable, Iterator

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from accounting.models import FinancialDimension
from core.refusals import Refusal


def first_named(*paths: str) -> Combinable:
    """The first of several columns that is not empty, else an empty text."""
    return Coalesce(*(NullIf(F(path), Value("")) for path in paths), Value(""))


def dimension_of_work(work: str = "work_item__") -> Combinable:
    """What work is booked on unless accounting says otherwise: its project, then contract, then customer."""
    return first_named(*(f"{work}{whose}__dimension" for whose in ("project", "contract", "customer")))


def dimension_of_revenue() -> Combinable:
    """What the revenue of a proposal line is booked on, empty where nothing says so.

    What accounting set on the line; then what the journal books the work on; of a correction, what it
    corrects was booked on; then project, contract and customer.
    """
    corrected = "detail__corrects__"
    return first_named(
        "dimension",
        "detail__actual__journal_line__dimension",
        f"{corrected}proposal_line__dimension",
        f"{corrected}bills__journal_line__dimension",
        "detail__line__contract_line__project__dimension",
        "proposal__proforma__contract__dimension",
        "proposal__proforma__customer__dimension",
    )


def reasons_against_dimensions(asked: Iterable[tuple[int, str, str]]) -> Iterator[Refusal]:
    """Values that a company does not keep, or keeps closed: by its key, the value, and what it is about.

    One statement; a company without any value accepts each (C4).
    """
    wanted = [one for one in asked if one[1]]
    if not wanted:
        return
    kept: dict[int, set[str]] = {}
    rows = FinancialDimension.objects.filter(legal_entity__in={entity for entity, _value, _about in wanted})
    for entity, code, is_closed in rows.values_list("legal_entity", "code", "is_closed"):
        kept.setdefault(entity, set()).update([] if is_closed else [code])
    for entity, value, about in dict.fromkeys(wanted):
        if entity in kept and value not in kept[entity]:
            message = _("The company keeps no financial dimension %(value)s.") % {"value": value}
            way_out = _("Enter one that it keeps, or have it added to its financial dimensions.")
            yield Refusal("dimension-unknown", message, about, way_out)
