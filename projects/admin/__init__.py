"""The windows of the ground floor: who and what the work is about, prices, people, what happened."""

from projects.admin import agreements, people, prices, records

__all__ = ["agreements", "people", "prices", "records"]
