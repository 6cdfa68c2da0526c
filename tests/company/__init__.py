"""One company for every test: `Company` at work or bare, its rows, people, batch, and results as text."""

from tests.company.builder import Company, details_of, only

__all__ = ["Company", "details_of", "only"]
