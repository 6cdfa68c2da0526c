"""What happened to a contract, in sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import InvoiceSchedule, MilestoneShare, Proforma
from billing.views.contract_changes import AgreedAnew, changes_in_words
from core.models import Activity
from core.people import person_name
from core.templatetags.display import action_label, number
from projects.agreement_changes import LINES_REMOVED
from projects.models import ContractLine, ProjectContract, WorkItem

MOST = 60
CONTRACT, PROFORMA = ProjectContract._meta.label_lower, Proforma._meta.label_lower
LINE = ContractLine._meta.label_lower
SHARE, WORK = MilestoneShare._meta.label_lower, WorkItem._meta.label_lower

RUN = InvoiceSchedule._meta.label_lower

SENTENCES = {
    (LINE, "scheduled"): gettext_lazy("%(who)s changed the schedule of the line %(what)s."),
    (RUN, "run skipped"): gettext_lazy("%(who)s skipped the run of %(what)s: %(reason)s"),
    (RUN, "run moved"): gettext_lazy("%(who)s moved the run of %(what)s: %(reason)s"),
    (RUN, "run taken up"): gettext_lazy("%(who)s let the skipped run of %(what)s take place after all."),
    (CONTRACT, "drafted"): gettext_lazy("%(who)s created the contract."),
    (CONTRACT, "changed"): gettext_lazy("%(who)s changed the contract."),
    (LINE, "added"): gettext_lazy("%(who)s added the line %(what)s."),
    (LINE, "changed"): gettext_lazy("%(who)s changed the line %(what)s."),
    (LINE, "removed"): gettext_lazy("%(who)s removed the line %(what)s."),
    (CONTRACT, "confirmed"): gettext_lazy("%(who)s confirmed the contract: it may be invoiced."),
    (CONTRACT, "on hold"): gettext_lazy("%(who)s put the contract on hold: nothing of it is invoiced."),
    (CONTRACT, "resumed"): gettext_lazy("%(who)s resumed the contract: it may be invoiced again."),
    (PROFORMA, "drafted"): gettext_lazy("%(who)s created the draft %(what)s."),
    (PROFORMA, "confirmed"): gettext_lazy("%(who)s confirmed the proforma %(what)s."),
    (PROFORMA, "deleted"): gettext_lazy("%(who)s deleted the draft %(what)s."),
    (PROFORMA, "in review"): gettext_lazy("%(who)s sent the proforma %(what)s to review."),
    (PROFORMA, "draft"): gettext_lazy("%(who)s took the proforma %(what)s back to draft."),
    (PROFORMA, "posted"): gettext_lazy("%(who)s posted the invoice of %(what)s."),
    (SHARE, "ready"): gettext_lazy("%(who)s marked the milestone %(what)s ready."),
    (SHARE, "not ready"): gettext_lazy("%(who)s marked the milestone %(what)s not ready."),
}


class HistoryRow(NamedTuple):
    """One sentence, when it happened, and what it changed of what was agreed."""

    at: datetime
    sentence: str
    changes: Sequence[AgreedAnew] = ()


def events_of(contract: ProjectContract) -> list[HistoryRow]:
    """The latest events of a contract, its proformas, milestones and entries, newest first."""
    events = [*_of_documents(contract), *_of_work(contract)]
    return sorted(events, key=attrgetter("at"), reverse=True)[:MOST]


def _of_documents(contract: ProjectContract) -> list[HistoryRow]:
    proformas = Proforma.objects.filter(contract=contract).values("pk")
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract).values("pk")
    runs = InvoiceSchedule.objects.filter(contract_line__contract=contract).values("pk")
    lines = {
        *ContractLine.objects.filter(contract=contract).values_list("pk", flat=True),
        *_removed(contract),
    }
    about = (
        Q(subject_kind=CONTRACT, subject_id=contract.pk)
        | Q(subject_kind=LINE, subject_id__in=lines)
        | Q(subject_kind=PROFORMA, subject_id__in=proformas)
        | Q(subject_kind=SHARE, subject_id__in=shares)
        | Q(subject_kind=RUN, subject_id__in=runs)
    )
    # Whoever saves a contract as it is changed nothing, and which lines went is said of each of them.
    silent = Q(subject_kind=CONTRACT, verb="changed", facts={}) | Q(verb=LINES_REMOVED)
    rows = Activity.objects.filter(about).exclude(silent).select_related("actor")
    return [
        HistoryRow(one.happened_at, sentence(one), changes_of(one, contract.currency))
        for one in rows.order_by("-happened_at", "-pk")[:MOST]
    ]


def _removed(contract: ProjectContract) -> set[int]:
    """The lines that the contract had once."""
    facts = Activity.objects.about(contract).filter(verb=LINES_REMOVED).values_list("facts", flat=True)
    return {key for fact in facts for key in fact["removed"]["lines"]}


def changes_of(one: Activity, currency: str) -> list[AgreedAnew]:
    """What was changed, of whatever the row is about: before and after."""
    return changes_in_words(one, currency)


def sentence(one: Activity) -> str:
    """What somebody did; a verb without a sentence of its own is named plainly."""
    words = SENTENCES.get((one.subject_kind, one.verb), gettext_lazy("%(who)s: %(verb)s, %(what)s."))
    facts = {"what": one.subject_name, "verb": action_label(one.verb), "reason": one.facts.get("reason", "")}
    return words % {"who": person_name(one.actor), **facts}


def _of_work(contract: ProjectContract) -> list[HistoryRow]:
    """Entries in the groups in which they were marked, not one by one."""
    work = WorkItem.objects.filter(contract=contract).values("pk")
    groups = (
        Activity.objects.filter(subject_kind=WORK, subject_id__in=work)
        .order_by()
        .values("verb", "happened_at", "actor__first_name", "actor__last_name", "actor__username")
        .annotate(count=Count("pk"), last=Max("pk"))
        .order_by("-happened_at")[:MOST]
    )
    return [HistoryRow(group["happened_at"], _sentence_of_group(group)) for group in groups]


def _sentence_of_group(group: Mapping[str, Any]) -> str:
    full = f"{group['actor__first_name']} {group['actor__last_name']}".strip()
    many = group["count"]
    entries = ngettext("%(count)s entry", "%(count)s entries", many) % {"count": number(many)}
    facts = {"who": full or group["actor__username"], "entries": entries, "verb": action_label(group["verb"])}
    words = {
        "ready": _("%(who)s marked %(entries)s ready."),
        "not ready": _("%(who)s marked %(entries)s not ready."),
        "held": _("%(who)s put %(entries)s on hold."),
    }
    return words.get(group["verb"], _("%(who)s: %(verb)s, %(entries)s.")) % facts
