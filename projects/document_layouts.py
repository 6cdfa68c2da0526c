"""Which layout holds for what is billed under a contract to a customer (C5)."""

from django.utils.translation import gettext as _

from projects.layout_states import DocumentRowsBy
from projects.models import Customer, DocumentLayout, LegalEntity, ProjectContract

LAYOUTS_OF = (
    "legal_entity__document_layout",
    "contract__document_layout",
    "customer__document_layout",
)
"""What a proforma is loaded with, so that its layout is known without another statement."""


def agreed_layout(
    contract: ProjectContract, customer: Customer, entity: LegalEntity
) -> DocumentLayout | None:
    """The layout of the contract, else of the customer who pays, else of the company.

    None prints every transaction in a row of its own. All three are loaded with their layouts.
    """
    return contract.document_layout or customer.document_layout or entity.document_layout


def create_usual_layouts() -> None:
    """Plain layouts to choose from; those that somebody has entered are kept, and none is added."""
    if DocumentLayout.objects.exists():
        return
    named = {
        DocumentRowsBy.SUMMARY: _("One row for a role"),
        DocumentRowsBy.PERSON: _("One row for a person, with an annex"),
        DocumentRowsBy.TASK: _("One row for a task, with an annex"),
        DocumentRowsBy.MONTH: _("One row for a month, with an annex"),
    }
    DocumentLayout.objects.bulk_create(
        DocumentLayout(name=name, rows=rows, has_annex=rows != DocumentRowsBy.SUMMARY)
        for rows, name in named.items()
    )
