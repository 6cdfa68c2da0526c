"""Warn after saving that no contract covers the work, so that it cannot be billed (A3)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from projects.models import Entry
from projects.work_coverage import coverage_of, uncovered_words


def warn_of_uncovered(request: HttpRequest, entries: Sequence[Entry]) -> None:
    """Warn on the next page, once for each reason; two statements, however many entries."""
    coverage = coverage_of(entries)
    for reason in sorted({coverage.sentence_of(entry) for entry in entries} - {""}):
        messages.warning(request, uncovered_words(reason))
