"""Filters of the pages of accounting."""
