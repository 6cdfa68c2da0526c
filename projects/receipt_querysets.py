"""Querysets of receipts: who opens them, and those of many entries at once."""

from collections.abc import Iterable
from typing import Any, Self

from core.querysets import AnyUser, VisibleQuerySet
from projects.querysets import related


class ReceiptQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Receipts of the entries a user may see."""
        return self.filter(entry__in=related(self, "entry").visible_to(user).values("pk"))

    def by_entry(self, entries: Iterable[int]) -> dict[int, list[Any]]:
        """The receipts of these entries without their content, by key of the entry; one statement."""
        kept: dict[int, list[Any]] = {}
        one: Any
        for one in self.filter(entry__in=entries).defer("content").order_by("pk"):
            kept.setdefault(one.entry_id, []).append(one)
        return kept
