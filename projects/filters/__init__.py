"""Filters of the ground floor's pages."""
