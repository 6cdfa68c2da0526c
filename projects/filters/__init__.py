"""Filters of the pages of projects."""
