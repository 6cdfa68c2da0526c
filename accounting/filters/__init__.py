"""Filters of the top floor's pages."""
