"""The admin of projects: master data, contracts with their lines, prices, people, actuals."""

from projects.admin import (
    actuals,
    contract_lines,
    contracts,
    document_layouts,
    master_data,
    payment_terms,
    people,
    prices,
)

__all__ = [
    "actuals",
    "contract_lines",
    "contracts",
    "document_layouts",
    "master_data",
    "payment_terms",
    "people",
    "prices",
]
