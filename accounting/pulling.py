"""Pull what is not in the books yet: actuals into journals, confirmed proformas into proposals (C1, C5).

Accounting reads the apps below; nothing calls up. Every statement inserts what is missing and has a
unique key, so pulling twice, or on two machines at once, changes nothing. What cannot be pulled fails
alone: the other rows of its legal entity, and all other legal entities, do not wait for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Count, Exists, F, Max, OuterRef, QuerySet, Value, When
from django.db.models.expressions import Combinable

from accounting.base_amounts import base_amounts, has_a_rate, in_its_currency
from accounting.dimension_rules import dimension_of_work
from accounting.models import IntegrationJournal, IntegrationJournalLine, InvoiceProposal, InvoiceProposalLine
from accounting.posting_context import PostingContext
from accounting.states import JournalLineStatus, JournalPeriodUnit, JournalStatus
from billing.models import InvoiceLineDetail, Proforma
from billing.numbering import take_numbers
from billing.querysets import ProformaQuerySet
from billing.states import SeriesKind
from core.activity_log import log_activity
from core.answering import is_busy
from core.fields import AmountField
from core.money import ZERO
from core.querysets import insert_from
from core.sweeping import isolate
from projects.document_layouts import LAYOUTS_OF, agreed_layout
from projects.models import Actual, ActualEvent, LegalEntity
from projects.querysets import OfEntityQuerySet
from projects.states import BillingType, TransactionType

BATCH = 1000

CountOfActor = tuple[IntegrationJournal, int, int]
"""A journal, the key of an actor, and how many of its new lines came from that actor's events."""


@dataclass(frozen=True)
class Pulled:
    """How many rows were written, and which of the given ones could not be pulled, by key, and why."""

    count: int = 0
    failures: Mapping[int, Exception] = field(default_factory=dict)

    def count_or_raise(self) -> int:
        """The count, for callers that cannot go on without all of them; raises the first failure."""
        for error in self.failures.values():
            raise error
        return self.count


def pull_journals(
    legal_entity: LegalEntity, *, unit: str = JournalPeriodUnit.MONTHS, actor: User, at: datetime
) -> int:
    """Lay every cost and unbilled-sales actual that is not in a journal yet before the accountant.

    One line per actual, grouped into draft journals by period (`unit`: days, months, years or all in one).
    Amounts are copied in the currency of the actual; the entity's currency is computed for foreign ones at
    the day's rate, or its original's for a reversal (P13), and rounded once; without a rate a line waits. A
    date in a closed period moves to the first day of the next open one. Locks the legal entity, then the
    number series. The number of statements does not depend on how many actuals are in the entity's currency.
    Returns how many lines; refuses nothing, because what cannot be pulled yet waits for the next time (C1).
    """
    return _pull_actuals(legal_entity, unit, at, actor=actor)


def pull_events(events: OfEntityQuerySet, *, at: datetime) -> Pulled:
    """Pull the actuals of business events into monthly journals, in a transaction per legal entity.

    With them goes whatever else of their entities is not in a journal yet, such as a line that waited for
    its rate. Where that fails, the given events are pulled without the rest, and where that fails as well,
    each on its own. The activity of a journal names the actor of each event with the number of lines that
    were theirs: a person answers for what they approved, and not for the lines of others. Amounts and
    locks are those of `pull_journals`. Returns the lines written, and the events that failed (C1, O1).
    """
    by_entity: dict[LegalEntity, list[ActualEvent]] = defaultdict(list)
    for event in events.order_by("legal_entity", "pk").select_related("legal_entity"):
        by_entity[event.legal_entity].append(event)
    return _together(_pull_of_entity(entity, theirs, at) for entity, theirs in by_entity.items())


def pull_proposals(proformas: ProformaQuerySet, *, at: datetime) -> Pulled:
    """Make an invoice proposal of every confirmed proforma in a set that has none, a line per billed actual.

    Amounts are what the customer pays before tax, in the proforma's currency: nothing for non-chargeable and
    complimentary work. One transaction per legal entity, and one per proforma where that fails, so that a
    proforma that cannot be proposed keeps no other one back. Each proposal is logged under whoever confirmed
    its proforma. Locks the proformas. The number of statements does not depend on how many proformas or
    lines. Returns the proposals made, and the proformas that failed (C5, decision 14).
    """
    waiting = proformas.waiting_for_posting().filter(proposal__isnull=True).order_by("legal_entity", "pk")
    by_entity: dict[int, list[int]] = defaultdict(list)
    for entity_id, key in waiting.values_list("legal_entity", "pk"):
        by_entity[entity_id].append(key)
    return _together(_isolated(keys, lambda some: _propose(some, at)) for keys in by_entity.values())


def _together(parts: Iterable[Pulled]) -> Pulled:
    count = 0
    failures: dict[int, Exception] = {}
    for part in parts:
        count += part.count
        failures |= part.failures
    return Pulled(count, failures)


def _isolated(keys: Sequence[int], pull: Callable[[Sequence[int]], int]) -> Pulled:
    counts, failures = isolate(keys, pull)
    return Pulled(sum(counts), failures)


def _propose(keys: Sequence[int], at: datetime) -> int:
    """One transaction: a proposal for each of the proformas, and their lines in two statements."""
    with transaction.atomic(durable=True):
        waiting = Proforma.objects.waiting_for_posting().filter(pk__in=keys)
        locked = list(waiting.select_related("confirmed_by", *LAYOUTS_OF).locked())
        # Whoever held the locks before may have made some of them while this one waited.
        made = set(InvoiceProposal.objects.filter(proforma__in=locked).values_list("proforma", flat=True))
        confirmed = [proforma for proforma in locked if proforma.pk not in made]
        proposals = InvoiceProposal.objects.bulk_create(
            [_proposal(proforma, at) for proforma in confirmed], batch_size=BATCH
        )
        details = InvoiceLineDetail.objects.filter(line__proforma__in=confirmed)
        _copy_billed(details.filter(actual__isnull=False), F("actual__billed_by__pk"))
        # What a correction takes back is the reversal of the billed row it names.
        _copy_billed(details.corrections(), F("corrects__mirror__pk"))
        # A detail added by hand claims no actual: what was billed of it hangs on its own work item.
        by_hand = details.filter(
            actual__isnull=True,
            corrects__isnull=True,
            work_item__actuals__type=TransactionType.BILLED_SALES,
            work_item__actuals__event=F("line__proforma__event"),
            work_item__actuals__reverses__isnull=True,
        )
        _copy_billed(by_hand, F("work_item__actuals__pk"))
        _log_proposals(proposals, at)
    return len(proposals)


def _pull_of_entity(entity: LegalEntity, events: Sequence[ActualEvent], at: datetime) -> Pulled:
    unit, keys = JournalPeriodUnit.MONTHS, [event.pk for event in events]
    try:
        return Pulled(_pull_actuals(entity, unit, at))
    except Exception as error:  # noqa: BLE001 - what can be pulled is pulled, and the rest says why
        if is_busy(error):
            return Pulled(0, dict.fromkeys(keys, error))
        # An old row that still cannot be pulled must not keep the new ones back: leave it out first.
        return _isolated(keys, lambda some: _pull_actuals(entity, unit, at, events=some))


def _pull_actuals(
    legal_entity: LegalEntity,
    unit: str,
    at: datetime,
    *,
    actor: User | None = None,
    events: Sequence[int] | None = None,
) -> int:
    """One transaction: what is missing of an entity or of some events; logged under `actor`, else theirs."""
    written = 0
    with transaction.atomic(durable=True):
        # Locked, so that two pulls at once do not both find the same actuals missing.
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        context = PostingContext.of(entity)
        missing = _missing(entity) if events is None else _missing(entity).filter(event__in=events)
        counts: list[CountOfActor] = []
        for starts_on, days in _periods(missing, unit).items():
            lines = in_its_currency(missing.filter(accounting_date__in=days))
            if not has_a_rate(lines, context):
                continue
            journal, last_line = _journal_for(entity, starts_on, at)
            copied = _copy_lines(journal, lines, context)
            written += copied
            if actor is None:
                counts += _counts_by_actor(journal, last_line)
            else:
                log_activity("imported", [journal], actor=actor, at=at, facts={"lines": copied})
        _log_under_actors(counts, at)
    return written


def _counts_by_actor(journal: IntegrationJournal, last_line: int) -> list[CountOfActor]:
    """How many of the journal's lines after `last_line` each actor's events brought; its entity is locked."""
    new = IntegrationJournalLine.objects.filter(journal=journal, pk__gt=last_line).order_by()
    counts = new.values_list("actual__event__actor").annotate(count=Count("pk"))
    return [(journal, *one) for one in counts.order_by("actual__event__actor")]


def _log_under_actors(counts: list[CountOfActor], at: datetime) -> None:
    actors = User.objects.in_bulk({one[1] for one in counts})
    for journal, key, count in counts:
        log_activity("imported", [journal], actor=actors[key], at=at, facts={"lines": count})


def missing_actuals() -> QuerySet:
    """Actuals for accounting that are in no journal yet, of every legal entity."""
    # Asked of the journals and not of a date: what an earlier pull left out is taken up again.
    known = IntegrationJournalLine.objects.filter(actual=OuterRef("pk"))
    return Actual.objects.for_accounting().filter(~Exists(known))


def _missing(entity: LegalEntity) -> QuerySet:
    return missing_actuals().filter(work_item__legal_entity=entity)


def _periods(missing: QuerySet, unit: str) -> dict[date | None, list[date]]:
    days = missing.order_by("accounting_date").values_list("accounting_date", flat=True).distinct()
    periods: dict[date | None, list[date]] = {}
    for day in days:
        periods.setdefault(_period_start(day, unit), []).append(day)
    return periods


def _period_start(day: date, unit: str) -> date | None:
    first_days = {
        JournalPeriodUnit.DAYS: day,
        JournalPeriodUnit.MONTHS: day.replace(day=1),
        JournalPeriodUnit.YEARS: day.replace(month=1, day=1),
        JournalPeriodUnit.ALL: None,
    }
    return first_days[JournalPeriodUnit(unit)]


def _journal_for(entity: LegalEntity, starts_on: date | None, at: datetime) -> tuple[IntegrationJournal, int]:
    """The draft journal of a period, made where there is none, and the key of its last line."""
    # A draft takes further lines, so that a period has one journal and not one per approval; one that is
    # being posted this very moment does not, because it is posted as a whole.
    drafts = IntegrationJournal.objects.filter(
        legal_entity=entity, period_starts_on=starts_on, status=JournalStatus.DRAFT, original__isnull=True
    )
    draft = drafts.order_by("pk").select_for_update(skip_locked=True).first()
    if draft is not None:
        return draft, draft.lines.aggregate(last=Max("pk"))["last"] or 0
    (number,) = take_numbers(entity, SeriesKind.INTEGRATION_JOURNAL, at.year, 1)
    journal = IntegrationJournal.objects.create(
        legal_entity=entity, number=number, period_starts_on=starts_on, imported_at=at
    )
    return journal, 0


def _copy_lines(journal: IntegrationJournal, lines: QuerySet, context: PostingContext) -> int:
    # Nothing is multiplied in the own currency, so the database copies these in one statement.
    own = lines.filter(its_currency=context.legal_entity.currency)
    written = 0
    days = own.order_by("accounting_date").values_list("accounting_date", flat=True).distinct()
    moved = {day: to for day in days if (to := context.open_day_from(day)) != day}
    written += _insert_lines(
        journal, own.exclude(accounting_date__in=moved), F("accounting_date"), F("amount")
    )
    for day, open_day in moved.items():
        written += _insert_lines(journal, own.filter(accounting_date=day), open_day, F("amount"))
    foreign = lines.exclude(its_currency=context.legal_entity.currency)
    return written + _convert_lines(journal, foreign, context)


def _insert_lines(
    journal: IntegrationJournal, lines: QuerySet, accounting_date: date | Combinable, base: Combinable
) -> int:
    return insert_from(
        IntegrationJournalLine,
        lines,
        journal=journal.pk,
        actual=F("pk"),
        project=F("work_item__project"),
        accounting_date=accounting_date,
        currency=F("its_currency"),
        amount=F("amount"),
        base_amount=base,
        dimension=dimension_of_work(),
        status=JournalLineStatus.DRAFT,
        is_accrued=False,
        is_held=False,
        error="",
    )


def _convert_lines(journal: IntegrationJournal, foreign: QuerySet, context: PostingContext) -> int:
    """Foreign lines one by one: SQL never multiplies. A day without a rate leaves its lines for later."""
    written = 0
    for key, day, base in base_amounts(foreign, context):
        one = foreign.filter(pk=key)
        written += _insert_lines(journal, one, day, Value(base, output_field=AmountField()))
    return written


def _proposal(proforma: Proforma, at: datetime) -> InvoiceProposal:
    return InvoiceProposal(
        proforma=proforma,
        legal_entity=proforma.legal_entity,
        accounting_date=proforma.invoice_date,
        sales_tax_group_id=proforma.sales_tax_group_id,
        layout=agreed_layout(proforma.contract, proforma.customer, proforma.legal_entity),
        created_at=at,
    )


def _log_proposals(proposals: list[InvoiceProposal], at: datetime) -> None:
    by_person: dict[User, list[InvoiceProposal]] = {}
    for proposal in proposals:
        if (person := proposal.proforma.confirmed_by) is None:
            raise ValueError(f"nobody confirmed {proposal}")
        by_person.setdefault(person, []).append(proposal)
    for person, theirs in by_person.items():
        log_activity("proposed", theirs, actor=person, at=at)


def _copy_billed(details: QuerySet, actual: Combinable) -> int:
    # Work that nobody pays for keeps a line, at nothing: every detail is in the proposal once.
    paid = Case(
        When(billing_type=BillingType.CHARGEABLE, then=F("amount")),
        default=Value(ZERO, output_field=AmountField()),
        output_field=AmountField(),
    )
    return insert_from(
        InvoiceProposalLine,
        details,
        proposal=F("line__proforma__proposal__pk"),
        actual=actual,
        detail=F("pk"),
        amount=paid,
        dimension="",
        item_sales_tax_group=F("item_sales_tax_group"),
    )
