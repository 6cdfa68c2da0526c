"""Proofs of the books: each check with both sides of every identity, who breaks it, and a new check (X6)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.checking_books import ask_for_check
from accounting.models import IntegrityCheck, IntegrityFinding
from accounting.proofs.sides import SIDES
from accounting.proving import PROOFS
from core.admin_kit import AdminAction, Cell, Panel, ReadOnlyAdmin, change_url, columns, per_currency
from core.templatetags import display

BY_CODE = {proof.code: proof for proof in PROOFS}
BROKEN = ngettext_lazy(
    "%(count)s proof of the books is broken: confirming and posting have stopped",
    "%(count)s proofs of the books are broken: confirming and posting have stopped",
    "count",
)
HEADS = (_("What holds"), _("One side"), _("Other side"), _("Outcome"), _("Who breaks it"))


class CheckNow(AdminAction):
    """Has the worker check the books; the new check is on top of the list within a minute or so."""

    name, label, permission = "check", _("Check now"), "accounting.check_books"
    on_one = on_many = False
    on_all = is_primary = True

    def run(self, targets: QuerySet[Any], *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> None:
        """Call the verb."""
        ask_for_check(actor=actor, at=at)

    def get_success_message(self, result: None) -> str:
        """That it takes a while."""
        return gettext("The books are being checked: load this page again in a moment.")


@admin.register(IntegrityCheck)
class IntegrityCheckAdmin(ReadOnlyAdmin):
    """What every check found; the last one says whether anything may be confirmed and posted."""

    list_display = (
        columns.moment("checked_at", _("checked at")),
        "occasion",
        "asked_by",
        "duration",
        "proof_count",
        "outcome",
    )
    list_filter = ("occasion",)
    list_select_related = ("asked_by",)
    date_hierarchy = "checked_at"
    fields = ("checked_at", "occasion", "asked_by", "duration", "proof_count", "outcome")
    readonly_fields = ("duration", "outcome")
    action_classes: ClassVar = (CheckNow,)

    @admin.display(description=_("duration"))
    def duration(self, obj: IntegrityCheck) -> str:
        """How long it took, in seconds; nothing of a check before a closing, which has one moment for all."""
        if not obj.milliseconds:
            return display.NOTHING
        return gettext("%(seconds)s s") % {"seconds": display.rate(Decimal(obj.milliseconds).scaleb(-3))}

    @admin.display(description=_("outcome"))
    def outcome(self, obj: IntegrityCheck) -> str:
        """How many proofs hold, and how many are broken."""
        hold = obj.proof_count - obj.broken_count
        if not obj.broken_count:
            return gettext("All %(count)s hold") % {"count": hold}
        return ngettext("%(count)s broken", "%(count)s broken", obj.broken_count) % {
            "count": obj.broken_count
        }

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """That the last check found something."""
        newest = IntegrityCheck.objects.newest()
        if newest is not None and newest.broken_count:
            yield Cell(BROKEN % {"count": newest.broken_count}, url=change_url(IntegrityCheck, newest.pk))

    def get_panels(self, request: HttpRequest, obj: IntegrityCheck) -> Iterable[Panel]:
        """What is broken, then the identities in money, then those that are counted."""
        findings = list(obj.findings.order_by("pk"))
        broken = [one for one in findings if one.offenders]
        whole = [one for one in findings if not one.offenders]
        lines = [
            _("While something stands here, nothing is confirmed or posted, and no period is closed."),
            _("Have it repaired where it came from, then check again: the next check clears it."),
        ]
        yield Panel(
            _("Broken"),
            HEADS,
            _rows(broken),
            _("Nothing: every proof holds."),
            tone="bad" if broken else "",
            lines=lines if broken else (),
        )
        yield Panel(_("Amounts"), HEADS, _rows(one for one in whole if one.code in SIDES))
        yield Panel(_("Rows"), HEADS, _rows(one for one in whole if one.code not in SIDES))


def _rows(findings: Iterable[IntegrityFinding]) -> list[list[Cell]]:
    return [list(_cells(one)) for one in findings]


def _cells(finding: IntegrityFinding) -> Iterator[Cell]:
    proof, sides = BY_CODE.get(finding.code), SIDES.get(finding.code)
    yield Cell(proof.says if proof else finding.code)
    left_says, right_says = (sides.left_says, sides.right_says) if sides else (_("Rows"), _("Rows that hold"))
    yield Cell(_written(str(left_says), finding.left), is_figure=True)
    yield Cell(_written(str(right_says), finding.right), is_figure=True)
    yield Cell(_outcome(finding.offenders))
    yield Cell(", ".join(finding.examples) or display.NOTHING)


def _outcome(offenders: int) -> str:
    if not offenders:
        return gettext("Holds")
    return ngettext("%(count)s row", "%(count)s rows", offenders) % {"count": display.number(offenders)}


def _written(says: str, figures: Mapping[str, str]) -> str:
    """What a side is called and what it comes to, by currency or as a count."""
    amounts = [(currency, Decimal(figure)) for currency, figure in sorted(figures.items()) if currency]
    counts = [display.number(Decimal(figure)) for currency, figure in figures.items() if not currency]
    return f"{says}: {per_currency(amounts) if amounts else ''.join(counts) or display.NOTHING}"
