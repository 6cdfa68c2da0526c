"""Characters of proposals that no font here draws: refused before a number is taken (decision 22)."""

from collections.abc import Iterable, Sequence

from accounting.models import InvoiceProposal
from billing.models import InvoiceLineDetail
from billing.recorded_parts import PRINTED
from core.drawing import reasons_against_characters
from core.refusals import Refusal

OF_DETAIL = (
    *("line__name", "external_description", "correction_reason", "product", "unit"),
    *(
        f"{item}__{field}"
        for item in ("actual__work_item", "work_item")
        for field in ("product", "resource__name", "role__name", "task__name", "category__name")
    ),
)
OF_CUSTOMER = ("name", "short_name", "billing_address", "number", "vat_id", "purchase_order")
OF_COMPANY = (
    *("name", "short_name", "address", "contact", "registered_office", "managing_directors"),
    *("register_entry", "tax_number", "vat_id", "bank_name"),
)
OF_LAYOUT = ("before_en", "before_de", "before_id", "after_en", "after_de", "after_id")
OF_SECTION = ("heading_en", "heading_de", "heading_id")


def reasons_against_texts(proposals: Sequence[InvoiceProposal]) -> list[Refusal]:
    """What of the texts on their documents cannot be drawn, each with the script that is missing.

    Heads are loaded with layout, proforma, contract, customer and company. One statement for all of their
    details, whose characters are collected and not kept. Code: characters-not-drawn.
    """
    characters = {one.pk: set("".join(_head_of(one))) for one in proposals}
    details = InvoiceLineDetail.objects.filter(
        line__proforma__proposal__in=list(characters), billing_type__in=PRINTED
    )
    rows = details.order_by().values_list("line__proforma__proposal", *OF_DETAIL)
    for key, *texts in rows.iterator(chunk_size=2000):
        characters[key].update(*filter(None, texts))
    return [why for one in proposals for why in reasons_against_characters(characters[one.pk], one)]


def _head_of(proposal: InvoiceProposal) -> Iterable[str]:
    proforma = proposal.proforma
    yield from (proposal.note, proforma.description, proforma.contract.number, proforma.contract.name)
    yield proforma.contract.purchase_order
    yield from (str(getattr(proforma.customer, name)) for name in OF_CUSTOMER)
    yield from (str(getattr(proposal.legal_entity, name)) for name in OF_COMPANY)
    if proposal.layout is not None:
        yield from (str(getattr(proposal.layout, name)) for name in OF_LAYOUT)
        for section in proposal.layout.named_sections.all():
            yield from (str(getattr(section, name)) for name in OF_SECTION)
