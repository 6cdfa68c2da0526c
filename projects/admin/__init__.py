"""The admin of projects: legal entities, customers, contracts and projects, prices, people, actuals."""

from projects.admin import actuals, agreements, contract_lines, contracts, people, prices

__all__ = ["actuals", "agreements", "contract_lines", "contracts", "people", "prices"]
