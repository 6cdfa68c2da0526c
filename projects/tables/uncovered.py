"""Cells for work that no contract line covers: the reason, and a link to the contract to change (A3)."""

from typing import Protocol

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from core.templatetags.display import badge
from projects.models import Entry, Project
from projects.work_coverage import WorkCoverage

NOTHING_COVERED = WorkCoverage({}, {})
COVERED_NOW = gettext_noop("A line covers it now; save its contract again")


class ShowsCoverage(Protocol):
    """A list whose page has read what covers its entries; `may_write_contracts` shows links to contracts."""

    coverage: WorkCoverage
    may_write_contracts: bool


def uncovered_mark(table: ShowsCoverage, entry: Entry, reason: str) -> SafeString:
    """A badge and the reason below it; for users who write contracts with a link to the contract."""
    mark = badge("flag", word=gettext("No contract covers it"))
    words = format_html('<div class="flags">{}</div><small class="text-warn">{}</small>', mark, reason)
    if not table.may_write_contracts:
        return words
    # In a line of its own: a link within words would differ from them by its colour alone.
    address, label = contract_link(table.coverage, entry.project)
    return format_html('{}<small><a href="{}">{}</a></small>', words, address, label)


def contract_link(coverage: WorkCoverage, project: Project) -> tuple[str, str]:
    """Where a line for the project is written: in a living contract it has already, or in a new one."""
    contract = coverage.contract_of(project.pk)
    if contract is None:
        query = urlencode({"project": project.number})
        return f"{reverse('contract-add')}?{query}", gettext("New contract")
    return reverse("contract-edit", args=[contract.number]), contract.number
