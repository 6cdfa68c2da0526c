"""Submit entries, which creates an approval with contract line and prices for each; recall them (A8)."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, refuse_if
from projects.approval_policy import record_reasons
from projects.approval_terms import approval_of, fee_refusals
from projects.contract_terms import ContractTerms
from projects.day_totals import DayHours, DayTotals
from projects.entry_dates import EntryDates
from projects.models import Approval, Entry, Resource, TransactionCategory
from projects.open_entries import way_back_of
from projects.querysets import EntryQuerySet
from projects.states import EntryStatus, RuleEffect, TransactionClass
from projects.time_amounts import set_time_amounts

BATCH = 1000
RELATED = ("legal_entity", "project", "task", "resource__legal_entity", "role", "category", "import_batch")


def submit_entries(entries: EntryQuerySet, *, actor: User, at: datetime) -> list[Approval]:
    """Submit a set of entries: find their contract line, price them, and create their approvals.

    Prices are per unit in the entity's currency (cost) and the contract's (sales), amounts rounded once to
    the minor unit; an entry without a price is marked as such, not priced at zero in silence (A7). Locks
    the people, then the entries. Raises Refused: not-submittable, period-locked, period-missing,
    too-far-ahead, too-far-back, project-closed, daily-maximum, fee-not-billable (A8, decision 18).
    """
    with transaction.atomic(durable=True):
        _lock_people(entries)
        chosen = list(entries.select_related(*RELATED).locked())
        # Read once for the whole set: lines, rules and prices cost the same for one entry or a thousand.
        terms = ContractTerms.of(chosen)
        refuse_if(
            [
                *_reasons_against(chosen, at),
                *_days_too_long(chosen),
                *_unbillable_fees(chosen, terms),
            ]
        )

        _give_default_categories(chosen)
        # Prices are fixed now; a price list changed later does not change what waits for approval (A7).
        approvals = [approval_of(entry, terms, actor=actor, at=at) for entry in chosen]
        set_time_amounts(approvals)
        Entry.objects.walk(chosen, Entry.submit)
        Approval.objects.bulk_create(approvals, batch_size=BATCH)
        reasons = record_reasons(approvals, at=at)
        # What a rule approves is approved after the commit, in the name of the rule's author (X12, O1).
        by_rule = [one.approval_id for one in reasons if one.effect == RuleEffect.APPROVE]
        enqueue("approval-by-rule", by_rule, at=at)
        log_activity(
            "submitted",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=EntryStatus.SUBMITTED,
        )
    return approvals


def recall_entries(entries: EntryQuerySet, *, actor: User, at: datetime) -> int:
    """Take submitted entries back before anyone approved them; their approvals end as recalled.

    Locks the approvals, then the entries. Raises Refused: not-submitted, and ChangedMeanwhile where one was
    submitted in between (A8, D10).
    """
    with transaction.atomic(durable=True):
        waiting = list(Approval.objects.filter(entry__in=entries.order_by().values("pk")).waiting().locked())
        chosen = list(entries.locked())
        refuse_if(
            Refusal(
                "not-submitted",
                _("It is “%(status)s”, not submitted.") % {"status": entry.get_status_display()},
                str(entry),
                way_back_of(entry) or _("It is open already: change it or submit it."),
            )
            for entry in chosen
            if entry.status != EntryStatus.SUBMITTED
        )

        # Somebody submitted one of them after the approvals were read: its approval must be recalled with it.
        if len(waiting) != len(chosen):
            raise ChangedMeanwhile(f"{len(chosen)} entries are submitted, {len(waiting)} approvals wait")
        Approval.objects.walk(waiting, Approval.recall)
        Entry.objects.walk(chosen, Entry.recall)
        log_activity(
            "recalled",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=EntryStatus.DRAFT,
        )
    return len(chosen)


def _lock_people(entries: EntryQuerySet) -> None:
    """Hold the people whose days are added up; before the entries, as in entering (D10)."""
    keys = entries.order_by().values("resource")
    list(Resource.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",)).values("pk"))


def _days_too_long(entries: list[Entry]) -> Iterable[Refusal]:
    """Days over the daily maximum: drafts that came in by a file or while the maximum was higher."""
    hours = [
        DayHours(entry.resource, entry.date, entry.quantity, entry.seconds)
        for entry in entries
        if entry.transaction_class == TransactionClass.TIME
        and entry.resource is not None
        and not (entry.import_batch and entry.import_batch.is_total)
    ]
    # They are stored already and are left out of the stored totals, so that they count once.
    return DayTotals.of(hours, [entry.pk for entry in entries]).reasons_against(hours)


def _reasons_against(entries: list[Entry], at: datetime) -> Iterable[Refusal]:
    dates = EntryDates.of({entry.legal_entity for entry in entries}, at)
    for entry in entries:
        subject = str(entry)
        is_history = entry.import_batch is not None and entry.import_batch.is_history
        yield from dates.reasons_against(entry.legal_entity, entry.date, subject, is_history=is_history)
        if entry.status not in (EntryStatus.DRAFT, EntryStatus.RETURNED):
            yield Refusal(
                "not-submittable",
                _("It is “%(status)s” already.") % {"status": entry.get_status_display()},
                subject,
                _("Only drafts and entries that were sent back can be submitted."),
            )
        if entry.project.is_closed:
            yield Refusal(
                "project-closed",
                _("Project %(project)s is closed.") % {"project": entry.project},
                subject,
                _("Ask its manager to reopen it."),
            )


def _unbillable_fees(entries: Iterable[Entry], terms: ContractTerms) -> Iterable[Refusal]:
    for entry in entries:
        if entry.transaction_class == TransactionClass.FEE:
            yield from fee_refusals(entry, terms.line_of(entry))


def _give_default_categories(entries: list[Entry]) -> None:
    """Work without a category takes its class's default, and with it a tax group (C3)."""
    defaults = {one.transaction_class: one for one in TransactionCategory.objects.filter(is_default=True)}
    # Saved on the entry, because the category decides the item sales tax group of the invoice line.
    lacking = [one for one in entries if one.category_id is None and one.transaction_class in defaults]
    for entry in lacking:
        entry.category = defaults[entry.transaction_class]
    Entry.objects.bulk_update(lacking, ["category"], batch_size=500)
