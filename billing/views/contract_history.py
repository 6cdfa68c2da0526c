"""What happened to a contract, in sentences (UX 5.3)."""

from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import MilestoneShare, Proforma
from core.models import Activity
from core.templatetags.display import action_label, number
from projects.models import ProjectContract, WorkItem

MOST = 60
CONTRACT, PROFORMA = ProjectContract._meta.label_lower, Proforma._meta.label_lower
SHARE, WORK = MilestoneShare._meta.label_lower, WorkItem._meta.label_lower

SENTENCES = {
    (CONTRACT, "drafted"): gettext_lazy("%(who)s wrote the contract."),
    (CONTRACT, "confirmed"): gettext_lazy("%(who)s confirmed the contract: it may be invoiced."),
    (CONTRACT, "on hold"): gettext_lazy("%(who)s put the contract on hold: nothing of it is invoiced."),
    (CONTRACT, "completed"): gettext_lazy("%(who)s completed the contract."),
    (CONTRACT, "lost"): gettext_lazy("%(who)s gave the contract up."),
    (PROFORMA, "drafted"): gettext_lazy("%(who)s created the draft %(what)s."),
    (PROFORMA, "confirmed"): gettext_lazy("%(who)s confirmed the proforma %(what)s."),
    (PROFORMA, "deleted"): gettext_lazy("%(who)s deleted the draft %(what)s."),
    (PROFORMA, "in review"): gettext_lazy("%(who)s sent the proforma %(what)s to review."),
    (PROFORMA, "draft"): gettext_lazy("%(who)s took the proforma %(what)s back to draft."),
    (PROFORMA, "posted"): gettext_lazy("%(who)s posted the invoice of %(what)s."),
    (SHARE, "ready"): gettext_lazy("%(who)s marked the milestone %(what)s ready."),
    (SHARE, "not ready"): gettext_lazy("%(who)s took the milestone %(what)s back: it is not ready."),
}


class Told(NamedTuple):
    """One sentence, and when it came true."""

    at: datetime
    sentence: str


def story_of(contract: ProjectContract) -> list[Told]:
    """The latest events of a contract, its proformas, milestones and entries, newest first."""
    told = [*_of_documents(contract), *_of_work(contract)]
    return sorted(told, key=attrgetter("at"), reverse=True)[:MOST]


def _of_documents(contract: ProjectContract) -> list[Told]:
    proformas = Proforma.objects.filter(contract=contract).values("pk")
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract).values("pk")
    about = (
        Q(subject_kind=CONTRACT, subject_id=contract.pk)
        | Q(subject_kind=PROFORMA, subject_id__in=proformas)
        | Q(subject_kind=SHARE, subject_id__in=shares)
    )
    found = Activity.objects.filter(about).select_related("actor").order_by("-happened_at", "-pk")
    return [Told(one.happened_at, sentence(one)) for one in found[:MOST]]


def sentence(one: Activity) -> str:
    """What somebody did; a verb without a sentence of its own is told plainly."""
    words = SENTENCES.get((one.subject_kind, one.verb), gettext_lazy("%(who)s: %(verb)s, %(what)s."))
    return words % {"who": name_of(one.actor), "what": one.subject_name, "verb": action_label(one.verb)}


def _of_work(contract: ProjectContract) -> list[Told]:
    """Entries in the crowds in which they were marked, not one by one."""
    work = WorkItem.objects.filter(contract=contract).values("pk")
    crowds = (
        Activity.objects.filter(subject_kind=WORK, subject_id__in=work)
        .order_by()
        .values("verb", "happened_at", "actor__first_name", "actor__last_name", "actor__username")
        .annotate(count=Count("pk"), last=Max("pk"))
        .order_by("-happened_at")[:MOST]
    )
    return [Told(crowd["happened_at"], _crowd(crowd)) for crowd in crowds]


def _crowd(crowd: dict[str, Any]) -> str:
    full = f"{crowd['actor__first_name']} {crowd['actor__last_name']}".strip()
    many = crowd["count"]
    entries = ngettext("%(count)s entry", "%(count)s entries", many) % {"count": number(many)}
    facts = {"who": full or crowd["actor__username"], "entries": entries, "verb": action_label(crowd["verb"])}
    words = {
        "ready": _("%(who)s marked %(entries)s ready."),
        "not ready": _("%(who)s took %(entries)s back: not ready."),
        "held": _("%(who)s put %(entries)s on hold."),
    }
    return words.get(crowd["verb"], _("%(who)s: %(verb)s, %(entries)s.")) % facts


def name_of(user: Any) -> str:
    """The full name where there is one."""
    return user.get_full_name() or user.get_username()
