"""Filters of the pages of billing."""
